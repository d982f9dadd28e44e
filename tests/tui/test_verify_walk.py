"""Verify as an analyst uses it: the strip opens, findings are filtered, walked, copied and written."""

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from audit_tui.service.api import VerifyRequest
from audit_tui.tui.app import AuditApp
from audit_tui.tui.screens.link import LinkScreen
from audit_tui.tui.screens.tenants import TenantsScreen
from audit_tui.tui.screens.timeline import TimelineScreen
from audit_tui.tui.screens.verify import VerifyScreen
from audit_tui.tui.widgets.prompt import Prompt
from audit_tui.tui.widgets.rows import Rows
from tests.builders import edit, make_chain, rehash
from tests.fakes import FakeService
from tests.tui.pilot import SIZES, running, screen_text, shows, target, until
from tests.tui.stories import tampered_service


def _service(length: int = 1200) -> FakeService:
    """Edited at 20, rehashed at 600, edited at 1000; and two events with earlier times: notices."""
    chain = make_chain("org_a", length)
    for at in (300, 301):
        chain[at - 1] = chain[at - 1]._replace(timestamp="2023-01-01 00:00:00+00")
    from tests.builders import seal_chain

    chain = seal_chain(chain)
    edit(chain, 20, actor_id="other")
    edit(chain, 600, actor_id="other")
    rehash(chain, 600)
    edit(chain, 1000, actor_id="other")
    return FakeService({"org_a": chain})


def _under_cursor(app: AuditApp) -> str:
    return next(line for line in screen_text(app).splitlines() if line.startswith("▌"))


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_everything_stands_at_every_size(size: tuple[int, int]) -> None:
    async with running(target(_service()), size=size) as (app, pilot):
        await shows(pilot, "Checked through")
        await pilot.press("v")
        await shows(pilot, "✗ 3 tampered")
        text = screen_text(app)
        assert "[all 4]" in text
        assert "· 1 notice" in text
        assert "edited and rehashed at 600" in text
        assert all(len(line) <= size[0] for line in text.splitlines())


async def test_a_cell_opens_its_finding_or_the_timeline_at_its_first_sequence() -> None:
    async with running(target(_service())) as (app, pilot):
        await shows(pilot, "Checked through")
        await pilot.press("v")
        await shows(pilot, "✗ 3 tampered")
        await pilot.press("right")
        await shows(pilot, "█ proven  enter shows it")
        await pilot.press("right")
        await shows(pilot, "✗ tampered  1 finding: enter opens it")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, LinkScreen))
        await shows(pilot, "Event 20 was changed")
        await pilot.press("escape", "right")
        await shows(pilot, "█ proven  enter shows it")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, TimelineScreen))


async def test_a_cell_with_several_findings_narrows_the_list_and_esc_widens_it() -> None:
    chain = make_chain("org_a", 1200)
    for at in (3, 5, 900):
        edit(chain, at, actor_id="other")
    async with running(target(FakeService({"org_a": chain}))) as (app, pilot):
        await shows(pilot, "Checked through")
        await pilot.press("v")
        await shows(pilot, "[all 3]")
        await pilot.press("right")
        await shows(pilot, "2 findings: enter lists them")
        await pilot.press("enter")
        await shows(pilot, "only 1 to 10")
        assert "✗ 900" not in screen_text(app)
        await pilot.press("escape")
        await shows(pilot, "✗ 900")
        assert isinstance(app.screen, VerifyScreen)


async def test_f_goes_round_the_severities_and_s_takes_the_stories_apart() -> None:
    async with running(target(_service())) as (app, pilot):
        await shows(pilot, "Checked through")
        await pilot.press("v")
        await shows(pilot, "[all 4]")
        await pilot.press("f")
        await shows(pilot, "[✗ 3 tampered]")
        assert "· 300" not in screen_text(app)
        await pilot.press("f")
        await shows(pilot, "[· 1 notice]")
        assert "✗ 600" not in screen_text(app)
        assert "· 300" in screen_text(app)
        await pilot.press("f", "s")
        await shows(pilot, "✗ 601")
        assert "edited and rehashed at 600" not in screen_text(app).split("✗ 601")[1]


async def test_n_and_capital_n_go_through_the_findings_on_every_screen() -> None:
    async with running(target(_service())) as (app, pilot):
        await shows(pilot, "Checked through")
        await pilot.press("v")
        await shows(pilot, "[all 4]")
        seen = []
        for key in ("n", "n", "n", "n", "N"):
            await pilot.press(key)
            seen.append(_under_cursor(app).split()[2])
        assert seen == ["600", "1000", "300", "20", "300"]
        await pilot.press("N", "N", "enter")
        await shows(pilot, "finding 2 of 3")
        await pilot.press("n")
        await shows(pilot, "finding 3 of 3")
        await pilot.press("escape", "n", "n", "enter")
        await until(pilot, lambda: isinstance(app.screen, TimelineScreen))
        await pilot.press("n")
        await shows(pilot, "1 of 1")


