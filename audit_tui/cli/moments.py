"""Times as people read them, in a zone that the header names."""

from datetime import UTC, datetime, tzinfo

from rich.text import Text

from audit_tui.cli.paper import role
from audit_tui.core.clock import from_datetime, microseconds, to_datetime


def in_zone(text: str | None, zone: tzinfo, *, to_seconds: bool = False) -> Text:
    """A time (the server's text, or RFC 3339) such as `2026-11-02 17:40:11.204`, with the offset outside UTC.

    `to_seconds` leaves the fraction out. What no calendar holds (`infinity`, BC) stays as printed.
    """
    if text is None:
        return Text("–", style="dim")
    us = _read(text)
    return role(text) if us is None else Text(of_microseconds(us, zone, to_seconds=to_seconds))


def _read(text: str) -> int | None:
    us = microseconds(text)
    if us is not None:
        return us
    try:
        return from_datetime(datetime.fromisoformat(text))
    except ValueError:  # no time at all, or one without a zone
        return None


def of_microseconds(us: int, zone: tzinfo, *, to_seconds: bool = False) -> str:
    """Microseconds since 1970 UTC as a local time; in UTC where the zone has no such time (year 1, 9999)."""
    moment = to_datetime(us)
    try:
        local = moment.astimezone(zone)
    except OverflowError:
        local = moment
    fraction = "" if to_seconds else f".{local.microsecond // 1000:03d}"
    return f"{local:%Y-%m-%d %H:%M:%S}{fraction}{_offset(local, zone)}"


def _offset(local: datetime, zone: tzinfo) -> str:
    if zone is UTC:
        return ""
    offset = f"{local:%z}"
    return offset[:3] if offset.endswith("00") else f"{offset[:3]}:{offset[3:]}"
