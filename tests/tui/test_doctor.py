"""The examination on screen: the answer first, holes before all else, and a remedy that is only copied."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from textual.app import App

from audit_tui.core.doctor.model import Area, Check, CheckState, DoctorReport, Weight
from audit_tui.core.errors import ConnectError
from audit_tui.tui.present.doctor import detail, id_width, list_rows, row_line
from audit_tui.tui.present.lines import cells
from audit_tui.tui.present.spans import plain, text_of
from tests.fakes import FakeService
from tests.tui.pilot import SIZES, running, screen_text, shows, target, until
from tests.tui.stories import clean_service

HOSTILE = "ev\x1b[2Jil[/nope]\u202e"
FINE = Check("triggers-enabled", Area.TRIGGERS, CheckState.OK, Weight.HIGH, "All triggers fire.")
NOTICE = Check("superusers", Area.ROLES, CheckState.OK, Weight.NOTICE, "2 roles can get round all of it.")
BLIND = Check(
    "settings",
    Area.SETTINGS,
    CheckState.NOT_RUN,
    Weight.LOW,
    "Settings are hidden.",
    needs="pg_read_all_settings",
)
LIGHT = Check("commit-time", Area.SETTINGS, CheckState.HOLE, Weight.LOW, "A light one.", "little", "SELECT 1")
HEAVY = Check(
    "trigger-disabled", Area.TRIGGERS, CheckState.HOLE, Weight.HIGH, f"The trigger {HOSTILE} is disabled.",
    "Whoever owns the table can change events.", "ALTER TABLE audit.logs\n  ENABLE ALWAYS TRIGGER x",
)  # fmt: skip


def _report(*checks: Check) -> DoctorReport:
    return DoctorReport(None, 2, "plain", "audit_owner", "2026-01-01T00:00:00.000000Z", checks)


def _service(checks: Sequence[Check] = (FINE, LIGHT, NOTICE, BLIND, HEAVY)) -> FakeService:
    service = clean_service()
    service.examination = replace(service.examination, checks=tuple(checks))
    return service


def test_holes_come_first_the_heaviest_above_and_what_is_well_is_counted() -> None:
    rows = list_rows(_report(FINE, LIGHT, NOTICE, BLIND, HEAVY), everything=False)
    told = [row.check.id if row.check else row.heading for row in rows]
    assert told == [
        "Holes (2)", "trigger-disabled", "commit-time", "",
        "Not run (1)", "settings", "",
        "Worth knowing (1)", "superusers", "",
        "1 check found everything as it was installed: a shows them",
    ]  # fmt: skip
    assert [r.check for r in list_rows(_report(FINE), everything=True) if r.check] == [FINE]


@pytest.mark.parametrize("width", [20, 60, 120, 200])
def test_a_row_is_harmless_and_fits(width: int) -> None:
    rows = list_rows(_report(HEAVY), everything=False)
    drawn = row_line(rows[1], id_width(rows), width)
    assert cells(drawn) <= width
    assert "\x1b" not in plain(drawn)
    assert "\u202e" not in plain(drawn)


def test_the_detail_keeps_its_height_and_says_what_was_cut() -> None:
    long = replace(HEAVY, remedy="\n".join(f"GRANT {n}" for n in range(40)))
    lines = detail(long, 100, 8)
    assert len(lines) == 8
    assert "more lines; y copies the whole remedy" in text_of(lines)
    assert len(detail(None, 100, 8)) == 8
    assert "needs" in text_of(detail(BLIND, 100, 8))


@pytest.mark.parametrize("size", SIZES)
async def test_d_opens_it_and_the_first_line_is_the_answer(size: tuple[int, int]) -> None:
    async with running(target(_service()), size=size) as (app, pilot):
        await shows(pilot, "All 2 tenants are intact.")
        before = screen_text(app)
        await pilot.press("d")
        await shows(pilot, "2 holes in 5 checks")
        screen = screen_text(app)
        assert "trigger-disabled" in screen
        assert "Whoever owns the table can change events." in screen
        assert "ENABLE ALWAYS TRIGGER x" in screen
        assert "\x1b" not in screen
        await pilot.press("escape")
        await until(pilot, lambda: screen_text(app) == before)


async def test_n_goes_round_the_holes_and_y_copies_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    monkeypatch.setattr(App, "copy_to_clipboard", lambda _app, text: copied.append(text))
    async with running(target(_service())) as (_app, pilot):
        await shows(pilot, "All 2 tenants are intact.")
        await pilot.press("d")
        await shows(pilot, "2 holes in 5 checks")
        await pilot.press("y", "n", "y", "n", "y")
        await until(pilot, lambda: len(copied) == 3)
    assert copied == [HEAVY.remedy, LIGHT.remedy, HEAVY.remedy]


async def test_a_shows_every_check_and_the_cursor_stays() -> None:
    async with running(target(_service())) as (app, pilot):
        await shows(pilot, "All 2 tenants are intact.")
        await pilot.press("d")
        await shows(pilot, "2 holes in 5 checks")
        assert "All triggers fire." not in screen_text(app)
        await pilot.press("n", "a")
        await shows(pilot, "All triggers fire.")
        assert "A light one." in screen_text(app)


async def test_a_sound_log_says_so() -> None:
    async with running(target(_service((FINE,)))) as (_app, pilot):
        await shows(pilot, "All 2 tenants are intact.")
        await pilot.press("d")
        await shows(pilot, "No hole in 1 check.")
        await pilot.press("n")
        await shows(pilot, "No hole was found.")


async def test_an_examination_that_fails_says_why_and_can_be_asked_again() -> None:
    service = _service()
    async with running(target(service)) as (_app, pilot):
        await shows(pilot, "All 2 tenants are intact.")
        service.fail_next = ConnectError("no server answers", "is it running?")
        await pilot.press("d")
        await shows(pilot, "no server answers")
        await pilot.press("R")
        await shows(pilot, "2 holes in 5 checks")
