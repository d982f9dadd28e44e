"""A line of an archive stands for one event, and one event has one line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core.archive import lines
from audit_tui.core.archive.lines import ArchiveFormatError, event_to_line, line_to_event
from audit_tui.core.model import COLUMNS, Event

NUMBERS = ("id", "sequence_number", "hash_version")
TEXT = st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
BIG = st.integers(-(2**63) + 1, 2**63 - 1)


def event(**given: object) -> Event:
    values = dict.fromkeys(COLUMNS) | {"id": 7, "tenant_id": "org_a", "sequence_number": 3} | given
    return Event(**values)  # type: ignore[arg-type] # tests put anything anywhere


EVENTS = st.builds(
    event,
    **{column: TEXT for column in COLUMNS if column not in (*NUMBERS, "part_salts")},
    id=st.none() | BIG,
    sequence_number=BIG,
    hash_version=st.none() | st.integers(-5, 5),
    part_salts=st.none() | st.binary(max_size=80),
)


@given(EVENTS)
def test_every_event_comes_back_bit_for_bit(made: Event) -> None:
    line = event_to_line(made)
    assert line_to_event(line) == line_to_event(line[:-1]) == made
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")


def test_a_line_is_what_a_person_reads_with_zcat() -> None:
    made = event(changes='{"a": 1.10}', part_salts=b"\x00\xff", actor_email="é@x")
    loaded = json.loads(event_to_line(made))
    assert list(loaded) == list(COLUMNS)
    assert loaded["changes"] == '{"a": 1.10}'
    assert loaded["part_salts"] == "00ff"
    assert "é@x".encode() in event_to_line(made)


GOOD = event_to_line(event(changes="{}", hash_version=2, part_salts=bytes(64), actor_id="a"))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe{}",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        GOOD[:-3],
        GOOD[:-1] + b" \n",
        GOOD + b"\n",
        GOOD[:-1] + b"\r\n",
        GOOD.replace(b'"id":7', b'"id":7.0'),
        GOOD.replace(b'"id":7', b'"id":true'),
        GOOD.replace(b'"id":7', b'"id":"7"'),
        GOOD.replace(b'"id":7', b'"id":NaN'),
        GOOD.replace(b'"id":7', b'"id":' + b"9" * 5000),
        GOOD.replace(b'"id":7', b'"id":9223372036854775808'),
        GOOD.replace(b'"id":7', b'"id": 7'),
        GOOD.replace(b'"id":7,', b'"id":7,"id":7,'),
        GOOD.replace(b'"id":7,', b'"id":7,"extra":1,'),
        GOOD.replace(b'"id":7,', b""),
        GOOD.replace(b'"sequence_number":3', b'"sequence_number":null'),
        GOOD.replace(b'"changes":"{}"', b'"changes":{}'),
        GOOD.replace(b'"actor_id":"a"', b'"actor_id":"\\u0061"'),
        GOOD.replace(b'"actor_id":"a"', b'"actor_id":"\\u0000"'),
        GOOD.replace(b'"actor_id":"a"', b'"actor_id":"\\ud800"'),
        GOOD.replace(b'"actor_id":"a"', b'"actor_id":["a"]'),
        GOOD.replace(b'"part_salts":"00', b'"part_salts":"0'),
        GOOD.replace(b'"part_salts":"00', b'"part_salts":"AA'),
        GOOD.replace(b'"part_salts":"00', b'"part_salts":"zz'),
        GOOD.decode().encode("utf-16"),
    ],
)
def test_anything_else_is_refused_in_half_a_sentence(line: bytes) -> None:
    assert line_to_event(GOOD).sequence_number == 3
    with pytest.raises(ArchiveFormatError, match=r"^(is|holds) "):
        line_to_event(line)


def test_text_that_no_encoding_has_is_not_written() -> None:
    with pytest.raises(ArchiveFormatError, match="not valid"):
        event_to_line(event(actor_id="\ud800"))


def test_a_line_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", len(GOOD) - 1)
    with pytest.raises(ArchiveFormatError, match="longer"):
        line_to_event(GOOD)
    with pytest.raises(ArchiveFormatError, match="a line holds"):
        event_to_line(event(changes="{}", hash_version=2, part_salts=bytes(64), actor_id="a"))
