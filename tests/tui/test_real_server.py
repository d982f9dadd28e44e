"""The screens over the real service and a real PostgreSQL, tampered with as an intruder would."""

from typing import Any, cast

import psycopg
import pytest

from audit_tui.bootstrap import open_service
from audit_tui.core.findings import Report
from audit_tui.embedded import tamper
from audit_tui.service.api import AuditService, Target, VerifyRequest
from audit_tui.tui.screens.tenants import TenantsScreen
from tests.tui.pilot import running, screen_text, shows, until

LOG = """
SELECT audit.log_event(
    'user.updated', %s, 'user', 'usr_admin', NULL, NULL, 'user', 'usr_456', NULL, NULL,
    '{"role": {"old": "member", "new": "admin"}}'
) FROM generate_series(1, %s)
"""


def _fill(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(LOG, ("org_a", 30))
        connection.execute(LOG, ("org_b", 20))


def end_connections(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _target(dsn: str) -> Target:
    return Target("incident", lambda: open_service(dsn, name="incident"))


async def test_an_edit_and_rehash_is_found_and_shown(audit_db: str) -> None:
    _fill(audit_db)
    with psycopg.connect(audit_db) as connection:
        tamper.edit_field(connection, "org_b", 8, "actor_id", "someone_else")
        tamper.rehash(connection, "org_b", 8)
    async with running(_target(audit_db)) as (app, pilot):
        await shows(pilot, "1 of 2 tenants is tampered with.")
        await shows(pilot, "Checked through")
        before = screen_text(app)
        assert "edited and rehashed at 8" in before
        await pilot.press("b")
        await shows(pilot, "is what event 9 recorded when it was logged")
        assert "✗ link" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: screen_text(app) == before)


async def test_a_cut_tail_is_seen_against_the_witness_of_the_run_before(audit_db: str) -> None:
    _fill(audit_db)
    async with running(_target(audit_db)) as (_app, pilot):
        await shows(pilot, "All 2 tenants are intact.")
    with psycopg.connect(audit_db) as connection:
        tamper.cut_tail(connection, "org_a", 21)
    async with running(_target(audit_db)) as (_app, pilot):
        await shows(pilot, "cut: 10 events gone")
        await shows(pilot, "Checked through")
        await pilot.press("b")
        await shows(pilot, "10 events are missing, 21 to 30")
        await shows(pilot, "is the hash of event 30 as it was witnessed")


@pytest.mark.parametrize("fixture", ["guide_db", "guide_min_db"])
async def test_a_guide_schema_is_verified_as_it_is(fixture: str, request: pytest.FixtureRequest) -> None:
    dsn = request.getfixturevalue(fixture)
    _fill(dsn)
    async with running(_target(dsn)) as (_app, pilot):
        await shows(pilot, "All 2 tenants are intact.")


async def test_a_server_connection_that_dies_is_offered_again(audit_db: str) -> None:
    _fill(audit_db)
    async with running(_target(audit_db)) as (app, pilot):
        await shows(pilot, "All 2 tenants are intact.")
        end_connections(audit_db)
        await pilot.press("R")
        await shows(pilot, "The connection to the database is lost.")
        await pilot.press("enter")
        await shows(pilot, "Connected again.")
        await pilot.press("R")
        await until(pilot, lambda: isinstance(app.screen, TenantsScreen))
        await shows(pilot, "All 2 tenants are intact.")


async def test_no_server_is_one_clear_line_with_a_way_on(tmp_path: object) -> None:
    dsn = f"host={tmp_path} port=1 user=analyst password=hunter2 dbname=nowhere"
    async with running(Target("nowhere", lambda: open_service(dsn))) as (app, pilot):
        await shows(pilot, "There is no connection to nowhere.")
        assert "hunter2" not in screen_text(app)
        assert "enter try again" in screen_text(app)


class LosesItsServer:
    """The real service, whose server connections all end at the first news of a check."""

    def __init__(self, dsn: str) -> None:
        self._dsn, self._service = dsn, open_service(dsn)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)

    def verify(self, request: VerifyRequest, *_rest: object) -> Report:
        return self._service.verify(request, lambda _status: end_connections(self._dsn))


async def test_a_check_whose_server_goes_away_offers_to_reconnect(audit_db: str) -> None:
    with psycopg.connect(audit_db) as connection:
        connection.execute(LOG, ("org_a", 20_000))
    opened = Target("incident", lambda: cast("AuditService", LosesItsServer(audit_db)))
    async with running(opened) as (app, pilot):
        await shows(pilot, "The connection to the database is lost.")
        await pilot.press("escape")
        await shows(pilot, "org_a")
        assert "intact" not in screen_text(app)
