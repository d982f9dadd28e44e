"""A range read in blocks: the compiled filter passes over what is regular, the walk judges all the rest.

Whatever the filter stops at is decoded from the same bytes, so each row is read once. A row that only the
server can print, or that it cannot deliver, leaves the rest of the range to be read row by row.
"""

from collections.abc import Callable
from contextlib import closing

import psycopg

from audit_tui.core.clock import microseconds
from audit_tui.core.model import Event, SchemaKind
from audit_tui.core.seal import is_hash
from audit_tui.core.walk import Walk
from audit_tui.fast import Before, Expect, Kernel, Stopped
from audit_tui.service.live.chains import Range
from audit_tui.store.block_rows import read_row
from audit_tui.store.chain import is_about_a_row
from audit_tui.store.chain_blocks import copy_blocks
from audit_tui.store.layout import Layout

Place = tuple[int, int | None]


def check_by_blocks(
    conn: psycopg.Connection, layout: Layout, taken: Range, kernel: Kernel, look: Callable[[], None]
) -> bool:
    """Judges the rows of the range. False where what is behind the last one judged has to be read by rows."""
    rest = b""
    blocks = copy_blocks(conn, layout, taken.chain.head.tenant_id, taken.low - 1, taken.high)
    try:
        with closing(blocks):
            for block in blocks:
                data = rest + block if rest else block
                at = _judge(data, layout, taken, kernel)
                if at is None:
                    return False
                rest = data[at:]
                look()
    except psycopg.Error as error:
        if conn.closed or not is_about_a_row(error):
            raise
        return False
    return not rest


def _judge(data: bytes, layout: Layout, taken: Range, kernel: Kernel) -> int | None:
    """How far the whole rows of a block go; None where one of them cannot be read from it."""
    walk, at = taken.walk, 0
    while True:
        before = _before_of(walk)
        if before is not None:
            made = kernel.advance(data, before, _expect(layout, taken), at)
            if made.rows:
                # What comes next may be held against all of the last row. A notice about a run of version 1
                # names its first event; of version 2 nothing is ever told.
                last = _row_at(data, layout, at + made.last)
                first = _row_at(data, layout, at) if made.rows_version_1 else last
                walk.pass_regular(made.rows, made.rows_version_1, first, last)
                at += made.consumed
            if made.stopped is not Stopped.LOOK:
                return at
        row = read_row(data, layout, at)
        if row is None:
            return at
        event, end = row
        if event is None:
            return None
        walk.step(event)
        at = end


def _expect(layout: Layout, taken: Range) -> Expect:
    return Expect(
        taken.chain.head.tenant_id,
        guide=layout.kind is SchemaKind.GUIDE,
        version_1=taken.chain.encoding == "utf-8",
        offset_seconds=taken.walk.zone,
    )


def _before_of(walk: Walk) -> Before | None:
    """The row before as the filter wants it; None where nothing can be regular after it."""
    before = walk.before
    if before is None or before.sequence_number is None or before.hash_version not in (1, 2):
        return None
    us = microseconds(before.timestamp)
    if us is None or before.event_hash is None or not is_hash(before.event_hash):
        return None
    return Before(before.sequence_number, before.event_hash, before.hash_version, us, before.id or 0)


def _row_at(data: bytes, layout: Layout, start: int) -> Event:
    row = read_row(data, layout, start)
    if row is None or row[0] is None:
        msg = "what is regular can be read"
        raise RuntimeError(msg)
    return row[0]
