"""Reading transactions, and the server's errors in the tool's own words."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import IsolationLevel, sql
from psycopg.abc import Buffer
from psycopg.types.string import TextLoader

from audit_tui.core.errors import (
    AuditError,
    ConnectionLostError,
    InterruptedCheckError,
    PermissionMissingError,
    QueryTimeoutError,
    SnapshotLostError,
    SnapshotNotSharedError,
    UnsupportedSchemaError,
    UsageError,
)
from audit_tui.store.queries import load

BROWSE_TIMEOUT = "30s"
NO_TIMEOUT = "0"


@contextmanager
def reading(
    conn: psycopg.Connection,
    *,
    timeout: str = BROWSE_TIMEOUT,
    snapshot: bool = False,
    shared: str | None = None,
) -> Iterator[psycopg.Connection]:
    """A READ ONLY transaction with its settings, local to it.

    `timeout` bounds each statement (PostgreSQL's interval text, "0" for none). `snapshot` reads one state
    of the log throughout (REPEATABLE READ), `shared` is the name of another connection's snapshot to read
    (`export_snapshot`). The server's errors come out as `core.errors`.
    """
    with translated(conn):
        conn.isolation_level = IsolationLevel.REPEATABLE_READ if snapshot else IsolationLevel.READ_COMMITTED
        conn.read_only = True
        with conn.transaction():
            if shared is not None:
                conn.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(shared)))
            conn.execute(load("session"), {"statement_timeout": timeout})
            conn.execute(load("session_rows"))
            yield conn


def export_snapshot(conn: psycopg.Connection) -> str:
    """A name under which other connections can read the snapshot of this transaction, while it lasts.

    SnapshotNotSharedError where the server does not lend it; the transaction is then over.
    """
    try:
        row = conn.execute(load("export_snapshot")).fetchone()
    except psycopg.Error as error:
        if conn.closed or isinstance(error, psycopg.errors.QueryCanceled):
            raise
        raise SnapshotNotSharedError("the server does not lend its snapshot to a second connection") from None
    return str(row[0]) if row is not None else ""


class _AnyBytes(TextLoader):
    """Text whose bytes may be invalid: those come as lone surrogates, which are drawn as what they are."""

    def load(self, data: Buffer) -> str:
        return bytes(data).decode("utf-8", "surrogateescape")


def lenient_cursor(conn: psycopg.Connection) -> psycopg.Cursor:
    """A cursor that reads invalid text too: slower, so for screens and names, not for whole chains."""
    cursor = conn.cursor()
    for name in ("text", "varchar", "bpchar", "json", "jsonb", "name"):
        cursor.adapters.register_loader(name, _AnyBytes)
    return cursor


@contextmanager
def translated(conn: psycopg.Connection) -> Iterator[None]:
    """Turns psycopg's errors into the tool's family; whatever it cannot name stays one clear line."""
    try:
        yield
    except UnicodeEncodeError:
        raise UsageError("what was asked for is not valid text", "write it in UTF-8") from None
    except UnicodeDecodeError:
        raise AuditError(
            "a row holds text that is not valid in the database's encoding", "verify names the rows"
        ) from None
    except psycopg.Error as error:
        raise translate(error, lost=conn.closed or conn.broken) from None


def translate(error: psycopg.Error, *, lost: bool) -> AuditError:
    """The tool's own error for a psycopg one. Text of the server in it is untrusted."""
    if isinstance(error, psycopg.DataError) and error.sqlstate is None:
        return UsageError("a value cannot be sent to the server: it holds a NUL character or is out of range")
    said = " ".join((error.diag.message_primary or str(error)).split())
    shut_down = isinstance(error, (psycopg.errors.AdminShutdown, psycopg.errors.CrashShutdown))
    if lost or shut_down:
        return ConnectionLostError("the connection to the server was lost", "it may be restarting: try again")
    return _translate_by_kind(error, said)


def _translate_by_kind(error: psycopg.Error, said: str) -> AuditError:
    if isinstance(error, (psycopg.errors.SerializationFailure, psycopg.errors.SnapshotTooOld)):
        return SnapshotLostError(
            f"the server ended the reading: {said}", "on a standby, let replay wait longer"
        )
    if isinstance(error, psycopg.errors.QueryCanceled):
        return _cancelled(said)
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return _refused(said)
    if isinstance(error, (psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedTable)):
        return UnsupportedSchemaError(f"audit.logs is not of a form this tool knows: {said}")
    return AuditError(f"the server reported: {said}")


def _cancelled(said: str) -> AuditError:
    if "statement timeout" in said:
        return QueryTimeoutError("the query ran beyond its time limit", "narrow the filter")
    return InterruptedCheckError("the query was cancelled")


def _refused(said: str) -> AuditError:
    if "row-level security" in said or "row security" in said:
        return PermissionMissingError(
            "row-level security would hide events from this role", "connect as a role that sees all rows"
        )
    return PermissionMissingError(said, "GRANT audit_reader TO this role")
