"""The line a filter is typed into: hidden until `/`, gone with esc, kept while it narrows something."""

from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from audit_tui.tui.present.lines import Span, line
from audit_tui.tui.widgets.one_line import OneLine


class FilterBar(Horizontal):
    """One line, no frame. Enter gives the focus back and keeps the filter; esc is the screen's to handle."""

    DEFAULT_CSS = """
    FilterBar { display: none; height: 1; }
    FilterBar.shown { display: block; }
    FilterBar OneLine { width: 3; }
    FilterBar Input { height: 1; border: none; padding: 0; background: $background; }
    FilterBar Input:focus { border: none; }
    """

    def __init__(self, placeholder: str, **options: Any) -> None:
        super().__init__(**options)
        self._placeholder = placeholder

    def compose(self) -> ComposeResult:
        yield OneLine(lambda _width: line(" ", Span("/", "accent")))
        yield Input(placeholder=self._placeholder, compact=True)

    @property
    def value(self) -> str:
        return self.query_one(Input).value

    @property
    def is_shown(self) -> bool:
        return self.has_class("shown")

    def open(self) -> None:
        """Shows the line and takes the focus."""
        self.add_class("shown")
        self.query_one(Input).focus()

    def close(self) -> None:
        """Empties and hides it."""
        self.query_one(Input).value = ""
        self.remove_class("shown")
