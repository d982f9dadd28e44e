"""The Resource screen in words: its life as a line, the moment that is shown, and what one event did."""

from collections.abc import Sequence
from dataclasses import dataclass

from audit_tui.core.clock import microseconds
from audit_tui.core.model import CheckedEvent, Part
from audit_tui.core.safe import safe_line
from audit_tui.core.state import Reconstruction
from audit_tui.core.words import INCONCLUSIVE, INTACT, LOADING, NOT_RUN, TAMPERED, Mark, mark_of_check, plural
from audit_tui.tui.present.lines import Line, Span, cells, crop, ends, line, mark
from audit_tui.tui.present.places import utc_words
from audit_tui.tui.present.times import moment, moment_us
from audit_tui.tui.zone import Zone

EVENT, CHOSEN, HOLDS, RAIL = "●", "◆", "━", "─"


@dataclass(frozen=True, slots=True)
class Place:
    """Which state is shown: after one event of the list, or at a moment that was typed."""

    index: int | None
    at_us: int | None = None


def name_of(resource_type: str, resource_id: str) -> str:
    """`user/usr_456`."""
    return f"{safe_line(resource_type, 100)}/{safe_line(resource_id, 100)}"


def life_line(events: Sequence[CheckedEvent], place: Place, more: bool, zone: Zone, width: int) -> Line:
    """`├──●────●──◆━━━●──┤  9 events, 2026-01-12 to 2026-11-02`: how long the shown state held is thick."""
    if not events:
        return (Span(" no events", "muted"),)
    first, last = events[0].event.timestamp, events[-1].event.timestamp
    words = f"{plural(len(events), 'event')}{', the newest' if more else ''}"
    words += f"  {moment(first, zone)[:10]} to {moment(last, zone)[:10]} "
    rail = max(10, width - cells((Span(words),)) - 5)
    drawn = _rail(events, place, rail)
    start = Span("⋯" if more else "├", "muted")
    return ends((Span(" "), start, *drawn, Span("┤", "muted")), [line(Span(words, "muted"))], width)


def _rail(events: Sequence[CheckedEvent], place: Place, width: int) -> Line:
    """Events stand where their times do; where a time can't be read, where their order does."""
    positions = _positions(events, width)
    glyphs, roles = [RAIL] * width, ["muted"] * width
    for position in positions:
        glyphs[position], roles[position] = EVENT, ""
    if place.index is not None:
        here = positions[place.index]
        until = positions[place.index + 1] if place.index + 1 < len(positions) else width
        for position in range(here + 1, until):
            glyphs[position], roles[position] = HOLDS, "accent"
        glyphs[here], roles[here] = CHOSEN, "accent strong"
    spans: list[Span] = []
    for glyph, role in zip(glyphs, roles, strict=True):
        if spans and spans[-1].role == role:
            spans[-1] = Span(spans[-1].text + glyph, role)
        else:
            spans.append(Span(glyph, role))
    return tuple(spans)


