"""One run: finish what a killed one left, then verify, write, read back, record, remove.

The only state is what the files and the chain say, so a run can be killed at any moment: an archive appears
whole or not at all, its record is committed before anything is removed, and removing is one statement that
the log itself proves.
"""

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import psycopg

from audit_tui.core.archive.manifest import ArchivedTenant as Filed
from audit_tui.core.errors import ArchiveMismatchError, AuditError
from audit_tui.core.findings import Report, Verdict
from audit_tui.service.archiving import (
    Archived,
    ArchivedTenant,
    ArchivePlan,
    ArchiveRequest,
    ArchiveResult,
    Step,
)
from audit_tui.service.live.archive_check import ErasedSince, FilesHold, check_tenant
from audit_tui.service.live.archive_steps import Teller
from audit_tui.service.live.archive_write import Draft, write_archive
from audit_tui.store import archive_rows as rows
from audit_tui.store.archive_folder import ArchiveFolder, CompleteArchive
from audit_tui.store.archive_partitions import PARTITIONED, drop_partition, find_partition
from audit_tui.store.archive_writer import size_of
from audit_tui.store.probe import Probe
from audit_tui.store.session import NO_TIMEOUT, reading


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
    _finished: list[Archived] = field(default_factory=list)
    _notes: list[str] = field(default_factory=list)
    _plan: ArchivePlan | None = None
    _refused: list[str] = field(default_factory=list)

    def result(self, report: Report | None) -> ArchiveResult:
        """What was done; `report` is the check that stopped the run."""
        return ArchiveResult(
            tuple(self._finished), self._plan, report, tuple(self._refused), tuple(self._notes)
        )

    def finish_old(self, folder: ArchiveFolder) -> None:
        """Brings every archive that was left unfinished to its end, but for one that is to be replaced."""
        plan = self.plan_for(replace(self.request, before_us=None, replace=None))
        left = [one for one in plan.unfinished if one.archive != self.request.replace]
        if not left:
            return
        self._verify_chains(each.tenant_id for one in left for each in one.tenants)
        for one in left:
            recorded = {each.tenant_id: each.event_id for each in one.tenants}
            self._finish(folder, folder.read(one.archive), recorded, {}, resumed=True)

    def move_new(self, folder: ArchiveFolder) -> None:
        """Archives what the request asks for."""
        nothing_asked = self.request.before_us is None and self.request.replace is None
        if nothing_asked or self._refused:
            return
        plan = self._plan = self.plan_for(self.request)
        _refuse_obstacles(plan, self.request)
        going = [each.tenant_id for step in plan.steps for each in step.going]
        if not going:
            return
        self._verify_chains(going)
        for step in plan.steps:
            if step.going and not self._refused:
                draft = Draft(self.request, plan, step, self.now_us())
                archive = write_archive(self.conn, self.seen, folder, draft, self.tell)
                recorded = dict.fromkeys((each.tenant_id for each in step.going), None)
                replaces = {each.tenant_id: each.replaces for each in step.going}
                self._finish(folder, archive, recorded, replaces, resumed=False)

    def _verify_chains(self, tenants: Iterable[str]) -> None:
        """Every chain concerned, whole: nothing is taken from one that is not intact."""
        self.tell(Step.VERIFYING)
        report = self.verify(tuple(sorted(set(tenants))))
        if report.verdict is not Verdict.INTACT:
            raise ChainsNotIntactError(report)

    def _finish(
        self,
        folder: ArchiveFolder,
        archive: CompleteArchive,
        recorded: Mapping[str, str | None],
        replaces: Mapping[str, str | None],
        *,
        resumed: bool,
    ) -> None:
        """Reads back, records, removes: the tenants in `recorded`, with the record's event_id if known."""
        self.tell.archive = archive.manifest.archive
        concerned = [tenant for tenant in archive.manifest.tenants if tenant.tenant_id in recorded]
        read_at = self._read_back(archive, concerned, recorded)
        going = [tenant for tenant in concerned if tenant.tenant_id in read_at]
        if not going:
            self._let_go(folder, archive, whole=len(concerned) == len(archive.manifest.tenants))
            return
        events: dict[str, str] = {}
        for tenant in going:
            with self._going_on():
                self.tell(Step.RECORDING, tenant.tenant_id, 0, tenant.events)
                known, instead = recorded[tenant.tenant_id], replaces.get(tenant.tenant_id)
                head = read_at[tenant.tenant_id]
                events[tenant.tenant_id] = known or self._record(archive, tenant, head, instead)
                self.tell(Step.RECORDED, tenant.tenant_id, tenant.events, tenant.events)
        kept = [tenant for tenant in going if tenant.tenant_id in events]
        if self._layout() == PARTITIONED:
            gone = self._drop(kept) if len(kept) == len(concerned) else []
        else:
            gone = self._remove(kept, events)
        if gone:
            self._finished.append(_archived(folder, archive, gone, events, resumed=resumed))
        if not self._refused:
            self.tell(Step.FINISHED)

    def _remove(self, tenants: list[Filed], events: Mapping[str, str]) -> list[Filed]:
        """Removes what each record names; returns the tenants of which it went."""
        gone = []
        for tenant in tenants:
            with self._going_on():
                self.tell(Step.REMOVING, tenant.tenant_id, 0, tenant.events)
                rows.remove(self.conn, tenant.tenant_id, events[tenant.tenant_id])
                gone.append(tenant)
                self.tell(Step.REMOVED, tenant.tenant_id, tenant.events, tenant.events)
        return gone

    def _drop(self, tenants: list[Filed]) -> list[Filed]:
        """Drops the partition in which all of it lies; returns the tenants if it went."""
        with reading(self.conn):
            places = {find_partition(self.conn, t.tenant_id, t.last_sequence) for t in tenants}
        self.tell(Step.REMOVING)
        gone: list[Filed] = []
        with self._going_on():
            for partition in places - {None}:
                drop_partition(self.conn, str(partition))
            gone = tenants
            self.tell(Step.REMOVED)
        return gone

    def _layout(self) -> str:
        with reading(self.conn):
            return rows.read_layout(self.conn)

    @contextmanager
    def _going_on(self) -> Iterator[None]:
        """What the log refuses of one tenant (a hold, say) keeps no other one from its end."""
        try:
            yield
        except rows.RefusedError as refused:
            if self.request.skip:
                self._notes.append(f"left out: {refused.title}")
            else:
                self._refused.append(str(refused))

    def _read_back(
        self, archive: CompleteArchive, tenants: list[Filed], recorded: Mapping[str, str | None]
    ) -> dict[str, int]:
        """The chain's head at which each tenant's files were found to hold the log's rows."""
        found: dict[str, int] = {}
        for tenant in tenants:
            self.tell(Step.CHECKING, tenant.tenant_id, 0, tenant.events)
            try:
                with reading(self.conn, timeout=NO_TIMEOUT, snapshot=True):
                    outcome = check_tenant(self.conn, self.seen, archive, tenant, self.tell)
            except ArchiveMismatchError as found_out:
                hint = _how_to_mend(archive, recorded=any(recorded.values()))
                raise ArchiveMismatchError(found_out.title, hint) from None
            if isinstance(outcome, FilesHold):
                found[tenant.tenant_id] = outcome.read_at
            else:
                self._outdated(archive, tenant, outcome, recorded=recorded[tenant.tenant_id] is not None)
        self.tell(Step.CHECKED)
        return found

    def _outdated(
        self, archive: CompleteArchive, tenant: Filed, outcome: ErasedSince, *, recorded: bool
    ) -> None:
        name = archive.manifest.archive
        told = (
            f"archive {name} still holds what was erased since from event {outcome.sequence} of "
            f"{tenant.tenant_id}"
        )
        if recorded:
            raise AuditError(f"{told}; nothing of it was removed", f"archive it anew with --replace {name}")
        self._notes.append(f"{told}; it was not recorded for that tenant")

    def _let_go(self, folder: ArchiveFolder, archive: CompleteArchive, *, whole: bool) -> None:
        """An archive that no chain knows and an erasure outran: it would keep what the law had removed."""
        if whole:
            folder.discard(archive.path)
            self._notes.append(
                f"archive {archive.manifest.archive} was removed: no chain records it, and the log still "
                "holds every event"
            )

    def _record(self, archive: CompleteArchive, tenant: Filed, read_at: int, replaces: str | None) -> str:
        manifest = archive.manifest
        written = rows.Written(
            archive=manifest.archive,
            digest=archive.digest,
            place=f"{platform.node()}:{archive.path.parent}",
            requester=manifest.requester or self.seen.username,
            reason=manifest.reason,
        )
        return rows.record(self.conn, tenant, written, read_at=read_at, replaces=replaces)


def _how_to_mend(archive: CompleteArchive, *, recorded: bool) -> str:
    name = archive.manifest.archive
    if recorded:
        return (
            f"nothing more was removed; bring {archive.path} back from a copy, or archive those events anew "
            f"with --replace {name}"
        )
    return (
        f"nothing was removed, and no chain records this archive: move {archive.path} away and run this again"
    )


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


def _archived(
    folder: ArchiveFolder,
    archive: CompleteArchive,
    going: list[Filed],
    events: dict[str, str],
    *,
    resumed: bool,
) -> Archived:
    tenants = tuple(
        ArchivedTenant(t.tenant_id, t.first_sequence, t.last_sequence, t.events, events[t.tenant_id])
        for t in going
    )
    size = size_of(archive.manifest.tenants)
    return Archived(archive.manifest.archive, str(folder.path), archive.digest, size, tenants, resumed)
