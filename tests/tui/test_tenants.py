"""The Tenants screen: verdicts arrive in place, the first broken tenant is under the cursor."""

import threading

import pytest

from audit_tui.core.errors import ConnectionLostError, PermissionMissingError
from audit_tui.service.api import Target
from audit_tui.tui.screens.link import LinkScreen
from audit_tui.tui.screens.tenants import TenantsScreen
from audit_tui.tui.widgets.rows import Rows
from tests.builders import make_chain
from tests.fakes import FakeService
from tests.tui.pilot import SIZES, running, screen_text, shows, target, until
from tests.tui.stories import clean_service, tampered_service


def _row(text: str, name: str) -> str:
    return next(line for line in text.splitlines() if name in line)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_verdicts_stand_at_every_size(size: tuple[int, int]) -> None:
    async with running(target(tampered_service()), size=size) as (app, pilot):
        await shows(pilot, "5 of 6 tenants are tampered with.")
        text = screen_text(app)
        assert "edited in place at 12" in _row(text, "✗ org_acme")
        assert "edited and rehashed at 15" in _row(text, "✗ org_borealis")
        assert "3 events missing, 21 to 23" in _row(text, "✗ org_cobalt")
        assert "cut: 5 events gone" in _row(text, "✗ org_delta")
        assert "removed: 17 events gone" in _row(text, "✗ org_gone")
        assert "intact, proven through 30" in _row(text, "✓ org_xyz789")
        assert all(len(line) <= size[0] for line in text.splitlines())
        assert ("60 DAYS" in text) is (size[0] >= 112)


async def test_a_healthy_log_says_so_in_one_line() -> None:
    async with running(target(clean_service(3))) as (_app, pilot):
        await shows(pilot, "✓ All 3 tenants are intact.")


async def test_verdicts_arrive_without_moving_a_row() -> None:
    service = tampered_service()
    service.gate = threading.Event()
    try:
        async with running(target(service)) as (app, pilot):
            await shows(pilot, "edited in place at 12")
            names = ["org_acme", "org_borealis", "org_cobalt", "org_delta", "org_gone", "org_xyz789"]
            places = {n: screen_text(app).splitlines().index(_row(screen_text(app), n)) for n in names}
            assert "waiting to be checked" in _row(screen_text(app), "org_cobalt")
            assert "so far" in screen_text(app)
            service.gate.set()
            await shows(pilot, "Checked through")
            assert places == {
                n: screen_text(app).splitlines().index(_row(screen_text(app), n)) for n in names
            }
    finally:
        service.gate.set()


async def test_the_witness_speaks_before_anything_is_checked() -> None:
    service = tampered_service()
    async with running(target(service, auto_verify_below=0)) as (app, pilot):
        await shows(pilot, "cut: 5 events gone")
        assert "verify" not in service.calls
        assert "2 of 6 tenants are tampered with." in screen_text(app)
        assert "not verified yet" in _row(screen_text(app), "org_acme")


async def test_the_first_broken_tenant_is_selected_unless_a_key_was_pressed() -> None:
    async with running(target(tampered_service())) as (app, pilot):
        await shows(pilot, "Checked through")
        assert "▌ ✗ org_acme" in screen_text(app)
    quiet = {"org_a": make_chain("org_a", 3), **tampered_service().chains}
    service = FakeService(quiet)
    service.gate = threading.Event()
    try:
        async with running(target(service)) as (app, pilot):
            await shows(pilot, "org_a ")
            await pilot.press("j", "j", "j")
            service.gate.set()
            await shows(pilot, "Checked through")
            assert "▌ ✗ org_cobalt" in screen_text(app)
    finally:
        service.gate.set()


async def test_b_opens_the_broken_link_and_esc_restores_the_row() -> None:
    async with running(target(tampered_service())) as (app, pilot):
        await shows(pilot, "Checked through")
        await pilot.press("j", "j")
        before = screen_text(app)
        await pilot.press("b")
        await shows(pilot, "3 events are missing, 21 to 23")
        assert isinstance(app.screen, LinkScreen)
        await pilot.press("escape")
        await until(pilot, lambda: screen_text(app) == before)


async def test_b_on_an_intact_tenant_goes_to_the_next_broken_one() -> None:
    async with running(target(tampered_service())) as (app, pilot):
        await shows(pilot, "Checked through")
        await pilot.press("G", "b")
        await shows(pilot, "org_acme ▸ Verify ▸ link 12")
        assert isinstance(app.screen, LinkScreen)


async def test_n_and_capital_n_go_round_the_tenants_that_are_not_intact() -> None:
    service = FakeService({"org_a": make_chain("org_a", 3), **tampered_service().chains})
    async with running(target(service)) as (app, pilot):
        await shows(pilot, "Checked through")
        seen = []
        for key in ("n", "n", "n", "N"):
            await pilot.press(key)
            seen.append(next(ln.split()[2] for ln in screen_text(app).splitlines() if "▌" in ln))
        assert seen == ["org_borealis", "org_cobalt", "org_acme", "org_cobalt"]


async def test_a_filter_narrows_and_esc_drops_it() -> None:
    async with running(target(tampered_service())) as (app, pilot):
        await shows(pilot, "Checked through")
        await pilot.press("/", *"CO")
        await until(pilot, lambda: "org_acme" not in screen_text(app))
        assert "org_cobalt" in screen_text(app)
        await pilot.press(*"xx")
        await shows(pilot, "No tenant's name holds `COxx`.")
        await pilot.press("escape")
        await shows(pilot, "org_acme")
        assert "/" not in screen_text(app).splitlines()[2]


