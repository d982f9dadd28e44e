"""A reconstructed state as lines: every value with the event that set it, and what is not certain first."""

from collections.abc import Iterator
from dataclasses import dataclass

from audit_tui.core.jsontext import dump
from audit_tui.core.pointer import ROOT, display, join
from audit_tui.core.safe import safe, safe_line
from audit_tui.core.state import JsonValue, Provenance, Reconstruction
from audit_tui.core.words import ERASED, INCONCLUSIVE, NOT_COVERED, NOTICE, SUSPICIOUS, TAMPERED, Mark, plural
from audit_tui.tui.present.lines import EMPTY, Line, Span, cells, fit, line, mark, wrap
from audit_tui.tui.present.marks import SEALED
from audit_tui.tui.present.spans import VALUE_LIMIT, fold
from audit_tui.tui.present.times import moment
from audit_tui.tui.zone import Zone

LISTED = 12
"""Conflicts told before the rest is counted."""
BROKEN = Mark(TAMPERED.glyph, "tampered with", TAMPERED.role)
ERASED_SINCE = Mark(ERASED.glyph, "erased since", ERASED.role)
SEEN = Mark(NOTICE.glyph, "first seen", NOTICE.role)
"""The event shows the value, but does not say that it set it."""
NAME, VALUE = (8, 26), (12, 60)
"""Least and most cells of the two columns on the left."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One line of the state: a value, or the name of an object whose members follow."""

    name: str
    depth: int
    pointer: str
    value: str | None


def state_lines(
    state: Reconstruction, zone: Zone, width: int, broken: tuple[int, ...] = (), limit: int = VALUE_LIMIT
) -> list[Line]:
    """Doubts, then the state with its provenance; what does not exist says since when.

    `broken` are events that made this state and are tampered with.
    """
    lines = doubt_lines(state, width, broken)
    if lines:
        lines.append(EMPTY)
    if not state.exists:
        return [*lines, line(" ", Span(_absence(state, zone), "muted"))]
    leaves = list(_leaves(state.state))
    if not leaves:
        return [*lines, line(" ", Span("Nothing about its state is known.", "muted"))]
    return [*lines, *_table(leaves, state, zone, width, broken, limit)]


def _absence(state: Reconstruction, zone: Zone) -> str:
    if state.ended_time is not None:
        by = f" by event {state.applied[-1]}" if state.applied else ""
        return f"It does not exist: deleted{by} at {told_moment(state.ended_time, zone)} {zone.name}."
    if state.through_sequence is not None:
        return "None of its events up to here records a state or a change."
    return "It does not exist at this moment: the log holds no earlier event of it."


def doubt_lines(state: Reconstruction, width: int, broken: tuple[int, ...] = ()) -> list[Line]:
    """What keeps this state from being certain, one sentence each."""
    lines: list[Line] = []
    for meaning, words in _doubts(state, broken):
        first, *rest = wrap(words, max(20, width - 4))
        lines.append(line(" ", mark(meaning), " ", Span(first, meaning.role)))
        lines += [line("   ", Span(text, meaning.role)) for text in rest]
    return lines


def _doubts(state: Reconstruction, broken: tuple[int, ...]) -> Iterator[tuple[Mark, str]]:
    if broken:
        words = f"Tampered with: {_events(broken)}. What is shown from there is not what was logged."
        yield TAMPERED, words
    if state.exists and not state.complete and state.base_sequence is None:
        words = "No snapshot stands under these changes: fields that no event names are unknown."
        yield INCONCLUSIVE, words
    elif state.exists and not state.complete:
        yield INCONCLUSIVE, "This state is partial: something that would change it is not known."
    if state.erased:
        words = f"Erased: what {_events(state.erased)} changed. Values that may have been touched are marked."
        yield ERASED, words
    if state.raw_changes:
        words = f"The changes of {_events(state.raw_changes)} are of another form: not folded in."
        yield NOTICE, words
    for conflict in state.conflicts[:LISTED]:
        path = safe_line(display(conflict.path), 80)
        folded = "nothing" if conflict.folded is None else safe_line(conflict.folded, 60)
        claimed = "nothing" if conflict.claimed is None else safe_line(conflict.claimed, 60)
        words = f"Event {conflict.sequence} says {path} was {claimed}; the events before it make it {folded}."
        yield SUSPICIOUS, f"{words} Its own value stands."
    if len(state.conflicts) > LISTED:
        yield SUSPICIOUS, f"{plural(len(state.conflicts) - LISTED, 'more conflict')}."


