"""Making the audit schema: one transaction, repeatable, and nothing left behind by a failure.

Every run executes every file, whatever the catalogue claims, and compares the catalogue before and after:
a function that an intruder replaced is put back, and where nothing differed nothing is written.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import psycopg
from psycopg import errors
from psycopg.rows import tuple_row

from audit_tui import __version__
from audit_tui.core.errors import (
    AuditError,
    ConnectionLostError,
    PermissionMissingError,
    UnsupportedSchemaError,
)
from audit_tui.store.sql_files import list_schema_files, read_sql

SCHEMA_VERSION = 1
"""The layout that the files of `sql/schema` make."""

_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '10s'"
_INSTALL_LOCK = 0x61756469742D7475
"""'audit-tu' in ASCII: two installs into one database wait for each other."""

Connection: TypeAlias = psycopg.Connection[Any]
Cursor: TypeAlias = psycopg.Cursor[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class InstallResult:
    """What an install did. `messages` are sentences for a person; `digest` is the catalogue's SHA-256."""

    changed: bool
    messages: tuple[str, ...]
    version: int
    digest: str = ""


def install(conn: Connection) -> InstallResult:
    """Make the audit schema of this tool, or put back what differs from it; return what was done.

    One transaction (a savepoint, where the caller already is in one: then the caller commits). Raises
    UnsupportedSchemaError for an `audit.logs` that is not ours, a newer version, or an unfit database;
    PermissionMissingError; ConnectionLostError; AuditError for a lock that did not come. The database is
    then as it was.
    """
    try:
        with conn.transaction() as transaction, conn.cursor(row_factory=tuple_row) as cursor:
            result = _install(cursor)
            if not result.changed:
                raise psycopg.Rollback(transaction)
    except psycopg.Error as error:
        raise _told(error, conn) from error
    return result


def _install(cursor: Cursor) -> InstallResult:
    cursor.execute(_LOCK_TIMEOUT)
    cursor.execute("SELECT pg_catalog.pg_advisory_xact_lock(%s)", [_INSTALL_LOCK])
    before = _digest(cursor)
    installed = _installed_version(cursor)
    if installed is not None and installed > SCHEMA_VERSION:
        raise UnsupportedSchemaError(
            f"the audit schema here is version {installed}, this audit-tui knows {SCHEMA_VERSION}",
            "use a newer audit-tui",
        )
    for file in list_schema_files():
        cursor.execute(read_sql(file))
    after = _digest(cursor)
    if installed == SCHEMA_VERSION and before == after:
        return InstallResult(
            changed=False, messages=(_unchanged(after),), version=SCHEMA_VERSION, digest=after
        )
    cursor.execute(
        "INSERT INTO audit.schema_info (version, tool_version) VALUES (%s, %s)"
        " ON CONFLICT (single) DO UPDATE SET version = EXCLUDED.version,"
        " tool_version = EXCLUDED.tool_version, updated_at = pg_catalog.now()",
        [SCHEMA_VERSION, __version__],
    )
    return InstallResult(
        changed=True, messages=(_changed(installed, after),), version=SCHEMA_VERSION, digest=after
    )


def _digest(cursor: Cursor) -> str:
    cursor.execute(read_sql("install/catalogue_digest.sql"))
    row = cursor.fetchone()
    return str(row[0]) if row else ""


def _installed_version(cursor: Cursor) -> int | None:
    """Return the version that `audit.schema_info` names; None where there is none, or one not ours."""
    cursor.execute(
        "SELECT pg_catalog.count(*) FROM pg_catalog.pg_class c"
        " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.oid = pg_catalog.to_regclass('audit.schema_info') AND c.relkind = 'r'"
        " AND pg_catalog.pg_get_userbyid(c.relowner) = 'audit_owner'"
        " AND a.attname = 'version' AND a.atttypid = 'int4'::pg_catalog.regtype"
    )
    row = cursor.fetchone()
    if row is None or not row[0]:
        return None
    cursor.execute("SELECT version FROM audit.schema_info")
    found = cursor.fetchone()
    return None if found is None else int(found[0])


def _unchanged(digest: str) -> str:
    there = f"version {SCHEMA_VERSION}, catalogue {digest[:16]}"
    return f"The audit schema is already there: {there}. Nothing changed."


def _changed(installed: int | None, digest: str) -> str:
    what = "Installed the audit schema" if installed is None else "Put the audit schema back in order"
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
