"""What is typed: sequences, resources, durations on the way."""

import pytest

from audit_tui.cli.common import MAX_SEQUENCE, read_sequence, split_resource
from audit_tui.cli.progress import duration, line
from audit_tui.core.errors import UsageError
from audit_tui.core.findings import Finding, Kind, Severity, VerifyStatus


@pytest.mark.parametrize(("typed", "sequence"), [("1", 1), ("0007", 7), (str(MAX_SEQUENCE), MAX_SEQUENCE)])
def test_digits_are_a_sequence(typed: str, sequence: int) -> None:
    assert read_sequence(typed) == sequence


@pytest.mark.parametrize("typed", ["evt_12", "12a", "", " 1", "٣", "1.0", "0x1"])
def test_anything_else_is_an_event_id(typed: str) -> None:
    assert read_sequence(typed) is None


@pytest.mark.parametrize("typed", ["0", "-1", str(MAX_SEQUENCE + 1), "9" * 6000])
def test_a_sequence_out_of_range_is_refused(typed: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_sequence(typed)
    assert "out of range" in caught.value.title
    assert len(str(caught.value)) < 200


def test_the_first_slash_ends_the_type() -> None:
    assert split_resource("invoice/2024/17") == ("invoice", "2024/17")


@pytest.mark.parametrize("typed", ["user", "/usr_1", "user/", "/", ""])
def test_a_resource_without_both_halves_is_refused(typed: str) -> None:
    with pytest.raises(UsageError, match="TYPE/ID"):
        split_resource(typed)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 s"), (59.6, "60 s"), (300, "5 min"), (7800, "2 h 10 min")]
)
def test_durations_are_short(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def status(**changed: object) -> VerifyStatus:
    plain: dict[str, object] = {
        "tenant_id": "org_acme", "tenants_done": 0, "tenants_total": 1, "events_done": 612_000,
        "events_total": 1_000_000, "rate": 71_400.4, "seconds_left": 5.2,
    }  # fmt: skip
    return VerifyStatus(**(plain | changed))  # type: ignore[arg-type]  # fields of one test


def test_progress_says_how_far_how_fast_and_how_long() -> None:
    expected = "✓ 612,000 of 1,000,000 events proven · 71,400 per second · about 5 s left"
    assert line(status()) == expected


def test_progress_over_several_tenants_names_the_one_being_read() -> None:
    assert "org_acme (3 of 6)" in line(status(tenants_done=2, tenants_total=6))


def test_progress_calls_nothing_proven_once_something_was_found() -> None:
    found = Finding(Kind.CONTENT_MISMATCH, Severity.TAMPERED, "org_acme", 4, 4, "evt_4", "Event 4: changed.")
    told = line(status(findings=(found,)))
    assert told.startswith("✗ 612,000 of 1,000,000 events checked · 1 break so far")
