"""A list of rows that are made when they are seen: as quick with thousands as with ten."""

from collections.abc import Callable
from typing import Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from audit_tui.tui.actions import MOVES
from audit_tui.tui.bindings import bindings
from audit_tui.tui.paint import strip_of
from audit_tui.tui.present.lines import EMPTY, Line, Span

RowBuilder = Callable[[int, int], Line]
"""(row, width in cells) -> the line of that row, without the cursor's column."""

GUTTER = 2
_BAR = "▌ "


class Rows(ScrollView, inherit_bindings=False):
    """Rows with a cursor. Only selectable rows hold it; text between them scrolls by.

    `show` replaces the rows and keeps cursor and scroll; `cursor` is None where no row can hold it.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(MOVES)

    DEFAULT_CSS = """
    Rows {
        height: 1fr; width: 1fr; overflow-x: hidden;
        scrollbar-size-vertical: 1; scrollbar-gutter: stable;
    }
    """

    class Moved(Message):
        """The cursor stands on another row."""

        def __init__(self, rows: "Rows", row: int) -> None:
            super().__init__()
            self.rows, self.row = rows, row

    class Opened(Message):
        """A row was clicked where the cursor stood already."""

        def __init__(self, rows: "Rows", row: int) -> None:
            super().__init__()
            self.rows, self.row = rows, row

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._count = 0
        self._empty: Line = EMPTY
        self._build: RowBuilder = lambda _row, _width: EMPTY
        self._selectable: Callable[[int], bool] = lambda _row: True
        self.cursor: int | None = None

    def show(
        self,
        count: int,
        build: RowBuilder,
        selectable: Callable[[int], bool] | None = None,
        empty: Line = EMPTY,
    ) -> None:
        """Draws `count` rows from now on (`empty` where there are none); the cursor stays if it can."""
        self._count, self._build, self._empty = count, build, empty
        self._selectable = selectable or (lambda _row: True)
        self.virtual_size = Size(self.room, count)
        if self.cursor is None or not self._may_hold(self.cursor):
            self.cursor = self._nearest(self.cursor or 0)
        self.refresh()

    @property
    def row_count(self) -> int:
        return self._count

    @property
    def room(self) -> int:
        """Cells for the line of a row: without the gutter, and without a scrollbar's column."""
        return max(0, self.scrollable_content_region.width - GUTTER)

    def line(self, row: int) -> Line:
        """What stands in a row at the present width, without the gutter."""
        return self._build(row, self.room)

    def render_line(self, y: int) -> Strip:
        row = round(self.scroll_offset.y) + y
        width, style = self.room + GUTTER, self.rich_style
        if row >= self._count:
            told = self._empty if row == 0 else EMPTY
            return strip_of((Span(" " * GUTTER), *told), width, style)
        under_cursor = row == self.cursor
        role = "accent" if self.has_focus else "muted"
        bar = strip_of((Span(_BAR, role),) if under_cursor else EMPTY, GUTTER, style)
        return Strip.join([bar, strip_of(self.line(row), width - GUTTER, style, selected=under_cursor)])

    def move_to(self, row: int, *, top: bool = False) -> None:
        """Puts the cursor on the nearest row that can hold it, and brings it into view."""
        target = self._nearest(row)
        if target is None:
            return
        changed = target != self.cursor
        self.cursor = target
        self._reveal(target, top=top)
        self.refresh()
        if changed:
            self.post_message(self.Moved(self, target))

    def moved_with(self, row: int, before: int) -> None:
        """The row that stood at `before` stands at `row` now: cursor and scroll go with it."""
        self.cursor = row
        self.scroll_to(y=max(0, self.scroll_offset.y + row - before), animate=False, force=True)
        self.refresh()

    def _reveal(self, row: int, *, top: bool) -> None:
        if top:
            self.scroll_to(y=row, animate=False, force=True)
        else:
            self.scroll_to_region(Region(0, row, 1, 1), animate=False, force=True)

    def _may_hold(self, row: int) -> bool:
        return 0 <= row < self._count and self._selectable(row)

    def _nearest(self, row: int) -> int | None:
        """The selectable row at, after or before `row`."""
        row = max(0, min(row, self._count - 1))
        after = next((r for r in range(row, self._count) if self._selectable(r)), None)
        return (
            after if after is not None else next((r for r in range(row, -1, -1) if self._may_hold(r)), None)
        )

    def _step(self, direction: int) -> None:
        start = self.cursor if self.cursor is not None else -1
        row = start + direction
        while 0 <= row < self._count and not self._selectable(row):
            row += direction
        if 0 <= row < self._count and self.cursor is not None:
            self.move_to(row)
        else:
            self.scroll_relative(y=direction, animate=False, force=True)

    def action_cursor_up(self) -> None:
        self._step(-1)

    def action_cursor_down(self) -> None:
        self._step(1)

    def action_page_up(self) -> None:
        self._page(-1)

    def action_page_down(self) -> None:
        self._page(1)

    def _page(self, direction: int) -> None:
        distance = direction * max(1, self.size.height - 1)
        self.scroll_relative(y=distance, animate=False, force=True)
        if self.cursor is not None:
            self.move_to(self.cursor + distance)

    def action_cursor_first(self) -> None:
        self.scroll_to(y=0, animate=False, force=True)
        self.move_to(0)

    def action_cursor_last(self) -> None:
        self.scroll_to(y=self._count, animate=False, force=True)
        self.move_to(self._count - 1)

    def on_resize(self) -> None:
        self.virtual_size = Size(self.room, self._count)
        if self.cursor is not None:
            self._reveal(self.cursor, top=False)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        row = round(self.scroll_offset.y) + event.y
        if not self._may_hold(row):
            return
        if row == self.cursor:
            self.post_message(self.Opened(self, row))
        else:
            self.move_to(row)
