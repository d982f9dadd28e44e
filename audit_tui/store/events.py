"""Events by page, by key and by resource, each with the row before it in the chain."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from audit_tui.core.clock import to_datetime
from audit_tui.core.filters import EventFilter
from audit_tui.core.model import COLUMNS, Event
from audit_tui.store.conditions import Conditions, build_conditions
from audit_tui.store.layout import Layout, to_event
from audit_tui.store.queries import compose, load
from audit_tui.store.session import lenient_cursor

STREAM_ROWS = 500
_ASCENDING = sql.SQL("l.sequence_number, l.id")
_DESCENDING = sql.SQL("l.sequence_number DESC, l.id DESC")
_NOTHING = Event(*(None,) * len(COLUMNS))


@dataclass(frozen=True, slots=True)
class Placed:
    """An event with what the link and version rules need of the row before it (None: it is the first)."""

    event: Event
    before: Event | None


def list_page(
    conn: psycopg.Connection, layout: Layout, conditions: Conditions, *, limit: int, descending: bool = False
) -> list[Placed]:
    """At most `limit` events that meet the conditions, from one end of them, always returned ascending."""
    query = _placing(layout, conditions, _DESCENDING if descending else _ASCENDING)
    rows = lenient_cursor(conn).execute(query, {**conditions.parameters, "limit": limit}).fetchall()
    return [_placed(row) for row in rows]


def stream_placed(
    conn: psycopg.Connection, layout: Layout, conditions: Conditions, limit: int | None = None
) -> Iterator[Placed]:
    """Events that meet the conditions, ascending, in constant memory. Ending early cancels the query."""
    query = _placing(layout, conditions, _ASCENDING)
    with lenient_cursor(conn) as cursor:
        for row in cursor.stream(query, {**conditions.parameters, "limit": limit}, size=STREAM_ROWS):
            yield _placed(row)


def _placing(layout: Layout, conditions: Conditions, order: sql.SQL) -> sql.Composed:
    return compose(
        "page",
        columns=layout.columns("l"),
        previous_version=layout.previous_version("p"),
        condition=conditions.joined,
        order=order,
    )


def page_conditions(tenant_id: str, event_filter: EventFilter, anchor: int, *, backward: bool) -> Conditions:
    """The filter's conditions with the keyset's: from `anchor` on, or up to it."""
    found = build_conditions(tenant_id, event_filter)
    if backward:
        found.add("l.sequence_number <= %(anchor)s", anchor=anchor)
    else:
        found.add("l.sequence_number >= %(anchor)s", anchor=anchor)
    return found


def key_conditions(tenant_id: str | None, key: str) -> Conditions:
    """The event of a sequence within its tenant, or of an event_id (in any tenant where None is given)."""
    found = Conditions()
    if tenant_id is not None:
        found.add("l.tenant_id = %(tenant)s", tenant=tenant_id)
    if key.isascii() and key.isdigit():
        found.add("l.sequence_number = %(sequence)s", sequence=int(key))
    else:
        found.add("l.event_id = %(event_id)s", event_id=key)
    return found


def resource_conditions(tenant_id: str, resource_type: str, resource_id: str) -> Conditions:
    """All events of one resource."""
    found = Conditions()
    found.add("l.tenant_id = %(tenant)s", tenant=tenant_id)
    found.add("l.resource_type = %(type)s AND l.resource_id = %(id)s", type=resource_type, id=resource_id)
    return found


def count_matches(conn: psycopg.Connection, conditions: Conditions, limit: int) -> int:
    """How many events meet the conditions, counted no further than limit + 1."""
    query = compose("count_matches", condition=conditions.joined)
    row = conn.execute(query, {**conditions.parameters, "limit": limit + 1}).fetchone()
    return int(row[0]) if row else 0


def stream_matches(
    conn: psycopg.Connection, layout: Layout, conditions: Conditions, limit: int | None = None
) -> Iterator[Event]:
    """Events that meet the conditions, ascending, in constant memory. Ending early cancels the query."""
    query = compose("matches", columns=layout.columns("l"), condition=conditions.joined)
    with lenient_cursor(conn) as cursor:
        for row in cursor.stream(query, {**conditions.parameters, "limit": limit}, size=STREAM_ROWS):
            yield to_event(row)


def find_sequence_at(conn: psycopg.Connection, tenant_id: str, at_us: int) -> int | None:
    """The sequence of the earliest event at or after a moment, or None."""
    row = conn.execute(load("sequence_at"), {"tenant": tenant_id, "at": to_datetime(at_us)}).fetchone()
    return None if row is None else int(row[0])


def _placed(row: Sequence[Any]) -> Placed:
    event = to_event(row)
    sequence, event_hash, version = row[len(COLUMNS) :]
    if sequence is None:
        return Placed(event, None)
    before = _NOTHING._replace(
        tenant_id=event.tenant_id, sequence_number=sequence, event_hash=event_hash, hash_version=version
    )
    return Placed(event, before)
