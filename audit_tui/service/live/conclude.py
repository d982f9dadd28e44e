"""From what the ranges of a chain say together to the report on its tenant."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from audit_tui.core.checked import Checked, Since
from audit_tui.core.findings import Axis, AxisResult, Finding, Kind, TenantReport
from audit_tui.core.model import State
from audit_tui.core.ranges import join, list_incomplete
from audit_tui.core.verdict import report_on
from audit_tui.core.witness import Witness
from audit_tui.service.live.chains import ChainCheck
from audit_tui.service.live.witnesses import WitnessJudgement


def conclude(
    chain: ChainCheck,
    judgement: WitnessJudgement,
    checked_at: str,
    *,
    lacking: tuple[str, ...],
    witness: Witness | None = None,
) -> TenantReport:
    """The report on a chain that was read to its head.

    `lacking` are sealed columns that the table has not; `witness` is where an incremental check began.
    """
    whole, head, last = join([chain.older, chain.whole]), chain.head, chain.whole.last
    whole = replace(whole, boundary=whole.boundary or chain.boundary)
    since = _since(chain, witness)
    counts = Counter(whole.all_counts)
    findings = [*whole.running, *judgement.findings]
    if chain.hashable and chain.recorded is not None:
        incomplete = list_incomplete(head.tenant_id, whole, chain.recorded, chain.since)
        counts.update(finding.kind for finding in incomplete)
        findings += incomplete
    counts.update(finding.kind for finding in judgement.findings)
    if chain.continuity is not None:
        counts.update(chain.continuity.counts)
        findings += chain.continuity.findings
    merged = tuple(sorted(findings, key=lambda finding: finding.order))
    return report_on(
        Checked(
            tenant_id=head.tenant_id,
            events=chain.whole.events + (since.events if since is not None else 0),
            first_sequence=head.first_sequence if last is not None else None,
            last_sequence=last.sequence_number if last is not None else None,
            head_hash=last.event_hash if last is not None else None,
            findings=merged,
            counts=counts,
            boundary=whole.boundary,
            erased_events=whole.erased_events,
            first_unproven=_first_unproven(whole.first_unproven, judgement.findings),
            cut_off=None,
            witness=judgement.axis,
            witness_note="; ".join([judgement.note, *whole.open_axes.values()]),
            checked_at=checked_at,
            version_1=any(finding.axis is Axis.COVERAGE for finding in merged),
            unchecked=_unchecked(lacking) | dict(whole.open_axes),
            first_hash=witness.first_hash if since is not None and witness is not None else whole.first_hash,
            unread=whole.unread,
            since=since,
            continuity=chain.continuity.axis if chain.continuity is not None else _not_compared(chain),
        )
    )


def _since(chain: ChainCheck, witness: Witness | None) -> Since | None:
    if chain.since is None or witness is None:
        return None
    return Since(chain.since, chain.since - chain.head.first_sequence, witness.proven_in_full_at)


def _not_compared(chain: ChainCheck) -> AxisResult:
    if chain.since is not None:
        return AxisResult(State.NOT_RUN, "an incremental check does not read whole histories")
    return AxisResult(State.NOT_RUN, "comparing the snapshots of so many events was not asked for")


def _unchecked(lacking: tuple[str, ...]) -> dict[Axis, str]:
    if not lacking:
        return {}
    reason = f"the seal is over {', '.join(lacking)}, which audit.logs lacks"
    return dict.fromkeys((Axis.CONTENT, Axis.ERASURE, Axis.GENESIS), reason)


def _first_unproven(first_unproven: int | None, witness_findings: Iterable[Finding]) -> int | None:
    """The first sequence that nothing proves: a rewritten chain proves none of what it now holds."""
    rewritten = any(finding.kind is Kind.HEAD_REWRITTEN for finding in witness_findings)
    return 0 if rewritten else first_unproven
