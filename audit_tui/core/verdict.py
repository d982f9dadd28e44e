"""From findings to a verdict: the axes, the one word, and the claim that says what it rests on."""

from collections import Counter
from collections.abc import Iterable, Mapping

from audit_tui.core.checked import NOT_ATTESTED, Checked
from audit_tui.core.claims import list_not_claimed, write_claim
from audit_tui.core.findings import (
    AXIS,
    SEVERITY,
    Axis,
    AxisResult,
    Finding,
    Kind,
    Severity,
    TenantReport,
    Verdict,
)
from audit_tui.core.model import State
from audit_tui.core.stories import tell

DECISIVE = frozenset({Axis.CONTENT, Axis.LINK, Axis.SEQUENCE, Axis.GENESIS, Axis.VERSION, Axis.ERASURE})
"""Axes without which nothing may be called intact."""


def judge_axes(
    counts: Mapping[Kind, int], severities: Mapping[Kind, Severity], known: Mapping[Axis, AxisResult]
) -> dict[Axis, AxisResult]:
    """One state per axis. Tampering and suspicious findings make it failed; notices leave it ok."""
    axes = dict.fromkeys(Axis, AxisResult(State.OK)) | dict(known)
    by_axis: dict[Axis, Counter[Kind]] = {}
    for kind, count in counts.items():
        if count and severities[kind] is not Severity.NOTICE:
            by_axis.setdefault(AXIS[kind], Counter())[kind] += count
    for axis, kinds in by_axis.items():
        undecided = all(severities[kind] is Severity.INCONCLUSIVE for kind in kinds)
        reason = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        axes[axis] = AxisResult(State.INCONCLUSIVE if undecided else State.FAILED, reason)
    return axes


def decide(axes: Mapping[Axis, AxisResult], severities: Iterable[Severity]) -> Verdict:
    """The word: tampered over inconclusive over intact."""
    weights = set(severities)
    if Severity.TAMPERED in weights:
        return Verdict.TAMPERED
    open_axes = [a for a in DECISIVE if axes[a].state in (State.INCONCLUSIVE, State.NOT_RUN)]
    if Severity.INCONCLUSIVE in weights or open_axes or axes[Axis.WITNESS].state is State.INCONCLUSIVE:
        return Verdict.INCONCLUSIVE
    return Verdict.INTACT


def open_reasons(report: TenantReport) -> tuple[str, ...]:
    """Why the tenant could not be decided, as far as no finding says it; each reason once."""
    told = {AXIS[kind] for kind in report.finding_counts}
    reasons = [
        result.reason
        for axis, result in report.axes.items()
        if result.reason is not None
        and axis not in told
        and (
            result.state is State.INCONCLUSIVE
            if axis is Axis.WITNESS
            else axis in DECISIVE and result.state in (State.INCONCLUSIVE, State.NOT_RUN)
        )
    ]
    return tuple(dict.fromkeys(reasons)) if report.verdict is Verdict.INCONCLUSIVE else ()


def report_on(checked: Checked) -> TenantReport:
    """Everything about one tenant, from what its walk left behind."""
    severities = _severities(checked.findings)
    known = {
        Axis.WITNESS: checked.witness,
        Axis.CONTINUITY: checked.continuity,
        Axis.ATTESTATION: NOT_ATTESTED,
    }
    if checked.since is not None:
        known |= {axis: AxisResult(State.OK, checked.since.reason) for axis in (*DECISIVE, Axis.ORDER)}
    known |= {axis: AxisResult(State.NOT_RUN, why) for axis, why in checked.unchecked.items()}
    if checked.cut_off is not None:
        known |= {axis: AxisResult(State.INCONCLUSIVE, checked.cut_off) for axis in DECISIVE}
    axes = judge_axes(checked.counts, severities, known)
    verdict = decide(axes, (severities[kind] for kind, count in checked.counts.items() if count))
    span = (checked.first_sequence or 1, checked.last_sequence or 0)
    return TenantReport(
        tenant_id=checked.tenant_id,
        verdict=verdict,
        claim=write_claim(checked, verdict),
        events=checked.events,
        first_sequence=checked.first_sequence,
        last_sequence=checked.last_sequence,
        head_hash=checked.head_hash,
        axes=axes,
        finding_counts={kind: count for kind, count in checked.counts.items() if count},
        findings=checked.findings,
        stories=tell(checked.findings, checked.tenant_id, *span),
        boundary=checked.boundary,
        erased_events=checked.erased_events,
        proven_through=_proven_through(checked),
        checked_at=checked.checked_at,
        first_hash=checked.first_hash,
        checked_from=checked.since.sequence if checked.since is not None else None,
        full_at=checked.since.full_at if checked.since is not None else None,
        not_claimed=list_not_claimed(checked, axes),
    )


def _severities(findings: Iterable[Finding]) -> dict[Kind, Severity]:
    """What each kind weighs in this run: its findings' own weight, and the worst where they differ."""
    own: dict[Kind, set[Severity]] = {}
    for finding in findings:
        own.setdefault(finding.kind, set()).add(finding.severity)
    return dict(SEVERITY) | {kind: next(s for s in Severity if s in seen) for kind, seen in own.items()}


def _proven_through(checked: Checked) -> int | None:
    if checked.first_sequence is None or checked.last_sequence is None or Axis.CONTENT in checked.unchecked:
        return None
    if checked.first_unproven is None:
        return checked.last_sequence
    through = checked.first_unproven - 1
    return through if through >= checked.first_sequence else None


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a whole run: tampered over inconclusive over intact."""
    seen = set(verdicts)
    for verdict in (Verdict.TAMPERED, Verdict.INCONCLUSIVE):
        if verdict in seen:
            return verdict
    return Verdict.INTACT
