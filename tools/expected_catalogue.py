"""Writes down what this version installs: `python -m tools.expected_catalogue`, whenever that changes.

It installs every choice into a throwaway PostgreSQL and writes sql/doctor/expected.json, with which `doctor`
compares. A test proves that the file equals a fresh installation on every version of PostgreSQL at hand.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import psycopg

from audit_tui.core.doctor.catalogue import BODY, Catalogue, Key, Properties, digest, relation_of
from audit_tui.core.doctor.expected import BASE, TEXT, UNJUDGED, Part, Shipped, difference, print_shipped
from audit_tui.core.doctor.guide_table import GUIDE_PART
from audit_tui.core.doctor.partitions import TEMPLATE, make_template, partitions_of
from audit_tui.embedded.guide import install_guide
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.store.doctor import read_bodies, read_catalogue
from audit_tui.store.install import install
from audit_tui.store.queries import load
from audit_tui.store.script import SCHEMA_VERSION, InstallOptions
from audit_tui.store.session import reading

FILE = Path(__file__).resolve().parent.parent / "sql" / "doctor" / "expected.json"
_OWNER = "audit_owner"
_WORD = re.compile(r"\b([a-z_][a-z0-9_]*)\s*\(")
_OPERATORS = (
    "||",
    "=",
    "<>",
    "<",
    ">",
    "<=",
    ">=",
    "~",
    "!~",
    "~~",
    "!~~",
    "->",
    "->>",
    "?",
    "@>",
    "<@",
    "-",
    "+",
    "*",
)
_OPERATOR_TYPES = ("text", "bytea", "jsonb", "name", "int8", "int4", "bool", "timestamptz", "numeric", "uuid")
_BEHIND = """
SELECT DISTINCT p.proname::text FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode
 WHERE o.oprname = ANY (%s) AND o.oprleft = ANY (%s::regtype[]) AND o.oprright = ANY (%s::regtype[])
   AND p.pronamespace = 'pg_catalog'::regnamespace
"""


_STAND_INS = """
SELECT p.proname::text, oidvectortypes(p.proargtypes), p.prosrc
  FROM pg_proc p WHERE p.pronamespace = 'stand_ins'::regnamespace
