"""A tenant's chain streamed in order for verification, past rows that the server cannot deliver."""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from audit_tui.core.model import Event, Head
from audit_tui.store.layout import Layout, to_event
from audit_tui.store.queries import compose, load

BATCH_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that made the server fail; nothing but its place is known."""

    sequence: int
    event_id: str | None
    reason: str


@dataclass(slots=True)
class _Place:
    sequence: int
    row_id: int | None


def stream_chain(conn: psycopg.Connection, layout: Layout, head: Head) -> Iterator[Event | Unreadable]:
    """Every row of a tenant up to `head` in (sequence, id) order, inside the caller's transaction.

    A row that the server cannot render (text beyond 1 GB, damaged storage) comes as Unreadable, and the
    rest goes on. Errors of the connection, rights and cancellation are raised as psycopg raises them.
    """
    place = _Place(head.first_sequence, None)
    failed: psycopg.Error | None = None
    started = False
    while True:
        try:
            for event in _stream(conn, layout, head, place, started, size=1 if failed else BATCH_ROWS):
                place.sequence, place.row_id = event.sequence_number or 0, event.id
                started = True
                failed = None
                yield event
            return
        except psycopg.Error as error:
            if not _is_about_a_row(error) or conn.closed:
                raise
            if failed is None:
                failed = error  # the stream may have stopped rows before the bad one: come closer singly
                continue
            following = _next_place(conn, head, place, started)
            if following is None:
                return
            place, event_id, started = following[0], following[1], True
            yield Unreadable(place.sequence, event_id, str(error.diag.message_primary or error))
            failed = None


def _stream(
    conn: psycopg.Connection, layout: Layout, head: Head, place: _Place, started: bool, *, size: int
) -> Iterator[Event]:
    query = compose("chain", columns=layout.columns("l"))
    with conn.transaction(), conn.cursor() as cursor:
        for row in cursor.stream(query, _after(head, place, started), size=size):
            yield to_event(row)


def _next_place(
    conn: psycopg.Connection, head: Head, place: _Place, started: bool
) -> tuple[_Place, str | None] | None:
    row = conn.execute(load("chain_next"), _after(head, place, started)).fetchone()
    return None if row is None else (_Place(row[0], row[1]), row[2])


def _after(head: Head, place: _Place, started: bool) -> dict[str, object]:
    """Parameters for the rows after `place`, or from the chain's first row on."""
    from_id = place.row_id if started else None
    sequence = place.sequence + 1 if started and place.row_id is None else place.sequence
    return {
        "tenant": head.tenant_id, "from_sequence": sequence, "from_id": from_id, "through": head.sequence,
    }  # fmt: skip


def _is_about_a_row(error: psycopg.Error) -> bool:
    kinds = (
        psycopg.errors.ProgramLimitExceeded,
        psycopg.errors.DataCorrupted,
        psycopg.errors.DataException,
        psycopg.errors.InternalError_,
        psycopg.errors.OutOfMemory,
    )
    return isinstance(error, kinds)
