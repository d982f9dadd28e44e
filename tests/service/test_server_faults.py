"""Servers that crash, hurry or lend no snapshot: a check goes on, or says why it did not."""

import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import sql

from audit_tui.core.errors import SnapshotLostError
from audit_tui.core.findings import Verdict, VerifyStatus
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.service.api import AuditService, VerifyRequest
from audit_tui.service.live import chains, verify, work
from audit_tui.store import queries, session
from audit_tui.store.install import install
from tests.service.conftest import log_events
from tests.service.test_interruptions import AtLook

Open = Callable[[str], AuditService]
EVENTS = 3000
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


@pytest.fixture
def own_server() -> Iterator[EmbeddedServer]:
    """A server that a test may crash. Its files are safe against that."""
    with EmbeddedServer.start(DURABLE) as running:
        yield running


@pytest.fixture
def own_log(own_server: EmbeddedServer) -> str:
    dsn = own_server.create_database()
    with psycopg.connect(dsn) as conn:
        install(conn)
    log_events(dsn, "org", EVENTS)
    return dsn


@pytest.fixture(autouse=True)
def many_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains, "RANGE_EVENTS", 200)
    monkeypatch.setattr(verify, "MANY_EVENTS", 0)
    monkeypatch.setattr(work, "STATUS_SECONDS", 0.0)


def test_a_crash_and_a_restart_are_survived(
    own_server: EmbeddedServer, own_log: str, open_service: Open
) -> None:
    recovering = threading.Thread(target=own_server.recover)

    def crash() -> bool:
        own_server.crash()
        recovering.start()
        return False

    statuses: list[VerifyStatus] = []
    request = VerifyRequest(continuity=False, jobs=2)
    report = open_service(own_log).verify(request, statuses.append, AtLook(5, crash))
    recovering.join()
    assert report.verdict is Verdict.INTACT
    assert report.tenants[0].events == EVENTS
    assert "the rest was read in a later snapshot" in report.claim
    assert any(status.note is not None for status in statuses)
    assert statuses[-1].note is None


def test_a_server_that_stays_away_leaves_what_was_proven(
    own_server: EmbeddedServer, own_log: str, open_service: Open
) -> None:
    def crash() -> bool:
        own_server.crash()
        return False

    request = VerifyRequest(continuity=False, jobs=1, patience_seconds=0.3)
    report = open_service(own_log).verify(request, cancel=AtLook(5, crash))
    (tenant,) = report.tenants
    assert report.verdict is Verdict.INCONCLUSIVE
    assert 0 < (tenant.proven_through or 0) < EVENTS
    assert f"read through sequence {tenant.last_sequence}" in tenant.claim


def test_waiting_for_a_server_is_cancelled_at_once(
    own_server: EmbeddedServer, own_log: str, open_service: Open
) -> None:
    cancel = threading.Event()

    def crash_or_cancel(status: VerifyStatus) -> None:
        if status.note is not None:
            cancel.set()
        elif status.events_done:
            own_server.crash()

    request = VerifyRequest(continuity=False, patience_seconds=3600)
    report = open_service(own_log).verify(request, crash_or_cancel, cancel)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "interrupted" in report.claim


@pytest.mark.parametrize("jobs", [1, 2])
def test_impatient_servers_do_not_end_a_check(audit_db: str, open_service: Open, jobs: int) -> None:
    log_events(audit_db, "org", EVENTS)
    with psycopg.connect(audit_db, autocommit=True) as conn:
        for name in ("statement_timeout", "idle_in_transaction_session_timeout", "transaction_timeout"):
            if conn.execute("SELECT FROM pg_settings WHERE name = %s", [name]).rowcount:
                alter = sql.SQL("ALTER DATABASE {} SET {} = '60ms'")
                conn.execute(alter.format(sql.Identifier(conn.info.dbname), sql.Identifier(name)))
    report = open_service(audit_db).verify(VerifyRequest(continuity=False, jobs=jobs))
    assert report.verdict is Verdict.INTACT
    assert "the connection was lost" not in report.claim


def test_a_server_that_lends_no_snapshot_is_read_by_one_connection(
    audit_db: str, open_service: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_events(audit_db, "org", EVENTS)
    service = open_service(audit_db)

    def load(name: str) -> sql.SQL:
        return sql.SQL("SELECT 1/0") if name == "export_snapshot" else queries.load(name)

    monkeypatch.setattr(session, "load", load)
    report = service.verify(VerifyRequest(continuity=False, jobs=3))
    assert report.verdict is Verdict.INTACT
    assert "one connection was used: the server does not lend its snapshot" in report.claim


def test_a_conflict_with_replay_on_a_standby_is_no_verdict() -> None:
    error = psycopg.errors.SerializationFailure("canceling statement due to conflict with recovery")
    made = session.translate(error, lost=False)
    assert isinstance(made, SnapshotLostError)
    assert "conflict with recovery" in made.title
