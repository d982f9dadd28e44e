"""The client's verifier at work: one snapshot, every tenant's chain streamed through the rules of the list.

It trusts no function of the audit schema: it reads columns, hashes here, and compares links itself.
"""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace

import psycopg

from audit_tui.core import observe
from audit_tui.core.coverage import build_coverage, parse_boundaries
from audit_tui.core.errors import AuditError, InterruptedCheckError, UnknownTenantError
from audit_tui.core.excerpt import Excerpt
from audit_tui.core.findings import Axis, Finding, Kind, Report, TenantReport, Verdict, VerifyStatus
from audit_tui.core.model import Head, SchemaKind
from audit_tui.core.verdict import Checked, report_on
from audit_tui.core.walk import Walk
from audit_tui.core.witness import Witness
from audit_tui.core.words import plural
from audit_tui.service.api import Cancel, VerifyRequest
from audit_tui.service.live.witnesses import Compared, WitnessBook
from audit_tui.service.live.work import Work
from audit_tui.store.chain import Unreadable, list_authority, stream_chain
from audit_tui.store.probe import Probe
from audit_tui.store.queries import load
from audit_tui.store.session import NO_TIMEOUT, reading
from audit_tui.store.tenants import get_head, is_valid_text, list_heads

LOOK_EVERY = 256
"""Events between two looks at the cancel flag: a few milliseconds."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """Runs checks on connections of its own, so that browsing goes on meanwhile. `now_us` is the clock."""

    open_connection: Callable[[], psycopg.Connection]
    seen: Probe
    book: WitnessBook
    now_us: Callable[[], int]
    excerpts: Mapping[str, Excerpt] = field(default_factory=dict)

    def run(
        self,
        request: VerifyRequest,
        on_status: Callable[[VerifyStatus], None] | None,
        cancel: Cancel | None,
    ) -> Report:
        """Checks what the request names, in one snapshot. A run that ends early says through where.

        Raises the family of core.errors only where nothing had been checked yet.
        """
        work = Work((), self.now_us(), on_status)
        cut_off: str | None = None
        try:
            with (
                closing(self.open_connection()) as conn,
                reading(conn, timeout=NO_TIMEOUT, snapshot=True),
            ):
                self._check_all(conn, work, request, cancel)
        except InterruptedCheckError:
            cut_off = "the check was interrupted"
        except KeyboardInterrupt:
            cut_off = "the check was interrupted"
        except AuditError as error:
            if not work.heads or (not work.events_done and not work.finished):
                raise
            cut_off = error.title
        remarks = (*self.seen.notes, *self._out_of_sight(work), *self.book.warnings)
        report = _with_remarks(work.report(cut_off), remarks)
        if request.record_witness and cut_off is None:
            report = self._record(report)
        work.tell(now=True)
        return report

    def _check_all(
        self, conn: psycopg.Connection, work: Work, request: VerifyRequest, cancel: Cancel | None
    ) -> None:
        known = self.book.list_newest()
        planned = self._plan(conn, request, known)
        work.heads = tuple(head for head in planned if is_valid_text(head.tenant_id))
        work.orphans = tuple(
            observe.nameless(head.tenant_id) for head in planned if not is_valid_text(head.tenant_id)
        )
        work.tell(now=True)
        work.orphans += _find_orphans(conn)
        compared = self.book.compare(conn, known)
        for head in work.heads:
            work.head = head
            work.walk = self._start_walk(conn, head)
            self._walk(conn, work, head, cancel)
            archived = request.archived.get(head.tenant_id)
            work.finished.append(self._judge(work, head, compared.get(head.tenant_id), archived))
            work.head = work.walk = None
            work.tell()

    def _plan(
        self, conn: psycopg.Connection, request: VerifyRequest, known: Mapping[str, Witness]
    ) -> tuple[Head, ...]:
        if request.tenants is None:
            heads = {head.tenant_id: head for head in list_heads(conn)}
            for tenant_id in () if self.seen.isolated else known:
                heads.setdefault(tenant_id, Head(tenant_id, 1, 0, None))
            return tuple(heads[tenant_id] for tenant_id in sorted(heads))
        found = []
        for tenant_id in request.tenants:
            head = get_head(conn, tenant_id)
            if head is None and (tenant_id not in known or self.seen.isolated):
                raise UnknownTenantError(
                    f"there is no tenant {tenant_id}", "list them with: audit-tui tenants"
                )
            found.append(head or Head(tenant_id, 1, 0, None))
        return tuple(found)

    def _out_of_sight(self, work: Work) -> tuple[str, ...]:
        """Witnesses that say nothing here, because tenant isolation hides their tenants."""
        if not self.seen.isolated:
            return ()
        hidden = len(set(self.book.list_newest()) - {head.tenant_id for head in work.heads})
        return (f"{plural(hidden, 'witnessed tenant')} out of sight, not run",) if hidden else ()

    def _start_walk(self, conn: psycopg.Connection, head: Head) -> Walk:
        authority = (
            list_authority(conn, self.seen.layout, head) if self.seen.layout.kind is SchemaKind.OURS else []
        )
        excerpt = self.excerpts.get(head.tenant_id)
        spans = excerpt.spans if excerpt is not None else None
        return Walk(
            head.tenant_id,
            build_coverage(authority, within=spans, open_end=excerpt is not None),
            parse_boundaries(authority),
            hashable=not self.seen.layout.unsealable,
            encoding=self.seen.encoding,
            excerpt=excerpt,
        )

    def _walk(self, conn: psycopg.Connection, work: Work, head: Head, cancel: Cancel | None) -> None:
        walk = work.walk
        if walk is None or head.span <= 0:
            return
        _stop_if(cancel)
        for number, row in enumerate(stream_chain(conn, self.seen.layout, head)):
            if isinstance(row, Unreadable):
                walk.skip(row.sequence, row.event_id, row.reason)
            else:
                walk.step(row)
            work.events_done += 1
            if number % LOOK_EVERY == 0:
                _stop_if(cancel)
                work.tell()

    def _judge(
        self,
        work: Work,
        head: Head,
        compared: Compared | None,
        archived: Mapping[int, str | None] | None,
    ) -> TenantReport:
        walk = work.walk
        if walk is None:
            msg = "a tenant is judged after its walk"
            raise RuntimeError(msg)
        findings = walk.finish()
        version_1 = any(finding.axis is Axis.COVERAGE for finding in findings)
        judgement = self.book.judge(compared, walk.boundary, archived)
        for finding in judgement.findings:
            walk.counts[finding.kind] += 1
        merged = tuple(sorted((*findings, *judgement.findings), key=lambda finding: finding.order))
        last = walk.before
        return report_on(
            Checked(
                tenant_id=head.tenant_id,
                events=walk.events,
                first_sequence=head.first_sequence if last is not None else None,
                last_sequence=last.sequence_number if last is not None else None,
                head_hash=last.event_hash if last is not None else None,
                findings=merged,
                counts=walk.counts,
                boundary=walk.boundary,
                erased_events=walk.erased_events,
                first_unproven=_first_unproven(walk, judgement.findings),
                cut_off=None,
                witness=judgement.axis,
                witness_note="; ".join([judgement.note, *walk.open_axes.values()]),
                checked_at=work.checked_at,
                version_1=version_1,
                unchecked=self._unchecked() | walk.open_axes,
                first_hash=walk.first_hash,
                unread=walk.unread,
            )
        )

    def _unchecked(self) -> dict[Axis, str]:
        lacking = self.seen.layout.unsealable
        if not lacking:
            return {}
        reason = f"the seal is over {', '.join(lacking)}, which audit.logs lacks"
        return dict.fromkeys((Axis.CONTENT, Axis.ERASURE, Axis.GENESIS), reason)

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


def _first_unproven(walk: Walk, witness_findings: tuple[Finding, ...]) -> int | None:
    """The first sequence that nothing proves: a rewritten chain proves none of what it now holds."""
    rewritten = any(finding.kind is Kind.HEAD_REWRITTEN for finding in witness_findings)
    return 0 if rewritten else walk.first_unproven


def _find_orphans(conn: psycopg.Connection) -> tuple[Finding, ...]:
    return tuple(
        observe.orphan(event_id, tenant, seq) for event_id, tenant, seq in conn.execute(load("orphans"))
    )


def _with_remarks(report: Report, remarks: tuple[str, ...]) -> Report:
    """What the reader of the verdict has to know about this run, as part of its claim."""
    return replace(report, claim=" ".join([report.claim, *(f"Note: {remark}." for remark in remarks)]))


def _stop_if(cancel: Cancel | None) -> None:
    if cancel is not None and cancel.is_set():
        raise InterruptedCheckError("the check was interrupted")