async def test_esc_stops_a_check_and_what_was_proven_stays() -> None:
    service = tampered_service()
    service.gate = threading.Event()
    try:
        async with running(target(service)) as (app, pilot):
            await shows(pilot, "edited in place at 12")
            await pilot.press("escape")
            await shows(pilot, "Stopping; what is proven stays.")
            service.gate.set()
            await until(pilot, lambda: not app.session.checks.is_running)
            await shows(pilot, "inconclusive: stopped before the head")
            assert "edited in place at 12" in screen_text(app)
            assert "intact" not in screen_text(app)
    finally:
        service.gate.set()


async def test_many_tenants_open_with_one_call_and_the_last_is_one_key_away() -> None:
    service = clean_service(1500)
    async with running(target(service, auto_verify_below=0), size=(80, 24)) as (app, pilot):
        await shows(pilot, "org_0000")
        assert service.calls.count("list_tenants") == 1
        await pilot.press("G")
        await shows(pilot, "org_1499")
        assert app.screen.query_one(Rows).cursor == 1499


async def test_an_empty_log_has_a_next_step() -> None:
    async with running(target(FakeService({}))) as (_app, pilot):
        await shows(pilot, "The log holds no events yet.  R reads it again")


async def test_a_missing_right_is_told_with_its_remedy() -> None:
    service = clean_service()
    service.fail_next = PermissionMissingError("no right to read audit.logs", "GRANT audit_reader TO analyst")
    async with running(target(service)) as (app, pilot):
        await shows(pilot, "no right to read audit.logs")
        assert "GRANT audit_reader TO analyst" in screen_text(app)
        await pilot.press("R")
        await shows(pilot, "All 2 tenants are intact.")


async def test_a_lost_server_leaves_the_screen_readable_and_offers_to_reconnect() -> None:
    service = clean_service()
    async with running(target(service)) as (_app, pilot):
        await shows(pilot, "All 2 tenants are intact.")
        service.fail_next = ConnectionLostError("the server closed the connection")
        await pilot.press("v")
        await shows(pilot, "The connection to the database is lost.")
        await pilot.press("escape")
        await shows(pilot, "org_0000 ▸ Verify")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "reconnect" in service.calls)
        await shows(pilot, "Connected again.")


async def test_a_check_that_is_cut_off_proves_nothing() -> None:
    service = clean_service()
    async with running(target(service, auto_verify_below=0)) as (app, pilot):
        await shows(pilot, "not verified yet")
        service.fail_next = ConnectionLostError("the server closed the connection")
        await pilot.press("V")
        await shows(pilot, "The connection to the database is lost.")
        await pilot.press("enter")
        await until(pilot, lambda: "reconnect" in service.calls)
        await until(pilot, lambda: isinstance(app.screen, TenantsScreen))
        assert "intact" not in screen_text(app)
        await pilot.press("V")
        await shows(pilot, "All 2 tenants are intact.")


async def test_switching_the_zone_names_it_and_converts_every_time() -> None:
    service = FakeService({"org_a": make_chain("org_a", 1)})
    async with running(target(service)) as (app, pilot):
        await shows(pilot, "2024-01-01 01:00:00")
        assert "UTC 17:41:07" in screen_text(app)
        await pilot.press("z")
        await shows(pilot, "2024-01-01 06:30:00")
        assert "Asia/Kolkata 23:11:07" in screen_text(app)
        await pilot.press("z")
        await shows(pilot, "2024-01-01 01:00:00")


async def test_a_failing_connection_says_why_and_tries_again() -> None:
    attempts = []

    def open_service() -> FakeService:
        attempts.append(1)
        if len(attempts) == 1:
            raise PermissionMissingError("wrong password for analyst@db.example:5432", "check ~/.pgpass")
        return clean_service()

    async with running(Target("incident-prod", open_service)) as (app, pilot):
        await shows(pilot, "There is no connection to incident-prod.")
        assert "Wrong password for analyst" in screen_text(app)
        assert "Check ~/.pgpass" in screen_text(app)
        await pilot.press("r")
        await shows(pilot, "All 2 tenants are intact.")


async def test_a_list_that_cannot_be_read_again_keeps_what_was_read_and_proven() -> None:
    service = tampered_service()
    async with running(target(service)) as (app, pilot):
        await shows(pilot, "Checked through")
        service.fail_next = PermissionMissingError("no right to read audit.logs")
        await pilot.press("R")
        await shows(pilot, "no right to read audit.logs")
        assert "5 of 6 tenants are tampered with." in screen_text(app)
        assert "edited in place at 12" in screen_text(app)


async def test_the_mouse_selects_a_row_opens_it_and_presses_the_footer() -> None:
    async with running(target(tampered_service())) as (app, pilot):
        await shows(pilot, "Checked through")
        await pilot.click(Rows, offset=(10, 2))
        await until(pilot, lambda: "▌ ✗ org_cobalt" in screen_text(app))
        footer = screen_text(app).splitlines()[-1]
        await pilot.click("#footer", offset=(footer.index("broken link"), 0))
        await shows(pilot, "3 events are missing, 21 to 23")
        await pilot.press("escape")
        await pilot.click(Rows, offset=(10, 2))
        await shows(pilot, "org_cobalt ▸ Timeline")
