"""A check that begins where the last one ended: what it reads, what it finds, what it says it did not do."""

from collections.abc import Callable

import psycopg
import pytest

from audit_tui.core.findings import Report, Verdict
from audit_tui.embedded import tamper
from audit_tui.service.api import AuditService, VerifyRequest
from tests.service.conftest import log_events

Open = Callable[[str], AuditService]


def check(service: AuditService, *, incremental: bool = True) -> Report:
    return service.verify(VerifyRequest(incremental=incremental, continuity=False))


def erase(dsn: str, sequences: str) -> None:
    group = f'[{{"sequences": {sequences}, "parts": ["details"]}}]'
    with psycopg.connect(dsn) as conn:
        conn.execute(
            "SELECT audit.erase('org', %s, 'asked', 'Art. 17', 'dpo', p_single_operator := true)", [group]
        )


def places(report: Report) -> list[tuple[str, int | None]]:
    return [(str(finding.kind), finding.first_sequence) for finding in report.tenants[0].findings]


@pytest.fixture
def proven(audit_db: str, open_service: Open) -> AuditService:
    """A log of 300 events that was proven whole, and goes on."""
    log_events(audit_db, "org", 300)
    service = open_service(audit_db)
    assert check(service).verdict is Verdict.INTACT
    log_events(audit_db, "org", 20)
    return service


def test_only_what_came_since_the_witness_is_read(proven: AuditService) -> None:
    report = check(proven)
    (tenant,) = report.tenants
    assert tenant.verdict is Verdict.INTACT
    assert (tenant.checked_from, tenant.events, tenant.proven_through) == (300, 320, 320)
    assert "21 events from sequence 300 through sequence 320" in tenant.claim
    assert "the 299 before them were proven on" in tenant.claim


def test_the_age_of_the_full_proof_is_kept(proven: AuditService) -> None:
    first = check(proven).tenants[0].full_at
    assert check(proven).tenants[0].full_at == first
    assert check(proven, incremental=False).tenants[0].full_at is None


def test_a_first_check_is_full(audit_db: str, open_service: Open) -> None:
    log_events(audit_db, "org", 30)
    assert check(open_service(audit_db)).tenants[0].checked_from is None


def test_what_stands_before_the_witness_is_left_to_a_full_check(proven: AuditService, audit_db: str) -> None:
    with psycopg.connect(audit_db) as conn:
        tamper.edit_field(conn, "org", 100, "actor_id", "usr_evil")
    assert check(proven).verdict is Verdict.INTACT
    assert places(check(proven, incremental=False)) == [("content_mismatch", 100)]


@pytest.mark.parametrize("sequence", [300, 301, 320])
def test_an_edit_from_the_witness_on_is_found(proven: AuditService, audit_db: str, sequence: int) -> None:
    with psycopg.connect(audit_db) as conn:
        tamper.edit_field(conn, "org", sequence, "actor_id", "usr_evil")
    assert places(check(proven)) == [("content_mismatch", sequence)]


def test_a_rewritten_chain_is_checked_in_full(proven: AuditService, audit_db: str) -> None:
    with psycopg.connect(audit_db) as conn:
        tamper.edit_field(conn, "org", 100, "actor_id", "usr_evil")
        tamper.rehash_from(conn, "org", 100)
    report = check(proven)
    assert report.tenants[0].checked_from is None
    assert places(report) == [("head_rewritten", 300)]


def test_a_beginning_that_is_gone_is_checked_in_full(proven: AuditService, audit_db: str) -> None:
    with psycopg.connect(audit_db) as conn:
        tamper.drop_first(conn, "org", 5)
    assert ("genesis_mismatch", 6) in places(check(proven))


def test_older_events_that_a_new_erasure_names_are_looked_at(proven: AuditService, audit_db: str) -> None:
    erase(audit_db, "[[10, 20], [310, 310]]")
    report = check(proven)
    assert (report.verdict, report.tenants[0].checked_from) == (Verdict.INTACT, 300)
    assert places(report) == []
    assert report.tenants[0].erased_events == 12
    # The check before covered that erasure; the next one names an event that was then edited.
    erase(audit_db, "[[30, 40]]")
    with psycopg.connect(audit_db) as conn:
        tamper.edit_field(conn, "org", 35, "actor_id", "usr_evil")
        tamper.edit_field(conn, "org", 36, "metadata", "{}")
        tamper.edit_field(conn, "org", 15, "actor_id", "usr_evil")
    assert places(check(proven)) == [("content_mismatch", 35), ("unauthorised_erasure", 36)]


def test_a_failed_check_moves_no_beginning(proven: AuditService, audit_db: str) -> None:
    with psycopg.connect(audit_db) as conn:
        tamper.edit_field(conn, "org", 310, "actor_id", "usr_evil")
    assert check(proven).verdict is Verdict.TAMPERED
    assert check(proven).verdict is Verdict.TAMPERED
