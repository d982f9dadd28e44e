"""One event of the link view on one line: who, when, what, and what was proved about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from audit_tui.core.model import CheckedEvent, State
from audit_tui.core.safe import safe_line
from audit_tui.core.words import OF_STATE
from audit_tui.tui.present.lines import Line, Span, fit, line, mark
from audit_tui.tui.present.times import moment
from audit_tui.tui.zone import Zone


@dataclass(frozen=True, slots=True)
class EventColumns:
    """Widths of the columns; 0 for one that found no room. Sequence, time and proofs always stand."""

    sequence: int
    event_id: int
    time: int
    event_type: int
    actor: int


def event_columns(width: int, events: Sequence[CheckedEvent], remark: int) -> EventColumns:
    """At a width, with room for a remark of that many cells on the right."""
    sequence = max([4, *(len(str(e.event.sequence_number or 0)) for e in events)])
    left = width - sequence - 2 - 19 - 2 - len("✓ content  ✓ link") - (remark + 2 if remark else 0)
    event_type = min(_longest(e.event.event_type for e in events), max(8, left - 2))
    left -= event_type + 2
    actor = min(_longest(e.event.actor_id for e in events), left - 2) if left >= 10 else 0
    left -= actor + 2 if actor else 0
    event_id = 10 if left >= 12 else 0
    return EventColumns(sequence, event_id, 19, event_type, actor)


def _longest(texts: Iterable[str | None]) -> int:
    return max(8, min(22, max((len(text or "") for text in texts), default=0)))


def event_line(checked: CheckedEvent, columns: EventColumns, zone: Zone, remark: str = "") -> Line:
    """`455  evt_9f03…  2026-09-14 22:10:58  user.updated  usr_admin  ✓ content  ✓ link  ← rewritten`."""
    event, check = checked.event, checked.check
    sequence = "NULL" if event.sequence_number is None else str(event.sequence_number)
    spans: list[Span | str] = [Span(fit(sequence, columns.sequence, right=True), "strong"), "  "]
    if columns.event_id:
        spans += [Span(fit(_text(event.event_id), columns.event_id), "muted"), "  "]
    spans += [fit(moment(event.timestamp, zone), columns.time), "  "]
    spans += [fit(_text(event.event_type), columns.event_type), "  "]
    if columns.actor:
        spans += [fit(_text(event.actor_id), columns.actor), "  "]
    spans += [*_proved(check.content, "content"), "  ", *_proved(check.link, "link")]
    if remark:
        spans.append(Span(f"  ← {remark}", "error"))
    return line(*spans)


def _text(of: str | None) -> str:
    return "–" if of is None else safe_line(of, 100)


def _proved(state: State, word: str) -> tuple[Span, Span]:
    role = "error" if state is State.FAILED else "muted"
    return mark(OF_STATE[state]), Span(f" {word}", role)
