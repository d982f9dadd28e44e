"""What this session has verified so far, and the verification that runs now. Screens only draw it."""

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from audit_tui.core.errors import AuditError
from audit_tui.core.findings import Finding, Report, Segment, TenantReport, VerifyStatus
from audit_tui.service.api import VerifyRequest
from audit_tui.tui.present.verdicts import is_cut_off

_RUN_IDS = itertools.count(1)


class RunState(StrEnum):
    RUNNING = "running"
    STOPPING = "stopping"
    ENDED = "ended"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(eq=False, slots=True)
class Run:
    """One verification from start to end. `status` is the latest copy that the verifier published."""

    request: VerifyRequest
    id: int = field(default_factory=lambda: next(_RUN_IDS))
    cancel: threading.Event = field(default_factory=threading.Event)
    state: RunState = RunState.RUNNING
    status: VerifyStatus | None = None
    report: Report | None = None
    error: AuditError | None = None

    @property
    def is_running(self) -> bool:
        return self.state in {RunState.RUNNING, RunState.STOPPING}

    def covers(self, tenant_id: str) -> bool:
        """Whether this run reads that tenant."""
        return self.request.tenants is None or tenant_id in self.request.tenants


class Checks:
    """Reports by tenant, the newest run, and what the witnesses said at connect."""

    def __init__(self) -> None:
        self.reports: dict[str, TenantReport] = {}
        self.segments: dict[str, tuple[Segment, ...]] = {}
        self.run: Run | None = None
        self.orphans: tuple[Finding, ...] = ()
        self.witness_findings: tuple[Finding, ...] = ()
        self.witnesses_compared = False
        self.witness_error: AuditError | None = None
        self.last_report: Report | None = None
        self.ended_us: int | None = None
        self._listeners: list[Callable[[], None]] = []

    @property
    def is_running(self) -> bool:
        return self.run is not None and self.run.is_running

    @property
    def was_cut_off(self) -> bool:
        """Whether the newest run ended before a head without having been told to."""
        run = self.run
        if run is None or run.report is None or run.state is not RunState.ENDED:
            return False
        return any(is_cut_off(tenant) for tenant in run.report.tenants)

    def begin(self, request: VerifyRequest) -> Run:
        """A new run takes the place of the one before, which is told to stop."""
        if self.run is not None:
            self.run.cancel.set()
        self.run = Run(request)
        self.changed()
        return self.run

    def stop(self) -> None:
        """Asks the running verification to stop; what is proven stays."""
        if self.run is not None and self.run.is_running:
            self.run.state = RunState.STOPPING
            self.run.cancel.set()
            self.changed()

    def progressed(self, run_id: int, status: VerifyStatus) -> None:
        """A newer status of the newest run; one of an older run is not looked at."""
        if self.run is None or self.run.id != run_id or not self.run.is_running:
            return
        self.run.status = status
        if status.tenant_id is not None and status.segments:
            self.segments[status.tenant_id] = status.segments
        for report in status.finished:
            self.reports[report.tenant_id] = report
        self.changed()

    def ended(self, run_id: int, report: Report | None, error: AuditError | None, now_us: int) -> None:
        """The end of the newest run. A failed one proves nothing beyond the tenants it had finished."""
        run = self.run
        if run is None or run.id != run_id:
            return
        self.ended_us = now_us
        run.report, run.error = report, error
        if error is not None:
            run.state = RunState.FAILED
        else:
            run.state = RunState.STOPPED if run.cancel.is_set() else RunState.ENDED
        if report is not None:
            self._take(report)
        self.changed()

    def _take(self, report: Report) -> None:
        self.last_report = report
        self.orphans = report.orphans
        for tenant in report.tenants:
            # The run's own claim goes on with what happened on the way; it belongs to the only tenant.
            alone = len(report.tenants) == 1 and report.claim.startswith(tenant.claim)
            self.reports[tenant.tenant_id] = replace(tenant, claim=report.claim) if alone else tenant

    def witnessed(self, findings: tuple[Finding, ...], error: AuditError | None = None) -> None:
        """What the comparison at connect found, or why it could not be made."""
        self.witness_findings, self.witness_error = findings, error
        self.witnesses_compared = error is None
        self.changed()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Calls `listener` at every change, on the UI thread; the result ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def changed(self) -> None:
        for listener in tuple(self._listeners):
            listener()
