"""The client's verifier at work: every chain, in ranges on one snapshot, through the rules of the list.

It trusts no function of the audit schema: it reads columns, hashes here, and compares links itself.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace

import psycopg

from audit_tui.core import observe
from audit_tui.core.attestation import Attestation, attested, not_attested
from audit_tui.core.errors import (
    AuditError,
    ConnectError,
    InterruptedCheckError,
    SnapshotNotSharedError,
)
from audit_tui.core.excerpt import Excerpt
from audit_tui.core.excluded import build_excluded
from audit_tui.core.findings import Report, Verdict, VerifyStatus
from audit_tui.core.model import Head
from audit_tui.core.words import plural
from audit_tui.fast import Kernel
from audit_tui.fast import load as load_kernel
from audit_tui.service.api import Cancel, VerifyRequest
from audit_tui.service.live import authority, ranges
from audit_tui.service.live.attesting import attest_schema
from audit_tui.service.live.chains import ChainCheck, Range
from audit_tui.service.live.conclude import conclude
from audit_tui.service.live.continuity import judge_continuity
from audit_tui.service.live.patience import Patience
from audit_tui.service.live.planning import find_orphans, plan_heads
from audit_tui.service.live.pool import RESUMABLE, Pool
from audit_tui.service.live.witnesses import Compared, WitnessBook
from audit_tui.service.live.work import Work
from audit_tui.store.chain import find_ahead
from audit_tui.store.probe import Probe
from audit_tui.store.session import NO_TIMEOUT, export_snapshot, reading
from audit_tui.store.tenants import is_valid_text

MANY_EVENTS = 50_000
"""Below this a second connection costs more than it saves."""
COMPARED_EVENTS = 10_000
"""Up to this, snapshots are compared unasked: it takes some hundred times as long as hashing."""


@dataclass(slots=True)
class _Run:
    """One run: its state, and what was read about it in the first snapshot."""

    request: VerifyRequest
    work: Work
    cancel: Cancel | None
    jobs: int
    chains: list[ChainCheck] = field(default_factory=list)
    compared: Mapping[str, Compared] = field(default_factory=dict)
    planned: bool = False
    snapshots: int = 0
    remarks: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Unfinished:
    """The newest run that ended before a head, so that another can go on with it."""

    run: _Run | None = None

    def take(self, request: VerifyRequest) -> _Run | None:
        """The run, where it was about the same tenants; it is nobody else's then."""
        run, self.run = self.run, None
        return run if run is not None and run.request.tenants == request.tenants else None


