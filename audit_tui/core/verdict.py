"""From findings to a verdict: the axes, the one word, and the claim that says what it rests on."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from audit_tui.core.findings import (
    AXIS,
    SEVERITY,
    AcceptedBoundary,
    Axis,
    AxisResult,
    Finding,
    Kind,
    Severity,
    TenantReport,
    Verdict,
)
from audit_tui.core.model import GUIDE_COLUMNS, V1_SEALED_COLUMNS, State
from audit_tui.core.stories import tell
from audit_tui.core.words import plural

NOT_IN_THIS_CHECK: Mapping[Axis, AxisResult] = {
    Axis.CONTINUITY: AxisResult(
        State.NOT_RUN, "this check does not compare snapshots along a resource's history"
    ),
    Axis.ATTESTATION: AxisResult(State.NOT_RUN, "this check does not inspect triggers, functions and grants"),
}
DECISIVE = frozenset({Axis.CONTENT, Axis.LINK, Axis.SEQUENCE, Axis.GENESIS, Axis.VERSION, Axis.ERASURE})
"""Axes without which nothing may be called intact."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a walk over one tenant left behind, ready to be judged.

    `cut_off` is why the walk ended before the head (None: it did not). `sealed_v1` and `sealed_v2` count
    events of each version. `witness` is the axis as `core.witness` judged it, with its findings.
    `unchecked` are axes that could not be run at all, with the reason (columns that are missing).
    """

    tenant_id: str
    events: int
    first_sequence: int | None
    last_sequence: int | None
    head_hash: str | None
    findings: tuple[Finding, ...]
    counts: Mapping[Kind, int]
    boundary: AcceptedBoundary | None
    erased_events: int
    first_unproven: int | None
    cut_off: str | None
    witness: AxisResult
    witness_note: str
    checked_at: str
    version_1: bool
    unchecked: Mapping[Axis, str]
    first_hash: str | None = None
    unread: int = 0
    since: "Since | None" = None


@dataclass(frozen=True, slots=True)
class Since:
    """Where an incremental check began: at a witnessed event, before which `events` were proven on `full_at`
    (RFC 3339 UTC) and are not read again but where a later erasure names them.
    """

    sequence: int
    events: int
    full_at: str

    @property
    def reason(self) -> str:
        return f"from event {self.sequence} on; what stands before it was proven on {self.full_at}"


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
    known = dict(NOT_IN_THIS_CHECK) | {Axis.WITNESS: checked.witness}
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
        claim=_claim(checked, verdict),
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


def _claim(checked: Checked, verdict: Verdict) -> str:
    if not checked.events:
        return f"Tenant {checked.tenant_id} has no events as of {checked.checked_at}; {checked.witness_note}."
    columns = (
        f"{len(V1_SEALED_COLUMNS)} of {len(GUIDE_COLUMNS)} columns in version 1 events and every column "
        "but id in version 2 events"
        if checked.version_1
        else "Every column but id"
    )
    since = checked.since
    begins = since.sequence if since is not None else checked.first_sequence or 1
    start = f" from sequence {begins}" if begins > 1 else ""
    read = checked.events - (since.events if since is not None else 0)
    suspicious = sum(n for k, n in checked.counts.items() if SEVERITY[k] is Severity.SUSPICIOUS)
    parts = [
        f"{columns} of {read:,} events{start} through sequence {checked.last_sequence} "
        f"{'was' if columns.startswith('Every') else 'were'} hashed again and each link compared",
        f"as of {checked.checked_at}",
        checked.witness_note,
    ]
    if since is not None:
        parts.append(
            f"the {since.events:,} before them were proven on {since.full_at} and not read again, "
            "except where a later erasure names them"
        )
    if checked.boundary is not None:
        parts.append(f"events up to {checked.boundary.last_sequence} were archived with a sealed boundary")
    if checked.erased_events:
        parts.append(f"{checked.erased_events:,} events were erased in part with authority")
    if checked.unread:
        parts.append(f"{plural(checked.unread, 'event')} could not be read and are not among these")
    if checked.cut_off is not None:
        parts.append(f"cut off: {checked.cut_off}")
    word = f"intact, {suspicious} suspicious" if verdict is Verdict.INTACT and suspicious else str(verdict)
    return f"{word.capitalize()}: {'; '.join(parts)}."


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a whole run: tampered over inconclusive over intact."""
    seen = set(verdicts)
    for verdict in (Verdict.TAMPERED, Verdict.INCONCLUSIVE):
        if verdict in seen:
            return verdict
    return Verdict.INTACT
