"""A log and its second source at work: both checked, compared, and joined into one report."""

from dataclasses import replace

from audit_tui.core.errors import AuditError, InterruptedCheckError, UnknownTenantError, UsageError
from audit_tui.core.findings import Report
from audit_tui.core.second.joining import join_comparison
from audit_tui.core.second.model import Comparison
from audit_tui.service.against import AgainstRequest, Compared
from audit_tui.service.api import AuditService, Cancel, VerifyRequest, WitnessNote
from audit_tui.service.live.browse import LiveService
from audit_tui.service.live.second_compare import Comparer
from audit_tui.service.live.second_sides import DatabaseSide, OnStatus, Side
from audit_tui.service.live.second_walk import Pair, why


class LiveAgainst:
    """`service.against.Against` over PostgreSQL. Construct with `bootstrap.open_against`."""

    def __init__(self, log: LiveService, here: DatabaseSide, there: Side) -> None:
        """UsageError where both lead to the same database of the same server."""
        self._log, self._here, self._there = log, here, there
        if isinstance(there, DatabaseSide) and there.source.target == here.source.target:
            here.name_in_full()
            there.name_in_full()
        if isinstance(there, DatabaseSide) and there.server.is_same(here.server):
            raise UsageError(
                "the second source is the log itself: both lead to the same database of the same server",
                "give a replica, a restored backup or another copy",
            )

    @property
    def service(self) -> AuditService:
        return self._log

    def list_tenants(self) -> tuple[str, ...]:
        return self._there.list_tenants()

    def verify(
        self,
        request: AgainstRequest,
        on_status: OnStatus | None = None,
        cancel: Cancel | None = None,
    ) -> Compared:
        witnesses = (*self._log.list_witnesses(), *self._there.list_witnesses())
        own = self._log.verify(self._asked(request, self._known_here(request)), on_status, cancel)
        whole = Comparison(self._here.source, self._there.source)
        try:
            whole = self._compare(own, whole, witnesses, request, on_status, cancel)
        except (AuditError, KeyboardInterrupt) as error:
            whole = replace(whole, cut_off=why(error))
        report = self._remember(join_comparison(own, whole))
        return Compared(report, whole)

    def close(self) -> None:
        self._there.close()
        self._log.close()

    def _compare(
        self,
        own: Report,
        whole: Comparison,
        witnesses: tuple[WitnessNote, ...],
        request: AgainstRequest,
        on_status: OnStatus | None,
        cancel: Cancel | None,
    ) -> Comparison:
        """Checks the second source and compares. What ends the comparing early is part of the result."""
        if cancel is not None and cancel.is_set():
            raise InterruptedCheckError("the check was interrupted")
        names = self._known_there(request)
        other = self._there.check(self._asked(request, names), on_status, cancel)
        whole = replace(whole, verdict=other.verdict, claim=other.claim)
        if other.orphans:
            whole = replace(whole, remarks=("the second source holds rows without tenant or sequence",))
        comparer = Comparer.of(own, other, whole, witnesses)
        cut_off: str | None = None
        try:
            # The second source first: what its snapshot holds, a log that it replicates holds by then too.
            with self._there.open() as there, self._here.open() as here:
                comparer.run(Pair(here, there, cancel))
        except (AuditError, KeyboardInterrupt) as error:
            cut_off = why(error)
        tenants = tuple(comparer.results[tenant_id] for tenant_id in sorted(comparer.results))
        return replace(comparer.whole, tenants=tenants, cut_off=cut_off)

    def _known_here(self, request: AgainstRequest) -> tuple[str, ...] | None:
        """Those of the tenants asked for that this log holds, or that were witnessed of it."""
        if request.tenants is None:
            return None
        witnessed = {note.tenant_id for note in self._log.list_witnesses()}
        return tuple(name for name in request.tenants if name in witnessed or self._holds(name))

    def _holds(self, tenant_id: str) -> bool:
        try:
            self._log.get_tenant(tenant_id)
        except UnknownTenantError:
            return False
        return True

    def _known_there(self, request: AgainstRequest) -> tuple[str, ...] | None:
        if request.tenants is None:
            return None
        held = set(self._there.list_tenants())
        return tuple(name for name in request.tenants if name in held)

    def _asked(self, request: AgainstRequest, tenants: tuple[str, ...] | None) -> VerifyRequest:
        return VerifyRequest(
            tenants, record_witness=False, jobs=request.jobs, patience_seconds=request.patience_seconds
        )

    def _remember(self, report: Report) -> Report:
        """Witnesses what both checks and the comparison leave intact."""
        try:
            self._log.remember(report)
        except AuditError as error:
            remark = f" Note: the heads could not be remembered: {error.title}."
            return replace(report, claim=report.claim + remark)
        return report
