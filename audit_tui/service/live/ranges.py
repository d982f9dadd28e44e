"""One range of a chain: read, judged row by row, and looked away from as soon as somebody asks to stop."""

from collections.abc import Callable
from dataclasses import replace

import psycopg

from audit_tui.core.model import Event
from audit_tui.core.walk import LOOK_BACK
from audit_tui.fast import Kernel
from audit_tui.service.live.chains import Range
from audit_tui.service.live.quick import check_by_blocks
from audit_tui.store.chain import Unreadable, list_before, stream_chain
from audit_tui.store.chain_blocks import is_copyable
from audit_tui.store.layout import Layout

LOOK_EVERY = 256
"""Events between two looks at whether to stop: a few milliseconds."""


def check_range(
    conn: psycopg.Connection, layout: Layout, taken: Range, look: Callable[[], None], kernel: Kernel | None
) -> None:
    """Judges every row of the range, inside the caller's transaction. `look` raises where it has to end;
    `kernel` is the compiled filter, where there is one.
    """
    if taken.revisited:
        _check_by_rows(conn, layout, taken, look)
        return
    begin(conn, layout, taken)
    look()
    quick = kernel is not None and is_copyable(conn, layout)
    if not (quick and kernel is not None and check_by_blocks(conn, layout, taken, kernel, look)):
        _check_by_rows(conn, layout, taken, look)


def _check_by_rows(conn: psycopg.Connection, layout: Layout, taken: Range, look: Callable[[], None]) -> None:
    """Row by row, behind the last one of the range that was judged."""
    judge = taken.walk.revisit if taken.revisited else taken.walk.step
    head = replace(taken.chain.head, first_sequence=taken.low, sequence=taken.high)
    last = taken.walk.before
    begun = taken.through >= taken.low and last is not None and last.sequence_number is not None
    after = (last.sequence_number or 0, last.id) if begun and last is not None else None
    for number, row in enumerate(stream_chain(conn, layout, head, after), start=1):
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
