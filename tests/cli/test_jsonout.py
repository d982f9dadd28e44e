"""Documents: one line, their format first, evidence unchanged, nothing a terminal would act on."""

import json

import pytest

from audit_tui.cli.jsonout import embed, event_fields, to_text
from audit_tui.core.model import CheckedEvent, EventCheck, State
from tests.builders import make_event

OK = EventCheck(State.OK, State.OK, "ab" * 32)


def line_of(**columns: object) -> str:
    return to_text("timeline", event_fields(CheckedEvent(make_event("org_acme", 7, **columns), OK)))


def test_the_format_comes_first() -> None:
    assert line_of().startswith('{"format": "audit-tui/timeline/1", ')


def test_columns_keep_their_names_and_json_columns_are_json() -> None:
    event = json.loads(line_of(changes='{"role": {"new": "admin", "old": "member"}}'))["event"]
    assert event["changes"] == {"role": {"new": "admin", "old": "member"}}
    assert event["sequence_number"] == 7
    assert event["resource_before"] is None
    assert event["part_salts"] == make_event("org_acme", 7).part_salts.hex()  # type: ignore[union-attr]  # set


@pytest.mark.parametrize("number", ["1.10", "1e400", "12345678901234567890123456789", "-0", "0.1000"])
def test_numbers_are_printed_as_the_server_printed_them(number: str) -> None:
    assert f'"metadata": {{"n": {number}}}' in line_of(metadata=f'{{"n": {number}}}')


def test_times_are_rfc_3339_in_utc_with_microseconds() -> None:
    event = json.loads(line_of(timestamp="2024-01-15 10:30:00.5+00"))["event"]
    assert event["timestamp"] == "2024-01-15T10:30:00.500000Z"


@pytest.mark.parametrize("text", ["infinity", "0044-03-15 10:00:00+00 BC"])
def test_times_that_no_calendar_holds_stay_as_printed(text: str) -> None:
    assert json.loads(line_of(timestamp=text))["event"]["timestamp"] == text


@pytest.mark.parametrize(
    "hostile", ["\x1b[2J", "\x9b1m", "\u202e", "\u200b", "\x7f", "a\nb\r\tc", "\x00", "\U000e0041"]
)
def test_no_character_that_acts_on_a_terminal_or_hides_is_printed(hostile: str) -> None:
    line = line_of(actor_id=hostile, metadata=json.dumps({"k": hostile}, ensure_ascii=False))
    assert all(character.isprintable() for character in line)
    read = json.loads(line)["event"]
    assert read["actor_id"] == hostile
    assert read["metadata"] == {"k": hostile}


def test_readable_text_stays_readable() -> None:
    assert "監査 ✗ naïve" in line_of(actor_id="監査 ✗ naïve")


def test_text_that_is_no_json_is_embedded_as_text() -> None:
    assert embed("{broken") == "{broken"


def test_json_null_and_no_json_are_both_null() -> None:
    assert embed("null") is None
    assert embed(None) is None


def test_a_value_nested_beyond_reason_is_still_one_line_of_json() -> None:
    deep = "[" * 5000 + "]" * 5000
    assert f'"metadata": {deep}' in line_of(metadata=deep)


def test_the_check_says_what_was_proved() -> None:
    check = json.loads(line_of())["check"]
    assert check == {
        "content": "ok",
        "link": "ok",
        "expected_hash": "ab" * 32,
        "zone_offset_seconds": None,
        "erased": [],
        "covered": None,
        "uncovered_columns": [],
    }
