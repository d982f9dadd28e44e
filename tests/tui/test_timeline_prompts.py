"""What is typed on the Timeline: where to go, and a filter. Nothing typed is lost, no line moves."""

import pytest

from tests.tui.browsing import chain_service, sequence, settled, text, timeline
from tests.tui.pilot import shows, until


async def test_going_to_a_sequence_echoes_and_lands_on_it() -> None:
    async with timeline(chain_service()) as (screen, pilot):
        await pilot.press("t", *"2")
        await shows(pilot, "    event 2")
        await pilot.press(*"00", "enter")
        await until(pilot, lambda: sequence(screen) == 200)
        await settled(pilot, screen)
        assert "▌ ✓ 200" in text(screen)


async def test_going_to_a_moment_echoes_the_utc_instant_it_understood() -> None:
    async with timeline(chain_service()) as (screen, pilot):
        await pilot.press("z", "t", *"2024-01-02 05:30")
        await shows(pilot, "the first event at or after 2024-01-02 00:00:00.000000 UTC")
        await pilot.press("enter")
        await until(pilot, lambda: sequence(screen) == 24)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("01/02/2024", "is ambiguous: day and month can be read either way"),
        ("2024-02-30", "is not a date"),
        ("9999", "there is no event 9999"),
        ("2030-01-01", "no event at or after 2030-01-01 00:00:00.000000 UTC"),
        ("99999999999999999999", "is not a time"),
    ],
)
async def test_a_place_that_can_not_be_reached_is_told_inline_and_nothing_moves(
    typed: str, told: str
) -> None:
    async with timeline(chain_service(), at=200) as (screen, pilot):
        before = text(screen)
        await pilot.press("t", *typed, "enter")
        await shows(pilot, told)
        assert typed in text(screen)
        await pilot.press("escape")
        await settled(pilot, screen)
        assert text(screen) == before


async def test_a_filter_keeps_the_cursor_on_its_event_and_counts_what_matches() -> None:
    async with timeline(chain_service(), at=200) as (screen, pilot):
        kind = screen.table.current.checked.event.event_type  # type: ignore[union-attr]
        await pilot.press("/", *f"type:{kind}", "enter")
        await shows(pilot, "of 320 events · complete")
        await settled(pilot, screen)
        assert sequence(screen) == 200
        await pilot.press("down")
        assert sequence(screen) == 203
        await pilot.press("escape")
        await settled(pilot, screen)
        assert sequence(screen) == 203
        assert "All 320 events" in text(screen)


async def test_a_filter_that_can_not_be_read_points_at_the_word_and_loses_nothing() -> None:
    async with timeline(chain_service(), at=200) as (screen, pilot):
        await pilot.press("/", *"actor:usr_1 typ:x", "enter")
        await shows(pilot, "there is no field 'typ'  typ:x")
        await shows(pilot, "did you mean type:?")
        assert "actor:usr_1 typ:x" in text(screen)
        assert screen.pages.filter.is_empty
        assert sequence(screen) == 200


async def test_where_nothing_matches_the_last_condition_can_be_dropped() -> None:
    async with timeline(chain_service(90)) as (screen, pilot):
        await pilot.press("/", *"actor:usr_1 ip:198.51.100.9", "enter")
        await shows(pilot, "No events match actor:usr_1 ip:198.51.100.9.")
        await shows(pilot, "18 events match without ip:198.51.100.9: press u to drop it.")
        await pilot.press("u")
        await shows(pilot, "18 of 90 events · complete")
        await settled(pilot, screen)
        assert screen.table.current.checked is not None


async def test_what_is_typed_right_behind_the_key_belongs_to_the_prompt() -> None:
    async with timeline(chain_service()) as (screen, pilot):
        await pilot.press("enter")
        for key in ("t", "1", "2"):
            screen.app.simulate_key(key)
        await shows(pilot, " go to  12")
        await pilot.press("enter", "enter")
        await until(pilot, lambda: screen.is_full and sequence(screen) == 12)
        await pilot.press("escape")
        await until(pilot, lambda: "▌ ✓  12" in text(screen))
