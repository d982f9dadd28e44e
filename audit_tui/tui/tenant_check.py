"""What the session's checks say of one tenant: run, report, findings, strip. Draws nothing."""

from dataclasses import dataclass

from audit_tui.core.findings import Finding, Story, TenantReport
from audit_tui.core.segments import build_segments
from audit_tui.tui.checks import Checks, Run
from audit_tui.tui.present.findings import stories_of
from audit_tui.tui.present.strip import Strip
from audit_tui.tui.present.verdicts import is_cut_off


@dataclass(slots=True)
class TenantCheck:
    """`span` are the first and last sequence that the log holds now, once that was read."""

    checks: Checks
    tenant_id: str
    span: tuple[int, int] = (1, 0)

    @property
    def run(self) -> Run | None:
        """The newest run, where it reads this tenant."""
        run = self.checks.run
        return run if run is not None and run.covers(self.tenant_id) else None

    @property
    def report(self) -> TenantReport | None:
        """This tenant's report; while it is read anew the old one is not shown."""
        run = self.run
        if run is not None and run.is_running:
            finished = run.status.finished if run.status is not None else ()
            return next((r for r in finished if r.tenant_id == self.tenant_id), None)
        return self.checks.reports.get(self.tenant_id)

    @property
    def is_being_read(self) -> bool:
        run = self.run
        return run is not None and run.is_running and self.report is None

    def findings(self) -> tuple[Finding, ...]:
        """The report's, or those found so far."""
        report, run = self.report, self.run
        if report is not None:
            return report.findings
        status = run.status if run is not None and self.is_being_read else None
        return tuple(f for f in (status.findings if status else ()) if f.tenant_id == self.tenant_id)

    def stories(self) -> tuple[Story, ...]:
        return stories_of(self.findings(), self.report, self.tenant_id)

    def strip(self, width: int) -> Strip:
        """The whole chain, and what a witness says should follow it, over a line of that width."""
        report = self.report
        first, last = self.span
        segments = self.checks.segments.get(self.tenant_id, ())
        part = report is not None and is_cut_off(report) and last > 0
        if report is not None and report.first_sequence is not None and not part:
            places = [(f.first_sequence, f.last_sequence) for f in report.findings if f.first_sequence]
            first = min([report.first_sequence, *(low for low, _ in places if low)])
            last = max([report.last_sequence or 0, *(high or 0 for _, high in places)])
            segments = build_segments(first, last, ((first, report.last_sequence or 0),), report.findings)
        return Strip(segments, first, last, max(10, width - 2))
