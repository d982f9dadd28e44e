"""What the lines around the timeline say, and how columns are fitted: pure, without a terminal."""

import pytest

from audit_tui.core.errors import UsageError
from audit_tui.core.model import CheckedEvent, EventCheck, State
from audit_tui.core.words import mark_of_check
from audit_tui.service.api import MatchCount
from audit_tui.tui.present.events import heading, layout, row
from audit_tui.tui.present.filtering import count_words, empty_lines, without_last
from audit_tui.tui.present.lines import Span, cells
from audit_tui.tui.present.places import Place, parse_place
from audit_tui.tui.present.resource import Place as Moment
from audit_tui.tui.present.resource import life_line
from audit_tui.tui.present.slots import Slot, SlotKind
from audit_tui.tui.present.spans import fold, plain, text_of
from audit_tui.tui.zone import UTC_ZONE
from tests.builders import make_chain
from tests.fakes import NOW_US

FINE = EventCheck(State.OK, State.OK, "ab" * 32)
CHAIN = [CheckedEvent(event, FINE) for event in make_chain("org_a", 30)]


@pytest.mark.parametrize("width", range(40, 240, 7))
@pytest.mark.parametrize("last", [9, 99_999, 9_223_372_036_854_775_807])
def test_a_line_is_never_wider_than_the_screen(width: int, last: int) -> None:
    columns = layout(width, last, UTC_ZONE)
    line = row(Slot(SlotKind.EVENT, 3, (CHAIN[2],)), columns, UTC_ZONE)
    if width >= 60:
        assert cells(line) + 1 <= width
        assert cells(heading(columns)) <= width
    assert columns[0].title == "SEQ"


def test_columns_go_from_the_right_and_the_verdict_never() -> None:
    titles = [[column.title for column in layout(width, 1204, UTC_ZONE)] for width in (120, 80, 60)]
    assert titles[0] == ["SEQ", "TIME (UTC)", "EVENT", "ACTOR", "RESOURCE", "CHANGE"]
    assert titles[1] == titles[0][:5]
    assert titles[2] == titles[0][: len(titles[2])]


@pytest.mark.parametrize(
    ("check", "glyph"),
    [
        (EventCheck(State.OK, State.OK, None), "✓"),
        (EventCheck(State.FAILED, State.OK, None), "✗"),
        (EventCheck(State.OK, State.FAILED, None), "✗"),
        (EventCheck(State.INCONCLUSIVE, State.OK, None), "?"),
        (EventCheck(State.OK, State.NOT_RUN, None), "–"),
        (EventCheck(State.OK, State.OK, None, uncovered_columns=("metadata",)), "○"),
        (EventCheck(State.OK, State.OK, None, erased=("identity",), covered=True), "▒"),  # type: ignore[arg-type]
        (EventCheck(State.OK, State.OK, None, erased=("identity",), covered=False), "✗"),  # type: ignore[arg-type]
    ],
)
def test_the_glyph_is_the_worst_of_what_is_known(check: EventCheck, glyph: str) -> None:
    assert mark_of_check(check).glyph == glyph


@pytest.mark.parametrize(
    ("typed", "left", "dropped"),
    [
        ("actor:usr_9 since:2d", "actor:usr_9", "since:2d"),
        ('type:a.* since:"yesterday 10:00"', "type:a.*", 'since:"yesterday 10:00"'),
        ("actor:x two words", "actor:x two", "words"),
    ],
)
def test_the_last_condition_is_dropped_whole(typed: str, left: str, dropped: str) -> None:
    less = without_last(typed, NOW_US, UTC_ZONE)
    assert less is not None
    assert (less.text, less.dropped) == (left, dropped)


@pytest.mark.parametrize("typed", ["actor:usr_9", "", 'text:"', "  "])
def test_there_is_nothing_less_than_one_condition(typed: str) -> None:
    assert without_last(typed, NOW_US, UTC_ZONE) is None


def test_a_count_that_stopped_is_never_told_as_a_total() -> None:
    assert (
        count_words(MatchCount(38, complete=True, milliseconds=4), 38, 1102)
        == "38 of 1,102 events · complete · 4 ms"
    )
    assert "more than 10,000 of" in count_words(
        MatchCount(10_000, complete=False, milliseconds=9), 200, 10**6
    )
    assert count_words(None, 200, 10**6) == "200 seen so far of 1,000,000 events · counting"


def test_what_would_match_with_less_is_named() -> None:
    less = without_last("actor:usr_9 since:2d", NOW_US, UTC_ZONE)
    told = text_of(
        empty_lines("actor:usr_9 since:2d", less, MatchCount(3, complete=True, milliseconds=1), 120)
    )
    assert "No events match actor:usr_9 since:2d." in told
    assert "3 events match without since:2d: press u to drop it." in told


def test_a_number_is_a_sequence_and_all_else_a_moment() -> None:
    assert parse_place(" 455 ", NOW_US, UTC_ZONE) == Place(sequence=455)
    assert parse_place("#455", NOW_US, UTC_ZONE) == Place(sequence=455)
    assert parse_place("2024-01-15 10:00", NOW_US, UTC_ZONE) == Place(at_us=1_705_312_800_000_000)
    for typed in ("9223372036854775808", "01/02/2024", "2024-02-30", "soon", ""):
        with pytest.raises(UsageError):
            parse_place(typed, NOW_US, UTC_ZONE)


@pytest.mark.parametrize("width", [30, 80, 120, 200])
@pytest.mark.parametrize("count", [0, 1, 2, 30])
def test_the_life_line_fits_and_marks_the_place(width: int, count: int) -> None:
    place = Moment(count // 2 if count else None)
    line = life_line(CHAIN[:count], place, False, UTC_ZONE, width)
    assert cells(line) <= width
    assert plain(line).count("◆") == (1 if count else 0)


@pytest.mark.parametrize("text", ["", "abc", "漢字" * 50, "a" * 300, "e\u0301" * 50])
@pytest.mark.parametrize("width", [1, 2, 9, 40])
def test_folding_loses_nothing(text: str, width: int) -> None:
    folded = list(fold((Span("> "), Span(text)), width, 2))
    assert (
        "".join(plain(line).removeprefix("  ") if n else plain(line) for n, line in enumerate(folded))
        == "> " + text
    )
