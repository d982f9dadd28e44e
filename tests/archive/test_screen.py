"""What the screens show of a log whose beginning was archived."""

from pathlib import Path

from audit_tui.bootstrap import open_service
from audit_tui.service.api import Target
from audit_tui.service.archiving import ArchiveRequest, ArchivingService
from tests.archive.conftest import Connection
from tests.archive.state import HALF_US
from tests.schema.events import event
from tests.tui.pilot import running, screen_text, shows


async def test_the_boundary_is_explained_and_what_is_left_can_be_read(
    archiver: ArchivingService, year: str, db: Connection, folder: Path
) -> None:
    archiver.archive(ArchiveRequest(folder, HALF_US))
    record = event(db, 122, "t1")["event_id"]
    async with running(Target("log", lambda: open_service(year, name="log")), size=(112, 34)) as (app, pilot):
        await shows(pilot, "All 3 tenants are intact.")
        await pilot.press("v")
        await shows(pilot, "t1 is intact")
        assert f"1–60         genesis    archived; {record} is the sealed record of it" in screen_text(app)
        assert "events up to 60 were archived with a sealed boundary" in " ".join(screen_text(app).split())
        await pilot.press("escape")
        await pilot.press("enter")
        await shows(pilot, "61")
        await shows(pilot, "audit.archived")
