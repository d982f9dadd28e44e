"""Before there is a connection: connecting, or why it could not be, and what to do about it."""

from textual.app import ComposeResult

from audit_tui.core.errors import AuditError
from audit_tui.core.safe import safe_line
from audit_tui.service.api import Target
from audit_tui.tui.actions import Action
from audit_tui.tui.actions.connection import CONNECT
from audit_tui.tui.bindings import screen_bindings
from audit_tui.tui.present.failure import failure_lines
from audit_tui.tui.present.lines import EMPTY, Line, Span, line
from audit_tui.tui.screens.base import BaseScreen
from audit_tui.tui.widgets.rows import Rows


class ConnectScreen(BaseScreen):
    """The bottom of the stack. Never holds a password: errors of the connection are free of them."""

    ACTIONS = CONNECT
    BINDINGS = screen_bindings(ACTIONS)
    HAS_PROGRESS = False

    def __init__(self) -> None:
        super().__init__()
        self.target: Target | None = None
        self.error: AuditError | None = None

    def crumbs(self) -> tuple[str, ...]:
        return ("Connect",)

    def compose_body(self) -> ComposeResult:
        yield Rows(id="why")

    def connecting(self, target: Target) -> None:
        """An attempt began."""
        self.target, self.error = target, None
        self._draw()

    def failed(self, error: AuditError) -> None:
        """The attempt failed."""
        self.error = error
        self._draw()

    def _draw(self) -> None:
        name = safe_line(self.target.name, 80) if self.target and self.target.name else "the database"
        if self.error is None:
            self.answer(line(Span(f" Connecting to {name} ⋯", "strong")))
        else:
            self.answer(line(Span(" ? ", "warning"), Span(f"There is no connection to {name}.", "strong")))
        rows = self.query_one(Rows)
        rows.show(len(self._lines(76)), self._row, selectable=lambda _row: False)
        self.query_one("#footer").refresh()

    def _lines(self, width: int) -> list[Line]:
        return [EMPTY, *failure_lines(self.error, min(width, 100))] if self.error else []

    def _row(self, row: int, width: int) -> Line:
        lines = self._lines(min(width, 76))
        return lines[row] if row < len(lines) else EMPTY

    def why_not(self, action: Action) -> str | None:
        if action.id == "retry" and self.error is None:
            return "the first attempt is still going on"
        return super().why_not(action)

    def action_retry(self) -> None:
        if self.error is not None and self.target is not None:
            self.audit.switch_to(self.target)
