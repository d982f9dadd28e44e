"""The Timeline driven by keys over a service whose only fake is the database."""

import pytest

from audit_tui.core.errors import ConnectionLostError
from audit_tui.tui.screens.resource import ResourceScreen
from audit_tui.tui.screens.timeline import TimelineScreen
from tests.builders import drop, edit, make_chain
from tests.fakes import FakeService
from tests.fakes_huge import TENANT, HugeService
from tests.tui.browsing import chain_service, sequence, settled, text, timeline
from tests.tui.pilot import SIZES, running, shows, target, until


async def test_it_opens_at_the_head_with_the_event_in_full() -> None:
    async with timeline(chain_service()) as (screen, _pilot):
        assert sequence(screen) == 320
        assert "org_a has 320 events" in text(screen)
        assert "✓ sealed: every column" in text(screen)
        assert "actor_email" in text(screen)


@pytest.mark.parametrize("size", SIZES)
async def test_it_is_usable_at_every_size(size: tuple[int, int]) -> None:
    async with timeline(chain_service(), size=size) as (screen, _pilot):
        shown = text(screen)
        assert "SEQ  TIME (UTC)" in shown
        assert "▌ ✓ 320  2024-01-14 08:01:05" in shown
        assert ("CHANGE" in shown) == (size[0] > 80)
        assert "esc back" in shown
        assert max(len(line) for line in shown.splitlines()) <= size[0]


async def test_the_keys_of_a_list_move_through_the_whole_chain() -> None:
    async with timeline(chain_service()) as (screen, pilot):
        for key, expected in (("g", 1), ("G", 320), ("home", 1), ("end", 320), ("up", 319), ("j", 320)):
            await pilot.press(key)
            await settled(pilot, screen)
            assert sequence(screen) == expected, key
        await pilot.press("g", "pagedown")
        await settled(pilot, screen)
        page = sequence(screen)
        assert page == screen.table.size.height
        await pilot.press("pagedown", "pageup")
        await settled(pilot, screen)
        assert sequence(screen) == page


async def test_a_missing_run_is_drawn_line_by_line_and_explained() -> None:
    chain = make_chain("org_a", 330)
    drop(chain, 301, 303)
    async with timeline(FakeService({"org_a": chain}), at=302) as (screen, pilot):
        for number in (301, 302, 303):
            assert f"✗ {number}  missing: no event has this sequence" in text(screen)
        await shows(pilot, "3 events missing between 300 and 304, 301 to 303.")


async def test_an_edited_event_is_marked_and_its_seal_shows_both_hashes() -> None:
    chain = make_chain("org_a", 40)
    stored = chain[11].event_hash or ""
    edit(chain, 12, actor_email="other@example.com")
    async with timeline(FakeService({"org_a": chain}), at=12) as (screen, pilot):
        assert "▌ ✗  12" in text(screen)
        await pilot.press("4")
        await settled(pilot, screen)
        assert "the columns give another hash than the stored one" in text(screen)
        assert stored[:4] + " " + stored[4:8] in text(screen)
        await pilot.press("enter")
        await shows(pilot, "Check it yourself")


async def test_enter_opens_the_event_whole_and_escape_restores() -> None:
    async with timeline(chain_service(), at=177) as (screen, pilot):
        before = text(screen)
        await pilot.press("enter")
        await shows(pilot, "previous_hash")
        assert "▌" not in text(screen)
        await pilot.press("escape")
        await until(pilot, lambda: text(screen) == before)


async def test_the_resource_opens_on_top_and_escape_restores() -> None:
    async with timeline(chain_service(), at=177) as (screen, pilot):
        await pilot.press("/", *"type:user.*", "enter")
        await settled(pilot, screen)
        await shows(pilot, "· complete")
        before = text(screen)
        await pilot.press("r")
        await until(pilot, lambda: isinstance(pilot.app.screen, ResourceScreen))
        await shows(pilot, "Change of event 177")
        await pilot.press("escape")
        await until(pilot, lambda: text(screen) == before)


