"""Lines of a filter by keyset: the window grows both ways, what is read stays where it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core.filters import EventFilter
from audit_tui.tui.present.match_rows import MatchRows
from audit_tui.tui.present.slots import PAGES_KEPT, SlotKind
from tests.tui.test_chain_rows import page_of

SOME = EventFilter(event_type="user.*")


def settle(rows: MatchRows, sequences: list[int], top: int = 0, height: int = 30, cursor: int = 0) -> int:
    """Fetches until the screen from `top` is filled, following the cursor; the cursor at the end."""
    for _ in range(200):
        request = rows.wants(top, top + height - 1)
        if request is None:
            return cursor
        landing = rows.accept(request, page_of(sequences, request))
        if landing.cursor is not None:
            cursor = landing.cursor
            top = max(0, cursor - height // 2)
        cursor += landing.inserted_above
        top = max(0, top + landing.inserted_above)
    raise AssertionError("never filled")


def shown(rows: MatchRows) -> list[int | None]:
    return [rows.slot(row).sequence for row in range(rows.length) if rows.slot(row).kind is SlotKind.EVENT]


def test_the_cursor_stays_on_its_event() -> None:
    matches = list(range(5, 2000, 5))
    rows = MatchRows("org_a", SOME, 1000)
    cursor = settle(rows, matches)
    assert rows.slot(cursor).sequence == 1000


def test_the_cursor_goes_to_the_next_match_where_its_event_does_not_match() -> None:
    rows = MatchRows("org_a", SOME, 1001)
    assert rows.slot(settle(rows, list(range(5, 2000, 5)))).sequence == 1005


def test_the_last_match_is_taken_where_none_follows() -> None:
    rows = MatchRows("org_a", SOME, 5000)
    assert rows.slot(settle(rows, [10, 20, 30])).sequence == 30
    assert rows.is_whole
    assert shown(rows) == [10, 20, 30]


def test_nothing_matches() -> None:
    rows = MatchRows("org_a", SOME, 5)
    settle(rows, [])
    assert rows.is_whole
    assert rows.length == 0


def test_first_and_last_are_read_without_what_lies_between() -> None:
    matches = list(range(7, 1_000_000, 7))
    rows = MatchRows("org_a", SOME, 500_000)
    settle(rows, matches)
    assert rows.seek_end() is None
    assert rows.slot(settle(rows, matches)).sequence == matches[-1]
    assert rows.seek_start() is None
    assert rows.slot(settle(rows, matches)).sequence == 7
    assert rows.known < 1000


def test_the_old_window_stays_until_the_new_one_is_here() -> None:
    matches = list(range(1, 5000))
    rows = MatchRows("org_a", SOME, 100)
    cursor = settle(rows, matches)
    rows.seek(4000)
    assert rows.slot(cursor).sequence == 100


def test_going_up_page_by_page_reaches_the_first_match_and_holds_few_pages() -> None:
    matches = list(range(1, 5001))
    rows = MatchRows("org_a", SOME, 5000)
    cursor = settle(rows, matches)
    seen = [rows.slot(cursor).sequence]
    while cursor > 0:
        cursor = settle(rows, matches, max(0, cursor - 30), cursor=cursor)
        cursor -= 1
        cursor = settle(rows, matches, max(0, cursor - 1), cursor=cursor)
        seen.append(rows.slot(cursor).sequence)
    assert seen == list(range(5000, 0, -1))
    assert rows.pages_held <= PAGES_KEPT


def test_without_a_filter_a_gap_is_told_on_the_line_after_it() -> None:
    rows = MatchRows("org_a", EventFilter(), 1)
    settle(rows, [1, 2, 3, 7, 8, 10**15])
    gaps = {rows.slot(r).sequence: rows.slot(r).gap_before for r in range(rows.length)}
    assert gaps == {1: None, 2: None, 3: None, 7: (4, 6), 8: None, 10**15: (9, 10**15 - 1)}


def test_with_a_filter_what_lies_between_matches_is_no_gap() -> None:
    rows = MatchRows("org_a", SOME, 1)
    settle(rows, [1, 7])
    assert rows.slot(1).gap_before is None


@pytest.mark.parametrize("at", [199, 200, 201])
def test_events_that_share_a_sequence_are_not_lost_between_pages(at: int) -> None:
    matches = sorted([*range(1, 500), at, at])
    rows = MatchRows("org_a", SOME, 1)
    cursor = settle(rows, matches)
    while not rows.is_whole:
        settle(rows, matches, rows.length - 1, cursor=cursor)
    settle(rows, matches, 190, 30)
    assert rows.known == len(matches)


@given(
    matches=st.lists(st.integers(-50, 900), unique=True, max_size=700).map(sorted),
    around=st.integers(-100, 1000),
)
def test_any_window_grows_to_all_matches_in_order(matches: list[int], around: int) -> None:
    rows = MatchRows("org_a", SOME, around, keep=50)
    settle(rows, matches)
    while not rows.is_whole:
        settle(rows, matches, rows.length - 1)
        settle(rows, matches, 0)
    assert shown(rows) == matches