"""


def make_shipped(server: EmbeddedServer) -> Shipped:
    """The data for `doctor`, from fresh installations on this server."""
    plain = _installed(server, InstallOptions(ddl_trigger=False))
    parts: dict[str, Part] = {BASE: {**plain}}
    for name, options in _choices():
        parts[name] = difference(plain, _installed(server, options))
    parts["adopted"] = difference(plain, _adopted(server))
    parts[TEMPLATE] = {**_template(server)}
    parts[GUIDE_PART] = {**_guide(server)}
    return Shipped(SCHEMA_VERSION, parts, _builtins(server))


def _choices() -> Iterator[tuple[str, InstallOptions]]:
    yield "ddl_trigger", InstallOptions(ddl_trigger=True)
    yield "tenant_isolation", InstallOptions(tenant_isolation=True, ddl_trigger=False)
    yield "partitioned", InstallOptions(layout="partitioned", ddl_trigger=False)


def _installed(server: EmbeddedServer, options: InstallOptions) -> dict[Key, Properties]:
    with _database(server, options) as dsn:
        return read_installation(dsn)


@contextmanager
def _database(server: EmbeddedServer, options: InstallOptions) -> Iterator[str]:
    dsn = server.create_database()
    try:
        with psycopg.connect(dsn) as conn:
            install(conn, options)
        yield dsn
    finally:
        server.drop_database(dsn)


def _read(dsn: str) -> tuple[Catalogue, dict[tuple[str, str], str]]:
    with psycopg.connect(dsn, autocommit=True) as conn, reading(conn):
        return read_catalogue(conn), read_bodies(conn)


def _adopted(server: EmbeddedServer) -> dict[Key, Properties]:
    from audit_tui.bootstrap import open_adopter

    dsn = server.create_database()
    try:
        with psycopg.connect(dsn) as conn:
            install_guide(conn)
        with open_adopter(dsn, InstallOptions(adopt=True, ddl_trigger=False)) as adopter:
            adopter.adopt(adopter.examine(), lambda _: None)
        return read_installation(dsn)
    finally:
        server.drop_database(dsn)


def read_installation(dsn: str) -> dict[Key, Properties]:
    """The audit schema of a database as `expected.json` holds it: partitions apart, comments left out, and
    where a function names the owner its text, for the digest is of the text with the owner's real name.
    """
    seen, bodies = _read(dsn)
    partitions = partitions_of(seen)
    kept: dict[Key, Properties] = {}
    for key, found in seen.objects.items():
        if relation_of(key) in partitions or key[0] == "role" or _to_the_owner(key):
            continue
        values = {name: value for name, value in sorted(found.items()) if name not in UNJUDGED}
        if key[0] == "function" and _OWNER in bodies[key[1][0], key[1][1]]:
            del values[BODY]
            values[TEXT] = bodies[key[1][0], key[1][1]]
        kept[key] = values
    return kept


def _to_the_owner(key: Key) -> bool:
    return key[0] == "grant" and key[1][-1] == _OWNER


def _template(server: EmbeddedServer) -> dict[Key, Properties]:
    """Any partition is as good as another: a test holds all of a fresh installation to it."""
    with _database(server, InstallOptions(layout="partitioned", ddl_trigger=False)) as dsn:
        seen = _read(dsn)[0]
    names = sorted(name for name in partitions_of(seen))
    objects = {
        key: {name: value for name, value in sorted(found.items()) if name not in UNJUDGED}
        for key, found in seen.objects.items()
        if not _to_the_owner(key)
    }
    return make_template(objects, names[0])


def _guide(server: EmbeddedServer) -> dict[Key, Properties]:
    """The functions of the guide, letter by letter, and the two that stand in for an extension."""
    dsn = server.create_database()
    try:
        with psycopg.connect(dsn) as conn:
            install_guide(conn)
            # Also where the extension itself is available.
            conn.execute("CREATE SCHEMA stand_ins")
            conn.execute("SET LOCAL search_path = stand_ins, public")
            conn.execute(files("audit_tui.embedded").joinpath("guide_pgcrypto.sql").read_bytes())
            stand_ins = conn.execute(_STAND_INS).fetchall()
        seen, _ = _read(dsn)
    finally:
        server.drop_database(dsn)
    functions: dict[Key, Properties] = {
        ("function", name): {BODY: found[BODY]} for name, found in seen.of("function")
    }
    return functions | {
        ("stand-in", (name, arguments)): {BODY: digest(body)} for name, arguments, body in stand_ins
    }


def _builtins(server: EmbeddedServer) -> dict[str, str]:
    dsn = server.create_database()
    try:
        with psycopg.connect(dsn) as conn:
            install(conn)
            words = {word for body in read_bodies(conn).values() for word in _WORD.findall(body.lower())}
            behind = conn.execute(_BEHIND, [list(_OPERATORS), list(_OPERATOR_TYPES), list(_OPERATOR_TYPES)])
            names = sorted(words | {name for (name,) in behind} | {"encode", "sha256", "json_build_object"})
            found = conn.execute(load("doctor_builtins"), {"names": names}).fetchall()
        return {name: made for name, made in found if made.startswith("internal ") or "(" not in name}
    finally:
        server.drop_database(dsn)


def main() -> None:
    """Writes the file, and says whether it changed."""
    with EmbeddedServer.start(in_memory=True) as server:
        text = print_shipped(make_shipped(server))
    before = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text, encoding="utf-8")
    sys.stdout.write(
        f"{FILE.name}: {'unchanged' if text == before else 'written'}, {len(text):,} characters\n"
    )


if __name__ == "__main__":
    main()
