"""A check that does not reach the end never says more than it proved."""

from collections.abc import Callable

import psycopg
import pytest

from audit_tui.core.errors import ConnectionLostError, UnknownTenantError
from audit_tui.core.findings import SegmentState, Verdict, VerifyStatus
from audit_tui.embedded import tamper
from audit_tui.service.api import AuditService, PageRequest, VerifyRequest
from audit_tui.service.live.chains import RANGE_EVENTS
from tests.service.conftest import log_events

Open = Callable[[str], AuditService]


def kill_others(dsn: str) -> bool:
    """Ends every other connection to the database; false, as a cancel flag that is not set."""
    with psycopg.connect(dsn) as conn:
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    return False


class AtLook:
    """A cancel flag that acts when it is looked at for the n-th time: no clock decides."""

    def __init__(self, look: int, action: Callable[[], bool]) -> None:
        self._left, self._action = look, action

    def is_set(self) -> bool:
        self._left -= 1
        return self._left == 0 and self._action()


def test_a_server_that_goes_away_leaves_it_undecided(audit_db: str, open_service: Open) -> None:
    log_events(audit_db, "org_a", 2000)
    log_events(audit_db, "org_b", 30_000)

    request = VerifyRequest(patience_seconds=0)
    report = open_service(audit_db).verify(request, cancel=AtLook(60, lambda: kill_others(audit_db)))
    first, second = report.tenants
    assert report.verdict is Verdict.INCONCLUSIVE
    assert (first.tenant_id, first.verdict) == ("org_a", Verdict.INTACT)
    assert second.verdict is Verdict.INCONCLUSIVE
    assert 0 < (second.last_sequence or 0) < 30_000
    assert open_service(audit_db).list_witnesses() == ()


def test_a_cancelled_check_says_through_where_it_came(audit_db: str, open_service: Open) -> None:
    log_events(audit_db, "org", 5000)
    report = open_service(audit_db).verify(VerifyRequest(), cancel=AtLook(3, lambda: True))
    (tenant,) = report.tenants
    assert report.verdict is Verdict.INCONCLUSIVE
    assert 0 < tenant.events < 5000
    assert f"through sequence {tenant.last_sequence}" in tenant.claim


def test_browsing_goes_on_after_a_reconnect(audit_db: str, open_service: Open) -> None:
    log_events(audit_db, "org", 10)
    service = open_service(audit_db)
    kill_others(audit_db)
    with pytest.raises(ConnectionLostError):
        service.list_tenants()
    service.reconnect()
    assert len(service.list_events(PageRequest("org", 1)).events) == 10


def test_an_unknown_tenant_is_refused_before_any_check(audit_db: str, open_service: Open) -> None:
    log_events(audit_db, "org_xyz", 3)
    service = open_service(audit_db)
    with pytest.raises(UnknownTenantError):
        service.verify(VerifyRequest(tenants=("org_xya",)))
    with pytest.raises(UnknownTenantError, match="org_xyz"):
        service.get_tenant("org_xya")


def test_events_logged_during_a_check_are_outside_it(audit_db: str, open_service: Open) -> None:
    log_events(audit_db, "org", 3000)
    seen: list[VerifyStatus] = []

    def log_more(status: VerifyStatus) -> None:
        if not seen:
            log_events(audit_db, "org", 50)
        seen.append(status)

    report = open_service(audit_db).verify(VerifyRequest(), log_more)
    assert report.verdict is Verdict.INTACT
    assert report.tenants[0].last_sequence in (3000, 3050)
    assert {s.state for s in seen[0].segments} <= {SegmentState.WAITING, SegmentState.PROVEN}


def test_a_stopped_check_goes_on_where_it_stopped(audit_db: str, open_service: Open) -> None:
    log_events(audit_db, "org", 30_000)
    service = open_service(audit_db)
    stopped = service.verify(VerifyRequest(("org",)), cancel=AtLook(100, lambda: True)).tenants[0]
    assert RANGE_EVENTS < (stopped.last_sequence or 0) < 30_000
    log_events(audit_db, "org", 5)
    seen: list[VerifyStatus] = []
    report = service.verify(VerifyRequest(("org",), go_on=True), seen.append)
    (tenant,) = report.tenants
    assert report.verdict is Verdict.INTACT
    assert (tenant.events, tenant.last_sequence) == (30_000, 30_000), "later events stay outside"
    assert seen[0].events_done >= RANGE_EVENTS, "ranges that were proven are not read again"
    assert all(status.rate >= 0 for status in seen)
    assert "the check was stopped, and the rest was read in a later snapshot" in report.claim
    assert service.list_witnesses()[0].sequence == 30_000


def test_going_on_finds_what_the_first_half_found_and_more(audit_db: str, open_service: Open) -> None:
    log_events(audit_db, "org", 30_000)
    with psycopg.connect(audit_db, autocommit=True) as conn:
        tamper.edit_field(conn, "org", 5, "actor_id", "other")
        tamper.edit_field(conn, "org", 29_000, "actor_id", "other")
    service = open_service(audit_db)
    first = service.verify(VerifyRequest(("org",)), cancel=AtLook(20, lambda: True)).tenants[0]
    assert [finding.first_sequence for finding in first.findings] == [5]
    whole = service.verify(VerifyRequest(("org",), go_on=True)).tenants[0]
    assert [finding.first_sequence for finding in whole.findings] == [5, 29_000]


def test_there_is_nothing_to_go_on_with_after_a_whole_check_or_for_others(
    audit_db: str, open_service: Open
) -> None:
    log_events(audit_db, "org_a", 3000)
    log_events(audit_db, "org_b", 30)
    service = open_service(audit_db)
    service.verify(VerifyRequest(("org_a",)), cancel=AtLook(3, lambda: True))
    other = service.verify(VerifyRequest(("org_b",), go_on=True))
    assert other.tenants[0].verdict is Verdict.INTACT
    again = service.verify(VerifyRequest(("org_a",), go_on=True))
    assert again.tenants[0].events == 3000
    assert "stopped" not in again.claim
