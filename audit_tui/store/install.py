"""Making the audit schema: one transaction, repeatable, and nothing left behind by a failure.

Every run executes every file, whatever the catalogue claims, and compares the catalogue before and after:
a function that an intruder replaced is put back, and where nothing differed nothing is written.
"""

from dataclasses import dataclass
from typing import Any, LiteralString, TypeAlias

import psycopg
from psycopg import errors
from psycopg.rows import tuple_row

from audit_tui.core.errors import (
    AuditError,
    ConnectionLostError,
    PermissionMissingError,
    UnsupportedSchemaError,
)
from audit_tui.store.script import SCHEMA_VERSION, InstallOptions, build_script
from audit_tui.store.sql_files import read_sql

_EXISTS = """
SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'audit' AND c.relname = 'schema_info')
"""
"""Not to_regclass: it wants rights on a schema that belongs to the owner role."""

Connection: TypeAlias = psycopg.Connection[Any]
Cursor: TypeAlias = psycopg.Cursor[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class InstallResult:
    """What an install did. `messages` are sentences for a person; `digest` is the catalogue's SHA-256."""

    changed: bool
    messages: tuple[str, ...]
    version: int
    digest: str = ""


def install(conn: Connection, options: InstallOptions | None = None) -> InstallResult:
    """Make the audit schema of this tool, or put back what differs from it; return what was done.

    One transaction (a savepoint, where the caller already is in one: then the caller commits). Raises
    UnsupportedSchemaError for an `audit.logs` that is not ours, a newer version, or an unfit database;
    PermissionMissingError; ConnectionLostError; AuditError for a lock that did not come. The database is
    then as it was.
    """
    try:
        with conn.transaction() as transaction, conn.cursor(row_factory=tuple_row) as cursor:
            result = _install(cursor, options or InstallOptions())
            if not result.changed:
                raise psycopg.Rollback(transaction)
    except psycopg.Error as error:
        raise _told(error, conn) from error
    return result


def _install(cursor: Cursor, options: InstallOptions) -> InstallResult:
    header, *files = build_script(options)
    cursor.execute(header.text.encode())  # as bytes: the package's own text, with checked names in it
    existed = _value(cursor, _EXISTS)
    before = _value(cursor, read_sql("install/catalogue_digest.sql"))
    for file in files:
        cursor.execute(file.text.encode())
    after = str(_value(cursor, read_sql("install/catalogue_digest.sql")))
    wrote = _value(cursor, "SELECT pg_catalog.current_setting('audit_install.wrote_info')")
    changed = before != after or wrote == "yes"
    message = _changed(after, first=not existed) if changed else _unchanged(after)
    return InstallResult(changed=changed, messages=(message,), version=SCHEMA_VERSION, digest=after)


def _value(cursor: Cursor, query: LiteralString) -> object:
    row = cursor.execute(query).fetchone()
    return None if row is None else row[0]


def _unchanged(digest: str) -> str:
    there = f"version {SCHEMA_VERSION}, catalogue {digest[:16]}"
    return f"The audit schema is already there: {there}. Nothing changed."


def _changed(digest: str, *, first: bool) -> str:
    what = "Installed the audit schema" if first else "Put the audit schema back in order"
    return f"{what}: version {SCHEMA_VERSION}, catalogue {digest[:16]}."


def _told(error: psycopg.Error, conn: Connection) -> AuditError:
    """Return the one line and the hint for what the server refused."""
    message = error.diag.message_primary or str(error).strip().split("\n")[0] or type(error).__name__
    hint = error.diag.message_hint
    if isinstance(error, errors.ObjectNotInPrerequisiteState):
        return UnsupportedSchemaError(message, hint)
    if isinstance(error, errors.InsufficientPrivilege):
        return PermissionMissingError(
            f"no right to install: {message}",
            hint or "needs CREATE on the database, and CREATEROLE or ADMIN on audit_owner",
        )
    if isinstance(error, errors.LockNotAvailable):
        return AuditError(
            "someone holds a lock on the audit schema", "install again when it is quiet; nothing changed"
        )
    if conn.closed or conn.broken:
        return ConnectionLostError("the server went away during the install", "nothing changed; try again")
    return AuditError(f"the install failed and left nothing behind: {message}", hint)
