"""The pane under the timeline: a line of tabs, and the body of the one that is chosen."""

from collections.abc import Sequence
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical

from audit_tui.core.model import CheckedEvent, SchemaKind
from audit_tui.tui.present.detail import Tab, detail_lines, tab_at, tab_line
from audit_tui.tui.present.lines import Line
from audit_tui.tui.present.slots import LOADING, Slot
from audit_tui.tui.present.spans import VALUE_LIMIT, WHOLE_LIMIT
from audit_tui.tui.widgets.one_line import OneLine
from audit_tui.tui.widgets.virtual_lines import LinesView
from audit_tui.tui.zone import UTC_ZONE, Zone


class DetailPane(Vertical):
    """Draws one line of the timeline in full. It reads nothing: the screen hands it what it shows."""

    DEFAULT_CSS = """
    DetailPane { height: 40%; min-height: 6; max-height: 24; }
    DetailPane.full { height: 1fr; max-height: 100%; }
    """

    def __init__(self, schema: SchemaKind, **options: Any) -> None:
        super().__init__(**options)
        self._schema = schema
        self._zone: Zone = UTC_ZONE
        self._around: Sequence[CheckedEvent] = ()
        self._limit = VALUE_LIMIT
        self.slot: Slot = LOADING
        self.tab = Tab.EVENT

    def compose(self) -> ComposeResult:
        yield OneLine(lambda width: tab_line(self.tab, self.slot, width), id="tabs")
        yield LinesView(id="detail")

    @property
    def body(self) -> LinesView:
        return self.query_one(LinesView)

    def show_slot(self, slot: Slot, zone: Zone) -> None:
        """Another line of the timeline."""
        self.slot, self._zone, self._around = slot, zone, ()
        self._draw()

    def show_around(self, around: Sequence[CheckedEvent]) -> None:
        """The neighbours of the missing sequence that is shown."""
        self._around = around
        self._draw(keep_place=True)

    def choose(self, tab: Tab) -> None:
        self.tab = tab
        self._draw()

    def step(self, direction: int) -> None:
        """To the next or the previous tab, round and round."""
        self.choose(Tab((self.tab + direction) % len(Tab)))

    def toggle_whole(self) -> bool:
        """Long values whole, or cut; tells whether they are whole now."""
        self._limit = VALUE_LIMIT if self._limit == WHOLE_LIMIT else WHOLE_LIMIT
        self._draw(keep_place=True)
        return self._limit == WHOLE_LIMIT

    def on_click(self, event: events.Click) -> None:
        if event.widget is not None and event.widget.id == "tabs":
            tab = tab_at(event.x)
            if tab is not None:
                self.choose(tab)

    def _draw(self, *, keep_place: bool = False) -> None:
        self.query_one("#tabs", OneLine).refresh()
        self.body.show(self._lines, keep_place=keep_place)

    def _lines(self, width: int) -> list[Line]:
        return detail_lines(self.tab, self.slot, self._zone, width, self._schema, self._limit, self._around)
