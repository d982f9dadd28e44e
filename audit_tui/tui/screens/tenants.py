"""The first screen: which tenants there are, and which of them were tampered with."""

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from audit_tui.core.errors import AuditError
from audit_tui.core.findings import Finding
from audit_tui.core.model import TenantSummary
from audit_tui.core.safe import safe
from audit_tui.service.api import VerifyRequest, WitnessNote
from audit_tui.tui.actions.tenants import TENANTS
from audit_tui.tui.bindings import screen_bindings
from audit_tui.tui.known import Known
from audit_tui.tui.openers import open_doctor, open_link, open_timeline, open_verify
from audit_tui.tui.present import tenants as present
from audit_tui.tui.present.failure import failure_line
from audit_tui.tui.present.lines import EMPTY, Line, line
from audit_tui.tui.present.progress import check_progress
from audit_tui.tui.present.tenants_answer import answer
from audit_tui.tui.present.times import proof_age
from audit_tui.tui.screens.base import BaseScreen
from audit_tui.tui.widgets.filter_bar import FilterBar
from audit_tui.tui.widgets.one_line import OneLine, Several
from audit_tui.tui.widgets.rows import Rows


class TenantsScreen(BaseScreen):
    """Tenants by name; verdicts arrive in place and never move a row."""

    ACTIONS = TENANTS
    BINDINGS = screen_bindings(ACTIONS)

    def __init__(self) -> None:
        super().__init__()
        self.shown: tuple[TenantSummary, ...] = ()
        self._listed = False
        self._failure: AuditError | None = None
        self._moved = False
        self._measure = present.measure(())

    def crumbs(self) -> tuple[str, ...]:
        return ("Tenants",)

    def compose_body(self) -> ComposeResult:
        yield FilterBar("part of a tenant's name", id="filter")
        yield OneLine(self._heading, id="heading")
        yield Rows(id="tenants")
        yield Several(self._detail, id="detail")

    def on_mount(self) -> None:
        super().on_mount()
        self.known = Known(self.checks)
        self._stop_listening = self.checks.listen(self._checks_changed)
        self._draw()
        self.action_reload()

    def on_unmount(self) -> None:
        self._stop_listening()

    def action_reload(self) -> None:
        self.ask(self.service.list_tenants, self._take, self._fail, group="tenants")

    def reconnected(self) -> None:
        self.action_reload()

    def _fail(self, error: AuditError) -> None:
        self._failure = error
        self._draw()

    def _take(self, tenants: tuple[TenantSummary, ...]) -> None:
        first_time = not self._listed
        self.known.tenants, self._listed, self._failure = tenants, True, None
        self._measure = present.measure(tenants)
        self._draw()
        if first_time:
            service = self.service
            self.ask(
                lambda: (service.compare_witnesses(), service.list_witnesses()),
                self._compared,
                self._not_compared,
                group="witness",
            )

    def _compared(self, seen: tuple[tuple[Finding, ...], tuple[WitnessNote, ...]]) -> None:
        findings, witnesses = seen
        self.known.remember(witnesses)
        self.checks.witnessed(findings)
        self._verify_unasked()

    def _not_compared(self, error: AuditError) -> None:
        self.checks.witnessed((), error)
        self._verify_unasked()

    def _verify_unasked(self) -> None:
        """A small log is verified at once: nobody should have to ask whether it is whole."""
        small = self.known.is_small(self.session.target.auto_verify_below)
        if small and not self.checks.is_running:
            self.session.verify(VerifyRequest())

    # Drawing

    def _checks_changed(self) -> None:
        self._draw()
        if not self._moved:
            self._to_first_bad()

    def _draw(self) -> None:
        under = self._selected()
        wanted = self.query_one(FilterBar).value
        self.shown = self.known.holding(wanted)
        rows = self.query_one(Rows)
        rows.show(len(self.shown), self._row, empty=present.no_match(wanted))
        if under is not None:
            at = next((i for i, t in enumerate(self.shown) if t.tenant_id == under.tenant_id), None)
            if at is not None and at != rows.cursor:
                rows.move_to(at)
        self.answer(self._answer())
        again, connection = self._failure if self._listed else None, self.audit.connection
        self.progress(lambda width: check_progress(self.checks, again, connection, width))
        self.refresh_lines()

    def _heading(self, _width: int) -> Line:
        if not self.shown:
            return EMPTY
        columns = present.fit_columns(self.query_one(Rows).room, self._measure)
        return line("  ", present.heading(columns, self.shown[0].activity_days))

    def _row(self, row: int, width: int) -> Line:
        tenant = self.shown[row]
        columns = present.fit_columns(width, self._measure)
        report = self.checks.reports.get(tenant.tenant_id)
        said = self.known.said(tenant.tenant_id)
        counted = (
            report.events if report is not None and report.last_sequence == tenant.last_sequence else None
        )
        proof = self._proof(tenant.tenant_id)
        return present.row(tenant, said, columns, self.audit.zone, counted=counted, proof=proof)

    def _proof(self, tenant_id: str) -> str:
        return proof_age(self.known.proven_us(tenant_id), self.audit.now_us())

    def _answer(self) -> Line:
        if not self._listed:
            reading = line(" Reading the list of tenants ⋯")
            return reading if self._failure is None else failure_line(self._failure)
        return answer(self.known, self.audit.now_us())

    def _detail(self, width: int) -> list[Line]:
        tenant = self._selected()
        lines: list[Line] = []
        if tenant is not None:
            report = self.checks.reports.get(tenant.tenant_id)
            columns = present.fit_columns(self.query_one(Rows).room, self._measure)
            proof = "" if columns.proof else f"Last full proof: {self._proof(tenant.tenant_id)}."
            lines = present.detail(report, self.known.witness(tenant.tenant_id), width, proof)
        return [EMPTY, *lines, *[EMPTY] * (present.DETAIL_LINES - len(lines))]

    def _tick(self) -> None:
        super()._tick()
        # A beat may still come after the app has closed this screen's database to open another.
        if self._listed and self.audit.connection is not None and not self.checks.is_running:
            self.answer(self._answer())

    # Selecting

    def _selected(self) -> TenantSummary | None:
        cursor = self.query_one(Rows).cursor
        return self.shown[cursor] if cursor is not None and cursor < len(self.shown) else None

    def _to_first_bad(self) -> None:
        at = self.known.next_bad(self.shown, -1, 1)
        if at is not None:
            self.query_one(Rows).move_to(at)

    @on(Rows.Moved)
    def _cursor_moved(self) -> None:
        self.query_one("#detail").refresh()

    def on_key(self) -> None:
        self._moved = True

    def on_mouse_down(self) -> None:
        self._moved = True

    @on(Rows.Opened)
    def _row_opened(self) -> None:
        self.action_open()

    def action_next_finding(self) -> None:
        self._to_bad(1)

    def action_previous_finding(self) -> None:
        self._to_bad(-1)

    def _to_bad(self, step: int) -> None:
        rows = self.query_one(Rows)
        at = self.known.next_bad(self.shown, rows.cursor or 0, step)
        if at is not None:
            rows.move_to(at)
        else:
            self.say("No tenant is known to be tampered with.")

    # Filtering

    def action_filter(self) -> None:
        self.query_one("#answer").add_class("filtering")
        self.query_one(FilterBar).open()

    @on(Input.Changed)
    def _filter_changed(self) -> None:
        self._draw()

    @on(Input.Submitted)
    def _filter_kept(self) -> None:
        bar = self.query_one(FilterBar)
        if not bar.value:
            self._close_filter()
        self.query_one(Rows).focus()

    def action_clear(self) -> None:
        bar = self.query_one(FilterBar)
        if bar.is_shown:
            self._close_filter()
        elif self.checks.is_running:
            self.checks.stop()

    def _close_filter(self) -> None:
        self.query_one(FilterBar).close()
        self.query_one("#answer").remove_class("filtering")
        self.query_one(Rows).focus()

    # Opening

    def action_open(self) -> None:
        tenant = self._selected()
        if tenant is not None and tenant.events:
            open_timeline(self.app, tenant.tenant_id)
        elif tenant is not None:
            self.action_broken()

    def action_verify(self) -> None:
        tenant = self._selected()
        if tenant is not None:
            run = self.checks.run
            busy = run is not None and run.is_running and run.covers(tenant.tenant_id)
            open_verify(self.app, tenant.tenant_id, start=not busy)

    def action_verify_all(self) -> None:
        if not self.checks.is_running:
            self.session.verify(VerifyRequest())

    def action_broken(self) -> None:
        """The link view of the tenant under the cursor, or of the next one that has a broken link."""
        rows = self.query_one(Rows)
        at = self.known.next_broken(self.shown, rows.cursor or 0)
        if at is None:
            known = "so far" if self.checks.is_running or not self.checks.reports else "in any tenant"
            self.say(f"No broken link is known {known}.")
            return
        rows.move_to(at)
        tenant_id = self.shown[at].tenant_id
        open_link(self.app, tenant_id, self.known.stories(tenant_id), 0, self.checks.reports.get(tenant_id))

    def action_doctor(self) -> None:
        open_doctor(self.app)

    def action_copy(self) -> None:
        tenant = self._selected()
        if tenant is not None:
            self.app.copy_to_clipboard(safe(f"{tenant.tenant_id}: {self.known.said(tenant.tenant_id).words}"))
            self.say("Copied the tenant and its verdict.")
