"""Every key of the screen below, and what the signs mean."""

from collections.abc import Sequence

from textual.app import ComposeResult

from audit_tui.tui.actions import MOVES, Action
from audit_tui.tui.actions.connection import HELP_SCREEN
from audit_tui.tui.bindings import screen_bindings
from audit_tui.tui.present.help import help_lines
from audit_tui.tui.present.lines import Line, Span, line
from audit_tui.tui.screens.base import BaseScreen
from audit_tui.tui.widgets.rows import Rows


class HelpScreen(BaseScreen):
    """Opened by `?` from any screen; lists that screen's actions and no others."""

    ACTIONS = (*MOVES, *HELP_SCREEN)
    BINDINGS = screen_bindings(ACTIONS)
    HAS_PROGRESS = False

    def __init__(self, actions: Sequence[Action], crumbs: tuple[str, ...]) -> None:
        super().__init__()
        self.listed = tuple(actions)
        self._crumbs = crumbs

    def crumbs(self) -> tuple[str, ...]:
        return (*self._crumbs, "Keys")

    def compose_body(self) -> ComposeResult:
        yield Rows(id="keys")

    def on_mount(self) -> None:
        super().on_mount()
        self.answer(line(Span(" Every key that works on the screen you came from.", "strong")))
        rows = self.query_one(Rows)
        count = len(help_lines(self.listed, 80))
        rows.show(count, self._row, selectable=lambda _row: False)

    def _row(self, row: int, width: int) -> Line:
        lines = help_lines(self.listed, width)
        return lines[row] if row < len(lines) else ()
