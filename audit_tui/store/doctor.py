"""What an examination reads: rows of the catalogue and the server's settings, never an event of the log."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
from psycopg import sql

from audit_tui.core.doctor.catalogue import Catalogue, build_catalogue, digest
from audit_tui.core.doctor.expected import Shipped, parse_shipped
from audit_tui.core.doctor.planted import PGCRYPTO
from audit_tui.core.doctor.roles import Membership, Role, Roles, build_roles
from audit_tui.core.doctor.seen import (
    Lent,
    Planted,
    Publication,
    RoleSetting,
    SchemaInfo,
    Seen,
    Server,
    Trust,
)
from audit_tui.store.queries import load
from audit_tui.store.session import lenient_cursor
from audit_tui.store.sql_files import read_sql

TYPES = (
    "text", "varchar", "bpchar", "name", "bytea", "json", "jsonb", "inet", "int2", "int4", "int8", "numeric",
    "bool", "timestamptz", "interval", "uuid", "oid", "xid", "xid8", "record", "regclass", "regproc",
    "regrole", "regnamespace", "regtype", "regprocedure",
)  # fmt: skip
"""Types of the server that the code of the log names."""
_PARAMETER_GRANTS = 150000


def load_shipped() -> Shipped:
    """What this version installs. FileNotFoundError where the package is damaged."""
    return parse_shipped(read_sql("doctor/expected.json"))


def read_seen(conn: psycopg.Connection, shipped: Shipped, now_us: Callable[[], int]) -> Seen:
    """Everything that an examination looks at; inside a reading transaction of one snapshot."""
    conn.execute("SELECT pg_catalog.set_config('jit', 'off', true)")  # compiling would take seconds
    server, our_clock_us = _server(conn, now_us)
    try:
        info = _info(conn, server)
    except psycopg.errors.InsufficientPrivilege:  # somebody put row security on it
        info, server = None, replace(server, info_readable=False)
    calls = sorted({name.partition("(")[0] for name in shipped.builtins if "(" in name})
    planted = {"functions": [*calls, *PGCRYPTO], "types": list(TYPES)}
    catalogue = read_catalogue(conn)
    return Seen(
        catalogue=catalogue,
        roles=_roles(conn),
        server=server,
        our_clock_us=our_clock_us,
        settings={name: value for name, value, its_own in _rows(conn, "doctor_settings") if not its_own},
        role_settings=tuple(RoleSetting(*row) for row in _rows(conn, "doctor_role_settings")),
        planted=tuple(_planted(*row) for row in _rows(conn, "doctor_planted", planted)),
        builtins=dict(_rows(conn, "doctor_builtins", {"names": calls})),
        publications=tuple(Publication(*row) for row in _rows(conn, "doctor_publications")),
        subscriptions=tuple(name for (name,) in _rows(conn, "doctor_subscriptions")),
        info=info,
        default_used=_default_used(conn),
        trusts=_trusts(conn, server),
        parameters=tuple(_rows(conn, "doctor_parameters")) if server.version >= _PARAMETER_GRANTS else (),
        event_triggers=tuple(_rows(conn, "doctor_event_triggers")),
        lent=tuple(Lent(*row) for row in _rows(conn, "doctor_lent", {"owner": catalogue.owner})),
    )


def read_catalogue(conn: psycopg.Connection) -> Catalogue:
    """The audit schema as the catalogue has it; search_path must be pg_catalog alone."""
    return build_catalogue(_rows(conn, "doctor_catalogue"))


def read_bodies(conn: psycopg.Connection) -> dict[tuple[str, str], str]:
    """The text of each function of the schema, by name and argument types, and of each view."""
    return {(name, arguments): body for name, arguments, body in _rows(conn, "doctor_bodies")}


def _server(conn: psycopg.Connection, now_us: Callable[[], int]) -> tuple[Server, int]:
    """Who asks whom; and this machine's clock at the moment when the server told its own."""
    before = now_us()
    with lenient_cursor(conn) as cursor:
        found = cursor.execute(load("doctor_server")).fetchone() or ()
        names = [column.name for column in cursor.description or ()]  # they are those of the fields
    row: dict[str, Any] = dict(zip(names, found, strict=True))
    return Server(**{**row, "public_create": tuple(row["public_create"])}), (before + now_us()) // 2


def _info(conn: psycopg.Connection, server: Server) -> SchemaInfo | None:
    """The record of the installation; None where there is none, or where this role may not read it."""
    if not (server.info_exists and server.info_readable):
        return None
    with conn.transaction():
        for (text,) in _rows(conn, "doctor_info"):
            info = json.loads(text)
            return SchemaInfo(int(info.get("version") or 0), info.get("options") or {})
    return None


def _planted(*row: Any) -> Planted:
    one = Planted(*row)
    return one if one.body is None else replace(one, body=digest(one.body))


def _default_used(conn: psycopg.Connection) -> bool | None:
    """Whether events lie in the default partition; None where this role cannot tell."""
    try:
        with conn.transaction():  # whoever adds partitions locks it for a moment
            for schema, name, has_pages, readable in _rows(conn, "doctor_default"):
                if not has_pages:
                    return False
                if readable:
                    looked = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(schema, name))
                    row = conn.execute(looked).fetchone()
                    return row is not None and bool(row[0])
    except (psycopg.errors.LockNotAvailable, psycopg.errors.InsufficientPrivilege):
        pass
    return None


def _trusts(conn: psycopg.Connection, server: Server) -> tuple[Trust, ...] | None:
    """Lines that let people in without proof; None where this role may not read them."""
    if not server.hba_readable:
        return None
    return tuple(Trust(*row) for row in _rows(conn, "doctor_hba"))


def _roles(conn: psycopg.Connection) -> Roles:
    return build_roles(
        (Role(*row) for row in _rows(conn, "doctor_roles")),
        (Membership(*row) for row in _rows(conn, "doctor_members")),
    )


def _rows(
    conn: psycopg.Connection, query: str, parameters: dict[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    with lenient_cursor(conn) as cursor:
        return list(cursor.execute(load(query), parameters))