@dataclass(frozen=True, slots=True)
class Verifier:
    """Runs checks on connections of its own, so that browsing goes on meanwhile. `now_us` is the clock."""

    open_connection: Callable[[], psycopg.Connection]
    seen: Probe
    book: WitnessBook
    now_us: Callable[[], int]
    excerpts: Mapping[str, Excerpt] = field(default_factory=dict)
    kernel: Kernel | None = field(default_factory=load_kernel)
    unfinished: Unfinished = field(default_factory=Unfinished)

    def run(
        self,
        request: VerifyRequest,
        on_status: Callable[[VerifyStatus], None] | None,
        cancel: Cancel | None,
    ) -> Report:
        """Checks what the request names. A run that ends early says through where.

        Raises the family of core.errors only where nothing had been checked yet.
        """
        run = self._take_up(request, on_status, cancel)
        request, work = run.request, run.work
        cut_off: str | None = None
        try:
            self._check(run)
        except (InterruptedCheckError, KeyboardInterrupt):
            cut_off = "the check was interrupted"
        except AuditError as error:
            if not work.heads or (not work.events_done and not work.finished):
                raise
            cut_off = error.title
        if cut_off is not None and run.planned:
            self.unfinished.run = run
        remarks = (*self.seen.notes, *self._out_of_sight(work), *self.book.warnings, *run.remarks)
        report = _with_remarks(work.report(cut_off), remarks)
        if request.attest and cut_off is None:
            report = attested(report, self._attest())
        if request.record_witness and cut_off is None:
            report = self._record(report)
        work.note = None
        work.tell(now=True)
        return report

    def _take_up(
        self,
        request: VerifyRequest,
        on_status: Callable[[VerifyStatus], None] | None,
        cancel: Cancel | None,
    ) -> _Run:
        """A new run, or the one that ended early: its heads stay those that were fixed when it began."""
        left = self.unfinished.take(request)
        if left is None or not request.go_on:
            work = Work((), self.now_us(), on_status)
            return _Run(request, work, cancel, request.jobs or self._paying_jobs())
        left.cancel = cancel
        left.work.begin_again(on_status)
        if left.snapshots < 2:
            left.remarks.append("the check was stopped, and the rest was read in a later snapshot")
        left.snapshots = max(left.snapshots, 2)
        return left

    def _paying_jobs(self) -> int:
        """Threads share one interpreter: without the filter a second one would only wait for the first."""
        return 2 if self.kernel is not None and (os.cpu_count() or 1) > 1 else 1

    def _check(self, run: _Run) -> None:
        """Everything in one snapshot; after a lost connection what is left in another one."""
        patience = Patience(run.request.patience_seconds, run.cancel)
        while True:
            try:
                self._check_in_one_snapshot(run)
                return
            except SnapshotNotSharedError as error:
                run.jobs = 1
                run.remarks.append(f"one connection was used: {error.title}")
            except (*RESUMABLE, ConnectError) as error:
                if not run.planned or not patience.lasts(run.work.events_done):
                    raise
                run.work.note = f"{error.title}; trying again"
                run.work.tell(now=True)
                patience.wait()

    def _check_in_one_snapshot(self, run: _Run) -> None:
        with ExitStack() as stack:
            conn = stack.enter_context(closing(self.open_connection()))
            stack.enter_context(reading(conn, timeout=NO_TIMEOUT, snapshot=True))
            if run.planned:
                self._go_on(conn, run)
            else:
                self._begin(conn, run)
            run.work.note = None
            pool = Pool(
                [chain for chain in run.chains if chain in run.work.readings],
                prepare=self._prepare,
                check=self._check_range,
                ahead=_find_ahead,
                end=lambda conn, chain: self._compare(run, conn, chain),
                done=lambda chain: self._conclude(run, chain),
                tell=run.work.tell,
                is_due=run.work.is_due,
                cancel=run.cancel,
            )
            pool.run([conn, *self._more_connections(stack, conn, run)])

    def _begin(self, conn: psycopg.Connection, run: _Run) -> None:
        """Fixes what is checked: the heads, as this snapshot has them."""
        work, known = run.work, self.book.list_newest()
        planned = plan_heads(conn, run.request.tenants, known, isolated=self.seen.isolated)
        work.heads = tuple(head for head in planned if is_valid_text(head.tenant_id))
        work.orphans = tuple(
            observe.nameless(head.tenant_id) for head in planned if not is_valid_text(head.tenant_id)
        )
        work.tell(now=True)
        work.orphans += find_orphans(conn)
        run.compared = self.book.compare(conn, known)
        run.chains = [self._chain_of(head, run) for head in work.heads]
        work.readings = list(run.chains)
        run.planned, run.snapshots = True, 1

    def _go_on(self, conn: psycopg.Connection, run: _Run) -> None:
        """Makes sure that this is still the log that was begun with, and reads what it authorises by now."""
        run.snapshots += 1
        for chain in run.work.readings:
            if isinstance(chain, ChainCheck):
                authority.renew(conn, self.seen.layout, chain)
        if run.snapshots == 2:
            run.remarks.append("the connection was lost, and the rest was read in a later snapshot")

    def _chain_of(self, head: Head, run: _Run) -> ChainCheck:
        compared = run.compared.get(head.tenant_id)
        since = None
        if run.request.incremental and compared is not None:
            since = self.book.start_of(compared)
        return ChainCheck(
            head,
            hashable=not self.seen.layout.unsealable,
            encoding=self.seen.encoding,
            excerpt=self.excerpts.get(head.tenant_id),
            since=since,
            first_previous_hash=compared.first_previous_hash if compared is not None else None,
        )

    def _more_connections(
        self, stack: ExitStack, conn: psycopg.Connection, run: _Run
    ) -> list[psycopg.Connection]:
        """A connection per further job, on the same snapshot. Where the server has none left, fewer do."""
        more: list[psycopg.Connection] = []
        if run.jobs == 1 or sum(head.span for head in run.work.heads) < MANY_EVENTS:
            return more
        name = export_snapshot(conn)
        for _ in range(run.jobs - 1):
            try:
                another = stack.enter_context(closing(self.open_connection()))
            except ConnectError as error:
                if run.snapshots == 1:
                    run.remarks.append(f"{plural(len(more) + 1, 'connection')} of {run.jobs}: {error.title}")
                break
            stack.enter_context(reading(another, timeout=NO_TIMEOUT, snapshot=True, shared=name))
            more.append(another)
        return more

    def _prepare(self, conn: psycopg.Connection, chain: ChainCheck) -> None:
        if not chain.is_begun:
            authority.read(conn, self.seen.layout, chain)

    def _check_range(self, conn: psycopg.Connection, taken: Range, look: Callable[[], None]) -> None:
        ranges.check_range(conn, self.seen.layout, taken, look, self.kernel)

    def _compare(self, run: _Run, conn: psycopg.Connection, chain: ChainCheck) -> None:
        """Snapshots and changes along each resource's history, where that is wanted."""
        wanted, head = run.request.continuity, chain.head
        if head.span <= 0 or wanted is False or chain.since is not None:
            return
        if wanted is None and head.span > COMPARED_EVENTS:
            return
        excluded = build_excluded(chain.whole.findings, chain.whole.counts)
        chain.continuity = judge_continuity(conn, self.seen.layout, head, excluded, run.cancel)

    def _attest(self) -> Attestation:
        """The log's protection, on a connection of its own: what stands in its way is the axis's reason."""
        try:
            with closing(self.open_connection()) as conn:
                return attest_schema(conn, self.now_us)
        except AuditError as error:
            return not_attested(error.title)

    def _conclude(self, run: _Run, chain: ChainCheck) -> None:
        tenant_id = chain.head.tenant_id
        compared = run.compared.get(tenant_id)
        boundary = chain.whole.boundary or chain.boundary
        judgement = self.book.judge(compared, boundary, run.request.archived.get(tenant_id))
        report = conclude(
            chain,
            judgement,
            run.work.checked_at,
            lacking=self.seen.layout.unsealable,
            witness=compared.witness if compared is not None else None,
        )
        run.work.finish(chain, report)

    def _out_of_sight(self, work: Work) -> tuple[str, ...]:
        """Witnesses that say nothing here, because tenant isolation hides their tenants."""
        if not self.seen.isolated:
            return ()
        hidden = len(set(self.book.list_newest()) - {head.tenant_id for head in work.heads})
        return (f"{plural(hidden, 'witnessed tenant')} out of sight, not run",) if hidden else ()

    def _record(self, report: Report) -> Report:
        """Remembers the heads of what was found intact; a failed check never overwrites a witness.

        What was checked stands even where it cannot be remembered: then the claim says so.
        """
        intact = [
            tenant
            for tenant in report.tenants
            if tenant.verdict is Verdict.INTACT and tenant.head_hash is not None
        ]
        try:
            self.book.record(intact, self.seen.identity)
        except AuditError as error:
            return _with_remarks(report, (f"the heads could not be remembered: {error.title}",))
        return report


def _find_ahead(conn: psycopg.Connection, taken: Range) -> int | None:
    return find_ahead(conn, taken.chain.head.tenant_id, taken.high + 1)


def _with_remarks(report: Report, remarks: tuple[str, ...]) -> Report:
    """What the reader of the verdict has to know about this run, as part of its claim."""
    return replace(report, claim=" ".join([report.claim, *(f"Note: {remark}." for remark in remarks)]))
