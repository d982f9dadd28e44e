"""Moments as people type them, read strictly: what could mean two things is refused, never guessed.

`2024-01-15`, `2024-01-15 10:00`, `2024-01-15T10:00:00+05:30`, `2024-01-15 10:00 Europe/Berlin`, `now`,
`today 09:00`, `yesterday`, `2d`, `3h`, `2 days ago`, `@1705312800.5`. A date alone is its first moment.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal

from audit_tui.core.clock import from_datetime, to_datetime
from audit_tui.core.errors import UsageError
from audit_tui.core.zonename import parse_zone

__all__ = ["parse_moment", "parse_zone"]

EXAMPLES = "write 2024-01-15 10:00, 2024-01-15T10:00:00Z, yesterday 10:00, 2d, 3h or now"

_CLOCK = r"(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,6}))?)?"
_ABSOLUTE = re.compile(
    rf"(\d{{4}})-(\d\d)-(\d\d)(?:(?:[T ]|\ +){_CLOCK})?\s*(Z|[+-]\d\d(?::?\d\d)?)?(?:\s+(\S+))?\Z",
    re.ASCII | re.IGNORECASE,
)
_DAY = re.compile(rf"(today|yesterday)(?:\s+{_CLOCK})?(?:\s+(\S+))?\Z", re.ASCII | re.IGNORECASE)
_AGO = re.compile(
    r"(\d{1,6})\s*(w|weeks?|d|days?|h|hours?|m|min|mins|minutes?|s|sec|secs|seconds?)(?:\s+ago)?\Z",
    re.ASCII | re.IGNORECASE,
)
_EPOCH = re.compile(r"@(-?\d{1,12})(?:\.(\d{1,6}))?\Z", re.ASCII)
_SLASHED = re.compile(r"\d{1,4}[/.]\d{1,2}[/.]\d{1,4}", re.ASCII)
_DAY_FIRST = re.compile(r"\d{1,2}-\d{1,2}-\d{2,4}\b", re.ASCII)
_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}


def parse_moment(text: str, now_us: int, zone: tzinfo = UTC) -> int:
    """Whole microseconds since 1970-01-01 UTC of what was typed.

    `zone` is where clock times without an offset or zone name are meant; `now_us` is the present. `2d` is
    48 hours before it, `yesterday` the start of that day in the zone. UsageError for a text that is no
    moment, or ambiguous (`01/02/2024`, an hour that a clock change repeats), or never was (2024-02-30, an
    hour that a clock change skips), or lies outside the years 1 to 9999.
    """
    typed = " ".join(text.split())
    try:
        return _parse(typed, now_us, zone)
    except OverflowError:
        raise UsageError(f"{typed!r} lies outside the years 1 to 9999", EXAMPLES) from None


def _parse(typed: str, now_us: int, zone: tzinfo) -> int:
    if typed.lower() == "now":
        return now_us
    if match := _EPOCH.match(typed):
        return _checked(_epoch(*match.groups()))
    if match := _AGO.match(typed):
        seconds = int(match[1]) * _UNITS[match[2][0].lower()]
        return _checked(now_us - seconds * 1_000_000)
    if match := _DAY.match(typed):
        return _relative_day(match, now_us, zone, typed)
    if match := _ABSOLUTE.match(typed):
        return _absolute(match, zone, typed)
    if _SLASHED.match(typed) or _DAY_FIRST.match(typed):
        raise UsageError(
            f"{typed!r} is ambiguous: day and month can be read either way",
            "write the year first: 2024-01-15",
        )
    raise UsageError(f"{typed!r} is not a time", EXAMPLES)


def _checked(us: int) -> int:
    """The same number, once it is known to be a moment that the tool can print. OverflowError if not."""
    to_datetime(us)
    return us


def _epoch(whole: str, fraction: str | None) -> int:
    return int(Decimal(f"{whole}.{fraction or 0}") * 1_000_000)


def _relative_day(match: re.Match[str], now_us: int, zone: tzinfo, typed: str) -> int:
    where = parse_zone(match[6]) if match[6] else zone
    day = to_datetime(now_us).astimezone(where).date()
    if match[1].lower() == "yesterday":
        day -= timedelta(days=1)
    return _place(day, _clock(match.groups()[1:5], typed), where, typed)


def _absolute(match: re.Match[str], zone: tzinfo, typed: str) -> int:
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as problem:
        raise UsageError(f"{typed!r} is not a date: {problem}", EXAMPLES) from None
    offset, name = match[8], match[9]
    if offset and name:
        raise UsageError(f"{typed!r} names both an offset and a zone", "leave one of them out")
    if offset and match[4] is None:
        raise UsageError(f"{typed!r} gives an offset without a time", "write 2024-01-15T00:00:00+05:30")
    where = _offset(offset, typed) if offset else parse_zone(name) if name else zone
    return _place(day, _clock(match.groups()[3:7], typed), where, typed)


def _clock(groups: tuple[str | None, ...], typed: str) -> time | None:
    if groups[0] is None:
        return None
    hour, minute, second, fraction = (group or "0" for group in groups)
    try:
        return time(int(hour), int(minute), int(second), int(fraction.ljust(6, "0")))
    except ValueError as problem:
        raise UsageError(f"{typed!r} is not a time: {problem}", EXAMPLES) from None


def _offset(text: str, typed: str) -> tzinfo:
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 15 or minutes > 59:
        raise UsageError(f"{typed!r} has an impossible offset: {text}", "offsets run from -15:59 to +15:59")
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(-ahead if text[0] == "-" else ahead)


def _place(day: date, clock: time | None, zone: tzinfo, typed: str) -> int:
    """The one moment at which a clock in the zone showed this; refused where there were two or none.

    A day without a time is its first moment, which every day has.
    """
    local = datetime.combine(day, clock or time(), zone)
    first, second = local.utcoffset(), local.replace(fold=1).utcoffset()
    if clock is None or first is None or second is None or first == second:
        return from_datetime(local)
    never = first < second
    raise UsageError(
        f"{typed!r} {'never was' if never else 'was twice'}: clocks in {zone} went "
        f"{'forward' if never else 'back'} over {day} {clock}",
        f"write the offset: {day}T{clock}{_signed(first)} or {day}T{clock}{_signed(second)}",
    )


def _signed(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
