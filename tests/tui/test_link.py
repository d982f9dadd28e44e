"""The link view: predecessor, broken event, successor, both hashes, and the answers to what is asked next."""

from collections.abc import Callable

import pytest

from audit_tui.core.findings import Story, StoryKind, TenantReport
from audit_tui.core.model import Event
from audit_tui.service.api import VerifyRequest
from audit_tui.tui.present.hashes import grouped, whole
from audit_tui.tui.present.lines import Line, cells
from audit_tui.tui.present.link import link_rows, sentence_lines
from audit_tui.tui.present.link_chain import Look
from audit_tui.tui.present.spans import plain, text_of
from audit_tui.tui.screens.link import _read
from audit_tui.tui.zone import UTC_ZONE
from tests.builders import drop, edit, make_chain, rehash
from tests.fakes import FakeService
from tests.tui.pilot import SIZES, running, screen_text, shows, target, until
from tests.tui.stories import tampered_service

A, B = "9b024c1e" + "0" * 56, "9b0290aa" + "0" * 56


def _swap(events: list[Event]) -> None:
    low, high = events[7], events[14]
    events[7] = high._replace(sequence_number=8)
    events[14] = low._replace(sequence_number=15)


def _first_gone(events: list[Event]) -> None:
    drop(events, 1, 4)


def _null_hash(events: list[Event]) -> None:
    edit(events, 8, event_hash=None)


def _in_place(events: list[Event]) -> None:
    edit(events, 8, actor_id="other")


def _rehashed(events: list[Event]) -> None:
    edit(events, 8, actor_id="other")
    rehash(events, 8)


def _gap(events: list[Event]) -> None:
    drop(events, 8, 9)


def _forged_start(events: list[Event]) -> None:
    edit(events, 1, previous_hash="a" * 64)


def _doubled(events: list[Event]) -> None:
    events.insert(8, events[7]._replace(id=900, event_id="evt_copy"))


CASES: dict[str, tuple[Callable[[list[Event]], None], StoryKind, list[str]]] = {
    "edited in place": (
        _in_place,
        StoryKind.EDITED_IN_PLACE,
        ["✗ content", "← edited", "is the hash stored with it", "is what its columns give when hashed again"],
    ),
    "edited and rehashed": (
        _rehashed,
        StoryKind.EDITED_AND_REHASHED,
        [
            "← rewritten",
            "✗ link",
            "is the hash of event 8 now",
            "is what event 9 recorded when it was logged",
        ],
    ),
    "a gap": (
        _gap,
        StoryKind.DELETED,
        ["2 events are missing, 8 to 9", "is the hash of event 7", "is what event 10 names: the hash of 9"],
    ),
    "the start is gone": (
        _first_gone,
        StoryKind.START_DELETED,
        ["4 events are missing, 1 to 4", "is what event 5 names: it is gone"],
    ),
    "a NULL hash": (_null_hash, StoryKind.HASH_DAMAGED, ["NULL", "← hash damaged"]),
    "swapped": (_swap, StoryKind.SWAPPED, ["← swapped", "⋮"]),
    "doubled": (_doubled, StoryKind.DUPLICATED, ["← occurs twice", "both claim to be the same number"]),
}


def _told(tamper: Callable[[list[Event]], None]) -> tuple[FakeService, TenantReport, Story]:
    chain = make_chain("org_a", 20)
    tamper(chain)
    service = FakeService({"org_a": chain})
    report = service.verify(VerifyRequest()).tenants[0]
    assert report.stories, report.findings
    return service, report, report.stories[0]


@pytest.mark.parametrize(("tamper", "kind", "words"), CASES.values(), ids=CASES)
@pytest.mark.parametrize("width", [76, 110, 196])
def test_each_attack_has_its_picture(
    tamper: Callable[[list[Event]], None], kind: StoryKind, words: list[str], width: int
) -> None:
    service, report, story = _told(tamper)
    assert story.kind is kind
    around, command = _read(service, "org_a", story)
    lines: list[Line] = [r.line for r in link_rows(story, around, report, command, Look(width, UTC_ZONE))]
    text = text_of(lines)
    for word in words:
        assert word in text
    assert "╳" in text or kind in (StoryKind.DOWNGRADED, StoryKind.DUPLICATED)
    for label in ("What it means", "Still proven", "Not known", "Evidence", "To repeat it"):
        assert label in text
    assert max(cells(line) for line in lines) <= width
    assert sentence_lines(story, width)


