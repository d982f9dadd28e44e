"""Timeline and Resource over hostile values: no markup, no control characters, no crash."""

import json

import pytest

from audit_tui.core.safe import BAD
from audit_tui.tui.app import AuditApp
from audit_tui.tui.screens.resource import ResourceScreen
from audit_tui.tui.screens.timeline import TimelineScreen
from tests.builders import edit, make_chain
from tests.fakes import FakeService
from tests.tui.pilot import running, shows, target, until
from tests.tui.test_hostile import NAMES, PAYLOADS

SCROLLBAR = {"grab", "release", "scroll_up", "scroll_down"}
"""What Textual's own scrollbars do with the mouse."""


def assert_harmless(app: AuditApp) -> None:
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            assert segment.control or not BAD.search(segment.text), repr(segment.text)
            meta = segment.style.meta if segment.style is not None else {}
            assert {does for key, does in meta.items() if key.startswith("@")} <= SCROLLBAR
            assert segment.style is None or segment.style.link is None


def _service(payload: str) -> FakeService:
    quoted = json.dumps({payload: payload, "list": [payload]})
    chain = make_chain(
        payload,
        9,
        event_type=payload,
        actor_id=payload,
        actor_email=payload,
        event_id=payload,
        resource_type=payload,
        resource_id=payload,
        changes=json.dumps({payload: {"old": payload, "new": payload + "2"}}),
        resource_before=quoted,
        resource_after=quoted,
        metadata=quoted,
        user_agent=payload * 50,
    )
    edit(chain, 5, event_hash=payload, timestamp=payload)
    return FakeService({payload: chain})


@pytest.mark.parametrize("payload", PAYLOADS, ids=NAMES)
async def test_browsing_hostile_values_is_harmless(payload: str) -> None:
    payload = payload.replace("\ud800", "")
    async with running(target(_service(payload)), size=(120, 40)) as (app, pilot):
        await shows(pilot, "Checked through")
        timeline = TimelineScreen(payload)
        await app.push_screen(timeline)
        await until(pilot, lambda: timeline.table.current.checked is not None)
        for keys in (("1",), ("2",), ("3",), ("4",), ("w",), ("enter",), ("escape",), ("n",), ("y",), ("g",)):
            await pilot.press(*keys)
            await pilot.pause()
            assert_harmless(app)
        await pilot.press("/", *[c for c in payload if c.isprintable()][:12], "enter")
        await pilot.pause()
        assert_harmless(app)
        await pilot.press("escape", "escape")
        resource = ResourceScreen(payload, payload, payload)
        await app.push_screen(resource)
        await until(pilot, lambda: resource.life.state is not None)
        for keys in (("left",), ("w",), ("g",), ("t", "x", "enter"), ("escape",), ("n",), ("y",)):
            await pilot.press(*keys)
            await pilot.pause()
            assert_harmless(app)
        assert app.crash is None
