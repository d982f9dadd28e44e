"""Moments as whole microseconds since 1970-01-01 UTC, read from and written as text; no clock is read."""

import re
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SERVER_TEXT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?\+00\Z", re.ASCII)


def microseconds(server_text: str | None) -> int | None:
    """Whole microseconds of a timestamptz as the server prints it under TimeZone UTC and DateStyle ISO.

    None for NULL, `infinity`, BC and years beyond 9999: no sealed event may hold those, and Python cannot.
    """
    if server_text is None or _SERVER_TEXT.match(server_text) is None:
        return None
    try:
        moment = datetime.fromisoformat(server_text)
    except ValueError:
        return None
    return (moment - EPOCH) // _MICROSECOND


def server_text(us: int) -> str:
    """A moment as the server prints it under TimeZone UTC. OverflowError outside the years 1 to 9999."""
    moment = to_datetime(us)
    text = f"{moment.year:04d}-{moment:%m-%d %H:%M:%S}"
    return text + (f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else "") + "+00"


def to_datetime(us: int) -> datetime:
    """The aware UTC datetime of that many microseconds. OverflowError outside the years 1 to 9999."""
    return EPOCH + timedelta(microseconds=us)


def from_datetime(moment: datetime) -> int:
    """Whole microseconds of an aware datetime. ValueError for a naive one: its zone would be a guess."""
    if moment.tzinfo is None:
        msg = "a moment without a zone"
        raise ValueError(msg)
    return (moment.astimezone(UTC) - EPOCH) // _MICROSECOND


def rfc3339(us: int) -> str:
    """RFC 3339 in UTC with microseconds, e.g. `2024-01-15T10:30:00.500000Z`."""
    return to_datetime(us).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def rfc3339_of(server_text: str | None) -> str | None:
    """The server's text as RFC 3339; a value outside the years 1 to 9999 stays as the server printed it."""
    us = microseconds(server_text)
    return server_text if us is None else rfc3339(us)
