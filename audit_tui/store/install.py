"""Making the audit schema: one transaction, repeatable, and nothing left behind by a failure.

Every run executes the whole script, whatever the catalogue claims, and compares the catalogue before and
after: a function that an intruder replaced is put back, and where nothing differed nothing is written.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import psycopg
from psycopg import errors
from psycopg.rows import tuple_row

from audit_tui.core.errors import (
    AuditError,
    ConnectionLostError,
    PermissionMissingError,
    UnsupportedSchemaError,
)
from audit_tui.store.catalogue import catalogue_digest
from audit_tui.store.script import INSTALL_LOCK, SCHEMA_VERSION, InstallOptions, Statement, build_script
from audit_tui.store.sql_files import read_sql

REMARK = "01AUD"
"""SQLSTATE of the script's warnings that a person should read: they become messages of the result."""

_WHAT_HAPPENED = """
SELECT pg_catalog.current_setting('audit_install.wrote_info'),
       pg_catalog.current_setting('audit_install.installed')::int,
       pg_catalog.current_setting('audit_install.existed'),
       pg_catalog.current_setting('audit_install.turned')
"""

Connection: TypeAlias = psycopg.Connection[Any]
Cursor: TypeAlias = psycopg.Cursor[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class InstallResult:
    """What an install or an upgrade did. `messages` are sentences for a person, the first says what was done.

    `digest` is the catalogue's SHA-256, `version` the schema's version now, `earlier` what it was (0: none).
    """

    changed: bool
    messages: tuple[str, ...]
    version: int
    digest: str = ""
    earlier: int = 0


def install(conn: Connection, options: InstallOptions | None = None) -> InstallResult:
    """Make the audit schema of this tool, or put back what differs from it; return what was done.

    One transaction (a savepoint, where the caller already is in one: then the caller commits). Raises
    UsageError for options that contradict each other; UnsupportedSchemaError for an `audit.logs` that is not
    ours, another version, options that contradict the log that is there, or an unfit database;
    PermissionMissingError; ConnectionLostError; AuditError for a lock that did not come. The database is
    then as it was.
    """
    return run_script(conn, build_script(options), "install")


def upgrade(conn: Connection, options: InstallOptions | None = None) -> InstallResult:
    """Bring an older version of the audit schema to this one; return what was done.

    As `install` in every other respect; UnsupportedSchemaError where there is no schema of ours to upgrade.
    """
    return run_script(conn, build_script(options, upgrade=True), "upgrade")


def run_script(conn: Connection, script: tuple[Statement, ...], what: str) -> InstallResult:
    """Execute a script of `build_script` as one transaction, as `install` says. `what` is the word for it."""
    try:
        with (
            _remarks(conn) as remarks,
            conn.transaction() as transaction,
            conn.cursor(row_factory=tuple_row) as cursor,
        ):
            result = _execute(cursor, script, remarks)
            if not result.changed:
                raise psycopg.Rollback(transaction)
    except psycopg.Error as error:
        raise told(error, conn, what) from error
    return result


def _execute(cursor: Cursor, script: tuple[Statement, ...], remarks: list[str]) -> InstallResult:
    # As bytes: this is the package's own text, with checked names in it. The first two pieces take the lock
    # and pin the session's settings, on which the words of the catalogue depend.
    for piece in script[:2]:
        cursor.execute(piece.text.encode())
    before = catalogue_digest(cursor)
    for piece in script[2:]:
        cursor.execute(piece.text.encode())
    after = catalogue_digest(cursor)
    wrote, earlier, existed, turned = cursor.execute(_WHAT_HAPPENED).fetchall()[0]
    changed = before != after or wrote == "yes"
    first = f"{_done(existed == 'yes', earlier, turned)}: {_now(after)}." if changed else _unchanged(after)
    return InstallResult(changed, (first, *dict.fromkeys(remarks)), SCHEMA_VERSION, after, earlier)


@contextmanager
def _remarks(conn: Connection) -> Iterator[list[str]]:
    heard: list[str] = []

    def hear(notice: psycopg.errors.Diagnostic) -> None:
        if notice.sqlstate == REMARK and notice.message_primary:
            heard.append(f"Note: {notice.message_primary}.")

    conn.add_notice_handler(hear)
    try:
        yield heard
    finally:
        conn.remove_notice_handler(hear)


def _now(digest: str) -> str:
    return f"version {SCHEMA_VERSION}, catalogue {digest[:16]}"


def _unchanged(digest: str) -> str:
    return f"The audit schema is already there: {_now(digest)}. Nothing changed."


def _done(existed: bool, earlier: int, turned: str) -> str:
    if 0 < earlier < SCHEMA_VERSION:
        return f"Upgraded the audit schema from version {earlier}"
    if turned:
        return f"Changed the audit schema as asked ({turned})"
    return "Put the audit schema back in order" if existed else "Installed the audit schema"


def told(error: psycopg.Error, conn: Connection, what: str) -> AuditError:
    """Return the one line and the hint for what the server refused. `what` names what was being done."""
    message = error.diag.message_primary or str(error).strip().split("\n")[0] or type(error).__name__
    hint = error.diag.message_hint
    if isinstance(error, errors.ObjectNotInPrerequisiteState):
        return UnsupportedSchemaError(message, hint)
    if isinstance(error, errors.InsufficientPrivilege):
        if message.startswith("must be owner of"):
            hint = "`audit-tui doctor` names all that belongs to somebody else, and how to give it back"
        return PermissionMissingError(f"no right to {what}: {message}", hint)
    if isinstance(error, errors.ReadOnlySqlTransaction) or "during recovery" in message:
        return AuditError(
            f"cannot {what} here: {message}", "connect to the primary, and not for reading only"
        )
    if isinstance(error, errors.LockNotAvailable):
        return AuditError(*_waited(error, conn, what))
    if conn.closed or conn.broken:
        return ConnectionLostError(f"the server went away during the {what}", "nothing changed; try again")
    if isinstance(error, errors.DependentObjectsStillExist):
        hint = error.diag.message_detail  # the server's own hint is CASCADE: never here
    title = f"the {what} failed and left nothing behind: {message}"
    return AuditError(title, hint or error.diag.message_detail)


def _waited(error: psycopg.Error, conn: Connection, what: str) -> tuple[str, str]:
    if "pg_advisory_xact_lock" in (error.diag.context or ""):
        held = _holders(conn, "install/turn_holders.sql", {"lock": INSTALL_LOCK})
        who = f"by {held}" if held else "by whom cannot be seen any more"
        return (
            "another install of the audit schema is running, or somebody holds its lock",
            f"it is held {who}; wait for it (or end it, where it is no install), then {what} again",
        )
    title, quiet = (
        "someone holds a lock on the audit schema",
        f"{what} again when it is quiet; nothing changed",
    )
    holders = lock_holders(conn)
    return title, f"it is held by {holders}; {quiet}" if holders else quiet


def lock_holders(conn: Connection) -> str | None:
    """Who is in the way, where that can still be seen: the failed transaction is over by now."""
    return _holders(conn, "install/lock_holders.sql", None)


def _holders(conn: Connection, query: str, arguments: dict[str, int] | None) -> str | None:
    try:
        with conn.transaction(), conn.cursor(row_factory=tuple_row) as cursor:
            row = cursor.execute(read_sql(query).encode(), arguments).fetchone()
    except psycopg.Error:
        return None
    return None if row is None else row[0]
