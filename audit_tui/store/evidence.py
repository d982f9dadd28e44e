"""What the server keeps beneath a log, read for one place in it. Nothing here changes or locks anything.

Everything runs inside the caller's reading transaction, with psycopg's errors as they come.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from audit_tui.core.evidence import Counters, PathCounts, RowMark
from audit_tui.core.heap import DeadRow, decode_row
from audit_tui.core.model import Head
from audit_tui.store.layout import Layout
from audit_tui.store.queries import compose, load

AROUND = 8
"""Rows looked at on either side."""
STRETCHES = 1000
"""Parts in which a tenant's rows are counted, so that what differs is found without listing all."""
_LOOKED_INTO = 3
_LISTED = 1000
PAGES_CAP = 32
"""Pages of the table's file that are searched for dead rows."""
_DEAD_CAP = 200
_BY_TABLE = ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")
_BY_INDEX = ("enable_seqscan", "enable_bitmapscan", "enable_sort", "enable_incremental_sort")
_UNORDERED, _ORDERED = sql.SQL(""), sql.SQL("ORDER BY sequence_number")


class PathUnavailableError(Exception):
    """The planner would not read by the path that was asked for; the text says which."""


def read_rows(conn: psycopg.Connection, layout: Layout, tenant_id: str, sequence: int) -> list[RowMark]:
    """The physical marks of the rows around a sequence, ascending."""
    erased = sql.SQL("l.erased_parts IS NOT NULL" if layout.has("erased_parts") else "false")
    parameters = {"tenant": tenant_id, "sequence": sequence, "around": AROUND}
    rows = conn.execute(compose("evidence_rows", erased=erased), parameters).fetchall()
    return [RowMark(*row) for row in rows]


def is_tracking(conn: psycopg.Connection) -> bool:
    """Whether the server keeps the times of commits."""
    row = conn.execute("SELECT current_setting('track_commit_timestamp') = 'on'").fetchone()
    return bool(row and row[0])


def read_commit_times(conn: psycopg.Connection, transactions: Sequence[int]) -> dict[int, int]:
    """When transactions were committed (microseconds since 1970 UTC); those that are not kept are missing."""
    normal = sorted({number for number in transactions if number >= 3})
    rows = conn.execute(load("evidence_times"), {"transactions": normal}).fetchall()
    return {number: us for number, us in rows if us is not None}


def read_counters(conn: psycopg.Connection, tenants: Sequence[str]) -> Counters:
    """What was counted on the log's tables; `tenants` are searched for recorded erasures and removals."""
    row = conn.execute(load("evidence_counters"), {"tenants": list(tenants)}).fetchone() or (
        0,
        0,
        0,
        None,
        False,
    )
    return Counters(updates=row[0], hot_updates=row[1], deletes=row[2], since=row[3], recorded=row[4])


def count_by_both_paths(conn: psycopg.Connection, head: Head) -> PathCounts:
    """One tenant's rows by reading the whole table, and by index; the transaction must be of one snapshot.

    PathUnavailableError where the planner takes another path (no index, a view).
    """
    width = max(1, -(-head.span // STRETCHES))
    parameters = {"tenant": head.tenant_id, "first": head.first_sequence, "width": width}
    with _path(conn, _BY_TABLE):
        _named_path(conn, _UNORDERED, parameters, "Seq Scan")
        by_table = _counts(conn, _UNORDERED, parameters)
    with _path(conn, _BY_INDEX):
        index = _named_path(conn, _ORDERED, parameters, "Index")
        by_index = _counts(conn, _ORDERED, parameters)
    differing = sorted(b for b in by_table.keys() | by_index.keys() if by_table.get(b) != by_index.get(b))
    hidden: set[int] = set()
    phantom: set[int] = set()
    for bucket in differing[:_LOOKED_INTO]:
        first = head.first_sequence + bucket * width
        table, listed = _sequences(conn, head.tenant_id, first, first + width - 1)
        hidden |= table - listed
        phantom |= listed - table
    return PathCounts(
        index,
        sum(rows for rows, _ in by_table.values()),
        sum(rows for rows, _ in by_index.values()),
        tuple(sorted(hidden)[:_LISTED]),
        tuple(sorted(phantom)[:_LISTED]),
    )


def list_extensions(conn: psycopg.Connection) -> dict[str, tuple[str, bool]]:
    """pageinspect and pg_walinspect where installed: their schema, and whether the role may use them."""
    return {name: (schema, may) for name, schema, may in conn.execute(load("evidence_extensions"))}


def read_dead_rows(conn: psycopg.Connection, schema: str, table: str, pages: Sequence[int]) -> list[DeadRow]:
    """Deleted and replaced rows on these pages of a table (at most PAGES_CAP), by pageinspect in `schema`."""
    wanted = sorted(set(pages))[:PAGES_CAP]
    columns = conn.execute(load("evidence_columns"), {"table": table}).fetchall()
    query = compose("evidence_dead", schema=sql.Identifier(schema))
    parameters = {"pages": wanted, "table": table, "most": _DEAD_CAP}
    rows = conn.execute(query, parameters).fetchall()
    return [decode_row(attributes or (), columns, removed_by) for removed_by, attributes in rows]


@contextmanager
def _path(conn: psycopg.Connection, without: Sequence[str]) -> Iterator[None]:
    """The planner without some ways of reading, for a while. (A savepoint takes the settings back.)"""
    with conn.transaction(force_rollback=True):
        for name in without:
            conn.execute("SELECT set_config(%s, 'off', true)", (name,))
        yield


def _named_path(conn: psycopg.Connection, ordered: sql.SQL, parameters: dict[str, Any], wanted: str) -> str:
    explained = sql.SQL("EXPLAIN (FORMAT JSON) {}").format(compose("evidence_buckets", ordered=ordered))
    row = conn.execute(explained, parameters).fetchone()
    plan = row[0] if row else []
    nodes = list(_nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))
    reading = [node for node in nodes if "Relation Name" in node]
    if not reading or any(wanted not in node["Node Type"] for node in reading):
        path = "in whole" if wanted == "Seq Scan" else "by an index over the tenant"
        raise PathUnavailableError(f"the server does not read the table {path}")
    return ", ".join(dict.fromkeys(str(node.get("Index Name", "")) for node in reading))


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _nodes(inner)


def _counts(
    conn: psycopg.Connection, ordered: sql.SQL, parameters: dict[str, Any]
) -> dict[int, tuple[int, str]]:
    rows = conn.execute(compose("evidence_buckets", ordered=ordered), parameters).fetchall()
    return {bucket: (rows_, total) for bucket, rows_, total in rows if bucket is not None}


def _sequences(conn: psycopg.Connection, tenant_id: str, first: int, last: int) -> tuple[set[int], set[int]]:
    parameters = {"tenant": tenant_id, "first": first, "last": last}
    found = []
    for without, ordered in ((_BY_TABLE, _UNORDERED), (_BY_INDEX, _ORDERED)):
        with _path(conn, without):
            query = compose("evidence_sequences", ordered=ordered)
            found.append({row[0] for row in conn.execute(query, parameters)})
    return found[0], found[1]


def count_pages(conn: psycopg.Connection, table: str) -> int:
    """How many pages the table's file has."""
    row = conn.execute(load("evidence_pages"), {"table": table}).fetchone()
    return int(row[0]) if row else 0
