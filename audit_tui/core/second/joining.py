"""One report of a log's own check and of its comparison with a second source."""

from collections.abc import Iterable
from dataclasses import replace

from audit_tui.core.checked import Checked
from audit_tui.core.findings import Axis, AxisResult, Finding, Kind, Report, Severity, TenantReport, Verdict
from audit_tui.core.model import State
from audit_tui.core.second.judging import bare, findings_of, summary
from audit_tui.core.second.model import Changed, Comparison, Relation, TenantComparison
from audit_tui.core.second.tale import tell
from audit_tui.core.verdict import report_on, worst
from audit_tui.core.words import plural

_AGREE = frozenset({Relation.SAME, Relation.BEHIND, Relation.AHEAD})


def join_comparison(own: Report, whole: Comparison) -> Report:
    """The log's own report with what the second source adds to it: findings, the witness axis, the claim."""
    compared = {each.tenant_id: each for each in whole.tenants}
    tenants = [_join(each, compared.pop(each.tenant_id, None), whole) for each in own.tenants]
    tenants += [
        _join(_absent(each.tenant_id, own.checked_at), each, whole)
        for each in compared.values()
        if each.missing is not None
    ]
    undecided = [Verdict.INCONCLUSIVE] if whole.cut_off is not None or _no_tenant_in_common(whole) else []
    ordered = tuple(sorted(tenants, key=lambda each: each.tenant_id))
    verdict = worst([own.verdict, *undecided, *(each.verdict for each in ordered)])
    if len(ordered) == 1 and not own.orphans:
        claim = ordered[0].claim
    else:
        claim = _claim(verdict, own.claim, whole, tally(whole))
    return replace(own, verdict=verdict, claim=claim, tenants=ordered)


def tally(whole: Comparison) -> str:
    """What the comparison says of all tenants together: `2 tenants the same, 1 differs`."""
    if whole.cut_off is not None:
        return f"the comparison ended early: {bare(whole.cut_off)}"
    if not whole.tenants:
        return "neither holds an event"
    agree = sum(each.relation in _AGREE for each in whole.tenants)
    named = {
        Relation.DIFFERENT: "differing", Relation.AHEAD: "of them ending earlier here",
        Relation.BEHIND: "of them ending earlier there", Relation.ONLY_HERE: "only here",
        Relation.ONLY_THERE: "only there", Relation.OTHER_LOG: "of another log",
        Relation.NOT_COMPARED: "not compared",
    }  # fmt: skip
    parts = [f"{plural(agree, 'tenant')} the same as far as both go"]
    for relation, words in named.items():
        if number := sum(each.relation is relation for each in whole.tenants):
            parts.append(f"{number} {words}")
    return ", ".join(parts)


def _no_tenant_in_common(whole: Comparison) -> bool:
    """Nothing was compared at all: the second source is a copy of something else, or of nothing."""
    apart = {Relation.ONLY_HERE, Relation.ONLY_THERE}
    return bool(whole.tenants) and all(each.relation in apart for each in whole.tenants)


def _join(own: TenantReport, compared: TenantComparison | None, whole: Comparison) -> TenantReport:
    if compared is None:
        if whole.cut_off is None:
            return own
        compared = TenantComparison(own.tenant_id, Relation.NOT_COMPARED, reason=whole.cut_off)
    added = findings_of(compared, whole)
    findings = tuple(sorted((*own.findings, *added), key=lambda finding: finding.order))
    axis = _axis(own.axes[Axis.WITNESS], added, compared)
    verdict = own.verdict
    if any(finding.severity is Severity.TAMPERED for finding in added):
        verdict = Verdict.TAMPERED
    elif axis.state is State.INCONCLUSIVE:
        verdict = worst((verdict, Verdict.INCONCLUSIVE))
    counts = dict(own.finding_counts)
    if added:
        counts[Kind.SOURCE_DIFFERENCE] = len(added)
    stories = (*own.stories, *tell(compared, added))
    return replace(
        own,
        verdict=verdict,
        claim=_claim(verdict, own.claim, whole, f"{summary(compared)}{_remarks(compared.remarks)}"),
        axes={**own.axes, Axis.WITNESS: axis},
        finding_counts=counts,
        findings=findings,
        stories=tuple(sorted(stories, key=lambda each: (each.first_sequence, each.last_sequence))),
        proven_through=_proven_through(own, compared),
    )


def _axis(own: AxisResult, added: Iterable[Finding], compared: TenantComparison) -> AxisResult:
    severities = [finding.severity for finding in added]
    if severities:
        failed = Severity.TAMPERED in severities or own.state is State.FAILED
        known = own.reason if own.state in (State.FAILED, State.INCONCLUSIVE) else None
        reason = ", ".join(filter(None, (known, f"{len(severities)} {Kind.SOURCE_DIFFERENCE}")))
        return AxisResult(State.FAILED if failed else State.INCONCLUSIVE, reason)
    if compared.reason is not None:
        if own.state is State.FAILED:
            return own
        why = f"the second source was not compared: {bare(compared.reason)}"
        known = f"{own.reason}; " if own.state is State.INCONCLUSIVE and own.reason else ""
        return AxisResult(State.INCONCLUSIVE, known + why)
    if own.state is State.NOT_RUN and compared.relation in _AGREE:
        return AxisResult(
            State.OK, f"the second source holds the same history through {compared.last_compared}"
        )
    return own


def _proven_through(own: TenantReport, compared: TenantComparison) -> int | None:
    """Nothing from the first difference on is proven, unless it is the second source that was changed."""
    first = compared.first_difference
    if compared.relation is not Relation.DIFFERENT or first is None or compared.changed is Changed.THERE:
        return own.proven_through
    last = min(own.proven_through or 0, first - 1)
    return last if not compared.lies_before and own.first_sequence and last >= own.first_sequence else None


def _claim(verdict: Verdict, own: str, whole: Comparison, told: str) -> str:
    return (
        f"{str(verdict).capitalize()}, this log and a second source together. This log: {own} "
        f"The second source ({whole.there.target}): {told}."
    )


def _remarks(remarks: tuple[str, ...]) -> str:
    return "".join(f"; {remark}" for remark in remarks)


def _absent(tenant_id: str, checked_at: str) -> TenantReport:
    """The report on a tenant of which this log holds nothing."""
    return report_on(
        Checked(
            tenant_id=tenant_id, events=0, first_sequence=None, last_sequence=None, head_hash=None,
            findings=(), counts={}, boundary=None, erased_events=0, first_unproven=None, cut_off=None,
            witness=AxisResult(State.NOT_RUN, "this log holds no event of this tenant"),
            witness_note="no witness compared", checked_at=checked_at, version_1=False, unchecked={},
        )
    )  # fmt: skip
