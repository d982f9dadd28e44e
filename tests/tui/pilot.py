"""Running the app over fake services, and reading its screen as text."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from zoneinfo import ZoneInfo

from textual.pilot import Pilot

from audit_tui.service.api import AuditService, Target
from audit_tui.tui.app import AuditApp
from audit_tui.tui.zone import Zone
from tests.fakes import NOW_US

KOLKATA = Zone("Asia/Kolkata", ZoneInfo("Asia/Kolkata"))
SIZES = [(80, 24), (120, 34), (200, 60)]


def screen_text(app: AuditApp) -> str:
    """What stands on the screen, line by line, without trailing blanks."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


def target(service: AuditService, *, auto_verify_below: int = 200_000) -> Target:
    return Target(service.connection.name, lambda: service, auto_verify_below)


async def until(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    """Lets the app work until the condition holds; AssertionError where it never does."""
    for _ in range(500):
        if condition():
            return
        await pilot.pause()
    app = pilot.app
    assert isinstance(app, AuditApp)
    raise AssertionError(f"never came true; the screen shows:\n{screen_text(app)}")


@asynccontextmanager
async def running(
    *targets: Target, size: tuple[int, int] = (112, 28)
) -> AsyncIterator[tuple[AuditApp, Pilot[Any]]]:
    """The app over these databases, its clock standing still."""
    app = AuditApp(targets, now_us=lambda: NOW_US, local=KOLKATA)
    async with app.run_test(size=size, notifications=True) as pilot:
        yield app, pilot


async def shows(pilot: Pilot[Any], text: str) -> None:
    """Waits until the screen holds a text."""
    app = pilot.app
    assert isinstance(app, AuditApp)
    await until(pilot, lambda: text in screen_text(app))
