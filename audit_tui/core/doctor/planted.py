"""Judges what was planted in front of the server's own functions, operators, types and casts."""

import re
from collections.abc import Collection, Iterable, Mapping

from audit_tui.core.doctor.ledger import Ledger
from audit_tui.core.doctor.seen import Planted, RoleSetting
from audit_tui.core.doctor.sqltext import ident, listed, said

PGCRYPTO = ("digest", "gen_random_bytes")
"""What the guide calls and the server does not have: whoever makes it decides what a hash is."""
_SYSTEM = "pg_catalog"
_WORDS = {"function": "FUNCTION", "operator": "OPERATOR", "type": "TYPE", "relation": "TABLE", "cast": "CAST"}


def judge_planted(
    ledger: Ledger, planted: Iterable[Planted], own: Iterable[RoleSetting], server_path: str | None,
    harmless: Collection[str] = (), *, unpinned: bool = False,
) -> None:  # fmt: skip
    """`own` are settings of roles and databases, `server_path` the server's search_path. `harmless` are
    digests of bodies that are known. `unpinned`: the log's code looks names up as its caller does, so that a
    function for the server's own types may be preferred wherever it stands.
    """
    ledger.look("names-shadowed", "catalog-planted")
    front = front_schemas(own, server_path)
    shadowed: set[str] = set()
    for one in planted:
        if one.schema == _SYSTEM or one.kind == "cast":
            ledger.hole("catalog-planted", f"{_told(one)} was added to the server's own.", _drop(one))
        elif one.body in harmless and one.body is not None:
            continue
        elif not unpinned and one.kind == "function" and one.name in PGCRYPTO:
            continue  # left by a log that was adopted: nothing here calls it
        elif one.schema in front and one.kind in ("function", "operator", "type"):
            shadowed.add(one.schema)
            ledger.hole(
                "names-shadowed",
                f"{_told(one)} stands in front of the server's own: {front[one.schema]}.",
                _drop(one),
            )
        elif one.exact or (unpinned and one.kind == "function" and one.builtin_arguments):
            whose = "the server's own" if one.exact else "what the log's code calls"
            ledger.hole("names-shadowed", f"{_told(one)} has the name and arguments of {whose}.", _drop(one))
        elif one.kind == "function":
            ledger.notice("names-shadowed", f"{_told(one)} has the name of one of the server's functions.")
    for schema, why in front.items():
        if schema not in shadowed:
            ledger.hole("names-shadowed", f"Names are looked up in {said(schema)} before pg_catalog: {why}.")


def front_schemas(own: Iterable[RoleSetting], server_path: str | None) -> dict[str, str]:
    """Schemas that some session looks names up in before pg_catalog, and by which setting."""
    found: dict[str, str] = {}
    paths = [(f"the server's search_path is {server_path}", server_path or "")]
    for one in own:
        if one.name == "search_path":
            who = " ".join(filter(None, (
                f"role {said(one.role)}" if one.role is not None else "",
                f"database {said(one.database)}" if one.database is not None else "",
            )))  # fmt: skip
            paths.append((f"{who} has search_path = {one.value}", one.value))
    for why, path in paths:
        schemas = split_path(path)
        if _SYSTEM in schemas:
            for schema in schemas[: schemas.index(_SYSTEM)]:
                found.setdefault(schema, why)
    return found


def split_path(path: str) -> list[str]:
    """The schemas of a search_path setting, unquoted."""
    parts = re.findall(r'"(?:[^"]|"")*"|[^",\s]+', path)
    return [part[1:-1].replace('""', '"') if part.startswith('"') else part.lower() for part in parts]


def judge_builtins(ledger: Ledger, expected: Mapping[str, str], found: Mapping[str, str]) -> None:
    """The server's own functions that the log's code calls, by what they are made of."""
    ledger.look("builtins-changed")
    for name, made in sorted(expected.items()):
        now = found.get(name)
        if now is not None and now != made:
            ledger.hole(
                "builtins-changed", f"The server's {name} is not its own any more: {now}.",
                "-- move the data to a new cluster: dump and restore",
            )  # fmt: skip


def judge_creators(ledger: Ledger, who: Collection[str]) -> None:
    """Who may plant things in the schema public. `who` are grantees; the empty one is everyone."""
    if "" in who:
        ledger.notice(
            "names-shadowed", "Everyone may make functions in the schema public.",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC;",
        )  # fmt: skip
    elif who:
        ledger.notice(
            "names-shadowed", f"May make functions in the schema public: {listed([said(n) for n in who])}."
        )


def _told(one: Planted) -> str:
    if one.kind == "cast":
        return f"A cast ({one.arguments})"
    arguments = f"({one.arguments})" if one.kind in ("function", "operator") else ""
    return f"The {one.kind} {said(one.schema)}.{said(one.name)}{arguments}"


def _drop(one: Planted) -> str:
    if one.kind == "cast":
        return f"DROP CAST ({one.arguments});"
    where = f"{ident(one.schema)}."
    if one.kind == "operator":
        return f"DROP OPERATOR {where}{one.name} ({one.arguments});"
    arguments = f"({one.arguments})" if one.kind == "function" else ""
    return f"DROP {_WORDS[one.kind]} {where}{ident(one.name)}{arguments};"
