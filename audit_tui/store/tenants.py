"""Tenants and their heads, by index look-ups alone."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import psycopg

from audit_tui.core.clock import microseconds, to_datetime
from audit_tui.core.model import Head, SchemaKind, TenantSummary
from audit_tui.core.safe import SURROGATE
from audit_tui.store.probe import Probe
from audit_tui.store.queries import load
from audit_tui.store.session import lenient_cursor

SLICES = 20
DAYS = 60
_COUNTING_LIMIT = 200_000
"""Rows above which activity on a schema without the index is left out rather than counted."""


def list_summaries(conn: psycopg.Connection, seen: Probe) -> tuple[TenantSummary, ...]:
    """Every tenant by name, with its activity up to the newest event of the whole log."""
    rows = [row for row in lenient_cursor(conn).execute(load("heads")) if is_valid_text(row[0])]
    activity = _activity(conn, seen, rows)
    return tuple(_summary(row, activity.get(row[0])) for row in rows)


def get_summary(conn: psycopg.Connection, tenant_id: str) -> TenantSummary | None:
    """One tenant without its activity, or None."""
    row = conn.execute(load("head_of"), {"tenant": tenant_id}).fetchone()
    return None if row is None else _summary(row, None)


def list_heads(conn: psycopg.Connection) -> tuple[Head, ...]:
    """The head of every tenant, by name; names that are no valid text included (`is_valid_text`)."""
    return tuple(Head(row[0], row[1], row[4], row[6]) for row in lenient_cursor(conn).execute(load("heads")))


def is_valid_text(name: str) -> bool:
    """False for a name with bytes that its encoding does not have: nothing can be asked about it."""
    return SURROGATE.search(name) is None


def get_head(conn: psycopg.Connection, tenant_id: str) -> Head | None:
    row = conn.execute(load("head_of"), {"tenant": tenant_id}).fetchone()
    return None if row is None else Head(row[0], row[1], row[4], row[6])


def get_hash_at(conn: psycopg.Connection, tenant_id: str, sequence: int) -> str | None:
    """The event_hash that stands at a sequence; None where there is no such event, or its hash is NULL."""
    row = conn.execute(load("hash_at"), {"tenant": tenant_id, "sequence": sequence}).fetchone()
    return None if row is None else row[0]


def _summary(row: Sequence[Any], activity: tuple[int, ...] | None) -> TenantSummary:
    return TenantSummary(
        tenant_id=row[0], first_sequence=row[1], last_sequence=row[4], first_time=row[2], last_time=row[5],
        head_hash=row[6], activity=activity, activity_days=DAYS,
    )  # fmt: skip


def _activity(
    conn: psycopg.Connection, seen: Probe, rows: Sequence[Sequence[Any]]
) -> dict[str, tuple[int, ...]]:
    times = [us for us in (microseconds(row[5]) for row in rows) if us is not None]
    if not times:
        return {}
    until = to_datetime(max(times))
    if seen.layout.kind is SchemaKind.OURS:
        return _activity_by_index(conn, rows, until)
    if seen.estimated_rows > _COUNTING_LIMIT or "timestamp" in seen.layout.missing:
        return {}
    return _activity_by_counting(conn, rows, until)


def _activity_by_index(
    conn: psycopg.Connection, rows: Sequence[Sequence[Any]], until: datetime
) -> dict[str, tuple[int, ...]]:
    parameters = {
        "until": until, "days": DAYS, "slices": SLICES,
        "tenants": [row[0] for row in rows], "firsts": [row[1] for row in rows],
    }  # fmt: skip
    edges = conn.execute(load("activity_indexed"), parameters)
    return {tenant: tuple(max(0, high - low) for low, high in pairwise(at)) for tenant, at in edges}


def _activity_by_counting(
    conn: psycopg.Connection, rows: Sequence[Sequence[Any]], until: datetime
) -> dict[str, tuple[int, ...]]:
    counts = {row[0]: [0] * SLICES for row in rows}
    found = conn.execute(load("activity_counted"), {"until": until, "days": DAYS, "slices": SLICES})
    for tenant, number, count in found:
        if tenant in counts and 1 <= number <= SLICES:
            counts[tenant][number - 1] = count
    return {tenant: tuple(slices) for tenant, slices in counts.items()}
