"""Verification against the guide's own verify_chain, on the same events: medians of interleaved rounds."""

import psycopg

from audit_tui.bootstrap import open_service
from audit_tui.core.findings import Verdict
from audit_tui.embedded.guide import install_guide
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.service.api import AuditService, VerifyRequest
from audit_tui.store.install import install
from tests.bench import machine
from tests.bench.fill import TENANT, fill
from tests.bench.timing import measure, print_ratios

SETTINGS = {
    "shared_buffers": "512MB",
    "work_mem": "64MB",
    "max_wal_size": "8GB",
    "autovacuum": "off",
    "max_parallel_workers_per_gather": "2",
}
BASE = "the guide's verify_chain (guide schema)"


def run(events: int, rounds: int) -> None:
    """Fills two databases and prints seconds and ratios. SystemExit where a verifier finds something."""
    with EmbeddedServer.start(SETTINGS) as server:
        guide_dsn, our_dsn = server.create_database(name="guide"), server.create_database(name="ours")
        print(f"writing {events:,} events into each of two schemas", flush=True)
        with psycopg.connect(guide_dsn) as conn:
            install_guide(conn)
            conn.commit()
            fill(conn, events)
            version = conn.info.server_version
        with psycopg.connect(our_dsn) as conn:
            install(conn)
            conn.commit()
            fill(conn, events)
        print(machine.describe(f"{version // 10000}.{version % 10000}"))
        print(machine.load())
        _rounds(server, guide_dsn, our_dsn, events, rounds)


def _rounds(server: EmbeddedServer, guide_dsn: str, our_dsn: str, events: int, rounds: int) -> None:
    state = server.folder / "state"
    ours = open_service(our_dsn, name="ours", state_dir=state)
    guide = open_service(guide_dsn, name="guide", state_dir=state)
    try:
        ways = {
            BASE: lambda: _by_sql(guide_dsn),
            "audit.verify_chain of our schema (SQL)": lambda: _by_sql(our_dsn),
            "client, our schema, every axis": lambda: _by_client(ours),
            "client, guide schema, every axis": lambda: _by_client(guide),
        }
        print_ratios(measure(ways, rounds), events, BASE)
    finally:
        ours.close()
        guide.close()


def _by_sql(dsn: str) -> None:
    with psycopg.connect(dsn) as conn:
        rows = conn.execute("SELECT is_valid FROM audit.verify_chain(%s)", (TENANT,)).fetchall()
    if any(row[0] is not True for row in rows):
        raise SystemExit("the SQL verifier found something in an untouched chain")


def _by_client(service: AuditService) -> None:
    report = service.verify(VerifyRequest((TENANT,), record_witness=False))
    if report.verdict is not Verdict.INTACT:
        raise SystemExit(f"the client's verifier says {report.verdict} of an untouched chain")
