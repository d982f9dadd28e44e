"""What is known of each tenant at a moment: listed, witnessed, being checked, judged. Draws nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from audit_tui.core.findings import Finding, Report, Severity, Story, Verdict
from audit_tui.core.model import TenantSummary
from audit_tui.core.stories import tell
from audit_tui.service.api import WitnessNote
from audit_tui.tui.checks import Checks
from audit_tui.tui.present.times import microseconds_of
from audit_tui.tui.present.verdicts import (
    CHECKING,
    NOT_VERIFIED,
    WAITING,
    Said,
    said_of_report,
    said_of_witness,
)


@dataclass(slots=True)
class Known:
    """The list as the server gave it, over the session's checks."""

    checks: Checks
    tenants: tuple[TenantSummary, ...] = ()
    proofs: dict[str, int] = field(default_factory=dict)
    """When every event of a tenant was last read and fitted, as its witness remembers; microseconds."""

    def witness(self, tenant_id: str) -> tuple[Finding, ...]:
        """What the comparison at connect found about a tenant."""
        return tuple(f for f in self.checks.witness_findings if f.tenant_id == tenant_id)

    def remember(self, witnesses: Sequence[WitnessNote]) -> None:
        """Takes how old the proofs of earlier days are."""
        moments = {note.tenant_id: microseconds_of(note.full_at or note.taken_at) for note in witnesses}
        self.proofs = {tenant: us for tenant, us in moments.items() if us is not None}

    def proven_us(self, tenant_id: str) -> int | None:
        """When the whole chain was last proven: by this session, or before it. None: never."""
        report, known = self.checks.reports.get(tenant_id), self.proofs.get(tenant_id)
        if report is None or report.verdict is not Verdict.INTACT or report.last_sequence is None:
            return known
        now = microseconds_of(report.checked_at if report.checked_from is None else report.full_at)
        return now if known is None or (now is not None and now > known) else known

    def everything(self) -> tuple[TenantSummary, ...]:
        """The tenants and, at their place by name, those that a witness knows and the log holds no more."""
        present = {tenant.tenant_id for tenant in self.tenants}
        witnessed = {f.tenant_id for f in self.checks.witness_findings if f.tenant_id is not None}
        gone = (witnessed | set(self.checks.reports)) - present
        if not gone:
            return self.tenants
        lines = [TenantSummary(name, 1, 0, None, None, None) for name in gone]
        return tuple(sorted([*self.tenants, *lines], key=lambda tenant: tenant.tenant_id))

    def holding(self, text: str) -> tuple[TenantSummary, ...]:
        """Those whose name holds a text, whatever its case."""
        wanted = text.casefold()
        return tuple(t for t in self.everything() if wanted in t.tenant_id.casefold())

    def said(self, tenant_id: str) -> Said:
        """A verdict, a witness finding, or where the check is."""
        run, witness = self.checks.run, self.witness(tenant_id)
        if run is not None and run.is_running and run.covers(tenant_id) and not witness:
            status = run.status
            if status is None or all(report.tenant_id != tenant_id for report in status.finished):
                reading = status is not None and status.tenant_id == tenant_id
                return CHECKING if reading else WAITING
        report = self.checks.reports.get(tenant_id)
        if report is not None:
            return said_of_report(report)
        return said_of_witness(witness) if witness else NOT_VERIFIED

    def stories(self, tenant_id: str) -> tuple[Story, ...]:
        """What the report tells, else what the witness alone does."""
        report = self.checks.reports.get(tenant_id)
        if report is not None and report.stories:
            return report.stories
        head = next((t.last_sequence for t in self.tenants if t.tenant_id == tenant_id), 0)
        return tell(self.witness(tenant_id), tenant_id, 1, head)

    def is_tampered(self, tenant_id: str) -> bool:
        """What counts for `n of m tenants are tampered with`."""
        report = self.checks.reports.get(tenant_id)
        if report is not None and report.verdict is Verdict.TAMPERED:
            return True
        if report is not None:
            return False
        return any(finding.severity is Severity.TAMPERED for finding in self.witness(tenant_id))

    def whole_report(self) -> Report | None:
        """The newest run's report, where it covered every tenant and has ended."""
        run = self.checks.run
        if run is None or run.is_running or run.request.tenants is not None:
            return None
        return run.report

    def is_small(self, below: int) -> bool:
        """Whether there is something to verify, and little enough to do it unasked."""
        events = sum(tenant.events for tenant in self.tenants)
        return (events > 0 or bool(self.checks.witness_findings)) and events < below

    def next_bad(self, shown: Sequence[TenantSummary], start: int, step: int) -> int | None:
        """The place of the next tenant (or the one before) that a person must look at, going round."""
        places = [(start + step * distance) % len(shown) for distance in range(1, len(shown) + 1)]
        return next((at for at in places if self.said(shown[at].tenant_id).is_bad), None)

    def next_broken(self, shown: Sequence[TenantSummary], start: int) -> int | None:
        """The place of the tenant at or after `start`, going round, that has a broken link to show."""
        places = [(start + distance) % len(shown) for distance in range(len(shown))]
        return next((at for at in places if self.stories(shown[at].tenant_id)), None)
