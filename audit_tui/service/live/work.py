"""The state of one verification run: what is planned, where it stands, what came out."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from audit_tui.core.checked import Checked
from audit_tui.core.clock import rfc3339
from audit_tui.core.findings import Axis, AxisResult, Finding, Report, TenantReport, Verdict, VerifyStatus
from audit_tui.core.model import Head, State
from audit_tui.core.ranges import RangeResult
from audit_tui.core.segments import build_segments
from audit_tui.core.verdict import report_on, worst
from audit_tui.core.walk import Walk
from audit_tui.core.words import count, plural

STATUS_SECONDS = 0.1
"""How often a running check tells where it is; more often would cost more than it shows."""


class Reading(Protocol):
    """A chain that is being read: what a status shows of it, and what is left where a run ends early."""

    @property
    def head(self) -> Head: ...
    @property
    def is_begun(self) -> bool: ...
    @property
    def events_read(self) -> int: ...
    @property
    def spans_done(self) -> tuple[tuple[int, int], ...]: ...
    @property
    def findings_so_far(self) -> tuple[Finding, ...]: ...
    def cut_short(self) -> tuple[RangeResult, RangeResult]:
        """What is known without a hole from the beginning on, and everything known."""
        ...


@dataclass(slots=True)
class WalkReading:
    """A chain that one walk reads from its beginning on."""

    head: Head
    walk: Walk | None = None

    @property
    def is_begun(self) -> bool:
        return self.walk is not None

    @property
    def events_read(self) -> int:
        return self.walk.events + self.walk.unread if self.walk is not None else 0

    @property
    def spans_done(self) -> tuple[tuple[int, int], ...]:
        last = self.walk.before if self.walk is not None else None
        return ((self.head.first_sequence, last.sequence_number or 0),) if last is not None else ()

    @property
    def findings_so_far(self) -> tuple[Finding, ...]:
        return tuple(self.walk.findings) if self.walk is not None else ()

    def cut_short(self) -> tuple[RangeResult, RangeResult]:
        result = self.walk.result() if self.walk is not None else RangeResult()
        return result, result


@dataclass(slots=True)
class Work:
    """Mutable while the run lasts; `status` and `report` copy it into frozen values.

    `readings` are the chains in the order in which they are taken, those that are finished included; `note`
    is what a person who waits should know now.
    """

    heads: tuple[Head, ...]
    started_us: int
    on_status: Callable[[VerifyStatus], None] | None
    finished: list[TenantReport] = field(default_factory=list)
    orphans: tuple[Finding, ...] = ()
    readings: list[Reading] = field(default_factory=list)
    note: str | None = None
    events_finished: int = 0
    _began: float = field(default_factory=time.monotonic)
    _had: int = 0
    _told: float = 0.0

    @property
    def checked_at(self) -> str:
        return rfc3339(self.started_us)

    @property
    def events_done(self) -> int:
        """Rows that were judged, of chains that are finished and of those in progress."""
        return self.events_finished + sum(reading.events_read for reading in self._open())

    def begin_again(self, on_status: Callable[[VerifyStatus], None] | None) -> None:
        """Somebody else waits now; the rate is reckoned from here on."""
        self.on_status, self._began, self._had = on_status, time.monotonic(), self.events_done

    def finish(self, reading: Reading, report: TenantReport) -> None:
        """Takes the report on a chain that was read to its head."""
        self.events_finished += reading.events_read
        self.finished.append(report)
        self.readings.remove(reading)

    def tell(self, *, now: bool = False) -> None:
        """Passes on a status, at most every STATUS_SECONDS unless `now`."""
        if self.on_status is None or not (now or self.is_due()):
            return
        self._told = moment = time.monotonic()
        self.on_status(self.status(moment - self._began))

    def is_due(self) -> bool:
        """Whether somebody listens and has not been told for STATUS_SECONDS."""
        return self.on_status is not None and time.monotonic() - self._told >= STATUS_SECONDS

    def status(self, seconds: float) -> VerifyStatus:
        """Where the run stands after that many seconds."""
        total = sum(head.span for head in self.heads)
        done = self.events_done
        # A range that was cut off is read again, so there may be less for a moment than there was.
        rate = max(done - self._had, 0) / seconds if seconds > 0 else 0.0
        left = max(total - done, 0) / rate if rate else None
        current = next(iter(self._open()), None)
        findings = current.findings_so_far if current is not None else ()
        return VerifyStatus(
            tenant_id=current.head.tenant_id if current is not None else None,
            tenants_done=len(self.finished),
            tenants_total=len(self.heads),
            events_done=done,
            events_total=total,
            rate=rate,
            seconds_left=left if seconds > 0.5 else None,
            segments=build_segments(
                current.head.first_sequence, current.head.sequence, current.spans_done, findings
            )
            if current is not None
            else (),
            findings=findings,
            finished=tuple(self.finished),
            note=self.note,
        )

    def _open(self) -> list[Reading]:
        return [reading for reading in list(self.readings) if reading.is_begun]

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
        reading = next((one for one in self.readings if one.head == head), None)
        proven, known = reading.cut_short() if reading is not None else (RangeResult(), RangeResult())
        last = proven.last
        through = last.sequence_number if last is not None else None
        reason = f"{cut_off}; read through sequence {through}" if through is not None else cut_off
        findings = tuple(sorted(known.running, key=lambda finding: finding.order))
        return report_on(
            Checked(
                tenant_id=head.tenant_id,
                events=proven.events,
                first_sequence=head.first_sequence if through is not None else None,
                last_sequence=through,
                head_hash=last.event_hash if last is not None else None,
                findings=findings,
                counts=known.all_counts,
                boundary=known.boundary,
                erased_events=proven.erased_events,
                first_unproven=proven.first_unproven,
                cut_off=reason,
                witness=AxisResult(State.NOT_RUN, "the chain was not checked through its head"),
                witness_note="no witness compared",
                checked_at=self.checked_at,
                version_1=False,
                unchecked={Axis.COVERAGE: reason},
                unread=proven.unread,
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
