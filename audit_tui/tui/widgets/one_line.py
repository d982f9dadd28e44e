"""A line of fixed height that is laid out anew for every width."""

from collections.abc import Callable
from typing import Any

from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from audit_tui.tui.paint import strip_of
from audit_tui.tui.present.lines import EMPTY, Line


class OneLine(Widget):
    """Draws what `build(width)` returns; `show` gives it another builder, or a line that is cropped."""

    DEFAULT_CSS = """
    OneLine { height: 1; width: 1fr; }
    """

    def __init__(self, build: Callable[[int], Line] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._build = build or (lambda _width: EMPTY)

    def show(self, build: Callable[[int], Line] | Line) -> None:
        """From now on draws this."""
        if callable(build):
            self._build = build
        else:
            fixed: Line = build
            self._build = lambda _width: fixed
        self.refresh()

    def line(self) -> Line:
        """What stands there now, at the present width."""
        return self._build(self.size.width)

    def render_line(self, y: int) -> Strip:
        style: Style = self.rich_style
        if y > 0:
            return Strip.blank(self.size.width, style)
        return strip_of(self.line(), self.size.width, style)


class Several(OneLine):
    """Some lines of fixed height, laid out anew for every width: headings, a short paragraph."""

    DEFAULT_CSS = """
    Several { height: auto; width: 1fr; }
    """

    def __init__(self, build: Callable[[int], list[Line]] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._lines = build or (lambda _width: [])

    def show_lines(self, build: Callable[[int], list[Line]]) -> None:
        """From now on draws these."""
        self._lines = build
        self.refresh(layout=True)

    def lines(self) -> list[Line]:
        """What stands there now, at the present width."""
        return self._lines(self.size.width)

    def get_content_height(self, container: Any, viewport: Any, width: int) -> int:  # noqa: ARG002 (Textual's signature)
        return len(self._lines(width))

    def render_line(self, y: int) -> Strip:
        lines = self._lines(self.size.width)
        style: Style = self.rich_style
        if y >= len(lines):
            return Strip.blank(self.size.width, style)
        return strip_of(lines[y], self.size.width, style)
