"""Verification against the guide's own verify_chain, on the same events: medians of interleaved rounds.

Written into docs/benchmarks.md by the command itself, with the machine it ran on.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from audit_tui.bootstrap import open_service
from audit_tui.core.findings import Report, Verdict
from audit_tui.embedded.guide import install_guide
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.fast.loading import PLAIN
from audit_tui.service.api import AuditService, VerifyRequest
from audit_tui.store.install import install
from tests.bench import machine
from tests.bench.fill import TENANT, fill, fill_more
from tests.bench.timing import Table, measure

SETTINGS = {
    "shared_buffers": "512MB",
    "work_mem": "64MB",
    "max_wal_size": "8GB",
    "autovacuum": "off",
    "max_parallel_workers_per_gather": "2",
}
BASE = "the guide's verify_chain, guide schema"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
SMALL_TENANTS, SMALL_EVENTS = 1000, 20


class Bench:
    """Two databases with the same events, and every way to check them."""

    def __init__(self, server: EmbeddedServer, events: int) -> None:
        self.events = events
        self.guide_dsn, self.our_dsn = (
            server.create_database(name="guide"),
            server.create_database(name="ours"),
        )
        print(f"writing {events:,} events into each of two schemas", flush=True)
        with psycopg.connect(self.guide_dsn) as conn:
            install_guide(conn)
            conn.commit()
            fill(conn, events)
            self.version = f"{conn.info.server_version // 10000}.{conn.info.server_version % 10000}"
        with psycopg.connect(self.our_dsn) as conn:
            install(conn)
            conn.commit()
            fill(conn, events)
        self.ours = open_service(self.our_dsn, name="ours", state_dir=server.folder / "state")
        self.guide = open_service(self.guide_dsn, name="guide", state_dir=server.folder / "state")

    def ways(self) -> dict[str, Callable[[], object]]:
        """The whole chain, in every way."""
        return {
            BASE: lambda: _by_sql(self.guide_dsn),
            "audit.verify_chain (SQL), our schema": lambda: _by_sql(self.our_dsn),
            "client, one job": lambda: check(self.ours, jobs=1),
            "client, two jobs": lambda: check(self.ours, jobs=2),
            "client, guide schema, two jobs": lambda: check(self.guide, jobs=2),
            "client without the compiled filter": lambda: _plainly(lambda: check(self.ours, jobs=1)),
        }

    def incremental(self) -> Report:
        """What came since the witness."""
        return check(self.ours, incremental=True)

    def grow(self) -> int:
        """Takes a witness of all that is there, then logs 1 % more. Returns how many."""
        check(self.ours, record=True)
        more = max(self.events // 100, 1)
        with psycopg.connect(self.our_dsn) as conn:
            fill_more(conn, self.events, more)
        return more

    def close(self) -> None:
        self.ours.close()
        self.guide.close()


def run(events: int, rounds: int, page: Path | None = None) -> None:
    """Prints seconds and ratios, and writes them into `page`."""
    with EmbeddedServer.start(SETTINGS) as server:
        bench = Bench(server, events)
        try:
            table = _measure(bench, rounds)
        finally:
            bench.close()
    print("\n" + table)
    if page is not None:
        page.write_text(table, encoding="utf-8")
        print(f"written: {page.name}")


def _measure(bench: Bench, rounds: int) -> str:
    before = machine.resident_mb()
    check(bench.ours, jobs=2)
    after = machine.resident_mb()
    more = bench.grow()
    ways = bench.ways() | {INCREMENTAL.format(more): bench.incremental}
    table = Table(measure(ways, rounds), bench.events, BASE)
    many = _many_tenants(bench, rounds)
    lines = [
        "# How fast it verifies",
        "",
        "Written by `make bench`, which anybody can run: it takes some twenty minutes. Times of a shared "
        "machine drift, so the ratios count: every way runs once in every round.",
        "",
        f"{bench.events:,} events of one tenant, about 0.8 kB each; medians of {rounds} interleaved rounds. "
        f"{machine.describe(bench.version)}; {machine.load()}.",
        "",
        *table.lines(),
        "",
        "- The guide's function compares ten columns and no link; every other way checks every axis but "
        "continuity and attestation, through the head.",
        f"- {table.text(INCREMENTAL.format(more))} of a full check with two jobs: "
        f"{table.ratio(INCREMENTAL.format(more), 'client, two jobs'):.3f}.",
        f"- Memory of the process before and after a check of all of them with two jobs: {before:.0f} MB and "
        f"{after:.0f} MB.",
        f"- {SMALL_TENANTS:,} tenants of {SMALL_EVENTS} events each: {many:.2f} s for all.",
        "",
    ]
    return "\n".join(lines)


INCREMENTAL = "client, incremental after {:,} new events"


def _many_tenants(bench: Bench, rounds: int) -> float:
    with psycopg.connect(bench.our_dsn) as conn:
        for number in range(SMALL_TENANTS):
            fill_more(conn, 0, SMALL_EVENTS, tenant=f"org_small_{number}")
    names = tuple(f"org_small_{number}" for number in range(SMALL_TENANTS))
    found = measure({"1,000 tenants": lambda: check(bench.ours, tenants=names)}, rounds)
    return sorted(found["1,000 tenants"])[rounds // 2]


def _by_sql(dsn: str) -> None:
    with psycopg.connect(dsn) as conn:
        rows = conn.execute("SELECT is_valid FROM audit.verify_chain(%s)", (TENANT,)).fetchall()
    if any(row[0] is not True for row in rows):
        raise SystemExit("the SQL verifier found something in an untouched chain")


def check(
    service: AuditService,
    *,
    tenants: tuple[str, ...] = (TENANT,),
    jobs: int | None = None,
    incremental: bool = False,
    record: bool = False,
) -> Report:
    """A check by the client; SystemExit where it finds anything."""
    request = VerifyRequest(
        tenants, record_witness=record, incremental=incremental, continuity=False, attest=False, jobs=jobs
    )
    report = service.verify(request)
    if report.verdict is not Verdict.INTACT:
        raise SystemExit(f"the client's verifier says {report.verdict} of an untouched chain")
    return report


@contextmanager
def _variable(name: str, value: str) -> Iterator[None]:
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]


def _plainly(way: Callable[[], object]) -> None:
    with _variable(PLAIN, "1"):
        way()
