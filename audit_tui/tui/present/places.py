"""What is typed to go somewhere: a sequence or a moment, read strictly and echoed before it is used."""

import re
from dataclasses import dataclass

from audit_tui.core.clock import rfc3339
from audit_tui.core.errors import UsageError
from audit_tui.core.moments import parse_moment
from audit_tui.core.safe import safe_line
from audit_tui.tui.present.filtering import typed_in
from audit_tui.tui.present.lines import Line, Span, crop, line
from audit_tui.tui.zone import Zone

PLACES = "455 · 2026-09-14 22:10 · yesterday 10:00 · 2d"
MOMENTS = "2026-09-14 22:10 · yesterday 10:00 · 2d · now"
_SEQUENCE = re.compile(r"#?\d{1,19}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """Either a sequence or a moment in microseconds since 1970 UTC."""

    sequence: int | None = None
    at_us: int | None = None


def parse_place(text: str, now_us: int, zone: Zone) -> Place:
    """A bare number is a sequence; anything else is a moment. UsageError where it is neither."""
    typed = text.strip()
    if _SEQUENCE.match(typed):
        sequence = int(typed.lstrip("#"))
        if sequence >= 2**63:
            raise UsageError(f"{typed} is beyond any sequence", "sequences end at 9223372036854775807")
        return Place(sequence=sequence)
    return Place(at_us=parse_moment(typed, now_us, typed_in(zone, now_us)))


def utc_words(at_us: int) -> str:
    """`2026-09-14 22:10:00.000000 UTC`."""
    return rfc3339(at_us).replace("T", " ").replace("Z", " UTC")


def echo_place(text: str, now_us: int, zone: Zone, first: int, last: int, width: int) -> Line:
    """What was understood so far, or why it was not; empty while nothing is typed."""
    if not text.strip():
        hint = f"a sequence from {first} to {last}, or a moment: {PLACES}"
        return crop(line("    ", Span(hint, "muted")), width)
    try:
        place = parse_place(text, now_us, zone)
    except UsageError as error:
        return echo_error(error, width)
    if place.at_us is not None:
        told = line("    the first event at or after ", Span(utc_words(place.at_us), "strong"))
    elif place.sequence is not None and first <= place.sequence <= last:
        told = line("    event ", Span(str(place.sequence), "strong"))
    else:
        words = f"there is no event {place.sequence}: the chain runs from {first} to {last}"
        told = line(Span("  ? ", "warning"), words)
    return crop(told, width)


def echo_moment(text: str, now_us: int, zone: Zone, width: int) -> Line:
    """As `echo_place`, where only a moment makes sense."""
    if not text.strip():
        return crop(line("    ", Span(f"a moment in {zone.name}: {MOMENTS}", "muted")), width)
    try:
        at_us = parse_moment(text, now_us, typed_in(zone, now_us))
    except UsageError as error:
        return echo_error(error, width)
    return crop(line("    the state at ", Span(utc_words(at_us), "strong")), width)


def echo_error(error: UsageError, width: int) -> Line:
    told = line(Span("  ? ", "warning"), safe_line(error.title, 200))
    if error.hint:
        told = (*told, Span(f"   {safe_line(error.hint, 200)}", "muted"))
    return crop(told, width)
