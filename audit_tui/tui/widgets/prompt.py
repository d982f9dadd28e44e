"""One line in which something is typed: a filter, a sequence, a moment."""

from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input
from textual.widgets.input import Selection

from audit_tui.tui.present.lines import Line, Span, cells
from audit_tui.tui.widgets.one_line import OneLine


class Prompt(Horizontal):
    """Hidden until `ask`; whoever asked hears `Edited`, `Submitted`, and closes it."""

    DEFAULT_CSS = """
    Prompt { height: 1; width: 1fr; }
    Prompt > #prompt-label { width: auto; }
    """

    class Edited(Message):
        """The text is another."""

        def __init__(self, kind: str, text: str) -> None:
            super().__init__()
            self.kind, self.text = kind, text

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, Prompt.Edited)

    class Submitted(Message):
        """Enter was pressed."""

        def __init__(self, kind: str, text: str) -> None:
            super().__init__()
            self.kind, self.text = kind, text

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.display = False
        self.kind: str | None = None

    @property
    def is_asking(self) -> bool:
        return self.kind is not None

    @property
    def text(self) -> str:
        return self.query_one(Input).value

    def compose(self) -> ComposeResult:
        yield OneLine(id="prompt-label")
        yield Input(classes="filter", select_on_focus=False)

    def ask(self, kind: str, label: str, text: str = "", placeholder: str = "") -> None:
        """Shows the line with the text in it and takes the focus."""
        self.kind = kind
        shown: Line = (Span(f" {label} ", "accent"),)
        told = self.query_one("#prompt-label", OneLine)
        told.styles.width = cells(shown)
        told.show(shown)
        field = self.query_one(Input)
        field.placeholder = placeholder
        field.value = text
        field.cursor_position = len(text)
        # At once, not with the next refresh: what is typed right behind the key belongs in this line.
        self.display = True
        self.screen.set_focus(field)

    def close(self) -> None:
        """Hides the line; whoever asked gives the focus to something else."""
        self.kind = None
        self.display = False

    def point_at(self, start: int, length: int) -> None:
        """Selects the word that is not understood."""
        self.query_one(Input).selection = Selection(start, start + length)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.kind is not None:
            self.post_message(self.Edited(self.kind, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.kind is not None:
            self.post_message(self.Submitted(self.kind, event.value))
