"""Draws every picture of this folder from the running app over the demo's story: `make screenshots`.

`python -m screenshots.make [NAME ...]` draws some of them. Clocks stand still, so that two runs
differ only where the log does: in salts and hashes, and in the time of the demo's own erasure.
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from textual.pilot import Pilot

from audit_tui.bootstrap import state_directory
from audit_tui.core.clock import from_datetime
from audit_tui.core.errors import AuditError
from audit_tui.embedded.demo import Demo, open_demo
from audit_tui.embedded.story.events import moment
from audit_tui.service.api import AuditService, Target
from audit_tui.service.live import LiveService
from audit_tui.store.connect import parse_dsn
from audit_tui.tui.app import AuditApp
from audit_tui.tui.zone import UTC_ZONE
from screenshots.drawing import draw_png, find_font_folder, plain_text, tidy
from screenshots.shots import SHOTS, Shot

FOLDER = Path(__file__).resolve().parent
YESTERDAY = from_datetime(moment("2025-01-01 18:00:00"))
TODAY = from_datetime(moment("2025-01-02 09:41:07"))
PATIENCE = 30.0
"""Seconds until a picture that does not come is given up."""
_STEP = 0.05


class Clock:
    """A clock that stands still: witnesses are taken yesterday, checks are made today."""

    def __init__(self) -> None:
        self.now = YESTERDAY

    def open_service(
        self, dsn: str | None, *, name: str | None = None, state_dir: Path | None = None
    ) -> AuditService:
        """What `bootstrap.open_service` opens, with this clock."""
        folder = state_dir or state_directory()
        return LiveService(parse_dsn(dsn), name=name or "demo", state_dir=folder, now_us=lambda: self.now)


def main(names: Sequence[str]) -> int:
    """0 when every picture was written; 2 for a name that does not exist, 4 where it could not be done."""
    unknown = sorted(set(names) - {shot.name for shot in SHOTS})
    if unknown:
        sys.stderr.write(f"no such picture: {', '.join(unknown)}\n")
        return 2
    try:
        fonts = find_font_folder()
        clock = Clock()
        with open_demo(clock.open_service) as story:
            clock.now = TODAY
            for shot in SHOTS:
                if not names or shot.name in names:
                    _write(shot, story, fonts)
    except (AuditError, LookupError, TimeoutError) as error:
        sys.stderr.write(f"screenshots: {error}\n")
        return 4
    return 0


def _write(shot: Shot, story: Demo, fonts: Path) -> None:
    svg = asyncio.run(take(shot, story.targets))
    (FOLDER / f"{shot.name}.svg").write_text(svg, encoding="utf-8")
    (FOLDER / f"{shot.name}.png").write_bytes(draw_png(svg, fonts))
    sys.stdout.write(f"screenshots/{shot.name}.svg, .png\n")


async def take(shot: Shot, targets: Sequence[Target]) -> str:
    """The picture as SVG, after every step has shown what it waits for. TimeoutError where one does not."""
    app = AuditApp(targets, now_us=lambda: TODAY, local=UTC_ZONE)
    async with app.run_test(size=shot.size) as pilot:
        for step in shot.steps:
            if step.keys:
                await pilot.press(*step.keys)
            await _until(app, pilot, shot, step.shows)
        svg = await _settled(app, pilot)
        app.leave()
    return svg


async def _until(app: AuditApp, pilot: Pilot[None], shot: Shot, text: str) -> None:
    waited = 0.0
    while text not in (seen := plain_text(app.export_screenshot())):
        if waited > PATIENCE:
            raise TimeoutError(f"{shot.name}: {text!r} did not appear; the screen shows\n{seen}")
        await pilot.pause(_STEP)
        waited += _STEP


async def _settled(app: AuditApp, pilot: Pilot[None]) -> str:
    """The screen once it has stopped changing."""
    before, same = "", 0
    while same < 5:
        await pilot.pause(_STEP)
        after = tidy(app.export_screenshot(title="audit-tui"))
        same = same + 1 if after == before else 0
        before = after
    return before


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
