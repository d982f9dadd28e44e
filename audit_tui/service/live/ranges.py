"""One range of a chain: read, judged row by row, and looked away from as soon as somebody asks to stop."""

from collections.abc import Callable
from dataclasses import replace

import psycopg

from audit_tui.core.model import Event
from audit_tui.core.walk import LOOK_BACK
from audit_tui.service.live.chains import Range
from audit_tui.store.chain import Unreadable, list_before, stream_chain
from audit_tui.store.layout import Layout

LOOK_EVERY = 256
"""Events between two looks at whether to stop: a few milliseconds."""


def check_range(conn: psycopg.Connection, layout: Layout, taken: Range, look: Callable[[], None]) -> None:
    """Judges every row of the range, inside the caller's transaction. `look` raises where it has to end."""
    if not taken.revisited:
        begin(conn, layout, taken)
    look()
    judge = taken.walk.revisit if taken.revisited else taken.walk.step
    head = replace(taken.chain.head, first_sequence=taken.low, sequence=taken.high)
    for number, row in enumerate(stream_chain(conn, layout, head), start=1):
        if isinstance(row, Unreadable):
            taken.walk.skip(row.sequence, row.event_id, row.reason)
        else:
            judge(row)
        if number % LOOK_EVERY == 0:
            look()


def begin(conn: psycopg.Connection, layout: Layout, taken: Range) -> None:
    """Lets the walk see the rows before the range, so that its first row is held against them."""
    if taken.low <= taken.chain.head.first_sequence:
        return
    lost: int | None = None
    seen: list[Event] = []
    for row in list_before(conn, layout, taken.chain.head.tenant_id, taken.low, LOOK_BACK):
        if isinstance(row, Unreadable):
            lost, seen = row.sequence, []
        else:
            seen.append(row)
    taken.walk.begin_after(seen, lost)