@pytest.mark.parametrize("width", [76, 110, 196])
def test_whole_hashes_are_whole_at_every_width(width: int) -> None:
    service, report, story = _told(_rehashed)
    around, command = _read(service, "org_a", story)
    rows = link_rows(story, around, report, command, Look(width, UTC_ZONE, whole=True))
    text = text_of([row.line for row in rows]).replace(" ", "").replace("\n", "")
    for checked in around[:2]:
        assert (checked.event.event_hash or "-") in text
    assert (around[2].event.previous_hash or "-") in text
    assert max(cells(row.line) for row in rows) <= width


def test_only_the_groups_that_differ_are_marked() -> None:
    marked = [span.text for span in grouped(A, B) if "differs" in span.role]
    assert marked == ["4c1e"]
    assert [span.text for span in grouped(B, A) if "differs" in span.role] == ["90aa"]
    assert plain(grouped(A, None, 4)) == "9b02 4c1e 0000 0000 …"
    assert plain(grouped(None, A)) == "NULL"
    assert "".join(plain(line) for line in whole(A, B, 8)).replace(" ", "") == A


def test_a_vanished_tenant_shows_what_was_witnessed() -> None:
    service = FakeService({"org_b": make_chain("org_b", 3)}, witnesses={"org_a": (17, A)})
    report = next(t for t in service.verify(VerifyRequest()).tenants if t.tenant_id == "org_a")
    around, command = _read(service, "org_a", report.stories[0])
    assert around == ()
    rows = link_rows(report.stories[0], around, report, command, Look(100, UTC_ZONE))
    text = text_of([row.line for row in rows])
    assert "17 events are missing, 1 to 17" in text
    assert "is the hash of event 17 as it was witnessed" in text


def test_a_cut_tail_shows_the_head_and_the_witness() -> None:
    chain = make_chain("org_a", 20)
    witnessed = chain[-1].event_hash or ""
    drop(chain, 15, 20)
    service = FakeService({"org_a": chain}, witnesses={"org_a": (20, witnessed)})
    report = service.verify(VerifyRequest()).tenants[0]
    around, command = _read(service, "org_a", report.stories[0])
    assert [checked.event.sequence_number for checked in around] == [14]
    text = text_of(
        [r.line for r in link_rows(report.stories[0], around, report, command, Look(110, UTC_ZONE))]
    )
    assert "6 events are missing, 15 to 20" in text
    assert "is the hash of event 14, the head now" in text
    assert "is the hash of event 20 as it was witnessed" in text
    assert "Could also be" in text


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_demo_to_broken_link_is_one_key(size: tuple[int, int]) -> None:
    async with running(target(tampered_service()), size=size) as (app, pilot):
        await shows(pilot, "Checked through")
        await pilot.press("b")
        await shows(pilot, "is the hash stored with it")
        text = screen_text(app)
        assert "Event 12 was changed after being sealed" in text
        assert "What it means" in text
        assert all(len(line) <= size[0] for line in text.splitlines())


async def test_n_goes_through_all_findings_of_the_tenant() -> None:
    chain = make_chain("org_a", 60)
    for sequence in (10, 30, 50):
        edit(chain, sequence, actor_id="other")
    async with running(target(FakeService({"org_a": chain}))) as (app, pilot):
        await shows(pilot, "Checked through")
        await pilot.press("b")
        await shows(pilot, "finding 1 of 3")
        await pilot.press("n")
        await shows(pilot, "link 30")
        await shows(pilot, "finding 2 of 3")
        await pilot.press("N", "N")
        await shows(pilot, "link 50")
        await until(pilot, lambda: "  51  " in screen_text(app))


async def test_h_shows_hashes_whole_and_y_copies_the_finding() -> None:
    service = tampered_service()
    stored = service.chains["org_acme"][11].event_hash or ""
    spaced = " ".join(stored[at : at + 4] for at in range(0, 64, 4))
    async with running(target(service), size=(120, 34)) as (app, pilot):
        await shows(pilot, "Checked through")
        await pilot.press("b")
        await shows(pilot, "is the hash stored with it")
        assert spaced not in screen_text(app)
        await pilot.press("h")
        await shows(pilot, spaced)
        await pilot.press("y")
        await shows(pilot, "Copied the finding as Markdown")
        assert stored in app.clipboard
        assert "Event 12 was changed after being sealed" in app.clipboard
        assert "audit-tui verify --dsn service=incident-prod --tenant org_acme" in app.clipboard


async def test_the_cursor_stands_on_the_broken_event_and_moves_between_events() -> None:
    async with running(target(tampered_service())) as (app, pilot):
        await shows(pilot, "Checked through")
        await pilot.press("j", "b")
        await until(pilot, lambda: "▌   15" in screen_text(app))
        await pilot.press("j")
        await until(pilot, lambda: "▌   16" in screen_text(app))
        await pilot.press("g")
        await until(pilot, lambda: "▌   14" in screen_text(app))
