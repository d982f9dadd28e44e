"""A tenant's chain through COPY and the kernel, as an engine would read it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from audit_tui.core.model import Event
from audit_tui.fast import Advance, Expect, Kernel, Stopped
from audit_tui.store.block_rows import read_row
from audit_tui.store.chain_blocks import BLOCK_BYTES, copy_blocks, is_copyable
from audit_tui.store.connect import connect, parse_dsn
from audit_tui.store.layout import Layout
from audit_tui.store.probe import probe
from audit_tui.store.session import reading
from tests.fast.encoding import before_of

Conn = psycopg.Connection[Any]


@contextmanager
def opened(dsn: str) -> Iterator[tuple[Conn, Layout]]:
    """A reading transaction, and the layout of its log."""
    with closing(connect(parse_dsn(dsn))) as conn:
        layout = probe(conn).layout
        with reading(conn, snapshot=True):
            yield conn, layout


@dataclass(frozen=True)
class Passed:
    """The first event, the events passed after it, and where it stopped."""

    first: Event
    made: Advance
    left: bytes


def pass_over(
    kernel: Kernel, dsn: str, tenant: str, *, offset: int = 0, block_bytes: int = BLOCK_BYTES
) -> Passed:
    """Every row after the first one, up to the first that is not regular."""
    with opened(dsn) as (conn, layout):
        assert is_copyable(conn, layout)
        guide = layout.kind == "guide"
        expect = Expect(tenant, guide=guide, version_1=True, offset_seconds=offset)
        blocks = copy_blocks(conn, layout, tenant, 0, 2**62, block_bytes=block_bytes)
        data = b"".join(blocks) if block_bytes == BLOCK_BYTES else next(blocks)
        row = read_row(data, layout)
        assert row is not None
        assert row[0] is not None
        first, start = row
        made = kernel.advance(data, before_of(first), expect, start)
        left = data[start + made.consumed :]
        rows = made.rows
        for block in blocks:
            made = kernel.advance(left + block, made.before, expect)
            left = (left + block)[made.consumed :]
            rows += made.rows
            if made.stopped is Stopped.LOOK:
                break
        blocks.close()
        return Passed(first, made._replace(rows=rows), left)
