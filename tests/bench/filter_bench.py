"""The compiled filter: how a chain is best read for it, what it costs an event, and the plain way beside it.

Processor time tells more than the clock where the machine has other work: both are printed, of client and
server.
"""

import os
import statistics
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg

from audit_tui.core.coverage import Coverage
from audit_tui.core.model import Event
from audit_tui.core.walk import Walk
from audit_tui.embedded.guide import install_guide
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.fast import Before, Expect, Kernel, Stopped, load
from audit_tui.store.block_rows import read_row
from audit_tui.store.chain import stream_chain
from audit_tui.store.chain_blocks import BLOCK_BYTES, copy_blocks
from audit_tui.store.connect import connect, parse_dsn
from audit_tui.store.install import install
from audit_tui.store.probe import probe
from audit_tui.store.session import reading
from audit_tui.store.tenants import get_head
from tests.bench import machine
from tests.bench.fill import TENANT, fill
from tests.bench.verify_bench import SETTINGS
from tests.fast.encoding import before_of


@dataclass
class Reader:
    """Reads sequences of the chain in one way, and counts what the server's process spent on it."""

    dsn: str
    events: int
    spent: float = 0.0

    def pass_over(
        self, kernel: Kernel | None, low: int = 0, high: int | None = None, size: int = BLOCK_BYTES
    ) -> None:
        """The filter over (low, high]; without one the blocks are only drained. SystemExit where it stops."""
        with closing(connect(parse_dsn(self.dsn))) as conn:
            layout = probe(conn).layout
            expect = Expect(TENANT, guide=layout.kind == "guide", version_1=True)
            started = _server_seconds(conn)
            with reading(conn, timeout="0", snapshot=True):
                before: Before | None = None
                for data in copy_blocks(conn, layout, TENANT, low, high or self.events, block_bytes=size):
                    if kernel is None:
                        continue
                    before, start = _first(read_row(data, layout)) if before is None else (before, 0)
                    made = kernel.advance(data, before, expect, start)
                    before = made.before
                    if made.stopped is not Stopped.END:
                        raise SystemExit(f"stopped after event {before.sequence} of an untouched chain")
            self.spent += _server_seconds(conn) - started

    def in_two_threads(self, kernel: Kernel) -> None:
        half = self.events // 2
        parts = [(0, half), (half, self.events)]
        threads = [threading.Thread(target=self.pass_over, args=(kernel, *part)) for part in parts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def iterate(self) -> None:
        """What `cursor.copy()` alone takes, row by row as psycopg hands them out."""
        with psycopg.connect(self.dsn) as conn, conn.cursor() as cursor:
            started = _server_seconds(conn)
            with cursor.copy(
                "COPY (SELECT * FROM audit.logs ORDER BY 2, 1) TO STDOUT (FORMAT BINARY)"
            ) as copy:
                for _ in copy:
                    pass
            self.spent += _server_seconds(conn) - started

    def plainly(self) -> None:
        with closing(connect(parse_dsn(self.dsn))) as conn:
            layout = probe(conn).layout
            started = _server_seconds(conn)
            with reading(conn, timeout="0", snapshot=True):
                head = get_head(conn, TENANT)
                walk = Walk(TENANT, Coverage(()))
                for event in stream_chain(conn, layout, head) if head is not None else ():
                    if not isinstance(event, tuple) or walk.step(event).findings:
                        raise SystemExit("the plain way finds something in an untouched chain")
            self.spent += _server_seconds(conn) - started

    def by_sql(self) -> None:
        with psycopg.connect(self.dsn) as conn:
            started = _server_seconds(conn)
            conn.execute("SELECT count(*) FROM audit.verify_chain(%s)", (TENANT,)).fetchall()
            self.spent += _server_seconds(conn) - started


def run(events: int, rounds: int) -> None:
    """Prints microseconds an event: the clock's median, and processor time of client and server."""
    kernel = load()
    if kernel is None:
        raise SystemExit("the filter is not built: python -m audit_tui.fast")
    with EmbeddedServer.start(SETTINGS) as server:
        guide, ours = server.create_database(), server.create_database()
        for dsn, make in ((guide, install_guide), (ours, install)):
            with psycopg.connect(dsn) as conn:
                make(conn)
                conn.commit()
                fill(conn, events)
                version = conn.info.server_version
        print(machine.describe(f"{version // 10000}.{version % 10000}"), "-", machine.load())
        print(f"SHA instructions: {'yes' if kernel.accelerated else 'no'}; microseconds an event\n")
        print(f"{'':<44} {'clock':>7} {'client':>7} {'server':>7}")
        for name, dsn, way in _ways(guide, ours, kernel):
            _measure(name, Reader(dsn, events), way, rounds)
        print(machine.load())


def _ways(guide: str, ours: str, kernel: Kernel) -> list[tuple[str, str, Callable[[Reader], None]]]:
    def sized(size: int) -> Callable[[Reader], None]:
        return lambda reader: reader.pass_over(kernel, size=size)

    return [
        ("the guide's verify_chain", guide, Reader.by_sql),
        ("stream_chain and the plain reference", ours, Reader.plainly),
        ("cursor.copy(), rows dropped", ours, Reader.iterate),
        ("copy_blocks, blocks dropped", ours, lambda reader: reader.pass_over(None)),
        *((f"blocks of {size} kB, filter", ours, sized(size * 1024)) for size in (16, 64, 128, 256, 1024)),
        ("blocks of 128 kB, filter without SHA", ours, lambda reader: reader.pass_over(kernel.portable())),
        ("blocks of 128 kB, filter, two threads", ours, lambda reader: reader.in_two_threads(kernel)),
        ("guide schema: filter", guide, lambda reader: reader.pass_over(kernel)),
        ("guide schema: filter, two threads", guide, lambda reader: reader.in_two_threads(kernel)),
    ]


def _measure(name: str, reader: Reader, way: Callable[[Reader], None], rounds: int) -> None:
    clocks, client = [], 0.0
    for _ in range(rounds):
        clock, spent = time.perf_counter(), time.process_time()
        way(reader)
        clocks.append(time.perf_counter() - clock)
        client += time.process_time() - spent
    each = 1e6 / reader.events
    print(
        f"{name:<44} {statistics.median(clocks) * each:7.2f} {client / rounds * each:7.2f} "
        f"{reader.spent / rounds * each:7.2f}",
        flush=True,
    )


def _first(row: tuple[Event | None, int] | None) -> tuple[Before, int]:
    if row is None or row[0] is None:
        raise SystemExit("no first row")
    return before_of(row[0]), row[1]


def _server_seconds(conn: psycopg.Connection) -> float:
    """Processor time of the connection's server process (Linux; 0 elsewhere)."""
    try:
        text = Path(f"/proc/{conn.info.backend_pid}/stat").read_text(encoding="ascii")
    except OSError:
        return 0.0
    fields = text.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
