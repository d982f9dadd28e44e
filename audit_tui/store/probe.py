"""What is connected: schema kind, columns, rights, identity. Asked once, never by trying and failing."""

from dataclasses import dataclass

import psycopg
from psycopg._encodings import pg2pyenc
from psycopg.rows import dict_row

from audit_tui.core.errors import NoAuditSchemaError, PermissionMissingError, UnsupportedSchemaError
from audit_tui.core.model import SchemaKind
from audit_tui.core.witness import LogIdentity
from audit_tui.store.layout import Layout, recognise
from audit_tui.store.queries import load
from audit_tui.store.session import reading

_FORMS = {"v": "a view", "m": "a materialised view", "f": "a foreign table"}


@dataclass(frozen=True, slots=True)
class Probe:
    """Everything about the target that does not change while it is open. `encoding` is Python's name."""

    username: str
    database: str
    server_version: str
    encoding: str
    layout: Layout
    schema_version: int | None
    identity: LogIdentity
    estimated_rows: float
    may_install: bool
    may_verify: bool
    verify_exists: bool
    notes: tuple[str, ...]
    isolated: bool = False
    """Whether tenant isolation hides from this role every tenant that it was not granted."""


def probe(conn: psycopg.Connection) -> Probe:
    """Looks at the catalogue. Raises NoAuditSchemaError, PermissionMissingError or UnsupportedSchemaError."""
    with reading(conn), conn.cursor(row_factory=dict_row) as cursor:
        seen = cursor.execute(load("probe")).fetchone() or {}
        _refuse_what_cannot_be_read(seen)
        layout = recognise(dict(zip(seen["columns"], seen["types"], strict=True)))
        info = cursor.execute(load("schema_info")).fetchone() if seen["schema_info"] else None
        who = cursor.execute(load("identity")).fetchone() or {}
    notes = list(layout.notes)
    if seen["relkind"] in _FORMS:
        notes.append(f"audit.logs is {_FORMS[seen['relkind']]}, not a table: it may show what it likes")
    if seen["isolated"]:
        notes.append("tenant isolation: only the tenants granted to this role are in sight")
    return Probe(
        username=seen["username"],
        database=seen["database"],
        server_version=seen["server_version"],
        encoding=pg2pyenc(seen["server_encoding"].encode()),
        layout=layout,
        schema_version=info["version"] if info and layout.kind is SchemaKind.OURS else None,
        identity=LogIdentity(
            who.get("system_identifier"), who.get("timeline"), who.get("database_oid"),
            info["log_id"] if info else None,
        ),
        estimated_rows=float(seen["estimated_rows"] or 0),
        may_install=seen["may_install"],
        may_verify=seen["may_verify"],
        verify_exists=seen["verify_functions"] > 0,
        notes=tuple(notes),
        isolated=seen["isolated"],
    )  # fmt: skip


def _refuse_what_cannot_be_read(seen: dict[str, object]) -> None:
    database, user = seen["database"], seen["username"]
    if not seen["table_exists"]:
        if seen["schema_exists"]:
            raise NoAuditSchemaError(
                f"the database {database} holds a schema audit that is no audit log: it has no table logs",
                "is it the database that you mean? A log can only be installed where the name audit is free",
            )
        raise NoAuditSchemaError(
            f"the database {database} has no audit schema", "install it with: audit-tui install --dsn DSN"
        )
    if not seen["may_use_schema"] or not seen["may_read"]:
        single = f'GRANT USAGE ON SCHEMA audit TO "{user}"; GRANT SELECT ON audit.logs TO "{user}"'
        grant = f'GRANT audit_reader TO "{user}"' if seen["reader_may_read"] else single
        raise PermissionMissingError(
            f"the role {user} may not read audit.logs", f"ask its owner for: {grant}"
        )
    if seen["server_encoding"] == "SQL_ASCII":
        raise UnsupportedSchemaError(
            "the database is encoded in SQL_ASCII, so its text has no certain meaning",
            "dump it and restore it into a database with ENCODING 'UTF8'",
        )
