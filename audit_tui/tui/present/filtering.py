"""What the filter line says: how many match, how sure that is, and what would match with less."""

from dataclasses import dataclass
from datetime import UTC, tzinfo

from audit_tui.core.clock import to_datetime
from audit_tui.core.errors import AuditError
from audit_tui.core.filter_grammar import FilterError, parse_filter
from audit_tui.core.filters import EventFilter
from audit_tui.core.safe import safe_line
from audit_tui.core.words import count, plural
from audit_tui.service.api import MatchCount
from audit_tui.tui.present.lines import Line, Span, cells, crop, ends, line, wrap
from audit_tui.tui.present.times import moment
from audit_tui.tui.zone import Zone

HINT = "type:user.* actor:usr_1 resource:user/usr_456 ip:203.0.113.0/24 since:2d until:2026-01-31 words"


@dataclass(frozen=True, slots=True)
class Less:
    """The filter without its last condition: its text, and the condition that was dropped."""

    text: str
    filter: EventFilter
    dropped: str


def without_last(text: str, now_us: int, zone: Zone) -> Less | None:
    """None where dropping the last condition leaves nothing, or the text can't be read."""
    info = typed_in(zone, now_us)
    try:
        whole = parse_filter(text, now_us, info)
    except AuditError:
        return None
    for position in range(len(text) - 1, 0, -1):
        if not text[position].isspace():
            continue
        shorter = text[:position].rstrip()
        try:
            found = parse_filter(shorter, now_us, info)
        except AuditError:
            continue  # cut inside a quotation: the condition starts further left
        if found != whole:
            return Less(shorter, found, text[position:].strip()) if not found.is_empty else None
    return None


def typed_in(zone: Zone, now_us: int) -> tzinfo:
    """The rules by which a typed clock time is read: where the system's zone has no name, its offset now."""
    return zone.info or to_datetime(now_us).astimezone().tzinfo or UTC


def whole_log_line(events: int, first: str | None, last: str | None, zone: Zone, width: int) -> Line:
    """Without a filter: everything there is."""
    told = line(Span(f" All {plural(events, 'event')}", "muted"))
    if first is not None and last is not None:
        told = (
            *told,
            Span(f", {moment(first, zone)[:16]} to {moment(last, zone)[:16]} {zone.name}", "muted"),
        )
    return ends(told, [line(Span("/ filter ", "muted"))], width)


def filter_line(text: str, matched: MatchCount | None, known: int, events: int, width: int) -> Line:
    """The filter on the left; on the right `38 of 1,102 events · complete · 4 ms`."""
    right = line(Span(count_words(matched, known, events) + " ", "" if matched else "muted"))
    left = crop(line(Span(" / ", "accent"), Span(safe_line(text, 1000))), max(10, width - cells(right) - 2))
    return ends(left, [right], width)


def count_words(matched: MatchCount | None, known: int, events: int) -> str:
    """Always says the scope; a count that stopped, or is still running, is never told as a total."""
    of_all = f"of {plural(events, 'event')}"
    if matched is None:
        return f"{count(known)} seen so far {of_all} · counting"
    taken = f"{matched.milliseconds:,.0f} ms"
    if matched.complete:
        return f"{count(matched.matched)} {of_all} · complete · {taken}"
    return f"more than {count(matched.matched)} {of_all} · counting stopped there · {taken}"


def error_line(error: AuditError, width: int) -> Line:
    """Where the typed filter can't be understood, with the word itself."""
    if isinstance(error, FilterError):
        word = safe_line(error.word, 40)
        told = line(Span(" ? ", "warning"), Span(safe_line(error.problem, 120)), Span(f"  {word}", "warning"))
    else:
        told = line(Span(" ? ", "warning"), Span(safe_line(error.title, 200)))
    if error.hint:
        told = (*told, Span(f"   {safe_line(error.hint, 160)}", "muted"))
    return crop(told, width)


def empty_lines(text: str, less: Less | None, matched: MatchCount | None, width: int) -> list[Line]:
    """Nothing matches: what would, and the key for it."""
    words = [f"No events match {safe_line(text, 300)}."]
    if less is None:
        words.append("Press u to drop the filter, or / to change it.")
    elif matched is None:
        words.append(f"Press u to drop {safe_line(less.dropped, 120)}.")
    else:
        many = (
            plural(matched.matched, "event")
            if matched.complete
            else f"more than {count(matched.matched)} events"
        )
        verb = "matches" if matched.matched == 1 and matched.complete else "match"
        words.append(f"{many} {verb} without {safe_line(less.dropped, 120)}: press u to drop it.")
    return [line("    ", text) for words_ in words for text in wrap(words_, max(20, width - 6))]
