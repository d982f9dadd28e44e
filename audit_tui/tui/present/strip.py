"""The strip: a whole chain in one line, each cell a stretch of it, the worst state in a cell wins."""

from dataclasses import dataclass

from audit_tui.core.findings import Segment, SegmentState
from audit_tui.core.segments import cell_states
from audit_tui.tui.present.lines import EMPTY, Line, Span, ends, line

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


@dataclass(frozen=True, slots=True)
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
        for cell in range(self.cells):
            if self.stretch(cell)[1] >= inside:
                return cell
        return 0

    def states(self) -> tuple[SegmentState, ...]:
        return cell_states(self.segments, self.first, self.last, self.cells)


def strip_line(strip: Strip, cursor: int | None) -> Line:
    """The cells; neighbours of one look are one span; the cursor's cell is reversed."""
    spans: list[Span] = [Span(" ")]
    for number, state in enumerate(strip.states()):
        glyph, role, _word = LOOKS[state]
        if number == cursor:
            spans.append(Span("▲" if role == "muted" else glyph, "accent"))
        elif spans[-1].role == role and len(spans) > 1:
            spans[-1] = Span(spans[-1].text + glyph, role)
        else:
            spans.append(Span(glyph, role))
    return tuple(spans)


def axis_line(strip: Strip) -> Line:
    """The first and the last sequence under the ends of the strip."""
    if not strip.cells:
        return EMPTY
    left = line(Span(f" {strip.first}", "muted"))
    return ends(left, [line(Span(str(strip.last), "muted"))], strip.cells + 1)


def cell_words(strip: Strip, cursor: int | None) -> Line:
    """What the cell under the cursor stands for: `1041–1050 · proven`."""
    if cursor is None or not 0 <= cursor < strip.cells:
        return EMPTY
    low, high = strip.stretch(cursor)
    glyph, role, word = LOOKS[strip.states()[cursor]]
    place = f"event {low}" if low == high else f"events {low} to {high}"
    return line(Span(" ▲ ", "muted"), place, "  ", Span(f"{glyph} {word}", role))
