"""Moments as people read them, in a zone that the header names. Pure: the clock comes in as a number."""

from datetime import datetime

from audit_tui.core.clock import from_datetime, microseconds, to_datetime
from audit_tui.core.safe import safe_line
from audit_tui.tui.zone import UTC_ZONE, Zone

_MINUTE = 60_000_000
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


def moment_us(us: int, zone: Zone = UTC_ZONE, *, precise: bool = False) -> str:
    """`2026-11-02 17:40:11`, with milliseconds (`.204`) when precise."""
    shown = zone.show(to_datetime(us))
    text = shown.strftime("%Y-%m-%d %H:%M:%S").rjust(19, "0")
    return f"{text}.{shown.microsecond // 1000:03d}" if precise else text


def moment(server_text: str | None, zone: Zone = UTC_ZONE, *, precise: bool = False) -> str:
    """A timestamp as the server printed it; what is no readable time is shown as it stands."""
    us = microseconds(server_text)
    if us is None:
        return "–" if server_text is None else safe_line(server_text, 40)
    try:
        return moment_us(us, zone, precise=precise)
    except OverflowError:
        return safe_line(server_text or "", 40)


def microseconds_of(rfc3339: str | None) -> int | None:
    """Whole microseconds of a moment of this tool's own, `2026-11-02T17:40:11.000000Z`; None for none."""
    if rfc3339 is None:
        return None
    try:
        return from_datetime(datetime.fromisoformat(rfc3339))
    except ValueError:
        return None


def clock_time(us: int, zone: Zone) -> str:
    """`09:41:07`."""
    return zone.show(to_datetime(us)).strftime("%H:%M:%S")


def ago(then_us: int, now_us: int) -> str:
    """`2 s ago`, `5 min ago`, `3 h ago`, `4 d ago`; `just now` below a second and for the future."""
    passed = now_us - then_us
    if passed < 1_000_000:
        return "just now"
    if passed < _MINUTE:
        return f"{passed // 1_000_000} s ago"
    if passed < _HOUR:
        return f"{passed // _MINUTE} min ago"
    if passed < 2 * _DAY:
        return f"{passed // _HOUR} h ago"
    return f"{passed // _DAY} d ago"


def proof_age(proven_us: int | None, now_us: int) -> str:
    """How old a full proof is: `3 d ago`, `never`."""
    return "never" if proven_us is None else ago(proven_us, now_us)


def duration(seconds: float) -> str:
    """`5 s`, `2 min 10 s`, `1 h 05 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
