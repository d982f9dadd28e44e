"""The Resource screen driven by keys: what one resource was at any moment, and who made it so."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot

from audit_tui.core.model import Event
from audit_tui.tui.app import AuditApp
from audit_tui.tui.screens.resource import ResourceScreen
from audit_tui.tui.screens.timeline import TimelineScreen
from tests.builders import edit, make_event, seal_chain
from tests.fakes import FakeService
from tests.tui.pilot import SIZES, running, screen_text, shows, target, until

CREATED = '{"role": "member", "email": "a@example.com", "settings": {"theme": "light"}}'


def life(*changes: dict[str, object]) -> list[Event]:
    """A chain of which every third event is of user/usr_456, made of these columns in turn."""
    events: list[Event] = []
    for number, columns in enumerate(changes):
        events.append(make_event("org_a", 3 * number + 1))
        events.append(make_event("org_a", 3 * number + 2))
        told: dict[str, object] = {"event_type": "user.updated", "resource_id": "usr_456", "changes": None}
        events.append(make_event("org_a", 3 * number + 3, **(told | columns)))
    return seal_chain(events)


USUAL = (
    {"event_type": "user.created", "resource_after": CREATED, "actor_id": "usr_root"},
    {"changes": '{"settings": {"theme": {"old": "light", "new": "dark"}}}', "actor_id": "usr_456"},
    {"changes": '{"role": {"old": "member", "new": "admin"}}', "actor_id": "usr_admin"},
)


@asynccontextmanager
async def resource(
    events: Sequence[Event], at: int | None = None, size: tuple[int, int] = (120, 34)
) -> AsyncIterator[tuple[ResourceScreen, Pilot[Any]]]:
    service = FakeService({"org_a": events})
    async with running(target(service, auto_verify_below=0), size=size) as (app, pilot):
        await shows(pilot, "TENANT")
        screen = ResourceScreen("org_a", "user", "usr_456", at)
        await app.push_screen(screen)
        await until(pilot, lambda: screen.life.state is not None)
        await pilot.pause()
        yield screen, pilot


def text(screen: ResourceScreen) -> str:
    app = screen.app
    assert isinstance(app, AuditApp)
    return screen_text(app)


def line_of(screen: ResourceScreen, word: str) -> str:
    """The line of the state that begins with a word."""
    return next(line for line in text(screen).splitlines() if line.strip().startswith(word))


async def test_the_newest_state_names_who_set_each_value() -> None:
    async with resource(life(*USUAL)) as (screen, _pilot):
        role = line_of(screen, "role ")
        assert '"admin"' in role
        assert '← "member"' in role
        assert "usr_admin" in role
        assert "✓ sealed" in role
        assert "usr_root" in line_of(screen, "email ")
        assert "AS OF" not in text(screen)


@pytest.mark.parametrize("size", SIZES)
async def test_it_is_usable_at_every_size(size: tuple[int, int]) -> None:
    async with resource(life(*USUAL), size=size) as (screen, _pilot):
        shown = text(screen)
        assert '"admin"' in shown
        assert "◆" in shown
        assert "Change of event 9" in shown
        assert "State after event 9" in shown
        assert "esc back" in shown
        assert max(len(line) for line in shown.splitlines()) <= size[0]


async def test_left_and_right_walk_through_its_life_with_a_banner_for_the_past() -> None:
    async with resource(life(*USUAL)) as (screen, pilot):
        await pilot.press("left")
        await until(pilot, lambda: screen.life.state is not None)
        await shows(pilot, "AS OF 2024-01-01 06:00:01.224 UTC (event 6)")
        assert '"member"' in line_of(screen, "role ")
        assert '"dark"' in line_of(screen, "theme ")
        assert "1 later event not in it." in text(screen)
        await pilot.press("g")
        await until(pilot, lambda: screen.life.state is not None and screen.life.place.index == 0)
        await shows(pilot, "State after event 3")
        assert '"light"' in line_of(screen, "theme ")
        await pilot.press("left")
        assert screen.life.place.index == 0
        await pilot.press("G")
        await until(pilot, lambda: screen.life.place.index == 2 and screen.life.state is not None)
        assert "AS OF" not in text(screen)


async def test_a_typed_moment_is_echoed_in_utc_and_shown_as_a_banner() -> None:
    async with resource(life(*USUAL)) as (screen, pilot):
        await pilot.press("z", "t", *"2024-01-01 13:00")
        await shows(pilot, "the state at 2024-01-01 07:30:00.000000 UTC")
        await pilot.press("enter")
        await shows(pilot, "AS OF 2024-01-01 13:00:00 Asia/Kolkata (event 6)")
        await until(pilot, lambda: screen.life.state is not None)
        await pilot.pause()
        assert '"member"' in line_of(screen, "role ")


async def test_a_moment_before_its_first_event_shows_that_it_was_not_there() -> None:
    async with resource(life(*USUAL)) as (screen, pilot):
        await pilot.press("t", *"2020-01-01", "enter")
        await shows(pilot, "The log holds no event of user/usr_456 up to then.")
        await shows(pilot, "the log holds no earlier event of it")
        assert "before the events listed" in text(screen)


async def test_a_moment_that_can_not_be_read_is_told_and_nothing_is_lost() -> None:
    async with resource(life(*USUAL)) as (screen, pilot):
        before = text(screen)
        await pilot.press("t", *"2024-02-30", "enter")
        await shows(pilot, "is not a date")
        assert "2024-02-30" in text(screen)
        await pilot.press("escape")
        await until(pilot, lambda: text(screen) == before)


async def test_a_deleted_resource_says_by_which_event_and_when() -> None:
    gone = {"event_type": "user.deleted", "resource_before": CREATED, "resource_after": "null"}
    async with resource(life(*USUAL[:1], gone)) as (screen, pilot):
        await shows(pilot, "user/usr_456 was deleted.")
        assert "deleted by event 6 at 2024-01-01 06:00:01.224" in text(screen)
        await pilot.press("left")
        await shows(pilot, "State after event 3")


async def test_changes_without_a_snapshot_are_told_to_be_partial() -> None:
    async with resource(life(USUAL[2])) as (screen, pilot):
        await shows(pilot, "No snapshot stands under these changes")
        assert "its state is known in part" in text(screen)
        assert '"admin"' in line_of(screen, "role ")


async def test_a_conflict_is_shown_and_the_events_own_value_stands() -> None:
    wrong = {"changes": '{"role": {"old": "guest", "new": "admin"}}'}
    async with resource(life(USUAL[0], wrong)) as (screen, pilot):
        await shows(pilot, 'Event 6 says role was "guest"; the events before it make it "member".')
        assert '"admin"' in line_of(screen, "role ")


async def test_an_erased_part_leaves_a_mark() -> None:
    erased = {"erased_parts": '{"changes": "' + "ab" * 32 + '"}'}
    async with resource(life(USUAL[0], erased)) as (screen, pilot):
        await shows(pilot, "Erased: what event 6 changed.")
        assert "▒ erased" in line_of(screen, "role ")


async def test_a_resource_without_events_says_so() -> None:
    service = FakeService({"org_a": life(*USUAL)})
    async with running(target(service, auto_verify_below=0)) as (app, pilot):
        await shows(pilot, "TENANT")
        await app.push_screen(ResourceScreen("org_a", "user", "nobody"))
        await shows(pilot, "The log holds no event of user/nobody.")
        await pilot.press("left", "right", "enter", "y", "w", "tab", "G", "g")
        assert app.crash is None


async def test_enter_shows_the_event_in_the_timeline_and_escape_restores() -> None:
    async with resource(life(*USUAL), at=6) as (screen, pilot):
        await shows(pilot, "State after event 6")
        before = text(screen)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, TimelineScreen))
        top = pilot.app.screen
        assert isinstance(top, TimelineScreen)
        await until(pilot, lambda: top.table.current.sequence == 6)
        await pilot.press("escape")
        await until(pilot, lambda: text(screen) == before)


async def test_a_state_made_by_a_tampered_event_says_so() -> None:
    events = life(*USUAL)
    edit(events, 9, changes='{"role": {"old": "member", "new": "owner"}}')
    async with resource(events) as (screen, pilot):
        await shows(pilot, "Tampered with: event 9.")
        assert "✗ tampered with" in line_of(screen, "role ")
        assert "✓ sealed" in line_of(screen, "email ")
        assert "but of what made it event 9 is tampered with" in text(screen)


async def test_the_next_change_skips_what_only_looked() -> None:
    look: dict[str, object] = {"event_type": "user.viewed"}
    async with resource(life(USUAL[0], look, look, USUAL[2], look)) as (screen, pilot):
        for key, expected in (("N", 3), ("N", 0), ("n", 3)):
            await pilot.press(key)
            await until(pilot, lambda wanted=expected: screen.life.place.index == wanted)
        await pilot.press("n")
        await shows(pilot, "No later event changed anything.")


async def test_help_lists_every_key_that_works_here_and_no_other() -> None:
    async with resource(life(*USUAL)) as (screen, _pilot):
        declared = {key for action in screen.ACTIONS for key in action.keys}
        assert {_normal(key) for key in screen.active_bindings} == {_normal(key) for key in declared}


def _normal(key: str) -> str:
    return {"?": "question_mark", ":": "colon", "/": "slash"}.get(key, key)
