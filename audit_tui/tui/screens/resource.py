"""One resource: its events, what each of them changed, and the state it was in after any of them."""

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical

from audit_tui.core.errors import UsageError
from audit_tui.core.jsontext import pretty
from audit_tui.core.model import CheckedEvent
from audit_tui.core.moments import parse_moment
from audit_tui.core.state import Reconstruction
from audit_tui.core.words import NOT_RUN
from audit_tui.service.api import ResourceHistory
from audit_tui.tui.actions.resource import RESOURCE
from audit_tui.tui.bindings import screen_bindings
from audit_tui.tui.present.detail_diff import diff_lines
from audit_tui.tui.present.events import Column, heading, layout, row
from audit_tui.tui.present.filtering import typed_in
from audit_tui.tui.present.lines import EMPTY, Line, Span, line, mark
from audit_tui.tui.present.places import MOMENTS, echo_error, echo_moment
from audit_tui.tui.present.resource import (
    Place,
    as_of_line,
    broken_events,
    index_at,
    index_of,
    life_line,
    name_of,
    rule,
    step_change,
)
from audit_tui.tui.present.resource_state import state_lines
from audit_tui.tui.present.slots import Slot, SlotKind
from audit_tui.tui.present.spans import VALUE_LIMIT, WHOLE_LIMIT
from audit_tui.tui.present.values import middle
from audit_tui.tui.screens.base import BaseScreen
from audit_tui.tui.widgets.one_line import OneLine
from audit_tui.tui.widgets.prompt import Prompt
from audit_tui.tui.widgets.rows import GUTTER, Rows
from audit_tui.tui.widgets.virtual_lines import LinesView

WIDE = 150
"""From this width on the state stands beside the events."""
HELD_AT_MOST = 5000
"""Events of one resource held in memory; older ones are in the timeline."""
CRUMB = 32
"""Cells of the resource's name in the breadcrumb; the first line has it in full."""
SINGLE = frozenset({"RESOURCE"})


