"""The whole chain of a tenant, line by line, and everything about the event under the cursor."""

from collections.abc import Callable

from textual.app import ComposeResult

from audit_tui.core.filters import EventFilter
from audit_tui.core.findings import Severity
from audit_tui.core.model import TenantSummary
from audit_tui.tui.actions.timeline import TIMELINE
from audit_tui.tui.bindings import screen_bindings
from audit_tui.tui.present.copying import event_json
from audit_tui.tui.present.detail import Tab
from audit_tui.tui.present.detail_seal import check_command
from audit_tui.tui.present.events import heading
from audit_tui.tui.present.filtering import filter_line, whole_log_line
from audit_tui.tui.present.lines import EMPTY, Line, line
from audit_tui.tui.present.match_rows import MatchRows
from audit_tui.tui.present.timeline import (
    answer_line,
    finding_line,
    proven_mark,
    step_finding,
)
from audit_tui.tui.screens.base import BaseScreen
from audit_tui.tui.screens.timeline_pages import TimelinePages
from audit_tui.tui.screens.timeline_prompts import TimelinePrompts
from audit_tui.tui.tenant_check import TenantCheck
from audit_tui.tui.widgets.detail_pane import DetailPane
from audit_tui.tui.widgets.one_line import OneLine
from audit_tui.tui.widgets.prompt import Prompt
from audit_tui.tui.widgets.virtual_table import VirtualTable


