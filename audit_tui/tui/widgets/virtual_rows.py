"""A list of any length: a cursor, the keys of a list, and the pages that the lines in sight need.

The widget knows no database: it posts `PageWanted`, whoever fetches hands the page to `accept`. A page that
is no longer in sight when a newer one is wanted is the asker's to drop; one that comes late does no harm.
"""

from typing import Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView

from audit_tui.service.api import EventPage, PageRequest
from audit_tui.tui.actions import MOVES
from audit_tui.tui.bindings import bindings
from audit_tui.tui.present.slots import LOADING, Rows, Slot


class VirtualRows(ScrollView, can_focus=True, inherit_bindings=False):
    """Lines of a `Rows`, drawn by a subclass. At most one page is asked for at a time."""

    DEFAULT_CSS = """
    VirtualRows {
        overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; scrollbar-gutter: stable;
        height: 1fr;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(MOVES)

    cursor: reactive[int] = reactive(0, repaint=False)

    class PageWanted(Message):
        """A page is needed to draw what is in sight; it replaces whatever was wanted before."""

        def __init__(self, request: PageRequest) -> None:
            super().__init__()
            self.request = request

    class CursorMoved(Message):
        """The cursor stands on another line, or its line has come in."""

        def __init__(self, slot: Slot) -> None:
            super().__init__()
            self.slot = slot

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, VirtualRows.CursorMoved)

    class RowChosen(Message):
        """A line was clicked that already had the cursor."""

        def __init__(self, slot: Slot) -> None:
            super().__init__()
            self.slot = slot

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.rows: Rows | None = None
        self._asked: PageRequest | None = None
        self._told: Slot | None = None
        self._held: int | None = None

    @property
    def current(self) -> Slot:
        """The line under the cursor."""
        rows = self.rows
        return rows.slot(self.cursor) if rows is not None and self.cursor < rows.length else LOADING

    @property
    def is_waiting(self) -> bool:
        """Whether a page was asked for that has not come."""
        return self._asked is not None

    def lay_out(self) -> None:
        """The width, the lines or how they are drawn have changed: subclasses forget what they drew."""
        self.refresh()

    def replace_rows(self, rows: Rows) -> None:
        """Other lines from now on."""
        self.rows, self._asked = rows, None
        self.lay_out()
        self._fit_rows()
        self._ask()

    def move_to(self, target: int | None, *, centre: bool = False) -> None:
        """The cursor to a line; None: a page must come first, and brings it."""
        if target is None:
            self._ask()
            return
        self.cursor = target
        self._reveal(centre=centre)
        self._ask()

    def accept(self, request: PageRequest, page: EventPage) -> None:
        """Takes in a page; what is being read stays where it is on the screen."""
        rows = self.rows
        if rows is None:
            return
        on_screen = self.cursor - self.scroll_offset.y
        landing = rows.accept(request, page)
        self._asked = None
        self.lay_out()
        self._fit_rows()
        if landing.cursor is not None:
            self._held = on_screen
            self.cursor = landing.cursor
        elif landing.inserted_above:
            held, self._held = self._held, None
            self.set_reactive(VirtualRows.cursor, self.validate_cursor(self.cursor + landing.inserted_above))
            self._scroll_so(self.cursor, on_screen if held is None else held)
        self._tell()
        self._ask()

    def forget_request(self) -> None:
        """A fetch failed: the next movement asks again."""
        self._asked = None

    def ask_again(self) -> None:
        """Asks for what is in sight, even where it was asked for before."""
        self._asked = None
        self._ask()

    def validate_cursor(self, row_number: int) -> int:
        length = self.rows.length if self.rows is not None else 0
        return min(max(row_number, 0), max(length - 1, 0))

    def watch_cursor(self, old: int, new: int) -> None:
        self.refresh_line(old)
        self.refresh_line(new)
        self._reveal()
        self._tell()
        self._ask()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._ask()

    def watch_has_focus(self, _focused: bool) -> None:  # a watcher's signature
        super().watch_has_focus(_focused)
        self.refresh_line(self.cursor)

    def on_resize(self, _event: events.Resize) -> None:
        self.lay_out()
        self._fit_rows()
        self._reveal()
        self._ask()

    def on_click(self, event: events.Click) -> None:
        number = self.scroll_offset.y + event.y
        if self.rows is None or number >= self.rows.length:
            return
        if number == self.cursor:
            self.post_message(self.RowChosen(self.current))
        else:
            self.cursor = number

    def action_cursor_up(self) -> None:
        self.cursor -= 1

    def action_cursor_down(self) -> None:
        self.cursor += 1

    def action_page_up(self) -> None:
        self._turn(-1)

    def action_page_down(self) -> None:
        self._turn(1)

    def action_cursor_first(self) -> None:
        if self.rows is not None:
            self.move_to(self.rows.seek_start())

    def action_cursor_last(self) -> None:
        if self.rows is not None:
            self.move_to(self.rows.seek_end())

    def _turn(self, direction: int) -> None:
        step = max(1, self.scrollable_content_region.height - 1) * direction
        target = self.validate_cursor(self.cursor + step)
        self.scroll_to(y=self.scroll_y + target - self.cursor, animate=False, force=True)
        self.cursor = target

    def _reveal(self, *, centre: bool = False) -> None:
        if self.size.height:
            line = Region(0, self.cursor, 1, 1)
            self.scroll_to_region(line, animate=False, force=True, center=centre, x_axis=False)

    def _scroll_so(self, number: int, line_on_screen: int) -> None:
        """Scrolls until a line stands that many lines below the top."""
        self.scroll_to(y=max(0, number - line_on_screen), animate=False, force=True)

    def _fit_rows(self) -> None:
        length = self.rows.length if self.rows is not None else 0
        self.virtual_size = Size(self.scrollable_content_region.width, length)
        self.cursor = self.validate_cursor(self.cursor)

    def _ask(self) -> None:
        height = self.scrollable_content_region.height
        if self.rows is None or not height:
            return
        top = self.scroll_offset.y
        request = self.rows.wants(top, top + height - 1)
        if request is not None and request != self._asked:
            self._asked = request
            self.post_message(self.PageWanted(request))

    def _tell(self) -> None:
        slot = self.current
        if slot != self._told:
            self._told = slot
            self.post_message(self.CursorMoved(slot))
