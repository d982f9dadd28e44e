"""A line of the timeline: which columns fit, and what stands in them. Pure; no terminal is needed."""

from dataclasses import dataclass

from audit_tui.core.diff import summarise
from audit_tui.core.model import CheckedEvent, Event, Part
from audit_tui.core.safe import safe_line
from audit_tui.core.words import ERASED, plural
from audit_tui.tui.present.lines import Line, Span, fit
from audit_tui.tui.present.marks import mark_of_slot
from audit_tui.tui.present.slots import Slot, SlotKind
from audit_tui.tui.present.times import moment
from audit_tui.tui.present.values import middle
from audit_tui.tui.zone import Zone

GUTTER = 4
"""The cursor's bar, a blank, the glyph, a blank."""
GAP = 2
LONG_TIME, SHORT_TIME = 23, 19
ROOMY = 100
"""From this width on, times are drawn with milliseconds."""
FLEXIBLE: tuple[tuple[str, int, int], ...] = (
    ("EVENT", 14, 24),
    ("ACTOR", 10, 20),
    ("RESOURCE", 12, 26),
    ("CHANGE", 16, 400),
)
"""Title, least and wanted width. They go from the right where the terminal is narrow."""
ENDS_TELL_APART = frozenset({"ACTOR", "RESOURCE"})
"""Columns of identifiers, which often differ in their last characters alone: cut in the middle."""


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    width: int
    right: bool = False


def layout(
    width: int, last_sequence: int, zone: Zone, without: frozenset[str] = frozenset()
) -> tuple[Column, ...]:
    """The columns of that many cells, after the gutter. The verdict and the sequence are always there."""
    digits = max(3, len(str(last_sequence)))
    time = LONG_TIME if width >= ROOMY else SHORT_TIME

    columns = [Column("SEQ", digits, right=True), Column(f"TIME ({zone.name})", time)]
    room = width - GUTTER - digits - GAP - time
    shown = [column for column in FLEXIBLE if column[0] not in without]
    while shown and sum(least + GAP for _, least, _ in shown) > room:
        shown.pop()
    widths = {title: least for title, least, _ in shown}
    spare = room - sum(least + GAP for _, least, _ in shown)
    for title, least, wanted in shown:
        more = min(wanted - least, spare if title == shown[-1][0] else spare // 5)
        widths[title] += max(more, 0)
        spare -= max(more, 0)
    if shown and shown[-1][0] != "CHANGE":
        widths[shown[-1][0]] += spare
    return (*columns, *(Column(title, widths[title]) for title, _, _ in shown))


def heading(columns: tuple[Column, ...]) -> Line:
    """The line of titles over the table."""
    cells = (" " * GAP).join(fit(column.title, column.width, right=column.right) for column in columns)
    return (Span(" " * GUTTER + cells, "heading"),)


def row(slot: Slot, columns: tuple[Column, ...], zone: Zone) -> Line:
    """One line after the cursor's bar: glyph, then the columns (each at its width)."""
    mark = mark_of_slot(slot)
    number = "" if slot.sequence is None else str(slot.sequence)
    spans = [Span(f" {mark.glyph} ", mark.role), Span(fit(number, columns[0].width, right=True), "muted")]
    if slot.checked is None:
        words, role = _words_without_event(slot)
        room = sum(column.width + GAP for column in columns[1:]) - GAP
        return (*spans, Span(" " * GAP), Span(fit(words, room), role))
    cells = _cells(slot, slot.checked, zone, columns)
    for column in columns[1:]:
        text, role = cells[column.title.split(" ", 1)[0]]
        shown = middle(text, column.width) if column.title in ENDS_TELL_APART else text
        spans += [Span(" " * GAP), Span(fit(shown, column.width, right=column.right), role)]
    return tuple(spans)


def _words_without_event(slot: Slot) -> tuple[str, str]:
    if slot.kind is SlotKind.MISSING:
        return "missing: no event has this sequence", "error"
    if slot.kind is SlotKind.UNREAD:
        return "not read: too many events share a sequence before this one", "warning"
    return "⋯", "muted"


def _cells(
    slot: Slot, checked: CheckedEvent, zone: Zone, columns: tuple[Column, ...]
) -> dict[str, tuple[str, str]]:
    event = checked.event
    precise = columns[1].width >= LONG_TIME
    has_change = columns[-1].title == "CHANGE"
    return {
        "TIME": (moment(event.timestamp, zone, precise=precise), ""),
        "EVENT": (safe_line(event.event_type or "NULL", 120), ""),
        "ACTOR": actor(checked),
        "RESOURCE": (resource(event), ""),
        "CHANGE": change(slot, checked) if has_change else ("", ""),
    }


def actor(checked: CheckedEvent) -> tuple[str, str]:
    """Who did it, or that it was erased, with its role."""
    who = checked.event.actor_id
    if who is None:
        erased = Part.IDENTITY in checked.check.erased
        return (f"{ERASED.glyph} {ERASED.word}", ERASED.role) if erased else ("NULL", "muted")
    return safe_line(who, 80), ""


def resource(event: Event) -> str:
    """`user/usr_456`."""
    return f"{safe_line(event.resource_type or 'NULL', 100)}/{safe_line(event.resource_id or 'NULL', 80)}"


def change(slot: Slot, checked: CheckedEvent) -> tuple[str, str]:
    """What happened to the resource in a few words; what is wrong with the line comes first."""
    if len(slot.events) > 1:
        return f"{plural(len(slot.events), 'event')} share this sequence", "error"
    if slot.gap_before:
        first, last = slot.gap_before
        return f"{plural(last - first + 1, 'event')} missing before this one, from {first}", "error"
    summary = safe_line(summarise(checked.event), 300)
    erased = [part.value for part in checked.check.erased]
    if erased and not summary:
        return f"{ERASED.glyph} {', '.join(erased)} erased", ERASED.role
    return summary, ""
