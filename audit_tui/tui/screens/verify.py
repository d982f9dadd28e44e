"""A check of one tenant: live progress, the strip of its whole chain, what was found."""

from textual import events, on
from textual.app import ComposeResult

from audit_tui.core.findings import Finding, Severity, Story
from audit_tui.core.model import TenantSummary
from audit_tui.service.api import VerifyRequest
from audit_tui.tui.actions.verify import VERIFY
from audit_tui.tui.bindings import screen_bindings
from audit_tui.tui.checks import RunState
from audit_tui.tui.openers import open_link, open_timeline
from audit_tui.tui.present import verify as present
from audit_tui.tui.present.failure import failure_line
from audit_tui.tui.present.found import Grouping, Wanted
from audit_tui.tui.present.lines import EMPTY, Line, Span, line
from audit_tui.tui.present.progress import speed_line
from audit_tui.tui.present.severities import WORDS
from audit_tui.tui.screens.base import BaseScreen
from audit_tui.tui.screens.exporting import Exporting
from audit_tui.tui.screens.verify_list import VerifyList
from audit_tui.tui.screens.verify_strip import VerifyStrip
from audit_tui.tui.tenant_check import TenantCheck
from audit_tui.tui.widgets.one_line import OneLine
from audit_tui.tui.widgets.prompt import Prompt
from audit_tui.tui.widgets.rows import Rows


