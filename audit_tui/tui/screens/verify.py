"""A check of one tenant: live progress, the strip of its whole chain, what was found."""

from textual import events, on
from textual.app import ComposeResult

from audit_tui.core.findings import Story
from audit_tui.core.model import TenantSummary
from audit_tui.core.safe import safe
from audit_tui.service.api import VerifyRequest
from audit_tui.tui.actions.verify import VERIFY
from audit_tui.tui.bindings import screen_bindings
from audit_tui.tui.checks import RunState
from audit_tui.tui.openers import open_link, open_timeline
from audit_tui.tui.present import verify as present
from audit_tui.tui.present.failure import failure_line
from audit_tui.tui.present.findings import GAP, FoundRow, axis_rows, boundary_rows, claim_rows, found_rows
from audit_tui.tui.present.lines import EMPTY, Line, Span, line
from audit_tui.tui.present.strip import axis_line, cell_words, strip_line
from audit_tui.tui.screens.base import BaseScreen
from audit_tui.tui.tenant_check import TenantCheck
from audit_tui.tui.widgets.one_line import OneLine
from audit_tui.tui.widgets.rows import Rows


class VerifyScreen(BaseScreen):
    """Draws the session's checks; esc stops the run first and goes back second."""

    ACTIONS = VERIFY
    BINDINGS = screen_bindings(ACTIONS)

    def __init__(self, tenant_id: str, *, start: bool) -> None:
        super().__init__()
        self.tenant_id = tenant_id
        self._start = start
        self._rows: list[FoundRow] = []
        self.strip_cursor: int | None = None

    def crumbs(self) -> tuple[str, ...]:
        return (self.tenant_id, "Verify")

    def compose_body(self) -> ComposeResult:
        yield OneLine(lambda width: strip_line(self.check.strip(width), self.strip_cursor), id="strip")
        yield OneLine(lambda width: axis_line(self.check.strip(width)), id="axis")
        yield Rows(id="findings")

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
        rows = self.query_one(Rows)
        self._rows = self._all_rows(rows.room)
        rows.show(len(self._rows), self._row, lambda row: self._rows[row].is_open)
        self.answer(self._answer)
        self.progress(self._progress)
        self.refresh_lines()

    def _all_rows(self, width: int) -> list[FoundRow]:
        found = found_rows(self.check.findings(), self.check.stories(), width)
        report = self.check.report
        if report is None:
            return found
        found += boundary_rows(report, width)
        return [
            *found,
            *([GAP] if found else []),
            *axis_rows(report, width),
            GAP,
            *claim_rows(report.claim, width),
        ]

    def _row(self, row: int, _width: int) -> Line:
        return self._rows[row].line if row < len(self._rows) else EMPTY

    def _answer(self, width: int) -> Line:
        run, report = self.check.run, self.check.report
        if self.check.is_being_read and run is not None:
            return present.running_line(run.status, width, stopping=run.cancel.is_set())
        if run is not None and run.state is RunState.FAILED and run.error is not None:
            return present.cut_off_line(run.error.title)
        if report is not None:
            return present.tenant_line(report, stopped=run is not None and run.state is RunState.STOPPED)
        return line(" ", Span("Not verified yet.", "strong"), Span("  v verifies this tenant", "muted"))

    def _progress(self, width: int) -> Line:
        run = self.check.run
        if run is not None and run.state is RunState.FAILED and run.error is not None:
            return failure_line(run.error)
        return cell_words(self.check.strip(width), self.strip_cursor)

    def on_resize(self, _event: events.Resize) -> None:
        self.strip_cursor = None
        self.call_after_refresh(self._draw)

    def zone_changed(self) -> None:
        self._draw()

    # The strip's cursor

    def action_strip_left(self) -> None:
        self._move_strip(-1)

    def action_strip_right(self) -> None:
        self._move_strip(1)

    def _move_strip(self, step: int) -> None:
        cells = self.check.strip(self.size.width).cells
        if cells:
            start = self.strip_cursor if self.strip_cursor is not None else (-1 if step > 0 else cells)
            self._stand_on(max(0, min(cells - 1, start + step)))

    def _stand_on(self, cell: int) -> None:
        """Puts the strip's cursor there; a finding in that cell gets the list's cursor."""
        self.strip_cursor = cell
        low, high = self.check.strip(self.size.width).stretch(cell)
        for number, row in enumerate(self._rows):
            finding = row.finding
            if finding is not None and low <= (finding.first_sequence or 0) <= high:
                self.query_one(Rows).move_to(number)
                break
        self.refresh_lines()

    @on(Rows.Moved)
    def _cursor_moved(self, message: Rows.Moved) -> None:
        """The strip follows the list, unless it stands in the finding's stretch already."""
        finding = self._rows[message.row].finding if message.row < len(self._rows) else None
        if finding is not None and finding.first_sequence is not None:
            self.strip_cursor = self.check.strip(self.size.width).cell_of(finding.first_sequence)
            self.refresh_lines()

    def on_click(self, event: events.Click) -> None:
        super().on_click(event)
        if event.widget is not None and event.widget.id == "strip":
            cells = self.check.strip(self.size.width).cells
            if 1 <= event.x <= cells:
                self._stand_on(event.x - 1)

    # Doing

    def action_verify(self) -> None:
        if not self.check.is_being_read:
            self.session.verify(VerifyRequest((self.tenant_id,)))

    def action_back(self) -> None:
        if self.check.is_being_read and self.check.run is not None and not self.check.run.cancel.is_set():
            self.checks.stop()
        else:
            super().action_back()

    @on(Rows.Opened)
    def _row_opened(self) -> None:
        self.action_open()

    def _under_cursor(self) -> FoundRow | None:
        cursor = self.query_one(Rows).cursor
        return self._rows[cursor] if cursor is not None and cursor < len(self._rows) else None

    def action_open(self) -> None:
        row = self._under_cursor()
        if row is None or row.finding is None:
            self.action_timeline()
        elif row.story is not None:
            self._open_story(row.story)
        else:
            open_timeline(self.app, self.tenant_id, at_sequence=row.finding.first_sequence)

    def _open_story(self, story: Story) -> None:
        stories = self.check.stories()
        open_link(self.app, self.tenant_id, stories, stories.index(story), self.check.report)

    def action_broken(self) -> None:
        stories = self.check.stories()
        if stories:
            self._open_story(stories[0])
        else:
            self.say("No broken link is known in this tenant.")

    def action_timeline(self) -> None:
        at = None
        if self.strip_cursor is not None:
            at = self.check.strip(self.size.width).stretch(self.strip_cursor)[0]
        open_timeline(self.app, self.tenant_id, at_sequence=at)

    def action_next_finding(self) -> None:
        self._to_finding(1)

    def action_previous_finding(self) -> None:
        self._to_finding(-1)

    def _to_finding(self, step: int) -> None:
        open_rows = [number for number, row in enumerate(self._rows) if row.is_open]
        if not open_rows:
            self.say("Nothing was found in this tenant.")
            return
        rows = self.query_one(Rows)
        at = open_rows.index(rows.cursor) if rows.cursor in open_rows else -1
        rows.move_to(open_rows[(at + step) % len(open_rows)])

    def action_copy(self) -> None:
        row = self._under_cursor()
        if row is None or row.finding is None:
            return
        finding = row.finding
        told = [f"{self.tenant_id}: {row.story.sentence if row.story else finding.message}"]
        told += [
            f"{name}: {text}"
            for name, text in (("expected", finding.expected), ("found", finding.found))
            if text
        ]
        self.app.copy_to_clipboard(safe("\n".join(told)))
        self.say("Copied the finding.")
