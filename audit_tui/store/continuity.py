"""A tenant's events by resource, streamed for continuity, past rows that the server cannot deliver."""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql

from audit_tui.core.continuity_event import READS
from audit_tui.core.model import Event, Head
from audit_tui.store.chain import BATCH_ROWS, Unreadable, is_about_a_row, reason_of
from audit_tui.store.layout import Layout, to_event
from audit_tui.store.queries import compose

NEEDED = (
    "id", "sequence_number", "event_id", "event_type", "resource_type", "resource_id", "changes",
    "resource_before", "resource_after", "hash_version", "erased_parts",
)  # fmt: skip
_TELLING = ("changes", "resource_before", "resource_after", "erased_parts")
_PLACED = ("resource_type", "resource_id", "event_type")
_AFTER = sql.SQL(
    " AND (l.resource_type, l.resource_id, l.sequence_number)"
    " > (%(type)s::pg_catalog.text, %(resource)s::pg_catalog.text, %(sequence)s)"
)
UNREADABLE_CAP = 100
"""Rows passed over one by one before the rest is given up: each costs a new reading."""


def lacking(layout: Layout) -> tuple[str, ...]:
    """The columns without which nothing can be compared, where the table has not all of them."""
    absent = [column for column in _PLACED if column in layout.missing]
    telling = ("changes", "resource_before", "resource_after")
    return (*absent, *(telling if all(column in layout.missing for column in telling) else ()))


def stream_tellings(conn: psycopg.Connection, layout: Layout, head: Head) -> Iterator[Event | Unreadable]:
    """Events that may tell something of their resource, up to `head`, inside the caller's transaction.

    Each resource's stand together, in (sequence, id) order. Columns that continuity does not need are None.
    A row that cannot be delivered comes as Unreadable; after UNREADABLE_CAP of them the error is raised, as
    are errors of the connection, rights and cancellation.
    """
    return _Stream(conn, layout, head).rows()


@dataclass(slots=True)
class _Stream:
    """`place` is (type, id, sequence) of the row after which to go on; None: from the start."""

    conn: psycopg.Connection
    layout: Layout
    head: Head
    place: tuple[str, str, int] | None = None
    lost: int = 0

    def rows(self) -> Iterator[Event | Unreadable]:
        failed = False
        while True:
            try:
                for event in self._read(size=1 if failed else BATCH_ROWS):
                    self.place = (
                        event.resource_type or "",
                        event.resource_id or "",
                        event.sequence_number or 0,
                    )
                    failed = False
                    yield event
                return
            except (psycopg.Error, UnicodeDecodeError) as error:
                if not is_about_a_row(error) or self.conn.closed or self.lost >= UNREADABLE_CAP:
                    raise
                if not failed:
                    failed = True  # the stream may have stopped rows before the bad one: come closer singly
                    continue
                reason = reason_of(error)
            failed = False
            if not self._pass_over():
                return
            yield Unreadable((self.place or ("", "", 0))[2], None, reason)

    def _read(self, *, size: int) -> Iterator[Event]:
        query = compose("continuity", columns=self.layout.columns("l", NEEDED), **self._fragments())
        with self.conn.transaction(), self.conn.cursor() as cursor:
            for row in cursor.stream(query, self._parameters(), size=size):
                yield to_event(row)

    def _pass_over(self) -> bool:
        query = compose("continuity_next", **self._fragments())
        row = self.conn.execute(query, self._parameters()).fetchone()
        if row is None:
            return False
        self.place, self.lost = (row[0], row[1], row[2]), self.lost + 1
        return True

    def _fragments(self) -> dict[str, sql.Composable]:
        told = [sql.SQL("l.{} IS NULL").format(sql.Identifier(c)) for c in _TELLING if self.layout.has(c)]
        silent = sql.SQL(" AND ").join(told) if told else sql.SQL("true")
        return {"silent": silent, "after": _AFTER if self.place is not None else sql.SQL("")}

    def _parameters(self) -> dict[str, object]:
        resource_type, resource_id, sequence = self.place or (None, None, None)
        return {
            "tenant": self.head.tenant_id,
            "through": self.head.sequence,
            "reads": [f"%.{word}".replace("_", "\\_") for word in READS],
            "type": resource_type,
            "resource": resource_id,
            "sequence": sequence,
        }
