"""Times as people read them, in a zone that the header names."""

from datetime import UTC, datetime, tzinfo

from rich.text import Text

from audit_tui.cli.paper import role
from audit_tui.core.clock import from_datetime, microseconds, to_datetime


def in_zone(server_text: str | None, zone: tzinfo, *, to_seconds: bool = False) -> Text:
    """A server's timestamp such as `2026-11-02 17:40:11.204`, with the offset where the zone is not UTC.

    `to_seconds` leaves the fraction out. What no calendar holds (`infinity`, BC) stays as printed.
    """
    if server_text is None:
        return Text("–", style="dim")
    us = microseconds(server_text)
    return role(server_text) if us is None else Text(of_microseconds(us, zone, to_seconds=to_seconds))


def of_microseconds(us: int, zone: tzinfo, *, to_seconds: bool = False) -> str:
    """Microseconds since 1970 UTC as a local time; in UTC where the zone has no such time (year 1, 9999)."""
    moment = to_datetime(us)
    try:
        local = moment.astimezone(zone)
    except OverflowError:
        local = moment
    fraction = "" if to_seconds else f".{local.microsecond // 1000:03d}"
    return f"{local:%Y-%m-%d %H:%M:%S}{fraction}{_offset(local, zone)}"


def of_rfc3339(text: str, zone: tzinfo) -> str:
    """An RFC 3339 time as a local one; text that is none stays as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if moment.tzinfo is None:
        return text
    return of_microseconds(from_datetime(moment), zone)


def _offset(local: datetime, zone: tzinfo) -> str:
    if zone is UTC:
        return ""
    offset = f"{local:%z}"
    return offset[:3] if offset.endswith("00") else f"{offset[:3]}:{offset[3:]}"
