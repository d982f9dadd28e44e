"""Pages, filters, keys and resources on a real server."""

from collections.abc import Callable

import psycopg
import pytest

from audit_tui.core.clock import microseconds
from audit_tui.core.errors import UnknownEventError, UsageError
from audit_tui.core.filters import EventFilter
from audit_tui.core.model import State
from audit_tui.embedded import tamper
from audit_tui.service.api import AuditService, Direction, PageRequest
from tests.service.conftest import log_events

Open = Callable[[str], AuditService]


@pytest.fixture
def service(audit_db: str, open_service: Open) -> AuditService:
    log_events(audit_db, "org", 100)
    log_events(audit_db, "org_other", 10)
    return open_service(audit_db)


def sequences(service: AuditService, request: PageRequest) -> list[int | None]:
    return [checked.event.sequence_number for checked in service.list_events(request).events]


def test_pages_go_both_ways_by_keyset(service: AuditService) -> None:
    forward = service.list_events(PageRequest("org", 41, 20))
    backward = service.list_events(PageRequest("org", 40, 20, Direction.BACKWARD))
    assert [c.event.sequence_number for c in forward.events] == list(range(41, 61))
    assert [c.event.sequence_number for c in backward.events] == list(range(21, 41))
    assert (forward.more, backward.more) == (True, True)
    assert not service.list_events(PageRequest("org", 81, 20)).more
    assert not service.list_events(PageRequest("org", 20, 20, Direction.BACKWARD)).more


def test_every_event_shown_is_checked(service: AuditService, audit_db: str) -> None:
    with psycopg.connect(audit_db) as conn:
        tamper.edit_field(conn, "org", 50, "actor_id", "usr_x")
        tamper.edit_field(conn, "org", 60, "actor_id", "usr_x")
        tamper.rehash(conn, "org", 60)
    checks = {
        c.event.sequence_number: c.check for c in service.list_events(PageRequest("org", 45, 20)).events
    }
    assert {s for s, c in checks.items() if c.content is State.FAILED} == {50}
    assert {s for s, c in checks.items() if c.link is State.FAILED} == {61}
    assert checks[45].link is State.OK


@pytest.mark.parametrize(
    ("event_filter", "expected"),
    [
        (EventFilter(event_type="auth.*"), list(range(10, 101, 10))),
        (EventFilter(actor="usr_1"), [n for n in range(1, 101) if n % 3 == 1]),
        (EventFilter(actor="a1@*"), [n for n in range(1, 101) if n % 3 == 1]),
        (EventFilter(actor="usr%"), []),
        (EventFilter(resource_type="user", resource_id="usr_2"), [n for n in range(1, 101) if n % 7 == 2]),
        (EventFilter(ip="203.0.113.42"), [42]),
        (EventFilter(ip="203.0.113.0/30"), [1, 2, 3]),
        (EventFilter(text="R77"), [77, 78]),
        (EventFilter(text="'; DROP TABLE audit.logs; --"), []),
    ],
)
def test_filters_narrow(service: AuditService, event_filter: EventFilter, expected: list[int]) -> None:
    assert sequences(service, PageRequest("org", 1, 200, filter=event_filter)) == expected
    assert service.count_events("org", event_filter).matched == len(expected)
    streamed = list(service.stream_events("org", event_filter))
    assert [c.event.sequence_number for c in streamed] == expected
    assert {c.check.link for c in streamed} <= {State.OK}


def test_a_count_beyond_its_limit_says_so(service: AuditService) -> None:
    found = service.count_events("org", EventFilter(), limit=30)
    assert (found.matched, found.complete) == (30, False)


def test_times_narrow_and_find(service: AuditService) -> None:
    at = microseconds(service.get_event("org", "30").event.timestamp)
    assert at is not None
    assert service.find_sequence_at("org", at) in range(1, 31)
    assert service.find_sequence_at("org", at + 10**15) is None
    assert 30 in sequences(service, PageRequest("org", 1, 200, filter=EventFilter(since_us=at)))
    assert 30 not in sequences(service, PageRequest("org", 1, 200, filter=EventFilter(until_us=at)))


def test_events_by_key(service: AuditService) -> None:
    by_sequence = service.get_event("org", "7")
    assert service.get_event(None, by_sequence.event.event_id or "") == by_sequence
    for key in ("101", "evt_nothing", "0"):
        with pytest.raises(UnknownEventError):
            service.get_event("org", key)
    with pytest.raises(UsageError):
        service.get_event("org", str(2**63))


def test_neighbours_of_a_gap_are_those_that_are_left(service: AuditService, audit_db: str) -> None:
    with psycopg.connect(audit_db) as conn:
        tamper.drop_rows(conn, "org", 30, 32)
    found = service.list_neighbours("org", 30)
    assert [c.event.sequence_number for c in found] == [28, 29, 33]


def test_a_resource_has_its_own_history(service: AuditService) -> None:
    history = service.list_resource_events("org", "user", "usr_3", limit=5)
    assert [c.event.sequence_number for c in history.events] == [66, 73, 80, 87, 94]
    assert history.more
    earlier = service.list_resource_events("org", "user", "usr_3", before=66)
    assert [c.event.sequence_number for c in earlier.events] == list(range(3, 66, 7))
    assert not earlier.more


def test_a_state_is_folded_from_its_events_alone(service: AuditService) -> None:
    assert service.reconstruct("org", "user", "usr_3").state == {"role": "r94"}
    assert service.reconstruct("org", "user", "usr_3", through=80).state == {"role": "r80"}
    assert not service.reconstruct("org", "user", "usr_nobody").exists


def test_tenants_come_with_their_activity(service: AuditService) -> None:
    found = {t.tenant_id: t for t in service.list_tenants()}
    assert {name: t.events for name, t in found.items()} == {"org": 100, "org_other": 10}
    assert sum(found["org"].activity or ()) == 100


def test_a_guide_schema_is_counted_while_it_is_small(guide_db: str, open_service: Open) -> None:
    log_events(guide_db, "org", 40)
    (tenant,) = open_service(guide_db).list_tenants()
    assert sum(tenant.activity or ()) == 40


def test_browsing_writes_nothing(service: AuditService, audit_db: str) -> None:
    def written() -> tuple[object, ...]:
        with psycopg.connect(audit_db) as conn:
            conn.execute(
                "SELECT pg_stat_force_next_flush()" if conn.info.server_version >= 150000 else "SELECT 1"
            )
            row = conn.execute(
                "SELECT tup_inserted, tup_updated, tup_deleted FROM pg_stat_database"
                " WHERE datname = current_database()"
            ).fetchone()
            return tuple(row or ())

    before = written()
    service.list_tenants()
    service.list_events(PageRequest("org", 1))
    service.list_resource_events("org", "user", "usr_3")
    service.reconstruct("org", "user", "usr_3")
    list(service.stream_events("org", EventFilter()))
    assert written() == before
