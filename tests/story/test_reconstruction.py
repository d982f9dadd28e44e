"""The guide's step 8 over the story: what usr_456 was on 15 January, before and after half past ten."""

import psycopg
import pytest

from audit_tui.core.jsontext import dump
from audit_tui.core.moments import parse_moment
from tests.story.conftest import Loaded

TENANT = "org_xyz789"
GUIDES_QUERY = """
    WITH user_history AS (
      SELECT timestamp, event_type, resource_after FROM audit.logs
      WHERE tenant_id = 'org_xyz789' AND resource_type = 'user' AND resource_id = 'usr_456'
        AND timestamp <= %s::timestamptz
    )
    SELECT resource_after->>'role' FROM user_history
    WHERE event_type = 'user.created' OR resource_after IS NOT NULL
    ORDER BY timestamp DESC LIMIT 1
"""


@pytest.mark.parametrize(
    ("at", "role"),
    [
        ("2024-01-15T10:00:00Z", "member"),
        ("2024-01-15T10:29:59.999Z", "member"),
        ("2024-01-15T10:30:00Z", "admin"),
        ("2024-01-15T11:00:00Z", "admin"),
    ],
)
def test_usr_456_becomes_admin_at_half_past_ten(incident: Loaded, at: str, role: str) -> None:
    found = incident.service.reconstruct(TENANT, "user", "usr_456", parse_moment(at, 0))
    assert found.exists
    assert found.complete
    assert found.conflicts == ()
    assert found.state["role"] == role


def test_the_admin_role_names_the_event_that_set_it(incident: Loaded) -> None:
    at = parse_moment("2024-01-15T11:00:00Z", 0)
    found = incident.service.reconstruct(TENANT, "user", "usr_456", at)
    by = found.provenance["/role"]
    assert (by.actor_id, by.event_type, by.sealed) == ("usr_admin123", "user.updated", True)
    assert by.timestamp.startswith("2024-01-15T10:30:00")


@pytest.mark.parametrize("at", ["2024-01-15 10:00:00+00", "2024-01-15 11:00:00+00"])
def test_the_guides_own_query_says_member_both_times(incident: Loaded, at: str) -> None:
    with psycopg.connect(incident.dsn) as conn:
        assert conn.execute(GUIDES_QUERY, (at,)).fetchone() == ("member",)


def test_usr_789_is_as_the_guide_created_it(incident: Loaded) -> None:
    at = parse_moment("2024-01-15T10:45:00Z", 0)
    found = incident.service.reconstruct(TENANT, "user", "usr_789", at)
    assert {key: dump(value) for key, value in found.state.items()} == {
        "id": '"usr_789"',
        "email": '"newuser@example.com"',
        "name": '"New User"',
        "role": '"member"',
        "created_at": '"2024-01-15T10:30:00Z"',
    }


def test_usr_789_did_not_exist_that_morning(incident: Loaded) -> None:
    at = parse_moment("2024-01-15T10:00:00Z", 0)
    assert not incident.service.reconstruct(TENANT, "user", "usr_789", at).exists


def test_the_whole_life_of_usr_456_has_no_conflict(incident: Loaded) -> None:
    found = incident.service.reconstruct(TENANT, "user", "usr_456")
    assert found.conflicts == ()
    assert found.state["groups"] == ["sales", "approvers", "auditors"]
