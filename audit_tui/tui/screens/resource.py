"""One resource: its events, what each of them changed, and the state it was in after any of them."""

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical

from audit_tui.core.jsontext import pretty
from audit_tui.core.words import NOT_RUN
from audit_tui.tui.actions.resource import RESOURCE
from audit_tui.tui.bindings import screen_bindings
from audit_tui.tui.present.detail_diff import diff_lines
from audit_tui.tui.present.events import Column, heading, layout, row
from audit_tui.tui.present.lines import Line, Span, line, mark
from audit_tui.tui.present.resource import (
    as_of_line,
    broken_events,
    life_line,
    name_of,
    rule,
)
from audit_tui.tui.present.resource_state import state_lines
from audit_tui.tui.present.slots import Slot, SlotKind
from audit_tui.tui.present.spans import VALUE_LIMIT, WHOLE_LIMIT
from audit_tui.tui.present.values import middle
from audit_tui.tui.screens.base import BaseScreen
from audit_tui.tui.screens.resource_life import ResourceLife
from audit_tui.tui.screens.resource_moment import MomentPrompt
from audit_tui.tui.widgets.one_line import OneLine
from audit_tui.tui.widgets.prompt import Prompt
from audit_tui.tui.widgets.rows import GUTTER, Rows
from audit_tui.tui.widgets.virtual_lines import LinesView

WIDE = 150
"""From this width on the state stands beside the events."""
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
        self.tenant_id = tenant_id
        self.name_shown = name_of(resource_type, resource_id)
        self.life = ResourceLife(self, (tenant_id, resource_type, resource_id), at_sequence)
        self.prompt = MomentPrompt(self)
        self._limit = VALUE_LIMIT

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
        self.life.read()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= WIDE, "wide")

    @property
    def rows(self) -> Rows:
        return self.query_one(Rows)

    def _answer(self, width: int) -> Line:
        if not self.life.events:
            return line(" ⋯ ", self.name_shown)
        return as_of_line(
            self.name_shown, self.life.events, self.life.place, self.life.state, self.audit.zone, width
        )

    def _life(self, width: int) -> Line:
        return life_line(self.life.events, self.life.place, self.life.more, self.audit.zone, width)

    def _columns(self, width: int) -> tuple[Column, ...]:
        highest = self.life.events[-1].event.sequence_number if self.life.events else 0
        return layout(width, highest or 0, self.audit.zone, SINGLE)

    def _heading(self, width: int) -> Line:
        if self.prompt.is_asking:
            return self.prompt.echo(width)
        return heading(self._columns(self.rows.size.width or width))

    def _row(self, number: int, width: int) -> Line:
        checked = self.life.events[number]
        slot = Slot(SlotKind.EVENT, checked.event.sequence_number, (checked,))
        spans = row(slot, self._columns(width + GUTTER), self.audit.zone)
        # The list draws its own gutter of two cells; the row begins with the blank of the same gutter.
        return (Span(spans[0].text[1:], spans[0].role), *spans[1:])

    def _change_rule(self, width: int) -> Line:
        chosen = self.life.chosen
        sequence = "" if chosen is None else f" of event {chosen.event.sequence_number}"
        return rule(f"Change{sequence}", width)

    def _state_rule(self, width: int) -> Line:
        at = self.life.place.at_us is not None
        chosen = self.life.chosen
        after = "" if chosen is None else f" after event {chosen.event.sequence_number}"
        count = f"{(self.life.place.index or 0) + 1} of {len(self.life.events)}" if chosen is not None else ""
        return rule(f"State{' at that moment,' if at else ''}{after}", width, count)

    def zone_changed(self) -> None:
        self.moved()

    def reconnected(self) -> None:
        self.progress()
        self.life.read_again()

    # What has come

    def listed(self) -> None:
        """The events are others."""
        self.rows.show(len(self.life.events), self._row)
        if not self.life.events:
            self.answer(line(" ", mark(NOT_RUN), f" The log holds no event of {self.name_shown}."))
            self.draw()

    def moved(self) -> None:
        """Another event or moment is chosen."""
        if self.life.place.index is not None:
            self.rows.move_to(self.life.place.index)
        self.draw()

    def draw(self) -> None:
        """Everything but the list's own lines anew."""
        for one in self.query(OneLine):
            one.refresh()
        self.rows.refresh()
        chosen = self.life.chosen
        change = self.query_one("#change", LinesView)
        change.show(lambda width: diff_lines(chosen, width, self._limit) if chosen is not None else [])
        self.draw_state()

    def draw_state(self) -> None:
        """The state, and the first line, which tells of it."""
        self.query_one("#state", LinesView).show(self._state_lines)
        self.query_one("#answer", OneLine).refresh()

    def _state_lines(self, width: int) -> list[Line]:
        state = self.life.state
        if state is None:
            return []
        broken = broken_events(self.life.events, state)
        return state_lines(state, self.audit.zone, width, broken, self._limit)

    def on_rows_moved(self) -> None:
        # Where the list stands now counts: a message may tell of a row that was left in the meantime.
        row_now = self.rows.cursor
        if row_now is not None and row_now != self.life.place.index and row_now < len(self.life.events):
            self.life.go(row_now)

    def on_rows_opened(self) -> None:
        self.action_open()

    # What can be done

    def on_prompt_edited(self) -> None:
        self.prompt.edited()

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        self.prompt.submitted(message.text)

    def action_earlier(self) -> None:
        self.life.step(-1)

    def action_later(self) -> None:
        self.life.step(1)

    def action_next_change(self) -> None:
        if not self.life.step_change(1):
            self.say("No later event changed anything.")

    def action_previous_change(self) -> None:
        if not self.life.step_change(-1):
            self.say("No earlier event changed anything.")

    def action_open(self) -> None:
        from audit_tui.tui.openers import open_timeline

        chosen = self.life.chosen
        if chosen is not None:
            open_timeline(self.audit, self.tenant_id, at_sequence=chosen.event.sequence_number)

    def action_back(self) -> None:
        if self.prompt.is_asking:
            self.prompt.close()
        else:
            super().action_back()

    def action_moment(self) -> None:
        self.prompt.ask()

    def action_next_pane(self) -> None:
        self._step_pane(1)

    def action_previous_pane(self) -> None:
        self._step_pane(-1)

    def _step_pane(self, direction: int) -> None:
        panes = [self.rows, self.query_one("#state"), self.query_one("#change")]
        here = next((n for n, pane in enumerate(panes) if pane.has_focus), 0)
        self.set_focus(panes[(here + direction) % len(panes)])

    def action_whole(self) -> None:
        self._limit = VALUE_LIMIT if self._limit == WHOLE_LIMIT else WHOLE_LIMIT
        self.draw()

    def action_copy(self) -> None:
        state = self.life.state
        if state is not None and state.exists:
            self.app.copy_to_clipboard(pretty(state.state))
            self.say("The state is copied as JSON.")

    def action_reload(self) -> None:
        self.life.read()
