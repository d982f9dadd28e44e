"""The server went away: offer to reconnect; what was read before stays readable."""

from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import ModalScreen

from audit_tui.core.errors import AuditError
from audit_tui.tui.actions.connection import LOST
from audit_tui.tui.bindings import screen_bindings
from audit_tui.tui.present.failure import failure_lines
from audit_tui.tui.present.header import footer
from audit_tui.tui.present.lines import EMPTY, Line, Span, line, wrap
from audit_tui.tui.widgets.one_line import OneLine, Several

_STANDS = "What is on screen was read before. Nothing half-checked counts as proven."


class Dialog(ModalScreen[bool], inherit_bindings=False):
    """A small box over the screen below."""


class LostDialog(Dialog):
    """Dismissed with True where the user wants to reconnect."""

    ACTIONS = LOST
    BINDINGS = screen_bindings(ACTIONS)

    def __init__(self, error: AuditError) -> None:
        super().__init__()
        self._error = error

    def compose(self) -> ComposeResult:
        with Container(id="box"):
            yield Several(self._lines)
            yield OneLine(lambda width: footer(self.ACTIONS, width))

    def _lines(self, width: int) -> list[Line]:
        return [
            line(Span("The connection to the database is lost.", "strong")),
            EMPTY,
            *failure_lines(self._error, width),
            EMPTY,
            *(line(Span(text, "muted")) for text in wrap(_STANDS, width)),
            EMPTY,
        ]

    def action_again(self) -> None:
        self.dismiss(result=True)

    def action_stay(self) -> None:
        self.dismiss(result=False)
