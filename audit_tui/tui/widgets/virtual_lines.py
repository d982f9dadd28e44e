"""A text of any length, already laid out in lines for the width at hand: only what is in sight is drawn."""

from collections.abc import Callable
from typing import Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from audit_tui.tui.actions import MOVES
from audit_tui.tui.bindings import bindings
from audit_tui.tui.paint import strip_of
from audit_tui.tui.present.lines import Line

LinesBuilder = Callable[[int], list[Line]]
"""(width in cells) -> the lines at that width."""


class LinesView(ScrollView, inherit_bindings=False):
    """Scrolls through what `build(width)` returns; it is asked again for every width."""

    DEFAULT_CSS = """
    LinesView {
        overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; scrollbar-gutter: stable;
        height: 1fr; width: 1fr;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(MOVES)

    def __init__(self, build: LinesBuilder | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._build = build
        self._lines: list[Line] = []

    @property
    def lines(self) -> list[Line]:
        """What stands there at the present width."""
        return self._lines

    def show(self, build: LinesBuilder, *, keep_place: bool = False) -> None:
        """Draws other lines, from their top unless `keep_place`."""
        self._build = build
        self._lay_out()
        if not keep_place:
            self.scroll_to(y=0, animate=False, force=True)

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width
        if self._build is None or width <= 0:
            return
        self._lines = self._build(width)
        self.virtual_size = Size(width, len(self._lines))
        self.refresh()

    def on_resize(self, _event: events.Resize) -> None:
        self._lay_out()

    def render_line(self, y: int) -> Strip:
        number = self.scroll_offset.y + y
        width = self.scrollable_content_region.width
        base = self.rich_style
        if number >= len(self._lines):
            return Strip.blank(width, base)
        return strip_of(self._lines[number], width, base)

    def action_cursor_up(self) -> None:
        self.scroll_relative(y=-1, animate=False, force=True)

    def action_cursor_down(self) -> None:
        self.scroll_relative(y=1, animate=False, force=True)

    def action_page_up(self) -> None:
        self.scroll_relative(y=-self._step, animate=False, force=True)

    def action_page_down(self) -> None:
        self.scroll_relative(y=self._step, animate=False, force=True)

    def action_cursor_first(self) -> None:
        self.scroll_to(y=0, animate=False, force=True)

    def action_cursor_last(self) -> None:
        self.scroll_to(y=len(self._lines), animate=False, force=True)

    @property
    def _step(self) -> int:
        return max(1, self.scrollable_content_region.height - 1)
