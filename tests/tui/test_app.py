"""The shell: colours that can be switched off, crashes that show no values, exit codes, switching."""

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from audit_tui.tui import app as app_module
from audit_tui.tui.app import CRASHED, AuditApp, run_app
from audit_tui.tui.paint import ROLES, style_of
from audit_tui.tui.screens.connect import ConnectScreen
from audit_tui.tui.screens.tenants import TenantsScreen
from audit_tui.tui.widgets.rows import Rows
from tests.fakes import FakeService
from tests.tui.pilot import running, screen_text, shows, target, until
from tests.tui.stories import clean_service, tampered_service

SECRET = "hunter2-in-a-dsn"


def _colours(app: AuditApp) -> set[str]:
    found = set()
    background = app.screen.background_colors[1]
    for strip in app.screen._compositor.render_strips():
        segments = list(strip)
        for line_filter in app.get_line_filters():
            segments = line_filter.apply(segments, background)
        for style in [segment.style for segment in segments if segment.style is not None]:
            found |= {
                colour.name for colour in (style.color, style.bgcolor) if colour and not colour.is_default
            }
    return found


async def test_no_color_leaves_weight_and_words_but_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running(target(tampered_service())) as (app, pilot):
        await shows(pilot, "Checked through")
        assert _colours(app) == set()
        assert "✗ org_acme" in screen_text(app)


async def test_text_and_background_are_the_terminals_own() -> None:
    async with running(target(tampered_service())) as (app, pilot):
        await shows(pilot, "Checked through")
        styles = [
            segment.style
            for strip in app.screen._compositor.render_strips()
            for segment in strip
            if segment.style is not None
        ]
        assert all(style.bgcolor is None or style.bgcolor.is_default for style in styles)
        named = {style.color.name for style in styles if style.color and not style.color.is_default}
        assert named <= {"red", "green", "yellow", "cyan", "bright_black"}


async def test_every_theme_can_be_chosen() -> None:
    async with running(target(tampered_service())) as (app, pilot):
        await shows(pilot, "Checked through")
        for theme in sorted(app.available_themes):
            app.theme = theme
            await pilot.pause()
            assert "✗ org_acme" in screen_text(app)


def test_every_role_is_more_than_a_colour_where_it_matters() -> None:
    assert ROLES["error"].bold
    assert ROLES["differs"].underline
    assert style_of("error reverse").reverse
    assert style_of("no such role") == style_of("")


async def _crash(
    app: AuditApp, printed: io.StringIO, monkeypatch: pytest.MonkeyPatch, explode: Callable[..., None]
) -> None:
    async with app.run_test() as pilot:
        app.error_console = Console(file=printed, markup=False, highlight=False)
        await shows(pilot, "All 2 tenants are intact.")
        monkeypatch.setattr(Rows, "action_cursor_down", explode)
        await pilot.press("down")
        await until(pilot, lambda: app.crash is not None)


async def test_a_crash_names_its_place_and_no_values(monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_arguments: object) -> None:
        password = SECRET
        raise RuntimeError(f"something with {password}")

    service = clean_service()
    printed = io.StringIO()
    app = AuditApp([target(service)])
    with pytest.raises(RuntimeError, match="something with"):  # the test harness tells it, the app does not
        await _crash(app, printed, monkeypatch, explode)
    assert app.crash is not None
    assert app.return_code == CRASHED
    rendered = [str(part) for part in app._exit_renderables]
    assert SECRET not in "".join([*rendered, printed.getvalue(), str(app.crash)])
    assert "RuntimeError in explode" in str(app.crash)


async def test_a_fault_in_a_thread_is_shown_not_swallowed() -> None:
    class Faulty(FakeService):
        def list_tenants(self) -> tuple[object, ...]:  # type: ignore[override]
            secret = SECRET
            raise ValueError(secret)

    async with running(target(Faulty({}))) as (app, pilot):
        await shows(pilot, "the program met a fault of its own: ValueError in list_tenants")
        assert SECRET not in screen_text(app)


@pytest.mark.parametrize(("return_code", "crash", "wanted"), [(0, False, 0), (None, False, 0), (1, True, 4)])
def test_the_exit_code_is_zero_or_four(
    monkeypatch: pytest.MonkeyPatch, return_code: int | None, crash: bool, wanted: int
) -> None:
    def run(self: AuditApp) -> None:
        self._return_code = return_code
        if crash:
            self._exception = RuntimeError("x")
            self._fatal_error()

    monkeypatch.setattr(app_module.AuditApp, "run", run)
    assert run_app([target(clean_service())]) == wanted


async def test_switching_the_database_closes_the_one_before() -> None:
    first, second = tampered_service(), clean_service(3, name="guide")
    async with running(target(first), target(second)) as (app, pilot):
        await shows(pilot, "Checked through")
        await pilot.press("v")
        app.switch_to(app.targets[1])
        await shows(pilot, "All 3 tenants are intact.")
        assert first.closed
        assert [type(screen) for screen in app.screen_stack] == [ConnectScreen, TenantsScreen]
        assert "guide ▸ Tenants" in screen_text(app)


async def test_q_leaves_and_closes_the_service() -> None:
    service = clean_service()
    async with running(target(service)) as (app, pilot):
        await shows(pilot, "All 2 tenants are intact.")
        await pilot.press("q")
    assert service.closed
    assert app.return_code == 0


async def test_esc_on_the_first_screen_stays() -> None:
    async with running(target(clean_service())) as (app, pilot):
        await shows(pilot, "All 2 tenants are intact.")
        before = screen_text(app)
        await pilot.press("escape", "escape")
        assert screen_text(app) == before


async def test_the_header_names_database_rights_and_zone_at_every_size() -> None:
    async with running(target(clean_service()), size=(80, 24)) as (app, pilot):
        await shows(pilot, "All 2 tenants are intact.")
        header = screen_text(app).splitlines()[0]
        for word in ("audit-tui", "quiet", "Tenants", "read-only", "TLS", "UTC 17:41:07"):
            assert word in header
