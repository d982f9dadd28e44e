"""Times are read strictly: the right moment, or a refusal that says what to write."""

from datetime import UTC, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core.clock import microseconds, rfc3339
from audit_tui.core.errors import UsageError
from audit_tui.core.moments import parse_moment, parse_zone

BERLIN = ZoneInfo("Europe/Berlin")
NOW = microseconds("2024-09-14 22:20:00+00")
assert NOW is not None
FIRST, LAST = -62_135_596_800_000_000, 253_402_300_799_999_999
ANY_MOMENT = st.integers(FIRST, LAST)


def read(text: str) -> str:
    assert NOW is not None
    return rfc3339(parse_moment(text, NOW))


@given(ANY_MOMENT)
def test_what_is_printed_is_read_back(us: int) -> None:
    assert parse_moment(rfc3339(us), 0) == us
    assert parse_moment(rfc3339(us).replace("T", " ").replace("Z", "+00:00"), 0) == us


@given(st.integers(-(10**12) + 1, 10**11))
def test_epochs_are_read_to_the_microsecond(us: int) -> None:
    sign = "-" if us < 0 else ""
    assert parse_moment(f"@{sign}{abs(us) // 1_000_000}.{abs(us) % 1_000_000:06}", 0) == us


@given(st.integers(0, 10**5), st.sampled_from(["w", "d", "h", "m", "s", " weeks ago", " min", " hour"]))
def test_ago_is_exact_and_in_the_past(amount: int, unit: str) -> None:
    assert NOW is not None
    seconds = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}[unit.strip()[0]]
    assert parse_moment(f"{amount}{unit}", NOW) == NOW - amount * seconds * 1_000_000


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", "2024-09-14T22:20:00.000000Z"),
        ("  NOW ", "2024-09-14T22:20:00.000000Z"),
        ("today", "2024-09-14T00:00:00.000000Z"),
        ("today 9:05", "2024-09-14T09:05:00.000000Z"),
        ("yesterday", "2024-09-13T00:00:00.000000Z"),
        ("Yesterday 10:00:01.5", "2024-09-13T10:00:01.500000Z"),
        ("today 09:00 Europe/Berlin", "2024-09-15T07:00:00.000000Z"),
        ("2 days ago", "2024-09-12T22:20:00.000000Z"),
        ("@1705312800.5", "2024-01-15T10:00:00.500000Z"),
        ("2024-01-15", "2024-01-15T00:00:00.000000Z"),
        ("2024-02-29", "2024-02-29T00:00:00.000000Z"),
        ("2024-01-15 10:00", "2024-01-15T10:00:00.000000Z"),
        ("2024-01-15t10:00z", "2024-01-15T10:00:00.000000Z"),
        ("2024-01-15T10:00:00,25Z", "2024-01-15T10:00:00.250000Z"),
        ("2024-01-15T10:00:00+05:30", "2024-01-15T04:30:00.000000Z"),
        ("2024-01-15 10:00 -0800", "2024-01-15T18:00:00.000000Z"),
        ("2024-01-15 10:00+05", "2024-01-15T05:00:00.000000Z"),
        ("2024-01-15 10:00 Europe/Berlin", "2024-01-15T09:00:00.000000Z"),
        ("2024-07-15 Asia/Kolkata", "2024-07-14T18:30:00.000000Z"),
        ("2024-10-27T02:30:00+01:00", "2024-10-27T01:30:00.000000Z"),
    ],
)
def test_what_is_understood(text: str, moment: str) -> None:
    assert read(text) == moment


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("01/02/2024", "ambiguous"),
        ("2024/01/02", "ambiguous"),
        ("1.2.2024", "ambiguous"),
        ("15-01-2024", "ambiguous"),
        ("2024-02-30", "not a date"),
        ("2023-02-29", "not a date"),
        ("2024-13-01", "not a date"),
        ("0000-01-01", "not a date"),
        ("2024-01-15 24:00", "not a time"),
        ("2024-01-15 10:60", "not a time"),
        ("today 25:00", "not a time"),
        ("2024-01-15T10:00:00+16:00", "impossible offset"),
        ("2024-01-15 10:00+01:00 Europe/Berlin", "both an offset and a zone"),
        ("2024-01-15+05:30", "offset without a time"),
        ("2024-01-15 10:00 Europe/Berln", "no time zone"),
        ("2024-03-31 02:30 Europe/Berlin", "never was"),
        ("2024-10-27 02:30 Europe/Berlin", "was twice"),
        ("999999w", "outside the years"),
        ("@999999999999", "outside the years"),
        ("0001-01-01 00:00 Asia/Tokyo", "outside the years"),
        ("", "not a time"),
        ("10:00", "not a time"),
        ("1705312800", "not a time"),
        ("-2d", "not a time"),
        ("tomorrow", "not a time"),
        ("2024-1-5", "not a time"),
        ("2024-01-15\x00", "not a time"),
        ("٢٠٢٤-01-15", "not a time"),
    ],
)
def test_what_is_refused_says_why_and_what_to_write(text: str, why: str) -> None:
    with pytest.raises(UsageError) as refused:
        read(text)
    assert why in refused.value.title
    assert refused.value.hint
    assert refused.value.exit_code == 2


def test_an_hour_that_was_twice_names_both_offsets() -> None:
    with pytest.raises(UsageError, match=r"2024-10-27T02:30:00\+02:00 or 2024-10-27T02:30:00\+01:00"):
        read("2024-10-27 02:30 Europe/Berlin")


def test_a_day_has_a_first_moment_even_where_its_midnight_was_skipped() -> None:
    assert read("2018-11-04 America/Sao_Paulo") == "2018-11-04T03:00:00.000000Z"
    with pytest.raises(UsageError, match="never was"):
        read("2018-11-04 00:00 America/Sao_Paulo")


def test_the_zone_given_is_where_clock_times_are_meant() -> None:
    assert NOW is not None
    assert rfc3339(parse_moment("2024-01-15 10:00", NOW, BERLIN)) == "2024-01-15T09:00:00.000000Z"
    assert rfc3339(parse_moment("today", NOW, BERLIN)) == "2024-09-14T22:00:00.000000Z"
    assert rfc3339(parse_moment("2024-01-15 10:00Z", NOW, BERLIN)) == "2024-01-15T10:00:00.000000Z"
    assert rfc3339(parse_moment("2024-01-15 10:00 UTC", NOW, BERLIN)) == "2024-01-15T10:00:00.000000Z"


@pytest.mark.parametrize("name", ["UTC", "utc", "Z", " UTC "])
def test_utc_by_its_names(name: str) -> None:
    assert parse_zone(name) is UTC


def test_zones_by_name_and_offset() -> None:
    assert parse_zone("Europe/Berlin") == BERLIN
    assert parse_zone("-03:30") == timezone(-timedelta(hours=3, minutes=30))


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Europe",
        "Europe/",
        "../etc/passwd",
        "/etc/localtime",
        "Mars/Base",
        "+25:00",
        "Europe/Berlin\x00",
        "ü",
    ],
)
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_zone(name)
    assert refused.value.hint


@pytest.mark.parametrize(
    ("typed", "meant"), [("europe/berlin", "Europe/Berlin"), ("berlin", "Europe/Berlin")]
)
def test_a_near_name_is_suggested(typed: str, meant: str) -> None:
    with pytest.raises(UsageError, match=f"did you mean {meant}"):
        parse_zone(typed)
