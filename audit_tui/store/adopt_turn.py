"""The one transaction of an adoption: it gives way to writers, and is tried again."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from psycopg import errors

from audit_tui.core.errors import AuditError, TamperedLogError
from audit_tui.store.install import Connection, InstallResult, lock_holders, run_script
from audit_tui.store.script import Statement

PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds between attempts to get the table for oneself; each attempt keeps writers waiting 2 s at most."""

_LOCKED = "01ADL"
"""SQLSTATE of the script's word that the table is locked from here to the end of the transaction."""
_TAMPERED = "ADT01"
"""SQLSTATE of what no longer verifies when it is looked at again."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """What the transaction did: the install's own result, how often it was tried, and the seconds for which
    the table was locked."""

    result: InstallResult
    attempts: int
    seconds_locked: float


def turn_over(
    conn: Connection,
    script: tuple[Statement, ...],
    tell: Callable[[str], None],
    pauses: tuple[float, ...] = PAUSES,
    sleep: Callable[[float], None] = time.sleep,
) -> Adopted:
    """Run the script of `store.adopt.build_adoption`, and again after each of `pauses` (seconds) where others
    hold the table.

    Raises what `install` raises; TamperedLogError for what no longer verifies; AuditError names who holds the
    table where the lock never came. Nothing has changed then.
    """
    locked_at: list[float] = []

    def hear(notice: errors.Diagnostic) -> None:
        if notice.sqlstate == _LOCKED:
            locked_at.append(time.monotonic())

    conn.add_notice_handler(hear)
    try:
        for attempt, pause in enumerate((*pauses, None), start=1):
            result = _try(conn, script, last=pause is None)
            if isinstance(result, InstallResult):
                seconds = time.monotonic() - locked_at[-1] if locked_at else 0.0
                return Adopted(result, attempt, seconds)
            tell(f"applications hold audit.logs{result}: attempt {attempt + 1} in {pause or 0:g} s")
            sleep(pause or 0)
    finally:
        conn.remove_notice_handler(hear)
    raise AssertionError("the last attempt returns or raises")


def _try(conn: Connection, script: tuple[Statement, ...], *, last: bool) -> InstallResult | str:
    """One attempt: its result, or in words who stood in the way."""
    try:
        return run_script(conn, script, "adopt")
    except AuditError as error:
        cause = error.__cause__
        if isinstance(cause, psycopg.Error) and cause.sqlstate == _TAMPERED:
            raise TamperedLogError(cause.diag.message_primary or "", cause.diag.message_hint) from error
        if not isinstance(cause, (errors.LockNotAvailable, errors.DeadlockDetected)):
            raise
        holders = lock_holders(conn)
        held = f", held by {holders}" if holders else ""
        if last:
            raise AuditError(
                f"the log could not be had for a moment{held}",
                "nothing changed; end transactions that stay open, or adopt again when it is quiet",
            ) from error
        return held
