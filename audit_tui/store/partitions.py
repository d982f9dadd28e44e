"""Listing and adding partitions, through the functions of the schema."""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import IsolationLevel, errors, sql

from audit_tui.core.clock import rfc3339_of, to_datetime
from audit_tui.core.errors import (
    AuditError,
    NoAuditSchemaError,
    PermissionMissingError,
    UnsupportedSchemaError,
)
from audit_tui.service.partitions import Partition
from audit_tui.store.queries import load
from audit_tui.store.session import reading, translated

PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds between attempts: each waits two seconds at most for a log that is in use (see 0039)."""

_SETTLE = "SELECT audit.settle_default()"


def refuse_other_layouts(conn: psycopg.Connection) -> None:
    """Raise for a log without partitions, and where this role may not list them."""
    with reading(conn):
        row = conn.execute(load("partitions_layout")).fetchone()
    if row is None:
        raise NoAuditSchemaError("there is no audit schema here", "audit-tui install --partitioned")
    by_time, may_list, _ = row
    if not by_time:
        raise UnsupportedSchemaError(
            "this log is one plain table: it has no partitions",
            "a log is laid out by time when it is made: audit-tui install --partitioned, in another database",
        )
    if not may_list:
        raise PermissionMissingError("no right to list partitions", "GRANT audit_archivist TO this role")


def list_partitions(conn: psycopg.Connection) -> tuple[Partition, ...]:
    """Every partition by time, the default one last."""
    with reading(conn):
        return tuple(_partition(row) for row in conn.execute(load("partitions")))


def create_months(conn: psycopg.Connection, months: int, first_us: int | None) -> tuple[str, ...]:
    """Add what is missing of so many months; return the names of what was added."""
    first = None if first_us is None else to_datetime(first_us)
    return _adding(conn, load("partitions_create"), {"first": first, "months": months})


def settle_default(conn: psycopg.Connection) -> tuple[str, ...]:
    """Move the events of the default partition into partitions of their own; return the names of those."""
    return _adding(conn, sql.SQL(_SETTLE), {})


def _adding(
    conn: psycopg.Connection, statement: sql.SQL, parameters: Mapping[str, object]
) -> tuple[str, ...]:
    for pause in (*PAUSES, None):
        added = _add(conn, statement, parameters)
        if added is not None:
            return added
        if pause is not None:
            time.sleep(pause)
    raise AuditError(
        f"the log was in use at each of {len(PAUSES) + 1} attempts; nothing was changed",
        "try when no check, dump or long transaction runs",
    )


def _add(
    conn: psycopg.Connection, statement: sql.SQL, parameters: Mapping[str, object]
) -> tuple[str, ...] | None:
    """The names of what was added; None where somebody used the log and nothing was changed."""
    conn.isolation_level = IsolationLevel.READ_COMMITTED
    conn.read_only = False
    try:
        with translated(conn), suppress(errors.LockNotAvailable, errors.DeadlockDetected):
            try:
                with conn.transaction():
                    conn.execute("SET LOCAL search_path = pg_catalog")
                    return tuple(str(name) for (name,) in conn.execute(statement, parameters))
            except errors.InsufficientPrivilege:
                raise PermissionMissingError(
                    "no right to add partitions", "GRANT audit_archivist TO this role"
                ) from None
            except errors.DuplicateTable as error:
                raise AuditError(
                    f"a table of that name is there and is no partition: {error.diag.message_primary}",
                    "was it detached? attach it again, or move it out of the schema audit",
                ) from None
    finally:
        if not conn.closed:
            conn.read_only = True
    return None


def _partition(row: Sequence[Any]) -> Partition:
    name, start, end, is_default, events, size, oldest, newest, missing, takes_now = row
    return Partition(
        name, rfc3339_of(start), rfc3339_of(end), is_default, max(events, 0), size,
        rfc3339_of(oldest), rfc3339_of(newest), tuple(missing), takes_now,
    )  # fmt: skip