async def test_findings_of_the_last_check_are_one_key_apart() -> None:
    chain = make_chain("org_a", 260)
    edit(chain, 100, actor_email="x@example.com")
    edit(chain, 240, actor_email="x@example.com")
    service = FakeService({"org_a": chain})
    async with running(target(service)) as (app, pilot):
        await until(pilot, lambda: app._session is not None and "org_a" in app.session.checks.reports)
        screen = TimelineScreen("org_a")
        await app.push_screen(screen)
        await until(pilot, lambda: screen.table.current.checked is not None)
        for key, expected in (("n", 100), ("n", 240), ("n", 100), ("N", 240)):
            await pilot.press(key)
            await until(pilot, lambda wanted=expected: sequence(screen) == wanted)
        assert "✗ org_a: edited in place at 100 (+1 more)." in text(screen)


async def test_new_events_are_read_on_demand_and_the_cursor_stays() -> None:
    service = chain_service(300)
    async with timeline(service, at=150) as (screen, pilot):
        service.chains["org_a"] = make_chain("org_a", 310)
        await pilot.press("R")
        await shows(pilot, "10 new events.")
        assert sequence(screen) == 150
        await pilot.press("G")
        await until(pilot, lambda: sequence(screen) == 310)


async def test_a_page_that_fails_is_told_and_read_again_on_the_next_move() -> None:
    service = chain_service()
    async with timeline(service) as (screen, pilot):
        service.fail_next = ConnectionLostError("the server closed the connection")
        await pilot.press("g")
        await shows(pilot, "The connection to the database is lost.")
        await pilot.press("escape", "down", "g")
        await until(pilot, lambda: screen.table.current.checked is not None)
        assert sequence(screen) == 1


async def test_the_zone_is_named_where_times_stand() -> None:
    async with timeline(chain_service(), at=1) as (screen, pilot):
        assert "2024-01-01 01:00:00.204" in text(screen)
        await pilot.press("z")
        await settled(pilot, screen)
        assert "TIME (Asia/Kolkata)" in text(screen)
        assert "2024-01-01 06:30:00.204" in text(screen)
        assert "2024-01-01 01:00:00.204+00" in text(screen)


async def test_a_huge_chain_costs_a_handful_of_pages() -> None:
    service = HugeService(10_000_000)
    async with timeline(service, TENANT) as (screen, pilot):
        for keys, expected in ((("g",), 1), (("G",), 10_000_000), (("t", *"5000000", "enter"), 5_000_000)):
            await pilot.press(*keys)
            await until(pilot, lambda wanted=expected: sequence(screen) == wanted)
            await settled(pilot, screen)
        assert "5000000" in text(screen)
        assert len(service.requests) <= 10
        assert screen.table.rows is not None
        assert screen.table.rows.pages_held <= 6  # type: ignore[attr-defined]


async def test_sequences_beyond_what_a_terminal_can_scroll_are_reached_by_keyset() -> None:
    service = HugeService(2**62, every=1)
    async with timeline(service, TENANT) as (screen, pilot):
        await until(pilot, lambda: sequence(screen) == 2**62)
        await pilot.press("g")
        await until(pilot, lambda: sequence(screen) == 1)
        await pilot.press("G")
        await until(pilot, lambda: sequence(screen) == 2**62)


async def test_help_lists_every_key_that_works_here_and_no_other() -> None:
    names = {"?": "question_mark", ":": "colon", "/": "slash"}
    async with timeline(chain_service(30)) as (screen, pilot):
        declared = {names.get(key, key) for action in screen.ACTIONS for key in action.keys}
        assert {names.get(key, key) for key in screen.active_bindings} == declared
        await pilot.press("enter")
        assert {names.get(key, key) for key in screen.active_bindings} == declared


async def test_verifying_from_here_tells_its_verdict_when_one_is_back() -> None:
    async with timeline(chain_service(30)) as (screen, pilot):
        assert "not verified yet" in text(screen)
        await pilot.press("v")
        await until(pilot, lambda: "org_a" in screen.checks.reports)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is screen)
        await shows(pilot, "✓ org_a: intact, proven through 30.")
