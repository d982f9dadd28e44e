"""The events of a chain as a table of any length: columns that fit the width, lines drawn when seen."""

from typing import Any

from textual.message import Message
from textual.strip import Strip

from audit_tui.tui.paint import strip_of
from audit_tui.tui.present.events import Column, layout, row
from audit_tui.tui.present.lines import Line, Span
from audit_tui.tui.present.slots import Rows
from audit_tui.tui.widgets.virtual_lines import LinesBuilder
from audit_tui.tui.widgets.virtual_rows import VirtualRows
from audit_tui.tui.zone import UTC_ZONE, Zone

LINES_CACHED = 1000
"""Finished lines kept between repaints; a screen shows far fewer."""


class VirtualTable(VirtualRows):
    """Draws events; its titles are drawn by whoever hears `LayoutChanged`."""

    class LayoutChanged(Message):
        """The columns were fitted anew."""

        def __init__(self, columns: tuple[Column, ...]) -> None:
            super().__init__()
            self.columns = columns

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.columns: tuple[Column, ...] = ()
        self._zone: Zone = UTC_ZONE
        self._highest = 0
        self._lines: dict[int, Line] = {}
        self._empty: LinesBuilder | None = None

    def show(self, rows: Rows, highest: int, zone: Zone) -> None:
        """Draws other lines. `highest`, the largest sequence that can appear, sets the column's width."""
        self._highest, self._zone = highest, zone
        self.replace_rows(rows)

    def show_empty(self, build: LinesBuilder | None) -> None:
        """What is drawn where there are no lines at all; nothing where None."""
        self._empty = build
        self.refresh()

    def grown(self, highest: int) -> None:
        """Lines were added at the end; nothing that is in sight moves."""
        self._highest = highest
        self.lay_out()
        self._fit_rows()
        self.ask_again()

    def set_zone(self, zone: Zone) -> None:
        """Draws times in another zone; nothing moves."""
        self._zone = zone
        self.lay_out()

    def lay_out(self) -> None:
        width = self.scrollable_content_region.width
        columns = layout(width, self._highest, self._zone) if width else ()
        self._lines.clear()
        self.refresh()
        if columns != self.columns:
            self.columns = columns
            self.post_message(self.LayoutChanged(columns))

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        number = self.scroll_offset.y + y
        if self.rows is None or number >= self.rows.length:
            return self._beyond(y, width)
        at_cursor = number == self.cursor
        bar = Span("▌" if at_cursor else " ", "accent" if self.has_focus else "muted")
        return strip_of((bar, *self._line(number)), width, self.rich_style, at_cursor)

    def _beyond(self, y: int, width: int) -> Strip:
        """Below the last line: blank, but for the words where there is no line at all."""
        if self._empty is None or self.rows is None or self.rows.length:
            return Strip.blank(width, self.rich_style)
        words = self._empty(width)
        return strip_of(words[y - 1] if 0 < y <= len(words) else (), width, self.rich_style)

    def _line(self, number: int) -> Line:
        found = self._lines.get(number)
        if found is None and self.rows is not None:
            if len(self._lines) >= LINES_CACHED:
                self._lines.clear()
            found = self._lines[number] = row(self.rows.slot(number), self.columns, self._zone)
        return found or ()