def _events(sequences: tuple[int, ...]) -> str:
    shown = ", ".join(str(sequence) for sequence in sequences[:6])
    more = f" and {len(sequences) - 6} more" if len(sequences) > 6 else ""
    return f"event{'' if len(sequences) == 1 else 's'} {shown}{more}"


def _leaves(value: JsonValue, name: str = "", depth: int = 0, pointer: str = ROOT) -> Iterator[Leaf]:
    if isinstance(value, dict) and value:
        if pointer != ROOT:
            yield Leaf(name, depth - 1, pointer, None)
        for key, member in value.items():
            yield from _leaves(member, str(key), depth + 1, join(pointer, str(key)))
    elif value is not None or pointer != ROOT:
        yield Leaf(name or "(whole)", max(0, depth - 1), pointer, dump(value))


def _table(
    leaves: list[Leaf], state: Reconstruction, zone: Zone, width: int, broken: tuple[int, ...], limit: int
) -> list[Line]:
    names = [safe_line(leaf.name, 100) for leaf in leaves]
    widest = max(cells((Span(n),)) + 2 * leaf.depth for n, leaf in zip(names, leaves, strict=True))
    name_width = min(max(widest, NAME[0]), NAME[1])
    notes = _Notes(list(state.provenance.values()), zone, width, broken)
    longest = max(cells((Span(safe_line(leaf.value or "", VALUE[1] + 1)),)) for leaf in leaves)
    room = max(VALUE[0], min(VALUE[1], longest, width - name_width - notes.width - 8))
    lines: list[Line] = []
    for name, leaf in zip(names, leaves, strict=True):
        label = Span("   " + fit("  " * leaf.depth + name, name_width) + "  ", "muted")
        if leaf.value is None:
            lines.append((label,))
        else:
            source = state.provenance.get(leaf.pointer)
            lines += _leaf_lines(label, leaf.value, source, notes.of(source), room, width, limit)
    return lines


def _leaf_lines(
    label: Span, text: str, source: Provenance | None, note: Line, room: int, width: int, limit: int
) -> list[Line]:
    """The value with its source beside it; a long value goes on below, whole."""
    role = ERASED.role if source is not None and source.erased else ""
    shown = safe(text, limit)
    if cells((Span(shown),)) <= room and "\n" not in shown:
        return [line(label, Span(fit(shown, room), role), "  ", note)]
    head = line(label, Span(fit(shown.replace("\n", " "), room), role), "  ", note)
    indent = cells((label,))
    below = fold((Span(" " * indent), Span(shown.replace("\n", " "))), width - 1, indent)
    return [head, *below]


class _Notes:
    """Where each value came from: `← "member"   890  usr_admin  2026-09-14 22:05  ✓ sealed`."""

    def __init__(self, sources: list[Provenance], zone: Zone, width: int, broken: tuple[int, ...]) -> None:
        self._zone, self._broken = zone, broken
        self._has_words, self._has_time = width >= 60, width >= 96
        self._previous = _widest([self._before(s) for s in sources], 22) if width >= 100 else 0
        self._actor = _widest([safe_line(s.actor_id, 40) for s in sources], 14) if width >= 60 else 0
        self._digits = _widest([str(s.sequence) for s in sources], 19)
        self.width = max((cells(self.of(source)) for source in sources), default=0)

    def of(self, source: Provenance | None) -> Line:
        if source is None:
            return ()
        told = [Span(fit(self._before(source), self._previous) + "  " if self._previous else "", "muted")]
        told.append(Span(fit(str(source.sequence), self._digits, right=True)))
        if self._actor:
            told.append(Span("  " + fit(safe_line(source.actor_id, 40), self._actor)))
        if self._has_time:
            told.append(Span("  " + told_moment(source.timestamp, self._zone)[:16], "muted"))
        meaning = self._meaning(source)
        word = f" {meaning.word}" if self._has_words else ""
        return (*told, Span("  "), mark(meaning), Span(word, "muted"))

    @staticmethod
    def _before(source: Provenance) -> str:
        return "" if source.previous is None else f"← {safe_line(source.previous, 60)}"

    def _meaning(self, source: Provenance) -> Mark:
        if source.sequence in self._broken:
            return BROKEN
        if source.erased:
            return ERASED_SINCE
        if source.observed:
            return SEEN
        return SEALED if source.sealed else NOT_COVERED


def _widest(texts: list[str], at_most: int) -> int:
    return min(at_most, max((cells((Span(text),)) for text in texts), default=0))


def told_moment(rfc3339: str, zone: Zone) -> str:
    """A reconstruction's time in a zone: RFC 3339, or the server's text where it is no moment."""
    return moment(rfc3339.replace("T", " ").replace("Z", "+00"), zone, precise=True)