def _positions(events: Sequence[CheckedEvent], width: int) -> list[int]:
    times = [microseconds(checked.event.timestamp) for checked in events]
    known = [time for time in times if time is not None]
    if len(known) < len(times) or min(known) == max(known):
        steps = max(1, len(events) - 1)
        return [number * (width - 1) // steps for number in range(len(events))]
    start, length = min(known), max(known) - min(known)
    return [(time - start) * (width - 1) // length for time in known]


def as_of_line(
    name: str,
    events: Sequence[CheckedEvent],
    place: Place,
    state: Reconstruction | None,
    zone: Zone,
    width: int,
) -> Line:
    """The answer: does it exist, and as of when. A state of the past is drawn so that nobody can miss it."""
    newest = place.at_us is None and place.index == len(events) - 1
    meaning, told = _state_words(name, state, broken_events(events, state), newest=newest)
    if newest:
        said = (
            f" After its newest event, {moment(events[-1].event.timestamp, zone, precise=True)} {zone.name}."
        )
        return crop(line(" ", mark(meaning), f" {told}", Span(said, "muted")), width)
    banner = Span(f" AS OF {_when(events, place, zone)} ", "reverse strong")
    behind = len(events) - 1 - (place.index if place.index is not None else -1)
    later = f"  {plural(behind, 'later event')} not in it." if behind else ""
    short = line(banner, " ", mark(meaning), f" {told}")
    whole = line(short, Span(later, "muted"))
    return whole if cells(whole) <= width else crop(short, width)


def broken_events(events: Sequence[CheckedEvent], state: Reconstruction | None) -> tuple[int, ...]:
    """Of the events that made the state, those that are not what was sealed."""
    if state is None:
        return ()
    made = set(state.applied) | {source.sequence for source in state.provenance.values()}
    return tuple(
        checked.event.sequence_number
        for checked in events
        if checked.event.sequence_number in made and mark_of_check(checked.check) is TAMPERED
    )


def _state_words(
    name: str, state: Reconstruction | None, broken: tuple[int, ...], *, newest: bool
) -> tuple[Mark, str]:
    if state is None:
        return LOADING, name
    if not state.exists and state.ended_time is None:
        if state.through_sequence is None:
            return NOT_RUN, f"The log holds no event of {name} up to then."
        return NOT_RUN, f"No event up to then tells what {name} was."
    told = f"{name} {('exists' if newest else 'existed') if state.exists else 'was deleted'}"
    if broken:
        made = f"event {broken[0]} is" if len(broken) == 1 else f"{len(broken)} events are"
        return TAMPERED, f"{told}, but of what made it {made} tampered with."
    if state.exists and not state.complete:
        return INCONCLUSIVE, f"{told}; its state is known in part."
    return INTACT, f"{told}."


def _when(events: Sequence[CheckedEvent], place: Place, zone: Zone) -> str:
    sequence = events[place.index].event.sequence_number if place.index is not None else None
    if place.at_us is not None:
        shown = f"{moment_us(place.at_us, zone)} {zone.name}"
        shown = utc_words(place.at_us) if zone.name == "UTC" else shown
        return f"{shown} ({f'event {sequence}' if sequence is not None else 'before the events listed'})"
    if place.index is None:
        return "the beginning"
    at = moment(events[place.index].event.timestamp, zone, precise=True)
    return f"{at} {zone.name} (event {sequence})"


def index_at(events: Sequence[CheckedEvent], at_us: int) -> int | None:
    """The last event in sequence order that had happened at a moment; None where none had."""
    found = None
    for number, checked in enumerate(events):
        us = microseconds(checked.event.timestamp)
        if us is not None and us <= at_us:
            found = number
    return found


def index_of(events: Sequence[CheckedEvent], sequence: int | None) -> int | None:
    """The event of a sequence, or the last one below it; the newest where None."""
    if not events:
        return None
    if sequence is None:
        return len(events) - 1
    return max((n for n, e in enumerate(events) if (e.event.sequence_number or 0) <= sequence), default=0)


def step_change(events: Sequence[CheckedEvent], index: int | None, direction: int) -> int | None:
    """The next (or previous) event that records a change, a snapshot, or that either was erased."""
    here = index if index is not None else -1
    places = range(here + 1, len(events)) if direction > 0 else range(here - 1, -1, -1)
    return next((place for place in places if _records_change(events[place])), None)


def _records_change(checked: CheckedEvent) -> bool:
    event = checked.event
    recorded = (event.changes, event.resource_before, event.resource_after)
    erased = {Part.CHANGES, Part.SNAPSHOTS} & set(checked.check.erased)
    return any(column is not None for column in recorded) or bool(erased)


def rule(words: str, width: int, right: str = "") -> Line:
    """A line that parts two regions and names the one below."""
    tail = f" {right} ──" if right else ""
    head = f"── {words} "
    fill = max(0, width - cells((Span(head + tail),)))
    return crop(
        line(Span("── ", "muted"), Span(words, "strong"), Span(" " + "─" * fill + tail, "muted")), width
    )