async def test_a_list_that_grows_above_the_cursor_does_not_move_it() -> None:
    service = _service()
    async with running(target(service, auto_verify_below=0)) as (app, pilot):
        await shows(pilot, "org_a")
        await pilot.press("v")
        await shows(pilot, "[all 4]")
        screen = app.screen
        assert isinstance(screen, VerifyScreen)
        await pilot.press("n")
        assert "✗ 600" in _under_cursor(app)
        checks, report = app.session.checks, app.session.checks.reports["org_a"]
        found = report.findings[0]
        earlier = replace(found, first_sequence=7, last_sequence=7, event_id="evt_7")
        story = replace(report.stories[0], first_sequence=7, last_sequence=7, findings=(earlier,))
        more = replace(report, findings=(earlier, *report.findings), stories=(story, *report.stories))
        line = screen_text(app).splitlines().index(_under_cursor(app))
        checks.reports["org_a"] = more
        checks.changed()
        await shows(pilot, "[all 5]")
        assert "✗ 600" in _under_cursor(app)
        rows = screen.query_one(Rows)
        if rows.max_scroll_y:
            assert screen_text(app).splitlines().index(_under_cursor(app)) == line


async def test_c_stops_at_once_and_r_asks_to_go_on() -> None:
    service = tampered_service()
    service.gate = threading.Event()
    asked: list[VerifyRequest] = []
    verify = service.verify

    def spy(request: VerifyRequest, *more: object) -> object:
        asked.append(request)
        return verify(request, *more)  # type: ignore[arg-type]

    service.verify = spy  # type: ignore[method-assign, assignment]
    try:
        async with running(target(service)) as (app, pilot):
            await shows(pilot, "edited in place at 12")
            await pilot.press("j", "v")
            await shows(pilot, "esc stops, keeps the proof")
            await pilot.press("c")
            await shows(pilot, "Stopping ⋯")
            service.gate.set()
            await shows(pilot, "Stopped.")
            await shows(pilot, "r goes on")
            await pilot.press("r")
            await shows(pilot, "edited and rehashed at 15")
            assert asked[-1].go_on
            assert not asked[-1].incremental
            await pilot.press("r")
            await until(pilot, lambda: asked[-1].incremental)
            await pilot.press("c")
            await shows(pilot, "No check runs.")
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(app.screen, TenantsScreen))
    finally:
        service.gate.set()


async def test_what_the_run_has_to_say_stands_in_the_line_of_progress() -> None:
    service = tampered_service()
    service.gate = threading.Event()
    try:
        async with running(target(service), size=(80, 24)) as (app, pilot):
            await shows(pilot, "edited in place at 12")
            await pilot.press("j", "v")
            await shows(pilot, "71,400 per second")
            run = app.session.checks.run
            assert run is not None
            assert run.status is not None
            noted = replace(run.status, note="the connection was lost; trying again")
            app.session.checks.progressed(run.id, noted)
            await shows(pilot, "? The connection was lost; trying again.")
    finally:
        service.gate.set()


async def test_a_report_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    async with running(target(_service()), size=(120, 34)) as (app, pilot):
        await shows(pilot, "Checked through")
        await pilot.press("b")
        await shows(pilot, "What it means")
        await pilot.press("w")
        await until(pilot, lambda: app.screen.query_one(Prompt).is_asking)
        assert app.screen.query_one(Prompt).text == str(Path.cwd())
        await pilot.press("ctrl+u", *str(tmp_path / "none"), "enter")
        await shows(pilot, "here is no folder")
        await pilot.press("ctrl+u", *str(tmp_path), "enter")
        await shows(pilot, "Written: ")
        await until(pilot, lambda: not app.screen.query_one(Prompt).is_asking)
        markdown, document = sorted(tmp_path.iterdir(), key=lambda path: path.suffix, reverse=True)
        assert "Event 20 was changed after being sealed" in markdown.read_text("utf-8")
        exhibit = json.loads(document.read_text("utf-8"))["exhibits"][0]
        assert exhibit["command"] == "audit-tui verify --dsn service=incident-prod --tenant org_a"
        await pilot.press("w", "enter")
        await shows(pilot, "already")
        await pilot.press("escape")
        assert isinstance(app.screen, LinkScreen)
        assert len(list(tmp_path.iterdir())) == 2


async def test_esc_closes_the_folders_line_and_writes_nothing() -> None:
    async with running(target(_service())) as (app, pilot):
        await shows(pilot, "Checked through")
        await pilot.press("v")
        await shows(pilot, "[all 4]")
        await pilot.press("w")
        await until(pilot, lambda: app.screen.query_one(Prompt).is_asking)
        await pilot.press("n")
        assert app.screen.query_one(Prompt).text.endswith("n")
        await pilot.press("escape")
        await until(pilot, lambda: not app.screen.query_one(Prompt).is_asking)
        assert isinstance(app.screen, VerifyScreen)
        await pilot.press("n")
        assert "✗ 600" in _under_cursor(app)
