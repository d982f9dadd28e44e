"""Timeline and Resource over the real service and a real PostgreSQL."""

import psycopg
import pytest

from audit_tui.bootstrap import open_service
from audit_tui.embedded import tamper
from audit_tui.service.api import Target
from audit_tui.tui.screens.resource import ResourceScreen
from audit_tui.tui.screens.timeline import TimelineScreen
from tests.tui.pilot import running, screen_text, shows, until

CREATE = """
SELECT audit.log_event(
    'user.created', 'org_a', 'user', 'usr_root', NULL, NULL, 'user', 'usr_456', NULL, 'POST',
    NULL, NULL, '{"role": "member", "email": "a@example.com"}'
)
"""
LOG = """
SELECT audit.log_event(
    'user.viewed', 'org_a', 'user', 'usr_' || mod(n, 3), NULL, '203.0.113.7', 'user', 'usr_x' || n,
    NULL, 'GET'
) FROM generate_series(1, %s) n
"""
PROMOTE = """
SELECT audit.log_event(
    'user.updated', 'org_a', 'user', 'usr_admin', NULL, NULL, 'user', 'usr_456', NULL, 'PATCH',
    '{"role": {"old": "member", "new": "admin"}}'
)
"""


def _fill(dsn: str) -> None:
    """Created at 1, looked at 450 times, promoted at 452."""
    with psycopg.connect(dsn) as connection:
        connection.execute(CREATE)
        connection.execute(LOG, (450,))
        connection.execute(PROMOTE)


def _target(dsn: str) -> Target:
    return Target("incident", lambda: open_service(dsn, name="incident"), 0)


@pytest.mark.parametrize("fixture", ["audit_db", "guide_db", "guide_min_db"])
async def test_the_whole_chain_can_be_walked_filtered_and_left(
    fixture: str, request: pytest.FixtureRequest
) -> None:
    dsn = request.getfixturevalue(fixture)
    _fill(dsn)
    async with running(_target(dsn), size=(120, 34)) as (app, pilot):
        await shows(pilot, "TENANT")
        screen = TimelineScreen("org_a")
        await app.push_screen(screen)
        await until(pilot, lambda: screen.table.current.checked is not None)
        assert screen.table.current.sequence == 452
        await shows(pilot, "role: member → admin")
        await pilot.press("t", *"200", "enter")
        await until(pilot, lambda: screen.table.current.sequence == 200)
        await until(pilot, lambda: screen.table.current.checked is not None)
        assert "✗" not in screen_text(app)
        await pilot.press("/", *"type:user.viewed actor:usr_1", "enter")
        await shows(pilot, "150 of 452 events · complete")
        await until(pilot, lambda: screen.table.current.checked is not None)
        assert screen.table.current.sequence == 200
        await pilot.press("/", *" ip:198.51.100.0/24", "enter")
        await shows(pilot, "150 events match without ip:198.51.100.0/24: press u to drop it.")


async def test_what_an_intruder_did_stands_beside_the_line(audit_db: str) -> None:
    _fill(audit_db)
    with psycopg.connect(audit_db) as connection:
        tamper.drop_rows(connection, "org_a", 210, 212)
        tamper.edit_field(connection, "org_a", 220, "user_agent", "curl")
    async with running(_target(audit_db), size=(120, 34)) as (app, pilot):
        await shows(pilot, "TENANT")
        screen = TimelineScreen("org_a", at_sequence=211)
        await app.push_screen(screen)
        await shows(pilot, "3 events missing between 209 and 213, 210 to 212.")
        await shows(pilot, "✗ 211  missing: no event has this sequence")
        await pilot.press("t", *"220", "enter", "4")
        await shows(pilot, "the columns give another hash than the stored one")


async def test_a_resource_is_shown_as_it_was_before_and_after_its_change(audit_db: str) -> None:
    _fill(audit_db)
    async with running(_target(audit_db), size=(120, 34)) as (app, pilot):
        await shows(pilot, "TENANT")
        screen = ResourceScreen("org_a", "user", "usr_456")
        await app.push_screen(screen)
        await until(pilot, lambda: screen.life.state is not None)
        await shows(pilot, '"admin"')
        await shows(pilot, "usr_admin")
        await pilot.press("N")
        await shows(pilot, "(event 1)")
        await shows(pilot, '"member"')
        assert '"admin"' not in screen_text(app)
        await pilot.press("t", *"1999-01-01", "enter")
        await shows(pilot, "The log holds no event of user/usr_456 up to then.")
