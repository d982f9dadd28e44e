"""Where a command writes its text: a terminal with its colours and width, or a plain pipe of any width."""

import sys
from typing import NoReturn

from rich.console import Console
from rich.text import Text

from audit_tui.cli import streams
from audit_tui.core.safe import safe_line
from audit_tui.core.words import Mark

STYLES: dict[str, str] = {
    "success": "green",
    "error": "bold red",
    "warning": "yellow",
    "warning-dim": "dim yellow",
    "muted": "dim",
    "muted-italic": "dim italic",
    "accent-dim": "dim cyan",
    "heading": "bold",
}
"""The terminal's own colours for the roles of `core.words`."""

LEAST_WIDTH = 40


class _Console(Console):
    """Rich's own answer to a closed pipe is exit code 1, which here means tampered."""

    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError


class Paper:
    """Standard output as lines of text. `width` is None in a pipe: nothing is cut or wrapped there."""

    def __init__(self) -> None:
        self._console = _Console(markup=False, highlight=False, emoji=False, soft_wrap=True)
        seen = streams.is_terminal(sys.stdout)
        self.width: int | None = max(self._console.width, LEAST_WIDTH) if seen else None

    def line(self, text: Text | str = "") -> None:
        """One line, as it is: text must be safe already."""
        with streams.writing():
            self._console.print(text, markup=False, highlight=False, emoji=False, soft_wrap=True)

    def lines(self, texts: list[Text]) -> None:
        for text in texts:
            self.line(text)

    def paragraph(self, text: Text, indent: int = 0, hanging: int | None = None) -> None:
        """Text wrapped at words to the terminal's width, one line where piped. `hanging` indents the rest."""
        rest = indent if hanging is None else hanging
        if self.width is None:
            self.line(Text(" " * indent) + text)
            return
        wrapped = text.wrap(self._console, max(self.width - max(indent, rest), 20))
        for number, piece in enumerate(wrapped):
            piece.rstrip()
            self.line(Text(" " * (indent if number == 0 else rest)) + piece)


def role(text: str, name: str | None = None, limit: int = 200) -> Text:
    """One line of untrusted text, made safe, in the colour of a role."""
    return Text(safe_line(text, limit=limit), style=STYLES.get(name or "", ""))


def glyph(mark: Mark) -> Text:
    return Text(mark.glyph, style=STYLES.get(mark.role, ""))
