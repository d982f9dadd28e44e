"""The chains of a log that is to be adopted: as they were verified, and brought up to their heads."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

import psycopg

from audit_tui.core.coverage import Coverage
from audit_tui.core.errors import TamperedLogError
from audit_tui.core.findings import SEVERITY, Finding, Kind, Report, Severity
from audit_tui.core.model import Event, Head
from audit_tui.core.walk import Walk
from audit_tui.service.adopting import FINDINGS_RECORDED, OldChain, OldFinding
from audit_tui.store.chain import Unreadable, stream_chain
from audit_tui.store.probe import Probe


def chains_of(report: Report) -> dict[str, OldChain]:
    """What a complete verification says of each tenant that has events."""
    return {
        tenant.tenant_id: OldChain(
            tenant.last_sequence,
            tenant.head_hash,
            tenant.events,
            _listed(tenant.findings),
            _counted(tenant.finding_counts),
        )
        for tenant in report.tenants
        if tenant.last_sequence is not None
    }


def extend(conn: psycopg.Connection, seen: Probe, head: Head, known: OldChain | None) -> OldChain:
    """Verify what stands between a chain's verified head and its present one, in the caller's snapshot.

    TamperedLogError where the event that was the head is no longer as it was verified.
    """
    if known is not None and head.sequence <= known.last_sequence:
        return known
    walk = Walk(head.tenant_id, Coverage(()), encoding=seen.encoding)
    begin = head.first_sequence if known is None else known.last_sequence
    rows = iter(stream_chain(conn, seen.layout, replace(head, first_sequence=begin)))
    if known is not None:
        walk.before = _stand_on(next(rows, None), head.tenant_id, known)
    for row in rows:
        if isinstance(row, Unreadable):
            walk.skip(row.sequence, row.event_id, row.reason)
        else:
            walk.step(row)
    found, last = walk.finish(), walk.before
    earlier = known or OldChain(0, None, 0)
    return OldChain(
        head.sequence,
        None if last is None else last.event_hash,
        earlier.events + walk.events + walk.unread,
        (*earlier.findings, *_listed(found))[:FINDINGS_RECORDED],
        dict(Counter(earlier.counts) + Counter(_counted(walk.counts))),
    )


def _stand_on(row: Event | Unreadable | None, tenant_id: str, known: OldChain) -> Event:
    due = (known.last_sequence, known.last_hash)
    if not isinstance(row, Event) or (row.sequence_number, row.event_hash) != due:
        raise TamperedLogError(
            f"event {known.last_sequence} of tenant {tenant_id} is no longer as it was verified",
            "someone is changing the log: find out who, before adopting it",
        )
    return row


def _listed(findings: Iterable[Finding]) -> tuple[OldFinding, ...]:
    told = (
        OldFinding(str(finding.kind), finding.first_sequence, finding.last_sequence)
        for finding in findings
        if finding.severity is not Severity.NOTICE
    )
    return tuple(told)[:FINDINGS_RECORDED]


def _counted(counts: Mapping[Kind, int]) -> dict[str, int]:
    return {str(kind): n for kind, n in counts.items() if n and SEVERITY[kind] is not Severity.NOTICE}
