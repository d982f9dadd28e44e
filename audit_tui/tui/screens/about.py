"""Who is connected, to what, with which rights."""

from textual import events
from textual.app import ComposeResult

from audit_tui.tui.actions import MOVES
from audit_tui.tui.actions.connection import ABOUT_SCREEN
from audit_tui.tui.bindings import screen_bindings
from audit_tui.tui.present.about import about_lines
from audit_tui.tui.present.lines import EMPTY, Line, Span, line
from audit_tui.tui.screens.base import BaseScreen
from audit_tui.tui.widgets.rows import Rows


class AboutScreen(BaseScreen):
    """Everything that was probed at connect; reads nothing now."""

    ACTIONS = (*MOVES, *ABOUT_SCREEN)
    BINDINGS = screen_bindings(ACTIONS)

    def crumbs(self) -> tuple[str, ...]:
        return ("Connection",)

    def compose_body(self) -> ComposeResult:
        yield Rows(id="about")

    def on_mount(self) -> None:
        super().on_mount()
        self.answer(line(Span(" Connected read-only: nothing here can change the log.", "strong")))
        self._draw()

    def _draw(self) -> None:
        rows = self.query_one(Rows)
        rows.show(len(self._lines(rows.room)), self._row, selectable=lambda _row: False)

    def _lines(self, width: int) -> list[Line]:
        return about_lines(self.service.connection, max(20, width))

    def _row(self, row: int, width: int) -> Line:
        lines = self._lines(width)
        return lines[row] if row < len(lines) else EMPTY

    def on_resize(self, _event: events.Resize) -> None:
        self.call_after_refresh(self._draw)
