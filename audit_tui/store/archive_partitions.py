"""The partitions of a log by time range, as archiving needs them: bounds, contents, dropping."""

from dataclasses import dataclass

import psycopg

from audit_tui.core.clock import microseconds
from audit_tui.core.errors import AuditError
from audit_tui.store.archive_rows import writing
from audit_tui.store.queries import load

PARTITIONED = "partitioned"


@dataclass(frozen=True, slots=True)
class Partition:
    """A partition with its bounds as the server prints them (None: open)."""

    name: str
    range_from: str | None
    range_to: str | None


@dataclass(frozen=True, slots=True)
class Within:
    """What a partition holds of one tenant."""

    events: int
    first_sequence: int | None
    last_sequence: int | None


def list_before(conn: psycopg.Connection, before_us: int) -> tuple[tuple[Partition, ...], int | None]:
    """The partitions whose time was over at that moment, oldest first, and where the last of them ends
    (microseconds since 1970 UTC; None: there are none).

    AuditError where the default partition holds events of that time: no partition of it can be dropped.
    """
    found: list[tuple[int, Partition]] = []
    for name, start, end, is_default, oldest in conn.execute(load("archive_partitions")):
        if is_default:
            _refuse_default(oldest, before_us)
            continue
        ends_at = microseconds(end)
        if ends_at is not None and ends_at <= before_us:
            found.append((ends_at, Partition(name, start, end)))
    return tuple(partition for _, partition in found), max((at for at, _ in found), default=None)


def read_within(conn: psycopg.Connection, partition: Partition, tenant_id: str) -> Within:
    """What the partition holds of that tenant."""
    parameters = {
        "tenant": tenant_id,
        "from": partition.range_from or "-infinity",
        "to": partition.range_to or "infinity",
    }
    row = conn.execute(load("archive_within"), parameters).fetchone()
    return Within(*row) if row is not None else Within(0, None, None)


def find_partition(conn: psycopg.Connection, tenant_id: str, sequence: int) -> str | None:
    """The partition in which an event lies; None where it is in none."""
    row = conn.execute(load("archive_where"), {"tenant": tenant_id, "sequence": sequence}).fetchone()
    return None if row is None else str(row[0])


def drop_partition(conn: psycopg.Connection, partition: str) -> int:
    """Drops a partition whose events are archived, to the last one; returns how many went.

    RefusedError where the log proves otherwise, or where a reader or writer did not let go of it in time.
    """
    with writing(conn, f"partition {partition}"):
        row = conn.execute("SELECT audit.drop_archived_partition(%s)", [partition]).fetchone()
    return int(row[0]) if row is not None else 0


def _refuse_default(oldest: str | None, before_us: int) -> None:
    oldest_us = microseconds(oldest)
    if oldest_us is not None and oldest_us < before_us:
        raise AuditError(
            f"the default partition holds events from {oldest} on, which no partition can be dropped with",
            "give them a partition of their own first: audit-tui partitions",
        )
