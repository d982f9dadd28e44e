"""The script alone: the same events every time, in the past, consistent in themselves."""

import re
from datetime import UTC, datetime

import pytest

from audit_tui.embedded.story import scenes
from audit_tui.embedded.story.erasure import footprint
from audit_tui.embedded.story.events import StoryEvent
from audit_tui.embedded.story.script import GUIDE_PLANS, PLANS, Plan, event_number, tell

EVERY = pytest.mark.parametrize("plan", PLANS + GUIDE_PLANS, ids=lambda plan: plan.tenant_id)


def _plan(tenant_id: str) -> Plan:
    return next(plan for plan in PLANS if plan.tenant_id == tenant_id)


def _at(tenant_id: str, sequence: int) -> StoryEvent:
    return tell(_plan(tenant_id))[event_number(sequence) - 1]


@EVERY
def test_a_tenant_is_told_the_same_every_time(plan: Plan) -> None:
    assert tell(plan) == tell(plan)
    assert len(tell(plan)) == plan.events


@EVERY
def test_times_ascend_and_lie_in_the_fourteen_months(plan: Plan) -> None:
    times = [event.timestamp for event in tell(plan)]
    assert times == sorted(times)
    assert times[0] >= "2023-11-01T08:00:00.000Z"
    assert times[-1] <= "2024-12-31T17:00:00.000Z"
    assert datetime.fromisoformat(times[-1]) < datetime.now(UTC)


@EVERY
def test_ids_fit_the_column_and_differ(plan: Plan) -> None:
    ids = [event.event_id for event in tell(plan)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"evt_[a-zA-Z0-9]{1,46}", one) for one in ids)


def test_ids_of_different_tenants_differ() -> None:
    ids = [event.event_id for plan in PLANS for event in tell(plan)]
    assert len(set(ids)) == len(ids)


@EVERY
def test_every_change_starts_from_what_the_history_left(plan: Plan) -> None:
    state: dict[tuple[str, str], object] = {}
    for event in tell(plan):
        key = (event.resource_type, event.resource_id)
        if event.resource_before is not None:
            assert event.resource_before == state[key], event.event_id
        if event.changes is not None:
            state[key] = _applied(state[key], event.changes)
        if event.resource_after is not None:
            assert event.changes is None or state[key] == event.resource_after, event.event_id
            state[key] = event.resource_after


def _applied(value: object, changes: dict[str, dict[str, object]]) -> dict[str, object]:
    assert isinstance(value, dict)
    after = dict(value)
    for key, change in changes.items():
        if set(change) == {"old", "new"}:
            assert after.get(key) == change["old"]
            after[key] = change["new"]
        else:
            after[key] = _applied(after[key], change)  # type: ignore[arg-type] # nested changes
    return after


def test_the_story_holds_every_kind_of_event_it_promises() -> None:
    types = {event.event_type for plan in PLANS for event in tell(plan)}
    assert types >= {
        "user.created", "user.updated", "user.viewed", "user.deleted", "role.updated", "invoice.paid",
        "invoice.viewed", "order.created", "order.shipped", "feature_flag.updated", "api_key.created",
        "api_key.revoked", "auth.login", "auth.login_failed", "customers.exported", "report.exported",
        "document.deleted", "payment_methods.viewed",
    }  # fmt: skip


def test_an_order_nests_items_with_tags() -> None:
    order = next(event for event in tell(PLANS[0]) if event.event_type == "order.created")
    first = order.resource_after["items"][0]
    assert {"id", "price", "tags"} <= set(first)
    assert isinstance(first["tags"], list)


def test_an_impersonation_names_who_really_acted() -> None:
    acts = [event for plan in PLANS for event in tell(plan) if "act" in (event.metadata or {})]
    assert acts
    assert all(event.metadata["act"]["sub"] != event.actor_id for event in acts)


def test_the_guides_examples_stand_as_the_guide_has_them() -> None:
    events = {event.request_id: event for event in tell(_plan("org_xyz789"))}
    updated, created, viewed = (events[f"req_{name}"] for name in ("abc123", "def456", "ghi789"))
    assert updated.timestamp == "2024-01-15T10:30:00.000Z"
    assert updated.changes == {"role": {"old": "member", "new": "admin"}}
    assert updated.resource_before is updated.resource_after is None
    assert created.resource_after["created_at"] == "2024-01-15T10:30:00Z"
    assert created.endpoint == "/v1/orgs/org_xyz789/users"
    assert viewed.endpoint == "/v1/orgs/org_xyz789/users/usr_456?include=payment_methods"
    assert viewed.metadata == {"included_relations": ["payment_methods"], "payment_method_count": 2}
    for event in (updated, created, viewed):
        assert (event.actor_id, event.actor_email) == ("usr_admin123", "admin@example.com")
        assert event.actor_ip_address == "192.168.1.100"
        assert event.session_id is event.user_agent is None


def test_a_burst_of_failures_from_one_address_comes_before_the_admins_login() -> None:
    night = [e for e in tell(_plan("org_xyz789")) if e.actor_ip_address == "203.0.113.77"]
    assert [event.event_type for event in night[:19]] == ["auth.login_failed"] * 18 + ["auth.login"]
    after = [event.event_type for event in night[19:]]
    assert after[:2] == ["user.updated", "customers.exported"]
    assert after.count("document.deleted") == 3


@pytest.mark.parametrize(
    ("tenant_id", "sequence", "event_type"),
    [
        ("org_acme", 812, "organisation.updated"),
        ("org_borealis", 455, "user.updated"),
        ("org_cobalt", 301, "customers.exported"),
        ("org_cobalt", 303, "api_key.deleted"),
        ("org_delta", 991, "auth.login_failed"),
    ],
)
def test_what_is_tampered_with_is_the_strangers_work(tenant_id: str, sequence: int, event_type: str) -> None:
    event = _at(tenant_id, sequence)
    assert (event.event_type, event.actor_ip_address) == (event_type, "203.0.113.77")


def test_the_footprint_of_ines_is_fourteen_events_and_no_others() -> None:
    events = tell(_plan("org_zenith"))
    found = footprint(events)
    assert len(found) == 14 == len(scenes.LIFE_OF_INES)
    rest = [repr(event).lower() for number, event in enumerate(events, 1) if number not in found]
    assert not [text for text in rest if "marchetti" in text or "ines.m" in text or "usr_zen41" in text]
