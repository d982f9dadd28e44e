"""The first screen: which tenants there are, and which of them were tampered with."""

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from audit_tui.core.errors import AuditError
from audit_tui.core.findings import Finding, Story
from audit_tui.core.model import TenantSummary
from audit_tui.core.safe import safe
from audit_tui.core.stories import tell
from audit_tui.service.api import VerifyRequest
from audit_tui.tui.actions.tenants import TENANTS
from audit_tui.tui.bindings import screen_bindings
from audit_tui.tui.openers import open_link, open_timeline, open_verify
from audit_tui.tui.present import tenants as present
from audit_tui.tui.present.failure import failure_line
from audit_tui.tui.present.lines import EMPTY, Line, line
from audit_tui.tui.present.progress import progress_line
from audit_tui.tui.present.times import ago
from audit_tui.tui.present.verdicts import (
    CHECKING,
    NOT_VERIFIED,
    WAITING,
    Said,
    said_of_report,
    said_of_witness,
)
from audit_tui.tui.screens.base import BaseScreen
from audit_tui.tui.widgets.filter_bar import FilterBar
from audit_tui.tui.widgets.one_line import OneLine, Several
from audit_tui.tui.widgets.rows import GUTTER, Rows


class TenantsScreen(BaseScreen):
    """Tenants by name; verdicts arrive in place and never move a row."""

    ACTIONS = TENANTS
    BINDINGS = screen_bindings(ACTIONS)
    DETAIL_LINES: ClassVar[int] = 3

    def __init__(self) -> None:
        super().__init__()
        self.tenants: tuple[TenantSummary, ...] = ()
        self.shown: tuple[TenantSummary, ...] = ()
        self._listed = False
        self._failure: AuditError | None = None
        self._witness: Mapping[str, tuple[Finding, ...]] = {}
        self._moved = False

    def crumbs(self) -> tuple[str, ...]:
        return ("Tenants",)

    def compose_body(self) -> ComposeResult:
        yield FilterBar("part of a tenant's name", id="filter")
        yield OneLine(self._heading, id="heading")
        yield Rows(id="tenants")
        yield Several(self._detail, id="detail")

    def on_mount(self) -> None:
        super().on_mount()
        self._stop_listening = self.checks.listen(self._checks_changed)
        self._draw()
        self.action_reload()

    def on_unmount(self) -> None:
        self._stop_listening()

    # Reading

    def action_reload(self) -> None:
        self.ask(self.service.list_tenants, self._take, self._fail, group="tenants")

    def returned(self) -> None:
        if self._failure is not None:
            self.action_reload()

    def _fail(self, error: AuditError) -> None:
        self._failure = error
        self._draw()

    def _take(self, tenants: tuple[TenantSummary, ...]) -> None:
        first_time = not self._listed
        self.tenants, self._listed, self._failure = tenants, True, None
        self._draw()
        if first_time:
            self.ask(self.service.compare_witnesses, self._compared, self._not_compared, group="witness")

    def _compared(self, findings: tuple[Finding, ...]) -> None:
        self._witness = present.by_tenant(findings)
        self.checks.witnessed(findings)
        self._verify_unasked()

    def _not_compared(self, error: AuditError) -> None:
        self.checks.witnessed((), error)
        self._verify_unasked()

    def _verify_unasked(self) -> None:
        """A small log is verified at once: nobody should have to ask whether it is whole."""
        events = sum(tenant.events for tenant in self.tenants)
        if 0 < events < self.session.target.auto_verify_below and not self.checks.is_running:
            self.session.verify(VerifyRequest())

    # Drawing

    def _checks_changed(self) -> None:
        self._draw()
        if not self._moved:
            self._to_first_bad()

    def zone_changed(self) -> None:
        self._draw()

    def _draw(self) -> None:
        under = self._selected()
        names = [*self._witness, *self.checks.reports]
        everything = present.with_vanished(self.tenants, names)
        wanted = self.query_one(FilterBar).value.casefold()
        self.shown = tuple(t for t in everything if wanted in t.tenant_id.casefold())
        rows = self.query_one(Rows)
        rows.show(len(self.shown), self._row)
        if under is not None:
            at = next((i for i, t in enumerate(self.shown) if t.tenant_id == under.tenant_id), None)
            if at is not None and at != rows.cursor:
                rows.move_to(at)
        self.answer(self._answer())
        self.progress(self._progress)
        self.refresh_lines()

    def _columns(self, width: int) -> present.Columns:
        longest = max((len(t.tenant_id) for t in self.tenants), default=0)
        return present.fit_columns(width, longest, max((t.events for t in self.tenants), default=0))

    def _heading(self, width: int) -> Line:
        if not self.shown:
            return EMPTY
        days = self.shown[0].activity_days
        return line("  ", present.heading(self._columns(width - GUTTER), days))

    def _row(self, row: int, width: int) -> Line:
        tenant = self.shown[row]
        return present.row(tenant, self.said(tenant.tenant_id), self._columns(width), self.audit.zone)

    def said(self, tenant_id: str) -> Said:
        """What is known of a tenant now: a verdict, a witness finding, or where the check is."""
        run = self.checks.run
        checking = run is not None and run.is_running and run.covers(tenant_id)
        status = run.status if run is not None and checking else None
        finished = {report.tenant_id for report in status.finished} if status is not None else set()
        if checking and tenant_id not in finished and tenant_id not in self._witness:
            reading = status is not None and status.tenant_id == tenant_id
            return CHECKING if reading else WAITING
        report = self.checks.reports.get(tenant_id)
        if report is not None:
            return said_of_report(report)
        if tenant_id in self._witness:
            return said_of_witness(self._witness[tenant_id])
        return NOT_VERIFIED

    def _answer(self) -> Line:
        if self._failure is not None:
            return failure_line(self._failure)
        if not self._listed:
            return line(" Reading the list of tenants ⋯")
        checks, total = self.checks, len(present.with_vanished(self.tenants, list(self._witness)))
        if checks.last_report is not None and checks.last_report is self._whole_report():
            return present.report_answer(checks.last_report, self._when())
        names = {t.tenant_id for t in self.tenants} | set(self._witness) | set(checks.reports)
        bad = sum(present.is_tampered(checks.reports.get(n), self._witness.get(n, ())) for n in names)
        if not bad and not checks.is_running and not checks.reports:
            return present.listed_answer(self.tenants)
        return present.found_answer(bad, total, len(checks.reports), running=checks.is_running)

    def _whole_report(self) -> object:
        run = self.checks.run
        whole = run is not None and run.request.tenants is None and not run.is_running
        return run.report if run is not None and whole else None

    def _when(self) -> str:
        ended = self.checks.ended_us
        return ago(ended, self.audit.now_us()) if ended is not None else "before"

    def _progress(self, width: int) -> Line:
        run = self.checks.run
        if run is None:
            error = self.checks.witness_error
            return failure_line(error) if error is not None else EMPTY
        if run.is_running:
            return progress_line(run.status, width, stopping=run.cancel.is_set())
        return failure_line(run.error) if run.error is not None else EMPTY

    def _detail(self, width: int) -> list[Line]:
        tenant = self._selected()
        lines: list[Line] = []
        if tenant is not None:
            witness = self._witness.get(tenant.tenant_id, ())
            lines = present.detail(self.checks.reports.get(tenant.tenant_id), witness, width)
        return [EMPTY, *lines, *[EMPTY] * (self.DETAIL_LINES - len(lines))]

    def _tick(self) -> None:
        super()._tick()
        if self._listed and not self.checks.is_running:
            self.answer(self._answer())

    # Selecting

    def _selected(self) -> TenantSummary | None:
        cursor = self.query_one(Rows).cursor
        return self.shown[cursor] if cursor is not None and cursor < len(self.shown) else None

    def _to_first_bad(self) -> None:
        at = next((i for i, t in enumerate(self.shown) if self.said(t.tenant_id).is_bad), None)
        if at is not None:
            self.query_one(Rows).move_to(at)

    @on(Rows.Moved)
    def _cursor_moved(self) -> None:
        self.query_one("#detail").refresh()

    def on_key(self) -> None:
        self._moved = True

    @on(Rows.Opened)
    def _row_opened(self) -> None:
        self.action_open()

    def action_next_finding(self) -> None:
        self._to_bad(1)

    def action_previous_finding(self) -> None:
        self._to_bad(-1)

    def _to_bad(self, direction: int) -> None:
        rows = self.query_one(Rows)
        start, size = rows.cursor or 0, len(self.shown)
        for step in range(1, size + 1):
            at = (start + direction * step) % size
            if self.said(self.shown[at].tenant_id).is_bad:
                rows.move_to(at)
                return
        self.notify("No tenant is known to be tampered with.", markup=False, timeout=3)

    # Filtering

    def action_filter(self) -> None:
        self.query_one(FilterBar).open()

    @on(Input.Changed)
    def _filter_changed(self) -> None:
        self._draw()

    @on(Input.Submitted)
    def _filter_kept(self) -> None:
        bar = self.query_one(FilterBar)
        if not bar.value:
            bar.close()
        self.query_one(Rows).focus()

    def action_clear(self) -> None:
        bar = self.query_one(FilterBar)
        if bar.is_shown:
            bar.close()
            self.query_one(Rows).focus()
        elif self.checks.is_running:
            self.checks.stop()

    # Opening

    def action_open(self) -> None:
        tenant = self._selected()
        if tenant is None:
            return
        if tenant.events:
            open_timeline(self.app, tenant.tenant_id)
        else:
            self.action_broken()

    def action_verify(self) -> None:
        tenant = self._selected()
        if tenant is not None:
            run = self.checks.run
            busy = run is not None and run.is_running and run.covers(tenant.tenant_id)
            open_verify(self.app, tenant.tenant_id, start=not busy)

    def action_verify_all(self) -> None:
        open_verify(self.app, None, start=not self.checks.is_running)

    def _stories(self, tenant_id: str) -> tuple[Story, ...]:
        report = self.checks.reports.get(tenant_id)
        if report is not None and report.stories:
            return report.stories
        findings = self._witness.get(tenant_id, ())
        head = next((t.last_sequence for t in self.tenants if t.tenant_id == tenant_id), 0)
        return tell(findings, tenant_id, 1, head)

    def action_broken(self) -> None:
        """The link view of the tenant under the cursor, or of the next one that has a broken link."""
        size = len(self.shown)
        start = self.query_one(Rows).cursor or 0
        for step in range(size):
            tenant = self.shown[(start + step) % size]
            stories = self._stories(tenant.tenant_id)
            if stories:
                self.query_one(Rows).move_to((start + step) % size)
                open_link(self.app, tenant.tenant_id, stories, 0, self.checks.reports.get(tenant.tenant_id))
                return
        known = "so far" if self.checks.is_running or not self.checks.reports else "in any tenant"
        self.notify(f"No broken link is known {known}.", markup=False, timeout=3)

    def action_copy(self) -> None:
        tenant = self._selected()
        if tenant is not None:
            self.app.copy_to_clipboard(safe(f"{tenant.tenant_id}: {self.said(tenant.tenant_id).words}"))
            self.notify("Copied the tenant and its verdict.", markup=False, timeout=2)