class TimelineScreen(BaseScreen):
    """Starts at the head, or at `at_sequence`. `summary` spares a look-up where the caller has it; `among` is
    the severity that n and N go through.
    """

    ACTIONS = TIMELINE
    BINDINGS = screen_bindings(ACTIONS)

    def __init__(
        self,
        tenant_id: str,
        *,
        at_sequence: int | None = None,
        summary: TenantSummary | None = None,
        among: Severity | None = None,
    ) -> None:
        super().__init__()
        self.among = among
        self.tenant_id = tenant_id
        self.is_full = False
        self.pages = TimelinePages(self, summary, at_sequence)
        self.prompts = TimelinePrompts(self)
        self._unlisten: Callable[[], None] = lambda: None

    # What it looks like

    def crumbs(self) -> tuple[str, ...]:
        return (self.tenant_id, "Timeline")

    def remarks(self) -> list[Line]:
        return [proven_mark(self.checks.reports.get(self.tenant_id))]

    def compose_body(self) -> ComposeResult:
        yield OneLine(self._scope_line, id="scope")
        yield Prompt(id="prompt")
        yield OneLine(self._heading_line, id="heading")
        yield VirtualTable(id="timeline", classes="main")
        yield DetailPane(self.service.connection.schema, id="pane")

    def on_mount(self) -> None:
        super().on_mount()
        self._unlisten = self.checks.listen(self._checks_changed)
        self.pages.start()

    def on_unmount(self) -> None:
        self._unlisten()

    @property
    def table(self) -> VirtualTable:
        return self.query_one(VirtualTable)

    @property
    def pane(self) -> DetailPane:
        return self.query_one(DetailPane)

    def _scope_line(self, width: int) -> Line:
        pages = self.pages
        summary = pages.summary
        if summary is None:
            return EMPTY
        if pages.filter.is_empty:
            bounds = (summary.first_time, summary.last_time)
            return whole_log_line(summary.events, *bounds, self.audit.zone, width)
        known = self.table.rows.known if isinstance(self.table.rows, MatchRows) else 0
        return filter_line(pages.filter_text, pages.counts.matched, known, summary.events, width)

    def _heading_line(self, width: int) -> Line:
        if self.query_one(Prompt).is_asking:
            return self.prompts.echo(width)
        return heading(self.table.columns)

    def _answer(self, width: int) -> Line:
        if self.pages.summary is None:
            return line(" ⋯")
        run = self.checks.run
        running = run is not None and run.is_running and run.covers(self.tenant_id)
        report = self.checks.reports.get(self.tenant_id)
        return answer_line(self.pages.summary, report, running, self.audit.zone, width)

    def zone_changed(self) -> None:
        self.table.set_zone(self.audit.zone)
        self.pane.show_slot(self.table.current, self.audit.zone)
        self.redraw_lines()

    def redraw_lines(self) -> None:
        """The single lines around the table."""
        for one in self.query(OneLine):
            one.refresh()

    def _checks_changed(self) -> None:
        self.query_one("#answer", OneLine).refresh()
        self.query_one("#header", OneLine).refresh()

    # What happens

    def opened(self) -> None:
        """The tenant's bounds are known."""
        self.answer(self._answer)

    def on_virtual_rows_page_wanted(self, message: VirtualTable.PageWanted) -> None:
        self.pages.fetch(message.request)

    def reconnected(self) -> None:
        self.progress()
        self.pages.start_again()

    def on_virtual_table_layout_changed(self) -> None:
        self.query_one("#heading", OneLine).refresh()

    def on_virtual_rows_cursor_moved(self, message: VirtualTable.CursorMoved) -> None:
        self.pane.show_slot(message.slot, self.audit.zone)
        self.pages.explain_missing(message.slot)

    def on_virtual_rows_row_chosen(self) -> None:
        self.action_open()

    def on_prompt_edited(self) -> None:
        self.prompts.edited()

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        self.prompts.submitted(message)

    # What can be done

    def action_open(self) -> None:
        self.is_full = not self.is_full
        self.show_regions()
        self.set_focus(self.pane.body if self.is_full else self.table)

    def show_regions(self) -> None:
        """Shows what belongs on screen at once: a key that follows must find its widget."""
        self.pane.set_class(self.is_full, "full")
        self.table.display = self.query_one("#heading").display = not self.is_full
        self.query_one("#scope").display = not self.is_full and not self.query_one(Prompt).is_asking

    def action_back(self) -> None:
        if self.query_one(Prompt).is_asking:
            self.prompts.close()
        elif self.is_full:
            self.action_open()
        elif not self.pages.filter.is_empty:
            self.pages.show("", EventFilter())
        else:
            super().action_back()

    def action_filter(self) -> None:
        self.prompts.ask_filter()

    def action_go_to(self) -> None:
        self.prompts.ask_place()

    def action_less(self) -> None:
        self.prompts.drop_last()

    def action_resource(self) -> None:
        from audit_tui.tui.screens.resource import ResourceScreen

        checked = self.table.current.checked
        if checked is None or checked.event.resource_type is None or checked.event.resource_id is None:
            self.say("There is no resource on this line.")
            return
        event = checked.event
        kind, name = checked.event.resource_type, checked.event.resource_id
        self.app.push_screen(ResourceScreen(self.tenant_id, kind, name, event.sequence_number))

    def action_next_finding(self) -> None:
        self._step_finding(1)

    def action_previous_finding(self) -> None:
        self._step_finding(-1)

    def _step_finding(self, direction: int) -> None:
        check = TenantCheck(self.checks, self.tenant_id)
        findings = check.findings()
        place = step_finding(findings, self.table.current.sequence, direction, self.among)
        if place is None:
            known = "Nothing was found by the last check." if check.report else "Nothing is verified yet."
            self.say("Nothing was found so far." if check.is_being_read else known)
            return
        self.pages.go(place)
        self.progress(finding_line(findings, place, self.among))

    def action_verify(self) -> None:
        from audit_tui.tui.openers import open_verify

        open_verify(self.app, self.tenant_id, start=True)

    def action_next_tab(self) -> None:
        self.pane.step(1)

    def action_previous_tab(self) -> None:
        self.pane.step(-1)

    def action_tab_event(self) -> None:
        self.pane.choose(Tab.EVENT)

    def action_tab_diff(self) -> None:
        self.pane.choose(Tab.DIFF)

    def action_tab_snapshots(self) -> None:
        self.pane.choose(Tab.SNAPSHOTS)

    def action_tab_seal(self) -> None:
        self.pane.choose(Tab.SEAL)

    def action_whole(self) -> None:
        whole = self.pane.toggle_whole()
        words = "Long values are shown whole." if whole else "Long values are cut."
        self.say(words)

    def action_copy(self) -> None:
        checked = self.table.current.checked
        command = check_command(checked) if checked is not None and self.pane.tab is Tab.SEAL else None
        if command is not None:
            self.app.copy_to_clipboard(command)
            self.say("The command that checks this seal is copied.")
        elif checked is not None:
            self.app.copy_to_clipboard(event_json(checked.event))
            self.say(f"Event {checked.event.sequence_number} is copied as JSON.")

    def action_reload(self) -> None:
        self.pages.reload()
