"""Archives beside the log that they were taken from: where they meet, and one report of both."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from audit_tui.core.archive import observed
from audit_tui.core.archive.plan import Stretch
from audit_tui.core.archive.records import ArchiveRecord
from audit_tui.core.findings import Axis, AxisResult, Finding, Severity, TenantReport, Verdict
from audit_tui.core.model import Event, State
from audit_tui.core.verdict import worst

_WEIGHT = (State.FAILED, State.INCONCLUSIVE, State.NOT_RUN, State.OK)


@dataclass(frozen=True, slots=True)
class LiveTenant:
    """What the log itself shows of an archived tenant: where its chain begins and what it names before that,
    its `audit.erased` and `audit.archived` events, and hashes at sequences that were asked for.
    """

    first_sequence: int
    head_sequence: int
    first_previous_hash: str | None
    authority: tuple[Event, ...] = ()
    hashes: Mapping[int, str | None] = field(default_factory=dict)


def judge_meeting(
    stretches: Sequence[Stretch], live: LiveTenant, records: Iterable[ArchiveRecord]
) -> list[Finding]:
    """What is wrong where the last archive ends and the log begins, and where both hold the same events."""
    last = max(stretches, key=lambda each: each.span[1])
    tenant_id, end = last.tenant.tenant_id, last.span[1]
    source = f"archive {last.archive}"
    if live.first_sequence > end + 1:
        why = where_absent(end + 1, live.first_sequence - 1, records)
        return [observed.absent(tenant_id, end + 1, live.first_sequence - 1, why)]
    if live.first_sequence == end + 1:
        if live.first_previous_hash == last.tenant.last_hash:
            return []
        return [
            observed.two_histories(
                tenant_id, end, source, "what the log's first event names before it",
                expected=live.first_previous_hash, found=last.tenant.last_hash,
            )
        ]  # fmt: skip
    return [
        observed.two_histories(
            tenant_id, stretch.span[1], f"archive {stretch.archive}", "the log",
            expected=live.hashes[stretch.span[1]], found=stretch.tenant.last_hash,
        )
        for stretch in stretches
        if stretch.span[1] in live.hashes and live.hashes[stretch.span[1]] != stretch.tenant.last_hash
    ]  # fmt: skip


def where_absent(first: int, last: int, records: Iterable[ArchiveRecord]) -> str:
    """Why sequences are not at hand: the archive that a record names, where there is one."""
    names = {each.archive for each in records if each.first_sequence <= last and each.last_sequence >= first}
    known = sorted(name for name in names if name)
    if not known:
        return "lie in none of the archives given"
    named = ", ".join(known[:3]) + (f" and {len(known) - 3} more" if len(known) > 3 else "")
    return (
        f"lie in {'archives' if len(known) > 1 else 'archive'} {named}, by the chain's own record: not given"
    )


def claim_of_both(verdict: Verdict, log: str, archives: str) -> str:
    """One claim of two: the word for both, then what each rests on."""
    return f"{str(verdict).capitalize()}, archives and log together. The log: {log} The archives: {archives}"


def join_reports(archived: TenantReport, live: TenantReport) -> TenantReport:
    """One report about a tenant whose beginning lies in archives and whose rest is in the log."""
    findings = tuple(sorted((*archived.findings, *live.findings), key=lambda finding: finding.order))
    counts = dict(archived.finding_counts)
    for kind, number in live.finding_counts.items():
        counts[kind] = counts.get(kind, 0) + number
    stories = sorted((*archived.stories, *live.stories), key=lambda s: (s.first_sequence, s.last_sequence))
    whole = archived.proven_through is not None and archived.proven_through == archived.last_sequence
    verdict = worst((archived.verdict, live.verdict))
    return replace(
        live,
        verdict=verdict,
        claim=claim_of_both(verdict, live.claim, archived.claim),
        events=archived.events + live.events,
        first_sequence=archived.first_sequence,
        last_sequence=live.last_sequence if live.last_sequence is not None else archived.last_sequence,
        axes={axis: _worse(archived.axes[axis], live.axes[axis]) for axis in Axis},
        finding_counts=counts,
        findings=findings,
        stories=tuple(stories),
        erased_events=archived.erased_events + live.erased_events,
        proven_through=live.proven_through if whole else archived.proven_through,
        first_hash=archived.first_hash,
    )


def _worse(one: AxisResult, other: AxisResult) -> AxisResult:
    if one.state is other.state and one.reason != other.reason and one.reason and other.reason:
        return AxisResult(one.state, f"{one.reason}; {other.reason}")
    return min(one, other, key=lambda result: _WEIGHT.index(result.state))


def missing_from_log(stretch: Stretch, why_not: str | None) -> Finding:
    """The log has no event of a tenant, though archiving leaves its head; `why_not` may excuse that."""
    message = f"The log holds no event of tenant {stretch.tenant.tenant_id}, though archiving leaves the head"
    if why_not is not None:
        return observed.about_stretch(
            stretch.tenant, f"{message}: {why_not}.", severity=Severity.INCONCLUSIVE
        )
    return observed.about_stretch(stretch.tenant, f"{message}: the tenant was removed.")
