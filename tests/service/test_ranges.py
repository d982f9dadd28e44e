"""A chain checked in ranges by several connections: the same report, and nothing lost where one goes away."""

from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest

from audit_tui.core.findings import Report, Verdict
from audit_tui.embedded import tamper
from audit_tui.service.api import AuditService, VerifyRequest
from audit_tui.service.live import chains, verify
from tests.service.conftest import log_events
from tests.service.test_interruptions import AtLook, kill_others

Open = Callable[[str], AuditService]

ERASE = """SELECT audit.erase('org', %s, 'asked', 'Art. 17', 'dpo', p_single_operator := true)"""


@pytest.fixture(autouse=True)
def small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains, "RANGE_EVENTS", 300)
    monkeypatch.setattr(verify, "MANY_EVENTS", 0)


def tampered(dsn: str) -> None:
    log_events(dsn, "org", 2000)
    log_events(dsn, "other", 50)
    with psycopg.connect(dsn) as conn:
        tamper.edit_field(conn, "org", 300, "actor_id", "usr_evil")
        tamper.edit_field(conn, "org", 601, "resource_id", "x")
        tamper.rehash(conn, "org", 601)
        tamper.edit_field(conn, "org", 900, "resource_id", "x")
        tamper.rehash(conn, "org", 900)
        tamper.drop_rows(conn, "org", 1100, 1700)
        tamper.edit_field(conn, "org", 1801, "timestamp", "2020-01-01 00:00:00+00")
        tamper.rehash_from(conn, "org", 1801)


def without_time(report: Report) -> list[object]:
    return [replace(one, claim="", checked_at="") for one in report.tenants]


def check(service: AuditService, jobs: int, cancel: AtLook | None = None) -> Report:
    return service.verify(VerifyRequest(record_witness=False, continuity=False, jobs=jobs), cancel=cancel)


@pytest.mark.parametrize("jobs", [1, 3])
def test_ranges_say_what_one_walk_says(
    audit_db: str, open_service: Open, jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tampered(audit_db)
    in_ranges = check(open_service(audit_db), jobs)
    monkeypatch.setattr(chains, "RANGE_EVENTS", 10**6)
    assert without_time(in_ranges) == without_time(check(open_service(audit_db), 1))
    places = [(str(f.kind), f.first_sequence, f.last_sequence) for f in in_ranges.tenants[0].findings]
    assert places == [
        ("content_mismatch", 300, 300),
        ("link_mismatch", 602, 602),
        ("link_mismatch", 901, 901),
        ("sequence_gap", 1100, 1700),
        ("time_disorder", 1801, 1801),
    ]


def test_a_lost_connection_costs_a_range(audit_db: str, open_service: Open) -> None:
    tampered(audit_db)
    whole = check(open_service(audit_db), 1)
    report = check(open_service(audit_db), 2, AtLook(5, lambda: kill_others(audit_db)))
    assert "the connection was lost" in report.claim
    assert without_time(report) == without_time(whole)


def test_an_erasure_between_two_snapshots_accuses_nobody(audit_db: str, open_service: Open) -> None:
    log_events(audit_db, "org", 2000)

    def erase_and_kill() -> bool:
        with psycopg.connect(audit_db) as conn:
            group = '[{"sequences": [[5, 1900]], "parts": ["details"]}]'
            conn.execute(ERASE, [group])
        return kill_others(audit_db)

    report = check(open_service(audit_db), 1, AtLook(5, erase_and_kill))
    assert report.verdict is Verdict.INTACT
    assert report.tenants[0].findings == ()
    assert report.tenants[0].last_sequence == 2000


def test_a_log_that_was_cut_between_two_snapshots_is_not_joined(audit_db: str, open_service: Open) -> None:
    log_events(audit_db, "org", 2000)

    def cut_and_kill() -> bool:
        with psycopg.connect(audit_db) as conn:
            tamper.cut_tail(conn, "org", 1500)
        return kill_others(audit_db)

    report = check(open_service(audit_db), 1, AtLook(5, cut_and_kill))
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "event 2000 is no longer there" in report.claim


def test_a_sequence_at_the_end_of_the_numbers_takes_no_time(audit_db: str, open_service: Open) -> None:
    log_events(audit_db, "org", 20)
    with psycopg.connect(audit_db) as conn:
        tamper.edit_field(conn, "org", 20, "sequence_number", 2**63 - 1)
        tamper.edit_field(conn, "org", 19, "sequence_number", -(2**63))
    (tenant,) = check(open_service(audit_db), 2).tenants
    assert tenant.events == 20
    assert tenant.finding_counts["sequence_gap"] == 2


def test_fewer_connections_than_asked_for_are_said(
    audit_db: str, open_service: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_events(audit_db, "org", 2000)
    service = open_service(audit_db)
    genuine, opened = service._connect, []  # type: ignore[attr-defined]

    def connect() -> psycopg.Connection:
        from audit_tui.core.errors import ConnectError

        if len(opened) == 1:
            raise ConnectError("sorry, too many clients already")
        opened.append(genuine())
        return opened[0]

    monkeypatch.setattr(service, "_connect", connect)
    report = check(service, 3)
    assert report.verdict is Verdict.INTACT
    assert "1 connection of 3: sorry, too many clients already" in report.claim
