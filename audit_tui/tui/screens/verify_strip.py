"""The cursor on the strip of the Verify screen: which cell, what it spans, what opening it shows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from audit_tui.core.findings import Finding, Kind
from audit_tui.core.words import plural
from audit_tui.tui.present.found import Wanted
from audit_tui.tui.present.lines import Line
from audit_tui.tui.present.strip import Strip, scale_line, strip_line

if TYPE_CHECKING:
    from audit_tui.tui.screens.verify import VerifyScreen


class VerifyStrip:
    """Belongs to one Verify screen. `has_enter`: the strip was moved last, so enter means its cell."""

    def __init__(self, screen: "VerifyScreen") -> None:
        self._screen = screen
        self.cell: int | None = None
        self.has_enter = False
        self._pulled: int | None = None

    @property
    def strip(self) -> Strip:
        return self._screen.check.strip(self._screen.size.width)

    @property
    def stretch(self) -> tuple[int, int] | None:
        """The sequences of the cell, or None where the cursor stands on none."""
        return self.strip.stretch(self.cell) if self.cell is not None else None

    def line(self, width: int) -> Line:
        return strip_line(self._screen.check.strip(width), self.cell)

    def scale(self, width: int) -> Line:
        return scale_line(self._screen.check.strip(width), self.cell, self._opens(), width)

    def _opens(self) -> str:
        if not self.has_enter:
            return ""
        inside = self.findings()
        if not inside:
            return "  enter shows it"
        return f"  {plural(len(inside), 'finding')}: enter {'opens it' if len(inside) == 1 else 'lists them'}"

    def findings(self) -> Sequence[Finding]:
        """What was found in the cell; what holds for the whole chain is not found there."""
        inside = Wanted(stretch=self.stretch or (0, -1))
        return [
            finding
            for finding in self._screen.check.findings()
            if finding.kind is not Kind.UNCOVERED_COLUMNS and inside.takes(finding)
        ]

    def forget(self) -> None:
        """The cells are others."""
        self.cell, self.has_enter = None, False

    def step(self, direction: int) -> None:
        cells = self.strip.cells
        if cells:
            start = self.cell if self.cell is not None else (-1 if direction > 0 else cells)
            self.stand_on(max(0, min(cells - 1, start + direction)))

    def stand_on(self, cell: int) -> None:
        """Puts the cursor there; the list's cursor goes to the first finding in that cell."""
        self.cell, self.has_enter = cell, True
        self._pulled = self._screen.listing.move_into(*self.strip.stretch(cell))
        self._screen.refresh_lines()

    def follow(self, row: int, finding: Finding) -> None:
        """The list's cursor was moved: the strip's goes to where that finding begins."""
        pulled, self._pulled = self._pulled, None
        if row == pulled or finding.first_sequence is None:
            return
        self.cell, self.has_enter = self.strip.cell_of(finding.first_sequence), False
        self._screen.refresh_lines()
