"""Trying every verb as every role on a real log, each attempt in a transaction that is rolled back."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo

from tests.matrix.verbs import (
    MASTERS,
    NO,
    PLAIN,
    REFUSED,
    ROLES,
    TABLES_READ,
    VERBS,
    YES,
    Verb,
    callers,
)

Connection = psycopg.Connection[Any]

_FUNCTIONS = """
SELECT p.proname,
       format('SELECT audit.%I(%s)', p.proname,
              (SELECT string_agg('NULL::' || format_type(t, NULL), ', ' ORDER BY n)
                 FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a(t, n)))
  FROM pg_proc p WHERE p.pronamespace = 'audit'::regnamespace AND p.prokind = 'f' ORDER BY 1, 2
"""
_RELATIONS = """
SELECT c.relname, c.relkind FROM pg_class c
 WHERE c.relnamespace = 'audit'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S') ORDER BY 1
"""
_STOPPED_BY_THE_SCHEMA = (
    errors.RestrictViolation,
    errors.InvalidForeignKey,
)
_DENIED = re.compile("permission denied|must be|reserved")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one role got for one verb."""

    area: str
    verb: str
    role: str
    expected: str
    got: str

    @property
    def fits(self) -> bool:
        return self.expected == self.got


def list_verbs(db: Connection, layout: str) -> list[Verb]:
    """Every attempt that this server and layout know: the named ones, every table, sequence and function."""
    major = db.info.server_version // 10000
    found = [verb for verb in VERBS if verb.since <= major <= verb.until and layout in verb.layouts]
    for name, kind in db.execute(_RELATIONS).fetchall():
        found += _sequence_verbs(name) if kind == "S" else _table_verbs(name)
    for name, call in db.execute(_FUNCTIONS).fetchall():
        found.append(Verb(f"{name}()", call, callers(name, layout), area="functions"))
    return found


def _table_verbs(name: str) -> list[Verb]:
    readers = (*TABLES_READ.get(name, ()), *MASTERS)
    verbs = [Verb(f"SELECT {name}", f'SELECT * FROM audit."{name}"', readers, area="tables")]
    if name != "logs":
        written = {
            "INSERT": "INSERT INTO audit.{} DEFAULT VALUES",
            "DELETE": "DELETE FROM audit.{} WHERE false",
        }
        verbs += [
            Verb(f"{word} {name}", text.format(f'"{name}"'), MASTERS, area="tables")
            for word, text in written.items()
        ]
    return verbs


def _sequence_verbs(name: str) -> list[Verb]:
    calls = {
        "nextval": f"SELECT nextval('audit.\"{name}\"')",
        "setval": f"SELECT setval('audit.\"{name}\"', 9)",
        "read": f'SELECT last_value FROM audit."{name}"',
    }
    return [Verb(f"{word} {name}", call, MASTERS, area="sequences") for word, call in calls.items()]


def attempt(conn: Connection, verb: Verb, owner: str, scratch: str) -> str:
    """The outcome of one try; nothing of it stays. Another error than a refusal counts as let through."""
    text = verb.sql.replace("{owner}", owner).replace("{scratch}", scratch)
    try:
        with conn.transaction(force_rollback=True):
            _run(conn, text, verb.copy_in)
    except psycopg.Error as error:
        return _judge(verb, error)
    return YES


def _judge(verb: Verb, error: psycopg.Error) -> str:
    said = error.diag.message_primary or ""
    if verb.area == "functions":
        # What a function then makes of NULLs is its own affair.
        return NO if said.startswith("permission denied for") else YES
    if isinstance(error, errors.InsufficientPrivilege):
        return NO if _DENIED.search(said) else REFUSED
    if isinstance(error, _STOPPED_BY_THE_SCHEMA) or "cannot be recorded" in said:
        return REFUSED
    return YES if verb.area in ("tables", "sequences") else f"error {error.sqlstate}"


def _run(conn: Connection, text: str, copy_in: str | None) -> None:
    with conn.cursor() as cursor:
        if copy_in is not None:
            with cursor.copy(text) as copy:
                copy.write(copy_in)
        elif text.startswith("COPY"):
            with cursor.copy(text) as copy:
                for _ in copy:
                    pass
        else:
            cursor.execute(text)


@contextmanager
def people(dsn: str, prefix: str) -> Iterator[dict[str, Connection]]:
    """A connection for every role of ROLES; logins named after `prefix` exist for as long as this lasts."""
    with ExitStack() as stack:
        db = stack.enter_context(psycopg.connect(dsn, autocommit=True))
        lent = {role: _name_login(prefix, role) for role in ROLES if role not in MASTERS}
        stack.callback(_drop_logins, db, lent)
        scratch = sql.Identifier(prefix)
        db.execute(sql.SQL("CREATE SCHEMA {0}; GRANT ALL ON SCHEMA {0} TO PUBLIC").format(scratch))
        connections = {}
        for role, name in lent.items():
            db.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
            if role != "stranger":
                group = sql.Identifier(f"audit_{role}")
                db.execute(sql.SQL("GRANT {} TO {}").format(group, sql.Identifier(name)))
            own = make_conninfo(dsn, user=name)
            connections[role] = stack.enter_context(psycopg.connect(own, autocommit=True))
        for role in MASTERS:
            connections[role] = stack.enter_context(psycopg.connect(dsn, autocommit=True))
        connections["owner"].execute(sql.SQL("SET ROLE {}").format(sql.Identifier(owner_of(db))))
        yield connections


def owner_of(db: Connection) -> str:
    """The role that owns the log."""
    row = db.execute(
        "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'audit.logs'::regclass"
    ).fetchone()
    assert row is not None
    return str(row[0])


def _name_login(prefix: str, role: str) -> str:
    return f"{prefix}_{role}"


def _drop_logins(db: Connection, lent: dict[str, str]) -> None:
    for name in lent.values():
        db.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))


def try_everything(dsn: str, prefix: str, layout: str = PLAIN) -> list[Attempt]:
    """Every verb as every role, on the log at `dsn`, which has to hold an event `evt_first` of tenant t1."""
    with people(dsn, prefix) as connections:
        db = connections["superuser"]
        owner = owner_of(db)
        return [
            Attempt(
                verb.area,
                verb.name,
                role,
                verb.expected(role),
                attempt(connections[role], verb, owner, prefix),
            )
            for verb in list_verbs(db, layout)
            for role in ROLES
        ]
