"""What the session's checks say of one tenant: run, report, findings, strip. Draws nothing."""

from dataclasses import dataclass, field

from audit_tui.core.findings import Finding, Segment, Story, TenantReport, VerifyStatus
from audit_tui.core.segments import build_segments
from audit_tui.tui.checks import Checks, Run, RunState
from audit_tui.tui.present.found import stories_of
from audit_tui.tui.present.strip import Strip
from audit_tui.tui.present.verdicts import is_cut_off

_StripOf = tuple[TenantReport | None, tuple[Segment, ...], tuple[int, int], int]
"""What a strip was made of: report, segments, the chain's bounds, the width."""


@dataclass(slots=True)
class TenantCheck:
    """`span` are the first and last sequence that the log holds now, once that was read."""

    checks: Checks
    tenant_id: str
    span: tuple[int, int] = (1, 0)
    _status: VerifyStatus | None = None
    _so_far: tuple[Finding, ...] = ()
    _told_of: tuple[Finding, ...] | None = None
    _told: tuple[Story, ...] = ()
    _strip_of: _StripOf | None = None
    _strip: Strip = field(default_factory=lambda: Strip((), 1, 0, 10))

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

    @property
    def was_stopped(self) -> bool:
        """Whether the newest run was told to stop before this tenant's head."""
        run = self.run
        return run is not None and run.state is RunState.STOPPED and self.is_part

    @property
    def is_part(self) -> bool:
        """Whether what is known does not reach the head."""
        report = self.report
        return report is not None and is_cut_off(report)

    def findings(self) -> tuple[Finding, ...]:
        """The report's, or those found so far."""
        report, run = self.report, self.run
        if report is not None:
            return report.findings
        status = run.status if run is not None and self.is_being_read else None
        if status is None:
            return ()
        if status is not self._status:
            self._status = status
            self._so_far = tuple(f for f in status.findings if f.tenant_id == self.tenant_id)
        return self._so_far

    def stories(self) -> tuple[Story, ...]:
        """The report's, or those of what was found so far. Told once for the same findings."""
        findings, report = self.findings(), self.report
        if report is not None:
            return report.stories
        if findings is not self._told_of:
            self._told_of, self._told = findings, stories_of(findings, None, self.tenant_id)
        return self._told

    def strip(self, width: int) -> Strip:
        """The whole chain, and what a witness says should follow it, over a line of that width."""
        of = (self.report, self.checks.segments.get(self.tenant_id, ()), self.span, width)
        known = self._strip_of
        if (
            known is None
            or any(a is not b for a, b in zip(of[:2], known[:2], strict=True))
            or of[2:] != known[2:]
        ):
            self._strip_of, self._strip = of, self._make_strip(*of)
        return self._strip

    def _make_strip(
        self,
        report: TenantReport | None,
        segments: tuple[Segment, ...],
        span: tuple[int, int],
        width: int,
    ) -> Strip:
        first, last = span
        part = report is not None and is_cut_off(report) and last > 0
        if report is not None and report.first_sequence is not None and not part:
            places = [(f.first_sequence, f.last_sequence) for f in report.findings if f.first_sequence]
            first = min([report.first_sequence, *(low for low, _ in places if low)])
            last = max([report.last_sequence or 0, *(high or 0 for _, high in places)])
            segments = build_segments(first, last, ((first, report.last_sequence or 0),), report.findings)
        return Strip(segments, first, last, max(10, width - 2))
