"""The pane under the timeline: its tabs, and what stands in it for whatever line the cursor is on."""

from collections.abc import Sequence
from enum import IntEnum

from audit_tui.core.model import CheckedEvent, SchemaKind, State
from audit_tui.core.words import ERASED, NOT_COVERED, OF_STATE, TAMPERED, plural
from audit_tui.tui.present.detail_diff import diff_lines, snapshot_lines
from audit_tui.tui.present.detail_event import event_lines, trouble_lines
from audit_tui.tui.present.detail_seal import seal_lines
from audit_tui.tui.present.lines import EMPTY, Line, Span, cells, join, line, mark, wrap
from audit_tui.tui.present.slots import Slot, SlotKind
from audit_tui.tui.present.spans import fold_wide
from audit_tui.tui.present.values import value
from audit_tui.tui.zone import Zone


class Tab(IntEnum):
    EVENT = 0
    DIFF = 1
    SNAPSHOTS = 2
    SEAL = 3


TITLES: tuple[str, ...] = ("Event", "Diff", "Before/After", "Seal")


def tab_line(chosen: Tab, slot: Slot, width: int) -> Line:
    """`── Event  Diff  Before/After  Seal ── 889 · evt_51…  ✓ sealed: every column  ✓ link to 888 ──`."""
    spans: list[Span] = [Span("─", "muted")]
    for number, title in enumerate(TITLES):
        spans.append(Span(f" {title} ", "strong reverse" if number == chosen else "muted"))
    left = (*spans, Span("─", "muted"))
    told = _of_event(slot)
    while told and cells(left) + cells(join(told, "  ")) + 5 > width:
        told.pop()
    if not told:
        return (*left, Span("─" * max(0, width - cells(left)), "muted"))
    right = join(told, "  ")
    fill = width - cells(left) - cells(right) - 4
    return (*left, Span("─" * fill + " ", "muted"), *right, Span(" ──", "muted"))


def tab_at(x: int) -> Tab | None:
    """The tab drawn in that cell of the tab line."""
    start = 1
    for number, title in enumerate(TITLES):
        if start <= x < start + len(title) + 2:
            return Tab(number)
        start += len(title) + 2
    return None


def _of_event(slot: Slot) -> list[Line]:
    """Sequence, seal, link, event_id; the last go first where it is narrow."""
    number = line(Span("" if slot.sequence is None else str(slot.sequence), "strong"))
    if slot.checked is None:
        return [number]
    event, check = slot.checked.event, slot.checked.check
    seal = line(mark(OF_STATE[check.content]), " sealed: every column")
    if check.content is not State.OK:
        words = "seal broken" if check.content is State.FAILED else "seal not proven"
        seal = line(mark(OF_STATE[check.content]), f" {words}")
    elif check.erased:
        meaning = TAMPERED if check.covered is False else ERASED
        seal = line(mark(meaning), f" {', '.join(part.value for part in check.erased)} erased")
    elif check.uncovered_columns:
        seal = line(mark(NOT_COVERED), f" {len(check.uncovered_columns)} columns not covered")
    link = "first of its chain" if event.sequence_number == 1 else "link"
    if event.sequence_number is not None and event.sequence_number > 1:
        link += f" to {event.sequence_number - 1}"
    told = line(mark(OF_STATE[check.link]), f" {link}")
    return [number, seal, told, line(Span(value(event.event_id, limit=50).text, "muted"))]


def detail_lines(
    tab: Tab,
    slot: Slot,
    zone: Zone,
    width: int,
    schema: SchemaKind,
    limit: int,
    around: Sequence[CheckedEvent] = (),
) -> list[Line]:
    """The body of the pane. `around` are the neighbours of a missing sequence, once they are read."""
    if slot.kind is SlotKind.LOADING:
        return [line(" ", Span("⋯", "muted"))]
    if slot.kind is SlotKind.UNREAD:
        return _paragraph("Too many events share a sequence here to draw them; verify the tenant.", width)
    if slot.kind is SlotKind.MISSING:
        return _missing(slot.sequence or 0, around, width)
    lines: list[Line] = []
    for number, checked in enumerate(slot.events):
        if len(slot.events) > 1:
            words = f"{number + 1} of {len(slot.events)} events that share sequence {slot.sequence}"
            lines += [*([EMPTY] if lines else []), line(" ", Span(words, "error"))]
        lines += _tab_body(tab, checked, zone, width, schema, limit)
    return lines


def _tab_body(
    tab: Tab, checked: CheckedEvent, zone: Zone, width: int, schema: SchemaKind, limit: int
) -> list[Line]:
    return fold_wide(_tab_lines(tab, checked, zone, width, schema, limit), width)


def _tab_lines(
    tab: Tab, checked: CheckedEvent, zone: Zone, width: int, schema: SchemaKind, limit: int
) -> list[Line]:
    match tab:
        case Tab.EVENT:
            return event_lines(checked, zone, width, schema, limit)
        case Tab.DIFF:
            return [*trouble_lines(checked, width), *diff_lines(checked, width, limit)]
        case Tab.SNAPSHOTS:
            return [*trouble_lines(checked, width), *snapshot_lines(checked, width, limit)]
        case Tab.SEAL:
            return seal_lines(checked, width, limit)


def _missing(sequence: int, around: Sequence[CheckedEvent], width: int) -> list[Line]:
    numbers = [e.event.sequence_number for e in around if e.event.sequence_number is not None]
    before = max((n for n in numbers if n < sequence), default=None)
    after = min((n for n in numbers if n > sequence), default=None)
    words = f"No event has sequence {sequence}."
    if before is not None and after is not None:
        gone = after - before - 1
        words += f" {plural(gone, 'event')} missing between {before} and {after}"
        words += f", {before + 1} to {after - 1}." if gone > 1 else "."
    meaning = (
        "Sequences of a tenant have no gaps: what stood here was deleted by someone with the owner's rights. "
        "What it said is not recoverable from this log; a backup may hold it."
    )
    return [line(" ", Span(words, "error")), EMPTY, *_paragraph(meaning, width)]


def _paragraph(words: str, width: int) -> list[Line]:
    return [line(" ", text) for text in wrap(words, max(20, width - 2))]
