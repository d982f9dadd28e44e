"""A tenant's chain streamed in order for verification, past rows that the server cannot deliver."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from audit_tui.core.model import Event, Head
from audit_tui.store.layout import Layout, to_event
from audit_tui.store.queries import compose, load

BATCH_ROWS = 1000
MIN_SEQUENCE = -(2**63)
_ALL = sql.SQL("")
_AUTHORITY = sql.SQL(" AND l.event_type IN ('audit.erased', 'audit.archived')")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that could not be delivered; nothing but its place is known."""

    sequence: int
    event_id: str | None
    reason: str


def stream_chain(
    conn: psycopg.Connection, layout: Layout, head: Head, after: tuple[int, int | None] | None = None
) -> Iterator[Event | Unreadable]:
    """Every row of a tenant up to `head` in (sequence, id) order, inside the caller's transaction; those
    behind the row of that sequence and id, where `after` is given.

    A row that the server cannot render (text beyond 1 GB, damaged storage) or whose text is not valid comes
    as Unreadable, and the rest goes on. Errors of the connection, rights and cancellation are raised as
    psycopg raises them.
    """
    stream = _Stream(conn, layout, head, _ALL)
    if after is not None:
        stream.stand_after(*after)
    return stream.rows()


def list_before(
    conn: psycopg.Connection, layout: Layout, tenant_id: str, sequence: int, rows: int
) -> list[Event | Unreadable]:
    """The last `rows` rows of a tenant before a sequence, ascending (all rows of the lowest sequence among
    them), inside the caller's transaction."""
    if sequence <= MIN_SEQUENCE:
        return []
    parameters = {"tenant": tenant_id, "before": sequence, "rows": rows}
    found = conn.execute(load("chain_before"), parameters).fetchone()
    if found is None or found[0] is None:
        return []
    return list(stream_chain(conn, layout, Head(tenant_id, found[0], sequence - 1, None)))


def find_ahead(conn: psycopg.Connection, tenant_id: str, sequence: int) -> int | None:
    """The first sequence of a tenant at or after `sequence`, or None."""
    found = conn.execute(load("chain_ahead"), {"tenant": tenant_id, "from": sequence}).fetchone()
    return None if found is None else found[0]


def list_authority(conn: psycopg.Connection, layout: Layout, head: Head) -> list[Event]:
    """The tenant's `audit.erased` and `audit.archived` events; one that is unreadable vouches for nothing."""
    rows = _Stream(conn, layout, head, _AUTHORITY).rows()
    return [row for row in rows if isinstance(row, Event)]


@dataclass(slots=True)
class _Stream:
    """Where the reading stands: after the row (`sequence`, `row_id`), or before the first one."""

    conn: psycopg.Connection
    layout: Layout
    head: Head
    narrowed: sql.SQL
    sequence: int = field(init=False)
    row_id: int | None = None
    started: bool = False

    def __post_init__(self) -> None:
        self.sequence = self.head.first_sequence

    def rows(self) -> Iterator[Event | Unreadable]:
        failed = False
        while True:
            try:
                for event in self._read(size=1 if failed else BATCH_ROWS):
                    self.stand_after(event.sequence_number or 0, event.id)
                    failed = False
                    yield event
                return
            except (psycopg.Error, UnicodeDecodeError) as error:
                if not is_about_a_row(error) or self.conn.closed:
                    raise
                if not failed:
                    failed = True  # the stream may have stopped rows before the bad one: come closer singly
                    continue
                lost = self._pass_over(reason_of(error))
            if lost is None:
                return
            failed = False
            yield lost

    def _read(self, *, size: int) -> Iterator[Event]:
        query = compose("chain", columns=self.layout.columns("l"), narrowed=self.narrowed)
        with self.conn.transaction(), self.conn.cursor() as cursor:
            for row in cursor.stream(query, self._after(), size=size):
                yield to_event(row)

    def _pass_over(self, reason: str) -> Unreadable | None:
        query = compose("chain_next", narrowed=self.narrowed)
        row = self.conn.execute(query, self._after()).fetchone()
        if row is None:
            return None
        self.stand_after(row[0], row[1])
        return Unreadable(row[0], row[2], reason)

    def stand_after(self, sequence: int, row_id: int | None) -> None:
        self.sequence, self.row_id, self.started = sequence, row_id, True

    def _after(self) -> dict[str, object]:
        """Parameters for the rows after where the reading stands."""
        skip_all = self.started and self.row_id is None
        return {
            "tenant": self.head.tenant_id,
            "from_sequence": self.sequence + 1 if skip_all else self.sequence,
            "from_id": self.row_id if self.started else None,
            "through": self.head.sequence,
        }


def reason_of(error: Exception) -> str:
    """What the server said of a row that it could not deliver."""
    if isinstance(error, psycopg.Error):
        return str(error.diag.message_primary or error)
    return "it holds text that is not valid in the database's encoding"


def is_about_a_row(error: Exception) -> bool:
    """Whether an error is about a row that the server cannot deliver, and not the connection or a right."""
    kinds = (
        psycopg.errors.ProgramLimitExceeded,
        psycopg.errors.DataCorrupted,
        psycopg.errors.DataException,
        psycopg.errors.InternalError_,
        psycopg.errors.OutOfMemory,
        UnicodeDecodeError,
    )
    return isinstance(error, kinds)
