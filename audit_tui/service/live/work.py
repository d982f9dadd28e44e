"""The state of one verification run: what is planned, where it stands, what came out."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from audit_tui.core.clock import rfc3339
from audit_tui.core.findings import Axis, AxisResult, Finding, Report, TenantReport, Verdict, VerifyStatus
from audit_tui.core.model import Head, State
from audit_tui.core.segments import build_segments
from audit_tui.core.verdict import Checked, report_on, worst
from audit_tui.core.walk import Walk
from audit_tui.core.words import count, plural

STATUS_SECONDS = 0.1
"""How often a running check tells where it is; more often would cost more than it shows."""


@dataclass(slots=True)
class Work:
    """Mutable while the run lasts; `status` and `report` copy it into frozen values."""

    heads: tuple[Head, ...]
    started_us: int
    on_status: Callable[[VerifyStatus], None] | None
    finished: list[TenantReport] = field(default_factory=list)
    orphans: tuple[Finding, ...] = ()
    head: Head | None = None
    walk: Walk | None = None
    events_done: int = 0
    _began: float = field(default_factory=time.monotonic)
    _told: float = 0.0

    @property
    def checked_at(self) -> str:
        return rfc3339(self.started_us)

    def tell(self, *, now: bool = False) -> None:
        """Passes on a status, at most every STATUS_SECONDS unless `now`."""
        moment = time.monotonic()
        if self.on_status is None or (not now and moment - self._told < STATUS_SECONDS):
            return
        self._told = moment
        self.on_status(self.status(moment - self._began))

    def status(self, seconds: float) -> VerifyStatus:
        """Where the run stands after that many seconds."""
        total = sum(head.span for head in self.heads)
        rate = self.events_done / seconds if seconds > 0 else 0.0
        left = max(total - self.events_done, 0) / rate if rate else None
        head, walk = self.head, self.walk
        through = walk.before.sequence_number if walk is not None and walk.before is not None else None
        return VerifyStatus(
            tenant_id=head.tenant_id if head else None,
            tenants_done=len(self.finished),
            tenants_total=len(self.heads),
            events_done=self.events_done,
            events_total=total,
            rate=rate,
            seconds_left=left if seconds > 0.5 else None,
            segments=build_segments(
                head.first_sequence, head.sequence, through or head.first_sequence - 1, walk.findings
            )
            if head is not None and walk is not None
            else (),
            findings=tuple(walk.findings) if walk is not None else (),
            finished=tuple(self.finished),
        )

    def report(self, cut_off: str | None) -> Report:
        """The result; tenants that were not reached, or not to the end, are inconclusive because of it."""
        tenants = list(self.finished)
        reached = {report.tenant_id for report in tenants}
        why = cut_off or "the check did not reach this tenant"
        tenants += [self._unfinished(head, why) for head in self.heads if head.tenant_id not in reached]
        verdicts = [report.verdict for report in tenants]
        if self.orphans:
            verdicts.append(Verdict.TAMPERED)
        if cut_off is not None:
            verdicts.append(Verdict.INCONCLUSIVE)
        verdict = worst(verdicts)
        ordered = tuple(sorted(tenants, key=lambda report: report.tenant_id))
        return Report(verdict, self._claim(ordered, verdict, cut_off), self.checked_at, ordered, self.orphans)

    def _unfinished(self, head: Head, cut_off: str) -> TenantReport:
        walk = self.walk if self.head == head else None
        last = walk.before if walk is not None else None
        through = last.sequence_number if last is not None else None
        reason = f"{cut_off}; read through sequence {through}" if through is not None else cut_off
        return report_on(
            Checked(
                tenant_id=head.tenant_id,
                events=walk.events if walk else 0,
                first_sequence=head.first_sequence if through is not None else None,
                last_sequence=through,
                head_hash=last.event_hash if last is not None else None,
                findings=walk.finish() if walk else (),
                counts=walk.counts if walk else {},
                boundary=walk.boundary if walk else None,
                erased_events=walk.erased_events if walk else 0,
                first_unproven=walk.first_unproven if walk else None,
                cut_off=reason,
                witness=AxisResult(State.NOT_RUN, "the chain was not checked through its head"),
                witness_note="no witness compared",
                checked_at=self.checked_at,
                version_1=False,
                unchecked={Axis.COVERAGE: reason},
                unread=walk.unread if walk else 0,
            )
        )

    def _claim(self, tenants: tuple[TenantReport, ...], verdict: Verdict, cut_off: str | None) -> str:
        if len(tenants) == 1 and not self.orphans:
            return tenants[0].claim
        events = sum(report.events for report in tenants)
        tally = ", ".join(
            f"{count(n)} {word}"
            for word in Verdict
            if (n := sum(report.verdict is word for report in tenants))
        )
        head = f"{str(verdict).capitalize()}: {plural(events, 'event')} of {plural(len(tenants), 'tenant')} "
        tail = f"; cut off: {cut_off}" if cut_off else ""
        stray = f"; {plural(len(self.orphans), 'row')} without tenant or sequence" if self.orphans else ""
        return (
            f"{head}checked through each head as of {self.checked_at}: {tally or 'no events'}{stray}{tail}."
        )