class ResourceScreen(BaseScreen):
    """Opens after `at_sequence` (None: after the newest event)."""

    ACTIONS = RESOURCE
    BINDINGS = screen_bindings(ACTIONS)
    DEFAULT_CSS = """
    ResourceScreen #halves { height: 1fr; layout: vertical; }
    ResourceScreen #events-half { height: 5fr; }
    ResourceScreen #state-half { height: 4fr; }
    ResourceScreen Rows { height: 3fr; min-height: 3; }
    ResourceScreen #change { height: 2fr; min-height: 2; }
    ResourceScreen.wide #halves { layout: horizontal; }
    ResourceScreen.wide #events-half { width: 1fr; height: 1fr; }
    ResourceScreen.wide #state-half { width: 1fr; height: 1fr; padding: 0 0 0 2; }
    """

    def __init__(
        self, tenant_id: str, resource_type: str, resource_id: str, at_sequence: int | None = None
    ) -> None:
        super().__init__()
        self.tenant_id, self.resource_type, self.resource_id = tenant_id, resource_type, resource_id
        self.name_shown = name_of(resource_type, resource_id)
        self._start_at = at_sequence
        self.events: tuple[CheckedEvent, ...] = ()
        self._more = False
        self.place = Place(None)
        self.state: Reconstruction | None = None
        self._limit = VALUE_LIMIT
        self._told: Line = EMPTY

    # What it looks like

    def crumbs(self) -> tuple[str, ...]:
        return (self.tenant_id, middle(self.name_shown, CRUMB))

    def compose_body(self) -> ComposeResult:
        yield OneLine(self._life, id="life")
        yield Prompt(id="prompt")
        yield OneLine(self._heading, id="heading")
        with Container(id="halves"):
            with Vertical(id="events-half"):
                yield Rows(id="events", classes="main")
                yield OneLine(self._change_rule, id="change-rule")
                yield LinesView(id="change")
            with Vertical(id="state-half"):
                yield OneLine(self._state_rule, id="state-rule")
                yield LinesView(id="state")

    def on_mount(self) -> None:
        super().on_mount()
        self.answer(self._answer)
        self._read()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= WIDE, "wide")

    @property
    def list(self) -> Rows:
        return self.query_one(Rows)

    def _answer(self, width: int) -> Line:
        if not self.events:
            return line(" ⋯ ", self.name_shown)
        return as_of_line(self.name_shown, self.events, self.place, self.state, self.audit.zone, width)

    def _life(self, width: int) -> Line:
        return life_line(self.events, self.place, self._more, self.audit.zone, width)

    def _columns(self, width: int) -> tuple[Column, ...]:
        highest = self.events[-1].event.sequence_number if self.events else 0
        return layout(width, highest or 0, self.audit.zone, SINGLE)

    def _heading(self, width: int) -> Line:
        prompt = self.query_one(Prompt)
        if prompt.is_asking:
            return self._told or echo_moment(prompt.text, self.audit.now_us(), self.audit.zone, width)
        return heading(self._columns(self.list.size.width or width))

    def _row(self, number: int, width: int) -> Line:
        checked = self.events[number]
        slot = Slot(SlotKind.EVENT, checked.event.sequence_number, (checked,))
        spans = row(slot, self._columns(width + GUTTER), self.audit.zone)
        # The list draws its own gutter of two cells; the row begins with the blank of the same gutter.
        return (Span(spans[0].text[1:], spans[0].role), *spans[1:])

    def _change_rule(self, width: int) -> Line:
        chosen = self._chosen
        sequence = "" if chosen is None else f" of event {chosen.event.sequence_number}"
        return rule(f"Change{sequence}", width)

    def _state_rule(self, width: int) -> Line:
        at = self.place.at_us is not None
        chosen = self._chosen
        after = "" if chosen is None else f" after event {chosen.event.sequence_number}"
        count = f"{(self.place.index or 0) + 1} of {len(self.events)}" if chosen is not None else ""
        return rule(f"State{' at that moment,' if at else ''}{after}", width, count)

    @property
    def _chosen(self) -> CheckedEvent | None:
        return self.events[self.place.index] if self.place.index is not None else None

    def zone_changed(self) -> None:
        self._draw()

    def _draw(self) -> None:
        for one in self.query(OneLine):
            one.refresh()
        self.list.refresh()
        chosen = self._chosen
        change = self.query_one("#change", LinesView)
        change.show(lambda width: diff_lines(chosen, width, self._limit) if chosen is not None else [])
        self._draw_state()

    def _draw_state(self) -> None:
        state = self.state
        self.query_one("#state", LinesView).show(
            lambda width: (
                state_lines(state, self.audit.zone, width, broken_events(self.events, state), self._limit)
                if state is not None
                else []
            )
        )
        self.query_one("#answer", OneLine).refresh()

    def reconnected(self) -> None:
        self.progress()
        if self.events:
            self._read_state()
        else:
            self._read()

    # What is read

    def _read(self) -> None:
        self.ask(
            lambda: self.service.list_resource_events(self.tenant_id, self.resource_type, self.resource_id),
            self._came,
            group="events",
            description="reading the resource's events",
        )

    def _came(self, history: ResourceHistory) -> None:
        self.events, self._more = history.events, history.more
        self.list.show(len(self.events), self._row)
        if not self.events:
            nothing = line(" ", mark(NOT_RUN), f" The log holds no event of {self.name_shown}.")
            self.answer(nothing)
            self._draw()
            return
        start, self._start_at = self._start_at, None
        self._go(index_of(self.events, start))

    def _go(self, index: int | None, at_us: int | None = None) -> None:
        """Another event, or a moment: the state follows when it is read."""
        self.place = Place(index, at_us)
        self.state = None
        if index is not None:
            self.list.move_to(index)
        self._draw()
        self._read_state()
        if index == 0 and self._more and len(self.events) < HELD_AT_MOST:
            self._read_older()

    def _read_state(self) -> None:
        chosen, at_us = self._chosen, self.place.at_us
        through = chosen.event.sequence_number if chosen is not None and at_us is None else None
        resource = (self.tenant_id, self.resource_type, self.resource_id)
        self.ask(
            lambda: self.service.reconstruct(*resource, at_us=at_us, through=through),
            self._state_came,
            group="state",
            description="reconstructing the state",
        )

    def _state_came(self, state: Reconstruction) -> None:
        self.state = state
        self._draw_state()

    def _read_older(self) -> None:
        before = self.events[0].event.sequence_number
        self.ask(
            lambda: self.service.list_resource_events(
                self.tenant_id, self.resource_type, self.resource_id, before=before
            ),
            self._older_came,
            group="older",
            description="reading older events",
        )

    def _older_came(self, history: ResourceHistory) -> None:
        added = len(history.events)
        self.events, self._more = history.events + self.events, history.more
        if self.place.index is not None:
            self.place = Place(self.place.index + added, self.place.at_us)
        self.list.show(len(self.events), self._row)
        if self.place.index is not None:
            self.list.move_to(self.place.index)
        self._draw()

    def on_rows_moved(self, message: Rows.Moved) -> None:
        if message.row != self.place.index and message.row < len(self.events):
            self._go(message.row)

    def on_rows_opened(self) -> None:
        self.action_open()

    # What can be done

    def action_earlier(self) -> None:
        if self.events:
            self._go(max(0, (self.place.index if self.place.index is not None else 0) - 1))

    def action_later(self) -> None:
        if self.events:
            here = self.place.index if self.place.index is not None else -1
            self._go(min(len(self.events) - 1, here + 1))

    def action_next_change(self) -> None:
        self._step_change(1)

    def action_previous_change(self) -> None:
        self._step_change(-1)

    def _step_change(self, direction: int) -> None:
        found = step_change(self.events, self.place.index, direction)
        if found is None:
            self.say(f"No {'later' if direction > 0 else 'earlier'} event changed anything.")
        else:
            self._go(found)

    def action_open(self) -> None:
        from audit_tui.tui.openers import open_timeline

        chosen = self._chosen
        if chosen is not None:
            open_timeline(self.audit, self.tenant_id, at_sequence=chosen.event.sequence_number)

    def action_back(self) -> None:
        if self.query_one(Prompt).is_asking:
            self._close_prompt()
        else:
            super().action_back()

    def action_moment(self) -> None:
        self._told = EMPTY
        self.query_one("#life").display = False
        self.query_one(Prompt).ask("moment", "as of", "", MOMENTS)
        self._heading_changed()

    def _close_prompt(self) -> None:
        self.query_one(Prompt).close()
        self.query_one("#life").display = True
        self.set_focus(self.list)
        self._heading_changed()

    def _heading_changed(self) -> None:
        self.query_one("#heading", OneLine).refresh()

    def on_prompt_edited(self) -> None:
        self._told = EMPTY
        self._heading_changed()

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        now, zone = self.audit.now_us(), self.audit.zone
        if not message.text.strip():
            self._close_prompt()
            return
        try:
            at_us = parse_moment(message.text, now, typed_in(zone, now))
        except UsageError as error:
            self._told = echo_error(error, self.size.width)
            self._heading_changed()
            return
        self._close_prompt()
        self._go(index_at(self.events, at_us), at_us)

    def action_next_pane(self) -> None:
        self._step_pane(1)

    def action_previous_pane(self) -> None:
        self._step_pane(-1)

    def _step_pane(self, direction: int) -> None:
        panes = [self.list, self.query_one("#state"), self.query_one("#change")]
        here = next((n for n, pane in enumerate(panes) if pane.has_focus), 0)
        self.set_focus(panes[(here + direction) % len(panes)])

    def action_whole(self) -> None:
        self._limit = VALUE_LIMIT if self._limit == WHOLE_LIMIT else WHOLE_LIMIT
        self._draw()

    def action_copy(self) -> None:
        if self.state is not None and self.state.exists:
            self.app.copy_to_clipboard(pretty(self.state.state))
            self.say("The state is copied as JSON.")

    def action_reload(self) -> None:
        self._start_at = self._chosen.event.sequence_number if self._chosen is not None else None
        self._read()
