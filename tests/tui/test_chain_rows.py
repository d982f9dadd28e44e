"""Lines of a chain by arithmetic: every sequence has its line, also those that are not in the log."""

from collections.abc import Sequence

import pytest

from audit_tui.core.model import CheckedEvent, EventCheck, State
from audit_tui.service.api import Direction, EventPage, PageRequest
from audit_tui.tui.present.chain_rows import ChainRows
from audit_tui.tui.present.slots import PAGE, PAGES_KEPT, SlotKind
from tests.fakes_huge import HugeService, event_at

FINE = EventCheck(State.OK, State.OK, "ab" * 32)


def page_of(sequences: Sequence[int], request: PageRequest) -> EventPage:
    """What the service returns for a request over these sequences (ascending, repeats allowed)."""
    if request.direction is Direction.FORWARD:
        inside = [s for s in sequences if s >= request.anchor]
        taken, more = inside[: request.limit], len(inside) > request.limit
    else:
        inside = [s for s in sequences if s <= request.anchor]
        taken, more = inside[-request.limit :], len(inside) > request.limit
    events = tuple(CheckedEvent(event_at("org_a", s), FINE) for s in taken)
    return EventPage(events, more, 1.0)


def fill(rows: ChainRows, sequences: Sequence[int], top: int, bottom: int) -> int:
    """Fetches what lines top..bottom want; the number of requests."""
    fetched = 0
    while (request := rows.wants(top, bottom)) is not None:
        rows.accept(request, page_of(sequences, request))
        fetched += 1
        assert fetched < 50, "a page is asked for again and again"
    return fetched


def test_a_line_is_loading_until_its_page_is_here() -> None:
    rows = ChainRows("org_a", 1, 500)
    assert rows.slot(250).kind is SlotKind.LOADING
    assert rows.slot(250).sequence == 251
    assert fill(rows, range(1, 501), 250, 260) == 1
    assert rows.slot(250).kind is SlotKind.EVENT
    assert rows.slot(250).checked is not None
    assert rows.wants(250, 260) is None


@pytest.mark.parametrize("first", [1, 7, 1_000_001])
def test_the_line_of_a_sequence_is_arithmetic(first: int) -> None:
    rows = ChainRows("org_a", first, first + 999)
    assert rows.length == 1000
    assert rows.row_of(first) == 0
    assert rows.row_of(first + 999) == 999
    assert rows.row_of(first - 1) is None
    assert rows.seek(first + 5000) == 999
    assert rows.seek_end() == 999


def test_missing_sequences_keep_their_lines() -> None:
    there = [s for s in range(1, 401) if not 195 <= s <= 205]
    rows = ChainRows("org_a", 1, 400)
    fill(rows, there, 0, 399)
    kinds = [rows.slot(row).kind for row in range(400)]
    assert [row + 1 for row, kind in enumerate(kinds) if kind is SlotKind.MISSING] == list(range(195, 206))
    assert all(rows.slot(row).sequence == row + 1 for row in range(400))


def test_a_page_without_any_event_is_all_missing() -> None:
    rows = ChainRows("org_a", 1, 1000)
    fill(rows, [1, 1000], 400, 420)
    assert rows.slot(410).kind is SlotKind.MISSING


@pytest.mark.parametrize("doubled", [1, 100, 199, 200])
def test_events_that_share_a_sequence_share_its_line_and_hide_no_other(doubled: int) -> None:
    there = sorted([*range(1, 401), doubled, doubled])
    rows = ChainRows("org_a", 1, 400)
    fill(rows, there, 0, 399)
    assert [len(rows.slot(row).events) for row in range(400)] == [
        3 if row + 1 == doubled else 1 for row in range(400)
    ]


def test_too_many_events_of_one_sequence_are_told_not_guessed() -> None:
    there = sorted([*range(1, 201), *[50] * 10_000])
    rows = ChainRows("org_a", 1, 200)
    fill(rows, there, 0, 199)
    assert rows.slot(48).kind is SlotKind.EVENT
    assert rows.slot(49).kind is SlotKind.EVENT
    assert rows.slot(50).kind is SlotKind.UNREAD


def test_memory_does_not_depend_on_the_length() -> None:
    service = HugeService(10_000_000)
    rows = ChainRows("org_huge", 1, 10_000_000)
    for top in range(0, 10_000_000, 500_000):
        while (request := rows.wants(top, top + 60)) is not None:
            rows.accept(request, service.list_events(request))
    assert rows.pages_held <= PAGES_KEPT
    assert rows.slot(9_500_000).kind is SlotKind.EVENT
    assert rows.slot(0).kind is SlotKind.LOADING


def test_new_events_appear_at_the_end_when_the_chain_is_extended() -> None:
    rows = ChainRows("org_a", 1, 250)
    fill(rows, range(1, 251), 200, 249)
    rows.extend(300)
    assert rows.length == 300
    fill(rows, range(1, 301), 200, 299)
    assert rows.slot(299).kind is SlotKind.EVENT


def test_every_page_asked_for_starts_at_a_page_boundary_of_sequences() -> None:
    rows = ChainRows("org_a", 11, 10_000)
    request = rows.wants(450, 460)
    assert request is not None
    assert (request.anchor - 11) % PAGE == 0
