"""A timeline on top of the app, filled and settled, for tests that drive it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from audit_tui.tui.app import AuditApp
from audit_tui.tui.screens.timeline import TimelineScreen
from tests.builders import make_chain
from tests.fakes import FakeService
from tests.tui.pilot import running, screen_text, shows, target, until


@asynccontextmanager
async def timeline(
    service: FakeService, tenant_id: str = "org_a", at: int | None = None, size: tuple[int, int] = (120, 34)
) -> AsyncIterator[tuple[TimelineScreen, Pilot[Any]]]:
    """The app with this tenant's timeline on top of its tenants, filled."""
    async with running(target(service, auto_verify_below=0), size=size) as (app, pilot):
        await shows(pilot, "TENANT")
        screen = TimelineScreen(tenant_id, at_sequence=at)
        await app.push_screen(screen)
        await until(pilot, lambda: screen.table.current.checked or screen.table.rows)
        await settled(pilot, screen)
        yield screen, pilot


async def settled(pilot: Pilot[Any], screen: TimelineScreen) -> None:
    """Until nothing more is wanted and the detail shows the line under the cursor."""

    def still() -> bool:
        table = screen.table
        return not table.is_waiting and screen.pane.slot == table.current

    await until(pilot, still)
    await pilot.pause()


def sequence(screen: TimelineScreen) -> int | None:
    return screen.table.current.sequence


def text(screen: TimelineScreen) -> str:
    app = screen.app
    assert isinstance(app, AuditApp)
    return screen_text(app)


def chain_service(length: int = 320) -> FakeService:
    return FakeService({"org_a": make_chain("org_a", length)})
