"""Database text is hostile: no value is read as markup, and no control character reaches the terminal."""

import pytest
from rich.segment import Segment
from textual.color import Color

from audit_tui.core.safe import BAD
from audit_tui.tui.app import AuditApp
from audit_tui.tui.filters import NoControls
from tests.builders import edit, make_chain
from tests.fakes import FakeService
from tests.tui.pilot import running, screen_text, shows, target, until

PAYLOADS = [
    "[red]x[/]",
    "[@click=app.quit]x[/]",
    "[/nope]",
    "[link=https://example.com]x[/link]",
    "[b",
    "\\[b]x",
    ":lock: :smiley:",
    "\x1b[2J\x1b[H",
    "\x1bc",
    "\x1b]2;PWNED\x1b\\",
    "\x1b]52;c;cHduZWQ=\x07",
    "\x9b31m\x00\x7f",
    "\u202etxt.exe\u2066\u200b\ufeff",
    "line\nbreak\ttab\ud800\U000e0041" + "a\u0300\u0301\u0302\u0303\u0304" + "漢字" * 30,
]
NAMES = [f"markup{number}" for number in range(7)] + [f"control{number}" for number in range(7)]


def _service(payload: str) -> FakeService:
    payload = payload.replace("\ud800", "")  # UTF-8 can't hold it, so no column of text can either
    chain = make_chain(
        payload,
        6,
        event_type=payload,
        actor_id=payload,
        actor_email=payload,
        resource_id=payload,
        event_id=payload,
        resource_type=payload,
    )
    edit(chain, 3, actor_ip_address="198.51.100.1")
    edit(chain, 5, event_hash=payload)
    return FakeService({payload: chain}, name=f"db {payload}")


def _assert_harmless(app: AuditApp, payload: str) -> None:
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            if segment.control:
                continue
            assert not BAD.search(segment.text), repr(segment.text)
            meta = segment.style.meta if segment.style is not None else {}
            assert not any(key.startswith("@") for key in meta), meta
            assert segment.style is None or segment.style.link is None


@pytest.mark.parametrize("payload", PAYLOADS, ids=NAMES)
async def test_no_screen_reads_a_value_as_markup_or_draws_its_controls(payload: str) -> None:
    app: AuditApp
    async with running(target(_service(payload)), target(_service("other")), size=(120, 48)) as (app, pilot):
        await shows(pilot, "Checked through")
        _assert_harmless(app, payload)
        if payload.isprintable():
            assert payload[:12] in screen_text(app)
        for keys in (("v",), ("enter",), ("h",), ("n",), ("y",)):
            await pilot.press(*keys)
            await pilot.pause()
            _assert_harmless(app, payload)
        assert not BAD.search(app.clipboard)
        await pilot.press("?")
        await shows(pilot, "Everywhere")
        _assert_harmless(app, payload)
        await pilot.press("escape", "ctrl+p")
        await shows(pilot, "Open the event under the cursor")
        await pilot.press(*"switch")
        await shows(pilot, "Switch database: db other")
        _assert_harmless(app, payload)
        await pilot.press("escape")
        assert app.crash is None


@pytest.mark.parametrize("payload", PAYLOADS, ids=NAMES)
async def test_a_filter_and_a_failure_that_quote_a_value_are_harmless(payload: str) -> None:
    from audit_tui.core.errors import PermissionMissingError

    service = _service("org_a")
    service.fail_next = PermissionMissingError(f"no right to read {payload}", f"GRANT SELECT ON {payload}")
    async with running(target(service), size=(120, 30)) as (app, pilot):
        await shows(pilot, "no right to read")
        _assert_harmless(app, payload)
        await pilot.press("R")
        await shows(pilot, "Checked through")
        await pilot.press("/")
        typed = [character for character in payload if character.isprintable() and character != " "][:12]
        await pilot.press(*(typed or ["x"]))
        await until(
            pilot, lambda: "No tenant's name holds" in screen_text(app) or "org_a" in screen_text(app)
        )
        _assert_harmless(app, payload)


@pytest.mark.parametrize("payload", PAYLOADS, ids=NAMES)
def test_the_net_takes_controls_out_of_any_widgets_text(payload: str) -> None:
    clean = NoControls().apply([Segment(payload)], Color.parse("black"))
    assert not BAD.search(clean[0].text)
    clean[0].text.encode()


def test_the_net_leaves_what_the_terminal_driver_sends() -> None:
    from rich.control import Control

    control = Control.home().segment
    assert NoControls().apply([control], Color.parse("black")) == [control]
