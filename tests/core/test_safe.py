"""Nothing that a terminal would act on comes through, and nothing harmless is lost."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core.safe import BAD, MARKS_CAP, SURROGATE, safe, safe_line, strip_controls

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
HOSTILE = st.text(
    st.sampled_from(
        "ab \t\n\r\x00\x07\x1b\x7f\x80\x9b\x9d\u0301\u200b\u202e\u2066\u2028\ufeff\ud800\U000e0041é漢🔒"
    ),
    max_size=40,
)
MARKS = re.compile("[\u0300-\u036f]+")


@given(ANY_TEXT | HOSTILE)
def test_no_control_format_or_surrogate_character_comes_through(text: str) -> None:
    for shown in (safe(text), safe_line(text)):
        kept = {c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
        assert kept <= {"\n"}
        assert not BAD.search(shown)
        assert not SURROGATE.search(shown)
        shown.encode()
    assert "\n" not in safe_line(text)


@given(ANY_TEXT | HOSTILE, st.integers(20, 60))
def test_the_limit_holds_and_what_was_safe_stays(text: str, limit: int) -> None:
    for make in (safe, safe_line):
        shown = make(text, limit)
        assert len(shown) <= limit
        assert make(shown, limit) == shown


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=200))
def test_plain_text_is_left_alone(text: str) -> None:
    assert safe(text) == text
    assert safe_line(text) == text


@given(ANY_TEXT | HOSTILE)
def test_the_last_net_keeps_the_width_and_lets_nothing_through(text: str) -> None:
    left = strip_controls(text)
    assert not BAD.search(left)
    assert not SURROGATE.search(left)
    assert [c for c in left if c != "\ufffd"] == [
        c for c in text if not BAD.match(c) and not SURROGATE.match(c) and c != "\ufffd"
    ]


@given(st.integers(0, 30))
def test_marks_do_not_pile_up(count: int) -> None:
    shown = safe("e" + "\u0301" * count + "x")
    assert [len(run) for run in MARKS.findall(shown)] == ([min(count, MARKS_CAP)] if count else [])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]2;title\x07", "␛]2;title␇"),
        ("\x1b[2J\x00\r\x7f", "␛[2J␀␍␡"),
        ("\x9b31m\x85", "\\x9b31m\\x85"),
        ("usr\u202enimda", "usr<U+202E>nimda"),
        ("a\u200bb\ufeffc\u00add", "a<U+200B>b<U+FEFF>c<U+00AD>d"),
        ("x\U000e0041\U000e01ef", "x<U+E0041><U+E01EF>"),
        ("\ud800x", "<U+D800>x"),
        ("\u3164\u115f\u034f", "<U+3164><U+115F><U+034F>"),
        ("a\u2028b\u2029c", "a<U+2028>b<U+2029>c"),
        ("\ufffe\uffff", "<U+FFFE><U+FFFF>"),
        ("[/nope][@click=app.quit]x[/] :lock:", "[/nope][@click=app.quit]x[/] :lock:"),
        ("Zoë 漢字 Ünïcode שלום", "Zoë 漢字 Ünïcode שלום"),
    ],
)
def test_what_is_drawn(text: str, shown: str) -> None:
    assert safe(text) == shown
    assert safe_line(text) == shown


def test_lines_and_tabs() -> None:
    assert safe("a\n\tb") == "a\n    b"
    assert safe_line("a\n\tb") == "a␊␉b"


def test_what_is_cut_is_counted_and_nothing_is_cut_in_half() -> None:
    assert safe_line("x" * 30, 20) == "x" * 11 + "… 19 more"
    assert safe_line("\u202e" * 30, 30) == "<U+202E>" * 2 + "… 28 more"
    assert safe_line("x" * 20, 20) == "x" * 20
    assert safe_line("\x1b" * 20, 20) == "␛" * 20


def test_a_huge_value_costs_no_more_than_what_is_shown() -> None:
    class Counting(str):
        """A text that would tell if anyone walked it whole."""

        def __iter__(self):  # type: ignore[no-untyped-def]
            for taken, character in enumerate(str(self)):
                assert taken < 300, "the whole text was walked"
                yield character

    assert safe_line(Counting("é" * 10_000_000), 100).endswith("more")