class VerifyScreen(BaseScreen):
    """Draws the session's checks; esc stops the run first and goes back second."""

    ACTIONS = VERIFY
    BINDINGS = screen_bindings(ACTIONS)

    def __init__(self, tenant_id: str, *, start: bool) -> None:
        super().__init__()
        self.tenant_id = tenant_id
        self._start = start
        self.listing = VerifyList(self)
        self.strip = VerifyStrip(self)
        self.exporting = Exporting(self)

    def crumbs(self) -> tuple[str, ...]:
        return (self.tenant_id, "Verify")

    def compose_body(self) -> ComposeResult:
        yield OneLine(self.strip.line, id="strip")
        yield OneLine(self.strip.scale, id="scale")
        yield OneLine(self.listing.summary_line, id="severities")
        yield Rows(id="findings")
        yield Prompt(id="prompt")

    def on_mount(self) -> None:
        super().on_mount()
        self.check = TenantCheck(self.checks, self.tenant_id)
        self._stop_listening = self.checks.listen(self._draw)
        tenant_id, service = self.tenant_id, self.service
        self.ask(lambda: service.get_tenant(tenant_id), self._know_span, lambda _e: None, group="tenant")
        if self._start:
            self.action_verify()
        self._draw()

    def on_unmount(self) -> None:
        self._stop_listening()

    def _know_span(self, summary: TenantSummary) -> None:
        self.check.span = (summary.first_sequence, summary.last_sequence)
        self._draw()

    # Drawing

    def _draw(self) -> None:
        self.listing.draw()
        self.answer(self._answer)
        self.progress(self._progress)
        self.refresh_lines()

    def _answer(self, _width: int) -> Line:
        run, report = self.check.run, self.check.report
        if self.check.is_being_read and run is not None:
            return present.running_line(run.status, stopping=run.cancel.is_set())
        if run is not None and run.state is RunState.FAILED and run.error is not None:
            return present.cut_off_line(run.error.title)
        if report is not None:
            stopped = run is not None and run.state is RunState.STOPPED
            now_us = self.audit.now_us()
            return present.tenant_line(report, now_us, stopped=stopped, can_go_on=self.check.was_stopped)
        return line(" ", Span("Not verified yet.", "strong"), Span("  v verifies this tenant", "muted"))

    def _progress(self, width: int) -> Line:
        run = self.check.run
        if run is not None and run.is_running:
            return speed_line(run.status, width, stopping=run.cancel.is_set())
        if run is not None and run.state is RunState.FAILED and run.error is not None:
            return failure_line(run.error)
        return EMPTY

    def on_resize(self, _event: events.Resize) -> None:
        self.strip.forget()
        self.call_after_refresh(self._draw)

    def zone_changed(self) -> None:
        self._draw()

    # The strip's cursor and the list's

    def action_strip_left(self) -> None:
        self.strip.step(-1)

    def action_strip_right(self) -> None:
        self.strip.step(1)

    @on(Rows.Moved)
    def _cursor_moved(self, message: Rows.Moved) -> None:
        entry = self.listing.entry(message.row)
        if entry is not None and entry.finding is not None:
            self.strip.follow(message.row, entry.finding)

    def on_click(self, event: events.Click) -> None:
        super().on_click(event)
        if event.widget is not None and event.widget.id == "strip":
            cell = event.x - 1
            if cell == self.strip.cell:
                self._open_cell()
            elif 0 <= cell < self.strip.strip.cells:
                self.strip.stand_on(cell)

    # Checking

    def action_verify(self) -> None:
        self._verify(VerifyRequest((self.tenant_id,)))

    def action_go_on(self) -> None:
        """Where the check stopped; after a whole one from the last proof on."""
        stopped = self.check.was_stopped
        self._verify(VerifyRequest((self.tenant_id,), go_on=stopped, incremental=not stopped))

    def _verify(self, request: VerifyRequest) -> None:
        if self.checks.is_running:
            self.say("A check runs already; c stops it.")
        else:
            self.hush()
            self.session.verify(request)

    def action_stop(self) -> None:
        if self.checks.is_running:
            self.checks.stop()
        else:
            self.say("No check runs.")

    def action_back(self) -> None:
        if self.exporting.is_asking:
            self.exporting.close()
        elif self.check.is_being_read and self.check.run is not None and not self.check.run.cancel.is_set():
            self.checks.stop()
        elif self.listing.wanted.stretch is not None:
            self.listing.narrow(Wanted(self.listing.wanted.severity))
            self.refresh_lines()
        else:
            super().action_back()

    # Opening

    @on(Rows.Opened)
    def _row_opened(self) -> None:
        self.strip.has_enter = False
        self.action_open()

    def action_open(self) -> None:
        entry = self.listing.under_cursor
        if self.strip.has_enter:
            self._open_cell()
        elif entry is not None and entry.cause is not None:
            self._open_cause(entry.cause)
        else:
            self.action_timeline()

    def _open_cell(self) -> None:
        """What was found in the cell, or the timeline at its first sequence."""
        found, stretch = self.strip.findings(), self.strip.stretch
        if not found or stretch is None:
            self.action_timeline()
        elif len(found) == 1:
            story = next((s for s in self.check.stories() if any(f is found[0] for f in s.findings)), None)
            self._open_cause(story or found[0])
        else:
            self.strip.has_enter = False
            self.listing.narrow(Wanted(stretch=stretch))
            self.refresh_lines()

    def _open_cause(self, cause: Story | Finding) -> None:
        if isinstance(cause, Story):
            stories = self.check.stories()
            at = next((number for number, story in enumerate(stories) if story is cause), 0)
            open_link(self.app, self.tenant_id, stories, at, self.check.report)
        else:
            at_sequence = cause.first_sequence
            open_timeline(self.app, self.tenant_id, at_sequence=at_sequence, among=cause.severity)

    def action_broken(self) -> None:
        stories = self.check.stories()
        if stories:
            self._open_cause(stories[0])
        else:
            self.say("No broken link is known in this tenant.")

    def action_timeline(self) -> None:
        entry, among = self.listing.under_cursor, None
        at = self.strip.stretch[0] if self.strip.stretch is not None else None
        if not self.strip.has_enter and entry is not None and entry.finding is not None:
            at, among = entry.finding.first_sequence, entry.finding.severity
        among = among if among in {Severity.SUSPICIOUS, Severity.NOTICE} else None
        open_timeline(self.app, self.tenant_id, at_sequence=at, among=among)

    # Going through the findings

    def action_next_finding(self) -> None:
        self._to_finding(1)

    def action_previous_finding(self) -> None:
        self._to_finding(-1)

    def _to_finding(self, step: int) -> None:
        self.strip.has_enter = False
        if not self.listing.step(step):
            self.say("Nothing was found in this tenant.")

    def action_severity(self) -> None:
        severity = self.listing.next_severity()
        self.refresh_lines()
        self.say("All findings." if severity is None else f"Only {WORDS[severity][1]}.")

    def action_grouping(self) -> None:
        stories = self.listing.regroup() is Grouping.STORIES
        self.refresh_lines()
        self.say("Findings under the story of their cause." if stories else "Each finding alone.")

    # Taking it along

    def action_copy(self) -> None:
        entry = self.listing.under_cursor
        if entry is not None and entry.cause is not None:
            self.exporting.copy(self.tenant_id, entry.cause, self.check.report)
        else:
            self.say("There is no finding to copy.")

    def action_report(self) -> None:
        entry = self.listing.under_cursor
        if entry is not None and entry.cause is not None:
            self.exporting.ask_folder(self.tenant_id, entry.cause, self.check.report)
        else:
            self.say("There is no finding to write a report about.")

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        self.exporting.submitted(message.text)
