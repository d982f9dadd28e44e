"""The Verify screen: progress, the strip of the chain, findings that open; esc stops, then goes back."""

import threading
from itertools import pairwise

import pytest

from audit_tui.core.errors import ConnectionLostError
from audit_tui.core.findings import Segment, SegmentState
from audit_tui.tui.present.spans import plain
from audit_tui.tui.present.strip import Strip, cell_words, scale_line, strip_line
from audit_tui.tui.screens.link import LinkScreen
from audit_tui.tui.screens.tenants import TenantsScreen
from audit_tui.tui.screens.verify import VerifyScreen
from tests.builders import edit, make_chain
from tests.fakes import FakeService
from tests.tui.pilot import SIZES, running, screen_text, shows, target, until
from tests.tui.stories import clean_service, tampered_service

TAMPERED_AT_812 = (
    Segment(1, 811, SegmentState.PROVEN),
    Segment(812, 812, SegmentState.TAMPERED),
    Segment(813, 1000, SegmentState.PROVEN),
)


def test_one_bad_event_is_seen_in_a_strip_of_any_width() -> None:
    for width in (10, 60, 100):
        strip = Strip(TAMPERED_AT_812, 1, 1000, width)
        assert plain(strip_line(strip, None)).count("✗") == 1
        cell = plain(strip_line(strip, None)).index("✗") - 1
        low, high = strip.stretch(cell)
        assert low <= 812 <= high
        assert strip.cell_of(812) == cell
        assert "tampered" in plain(cell_words(strip, cell))


def test_the_cells_of_a_strip_cover_every_sequence_once() -> None:
    strip = Strip((), 5, 1003, 77)
    stretches = [strip.stretch(cell) for cell in range(strip.cells)]
    assert stretches[0][0] == 5
    assert stretches[-1][1] == 1003
    assert all(after[0] == before[1] + 1 for before, after in pairwise(stretches))


def test_a_short_chain_has_no_more_cells_than_events() -> None:
    strip = Strip((), 1, 3, 100)
    assert strip.cells == 3
    assert plain(scale_line(strip, None, "", 100)).strip() == "1 to 3"
    assert plain(strip_line(Strip((), 1, 0, 100), None)).strip() == ""


def test_waiting_and_proven_look_different_without_colour() -> None:
    glyphs = {plain(strip_line(Strip((Segment(1, 9, state),), 1, 9, 9), None)) for state in SegmentState}
    assert len(glyphs) == len(SegmentState)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_a_tampered_tenant_tells_finding_axes_and_claim(size: tuple[int, int]) -> None:
    async with running(target(tampered_service()), size=size) as (app, pilot):
        await shows(pilot, "Checked through")
        await pilot.press("j", "v")
        await shows(pilot, "✗ org_borealis is tampered with: edited and rehashed at 15.")
        text = screen_text(app)
        assert "✗ 15" in text
        assert "attestation" in text
        assert "Every column but id of 40 events" in text
        assert "✗" in text.splitlines()[3]
        assert all(len(line) <= size[0] for line in text.splitlines())


async def test_enter_on_a_finding_opens_its_link_and_esc_comes_back_to_it() -> None:
    async with running(target(tampered_service())) as (app, pilot):
        await shows(pilot, "Checked through")
        await pilot.press("v")
        await shows(pilot, "✗ 12")
        before = screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, LinkScreen))
        await shows(pilot, "link 12")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, VerifyScreen) and screen_text(app) == before)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, TenantsScreen))


async def test_the_strips_cursor_and_the_findings_follow_each_other() -> None:
    chain = make_chain("org_a", 60)
    edit(chain, 20, actor_email="other@example.com")
    edit(chain, 30, actor_email="other@example.com")
    async with running(target(FakeService({"org_a": chain}))) as (app, pilot):
        await shows(pilot, "Checked through")
        await pilot.press("v")
        await shows(pilot, "✗ 30")
        await pilot.press("n")
        await shows(pilot, "✗ tampered")
        screen = app.screen
        assert isinstance(screen, VerifyScreen)
        assert screen.strip.stretch is not None
        low, high = screen.strip.stretch
        assert low <= 30 <= high
        await pilot.press("right")
        await shows(pilot, "█ proven")
        for _ in range(14):
            await pilot.press("h")
        await until(pilot, lambda: "▌ ✗ 20" in screen_text(app))


async def test_esc_stops_first_and_goes_back_second() -> None:
    service = tampered_service()
    service.gate = threading.Event()
    try:
        async with running(target(service)) as (app, pilot):
            await shows(pilot, "edited in place at 12")
            await pilot.press("j", "v")
            await shows(pilot, "esc stops, keeps the proof")
            await pilot.press("escape")
            await shows(pilot, "Stopping ⋯")
            assert "What was checked stays proven." in screen_text(app)
            assert isinstance(app.screen, VerifyScreen)
            service.gate.set()
            await shows(pilot, "Stopped.")
            assert "is intact" not in screen_text(app)
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(app.screen, TenantsScreen))
            assert "edited in place at 12" in screen_text(app)
    finally:
        service.gate.set()


async def test_a_server_that_goes_away_leaves_nothing_half_checked_called_proven() -> None:
    service = clean_service(1)
    async with running(target(service)) as (app, pilot):
        await shows(pilot, "The tenant is intact.")
        await pilot.press("v")
        await shows(pilot, "org_0000 is intact")
        service.fail_next = ConnectionLostError("the server closed the connection", "start it, then ctrl+r")
        await pilot.press("v")
        await shows(pilot, "The connection to the database is lost.")
        await pilot.press("escape")
        await shows(pilot, "The check was cut off")
        assert "Nothing half-checked counts as proven." in screen_text(app)
        assert "is intact" not in screen_text(app)


async def test_copying_a_finding_gives_both_hashes_whole() -> None:
    service = tampered_service()
    async with running(target(service)) as (app, pilot):
        await shows(pilot, "Checked through")
        await pilot.press("j", "v")
        await shows(pilot, "✗ 15")
        await pilot.press("y")
        await shows(pilot, "Copied the finding as Markdown")
        row = service.chains["org_borealis"]
        assert row[14].event_hash in app.clipboard
        assert row[15].previous_hash in app.clipboard
