"""The strip: a whole chain in one line, each cell a stretch of it, the worst state in a cell wins."""

from dataclasses import dataclass
from functools import cached_property

from audit_tui.core.findings import Segment, SegmentState
from audit_tui.core.segments import cell_states
from audit_tui.tui.present.lines import EMPTY, Line, Span, cells, crop, ends, fit, line

LOOKS: dict[SegmentState, tuple[str, str, str]] = {
    SegmentState.TAMPERED: ("✗", "error reverse", "tampered"),
    SegmentState.INCONCLUSIVE: ("?", "warning", "inconclusive"),
    SegmentState.SUSPICIOUS: ("!", "warning-dim", "suspicious"),
    SegmentState.ERASED: ("▒", "accent-dim", "erased with authority"),
    SegmentState.NOTICE: ("·", "muted", "notice"),
    SegmentState.CHECKING: ("▓", "muted", "being checked"),
    SegmentState.WAITING: ("░", "muted", "not looked at yet"),
    SegmentState.PROVEN: ("█", "muted", "proven"),
}
"""Glyph, colour role and word of each state."""


@dataclass(frozen=True)
class Strip:
    """A chain of first..last drawn over `width` cells."""

    segments: tuple[Segment, ...]
    first: int
    last: int
    width: int

    @property
    def cells(self) -> int:
        """No more cells than events."""
        return max(0, min(self.width, self.last - self.first + 1))

    def stretch(self, cell: int) -> tuple[int, int]:
        """The sequences that a cell stands for."""
        span, cells = self.last - self.first + 1, max(self.cells, 1)
        low = self.first + cell * span // cells
        return low, max(low, self.first + (cell + 1) * span // cells - 1)

    def cell_of(self, sequence: int) -> int:
        """The cell in which a sequence lies (the nearest, where it lies outside)."""
        inside = max(self.first, min(sequence, self.last))
        span, cells = max(self.last - self.first + 1, 1), max(self.cells, 1)
        cell = (inside - self.first) * cells // span
        return cell + 1 if self.cells > cell + 1 and self.stretch(cell)[1] < inside else cell

    @cached_property
    def states(self) -> tuple[SegmentState, ...]:
        """Of every cell. Reckoned once: a chain may have thousands of segments and is drawn many times."""
        return cell_states(self.segments, self.first, self.last, self.cells)


def strip_line(strip: Strip, cursor: int | None) -> Line:
    """The cells; neighbours of one look are one span; the cursor's cell is a ▲."""
    spans: list[Span] = [Span(" ")]
    for number, state in enumerate(strip.states):
        glyph, role, _word = LOOKS[state]
        if number == cursor:
            spans.append(Span("▲", "accent"))
        elif spans[-1].role == role and len(spans) > 1:
            spans[-1] = Span(spans[-1].text + glyph, role)
        else:
            spans.append(Span(glyph, role))
    return tuple(spans)


def scale_line(strip: Strip, cursor: int | None, words: str, width: int) -> Line:
    """First and last sequence under the ends of the strip; between them what the cursor's cell spans, and its
    state in words. `words` say what opening it shows. The ends give way where it is narrow.
    """
    if not strip.cells:
        return EMPTY
    left, right = f" {strip.first}", str(strip.last)
    if cursor is None or not 0 <= cursor < strip.cells:
        if strip.cells < len(left) + len(right) + 2:
            return line(Span(f"{left} to {right}", "muted"))
        return ends(line(Span(left, "muted")), [line(Span(right, "muted"))], strip.cells + 1)
    told = line(*cell_words(strip, cursor), Span(words, "muted"))
    room = width - 1 - cells(told)
    if room < len(left) + len(right) + 4:
        return crop(line(" ", told), width)
    before = max(len(left) + 2, min(room // 2, room - len(right) - 2))
    end = fit(right, width - 1 - before - cells(told), right=True)
    return line(Span(fit(left, before), "muted"), told, Span(end, "muted"))


def cell_words(strip: Strip, cursor: int) -> Line:
    """What a cell stands for: `▲ events 1041 to 1050  █ proven`."""
    low, high = strip.stretch(cursor)
    glyph, role, word = LOOKS[strip.states[cursor]]
    shown = f"event {low}" if low == high else f"events {low} to {high}"
    return line(Span("▲ ", "accent"), shown, "  ", Span(f"{glyph} {word}", role.replace(" reverse", "")))
