"""One run: finish what a killed one left, then verify, write, read back, record, remove.

The only state is what the files and the chain say, so a run can be killed at any moment: an archive appears
whole or not at all, its record is committed before anything is removed, and removing is one statement that
the log itself proves.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import psycopg

from audit_tui.core.errors import AuditError
from audit_tui.core.findings import Report, Verdict
from audit_tui.service.archiving import ArchivePlan, ArchiveRequest, ArchiveResult, Step
from audit_tui.service.live.archive_finish import Finisher
from audit_tui.service.live.archive_steps import Teller
from audit_tui.service.live.archive_write import Draft, write_archive
from audit_tui.store.archive_folder import ArchiveFolder
from audit_tui.store.probe import Probe


class ChainsNotIntactError(Exception):
    """The chains do not verify: nothing may be moved. Carries the report."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


@dataclass(slots=True)
class Run:
    """One run, with what it did so far. `verify` checks whole chains, `plan_for` looks anew each time."""

    conn: psycopg.Connection
    seen: Probe
    request: ArchiveRequest
    plan_for: Callable[[ArchiveRequest], ArchivePlan]
    verify: Callable[[tuple[str, ...]], Report]
    now_us: Callable[[], int]
    tell: Teller
    _plan: ArchivePlan | None = None
    _finisher: Finisher = field(init=False)

    def __post_init__(self) -> None:
        self._finisher = Finisher(self.conn, self.seen, self.tell, self.request.skip)

    def result(self, report: Report | None) -> ArchiveResult:
        """What was done; `report` is the check that stopped the run."""
        did = self._finisher
        return ArchiveResult(tuple(did.finished), self._plan, report, tuple(did.refused), tuple(did.notes))

    def finish_old(self, folder: ArchiveFolder) -> None:
        """Brings every archive that was left unfinished to its end, but for one that is to be replaced."""
        plan = self.plan_for(replace(self.request, before_us=None, replace=None))
        left = [one for one in plan.unfinished if one.archive != self.request.replace]
        if not left:
            return
        self._verify_chains(each.tenant_id for one in left for each in one.tenants)
        for one in left:
            recorded = {each.tenant_id: each.event_id for each in one.tenants}
            self._finisher.finish(folder, folder.read(one.archive), recorded, {}, resumed=True)

    def move_new(self, folder: ArchiveFolder) -> None:
        """Archives what the request asks for."""
        nothing_asked = self.request.before_us is None and self.request.replace is None
        if nothing_asked or self._finisher.refused:
            return
        plan = self._plan = self.plan_for(self.request)
        try:
            _refuse_obstacles(plan, self.request)
        except AuditError as refused:
            if not self._finisher.finished:
                raise
            self._finisher.refused.append(str(refused))  # beside what was finished before it
            return
        going = [each.tenant_id for step in plan.steps for each in step.going]
        if not going:
            return
        self._verify_chains(going)
        for step in plan.steps:
            if step.going and not self._finisher.refused:
                draft = Draft(self.request, plan, step, self.now_us())
                archive = write_archive(self.conn, self.seen, folder, draft, self.tell)
                recorded = dict.fromkeys((each.tenant_id for each in step.going), None)
                replaces = {each.tenant_id: each.replaces for each in step.going}
                self._finisher.finish(folder, archive, recorded, replaces, resumed=False)

    def _verify_chains(self, tenants: Iterable[str]) -> None:
        """Every chain concerned, whole: nothing is taken from one that is not intact."""
        self.tell(Step.VERIFYING)
        report = self.verify(tuple(sorted(set(tenants))))
        if report.verdict is not Verdict.INTACT:
            raise ChainsNotIntactError(report)


def _refuse_obstacles(plan: ArchivePlan, request: ArchiveRequest) -> None:
    if request.skip:
        return
    if plan.missing and request.replace is None:
        raise AuditError(
            plan.missing[0], "give the folder that holds it with --to; if it is lost, use --replace"
        )
    if plan.obstacles:
        first = plan.obstacles[0]
        more = f" (and {len(plan.obstacles) - 1} more tenants)" if len(plan.obstacles) > 1 else ""
        raise AuditError(
            f"{first.tenant_id} cannot be archived{more}: {first.obstacle}",
            "nothing was written; --skip leaves out such tenants",
        )
