"""One declaration per action: what help lists is what works, and the footer never holds more than eight."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from textual.binding import Binding

from audit_tui.tui.actions import FOOTER_MOST, Action, footer_actions, key_label
from audit_tui.tui.actions.tenants import TENANTS
from audit_tui.tui.keytable import SCREENS, key_table
from audit_tui.tui.present.header import footer, hint_at
from audit_tui.tui.present.help import help_lines
from audit_tui.tui.present.lines import cells
from audit_tui.tui.present.spans import plain
from audit_tui.tui.screens.base import BaseScreen
from audit_tui.tui.screens.help import HelpScreen
from tests.tui.pilot import running, screen_text, shows, target, until
from tests.tui.stories import tampered_service

SETS = SCREENS


@pytest.mark.parametrize("actions", SETS.values(), ids=SETS)
def test_the_keys_of_a_screen_are_declared_once(actions: Sequence[Action]) -> None:
    keys = [key for action in actions for key in action.keys]
    assert sorted(keys) == sorted(set(keys))
    ids = [action.id for action in actions]
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("actions", SETS.values(), ids=SETS)
def test_the_footer_holds_at_most_eight_and_always_help(actions: Sequence[Action]) -> None:
    assert len(footer_actions(actions)) <= FOOTER_MOST
    for width in (30, 80, 120, 200):
        drawn = footer(actions, width)
        assert cells(drawn) <= width
        assert "? keys" in plain(drawn)


def test_a_click_on_the_footer_means_the_action_drawn_there() -> None:
    drawn = plain(footer(TENANTS, 200))
    hit = hint_at(TENANTS, 200, drawn.index("broken link") + 2)
    assert hit is not None
    assert hit.id == "broken"
    assert hint_at(TENANTS, 200, 199) is None


def _normal(key: str) -> str:
    names = {"?": "question_mark", ":": "colon", "/": "slash"}
    return names.get(key, key)


def _working_keys(screen: BaseScreen) -> set[str]:
    return {_normal(key) for key in screen.active_bindings}


def _declared_keys(actions: Sequence[Action]) -> set[str]:
    return {_normal(key) for action in actions for key in action.keys}


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ((), "Checked through"),
        (("v",), "as it should be:"),
        (("b",), "What it means"),
        (("?",), "Everywhere"),
        (("i",), "Connected read-only"),
        (("d",), "No hole in"),
    ],
    ids=["tenants", "verify", "link", "help", "about", "doctor"],
)
async def test_help_lists_every_key_that_works_and_no_other(keys: tuple[str, ...], wanted: str) -> None:
    async with running(target(tampered_service()), size=(120, 60)) as (app, pilot):
        await shows(pilot, "Checked through")
        await pilot.press(*keys)
        await shows(pilot, wanted)
        screen = app.screen
        assert isinstance(screen, BaseScreen)
        assert _working_keys(screen) == _declared_keys(screen.ACTIONS)
        listed = "\n".join(plain(line) for line in help_lines(screen.ACTIONS, 200))
        for action in screen.ACTIONS:
            assert action.help in listed or not action.keys


async def test_every_key_of_a_screen_has_a_method_behind_it() -> None:
    async with running(target(tampered_service())) as (app, pilot):
        await shows(pilot, "Checked through")
        for keys in ((), ("v",), ("b",), ("escape", "d")):
            await pilot.press(*keys)
            await pilot.pause()
            for binding in app.screen.active_bindings.values():
                inner: Binding = binding.binding
                assert hasattr(binding.node, f"action_{inner.action.rpartition('.')[2]}"), inner


async def test_help_shows_the_screen_below_and_goes_back_to_it() -> None:
    async with running(target(tampered_service())) as (app, pilot):
        await shows(pilot, "Checked through")
        before = screen_text(app)
        await pilot.press("?")
        await shows(pilot, "Every key that works")
        assert isinstance(app.screen, HelpScreen)
        for action in TENANTS[:5]:
            assert key_label(action.keys[0]) in screen_text(app)
            assert action.help in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: screen_text(app) == before)


@pytest.mark.parametrize("key", ["ctrl+p", ":"])
async def test_the_palette_finds_actions_and_switches_databases(key: str) -> None:
    guide = tampered_service(name="guide")
    async with running(target(tampered_service()), target(guide)) as (app, pilot):
        await shows(pilot, "Checked through")
        await pilot.press(key)
        await shows(pilot, "Open this tenant's timeline")
        await pilot.press(*"switch guide")
        await shows(pilot, "Switch database: guide")
        await pilot.press("enter")
        await until(pilot, lambda: app.connection is not None and app.connection.name == "guide")
        await shows(pilot, "guide ▸ Tenants")


async def test_the_palette_finds_an_action_by_the_name_that_the_footer_gives_it() -> None:
    async with running(target(tampered_service())) as (_, pilot):
        await shows(pilot, "Checked through")
        await pilot.press("ctrl+p", *"doctor")
        await shows(pilot, "Examine the log's protection")


def test_the_page_of_keys_is_the_declarations() -> None:
    page = Path(__file__).parents[2] / "docs" / "keys.md"
    assert page.read_text(encoding="utf-8") == key_table(), "python -m audit_tui.tui.keytable > docs/keys.md"
