"""The findings of a comparison: one sentence each, naming both sources and what is not known."""

from audit_tui.core.findings import SEVERITY, Finding, Kind, Severity
from audit_tui.core.second.blame import who_changed, why_unknown
from audit_tui.core.second.in_line import Run, RunKind
from audit_tui.core.second.model import Changed, Comparison, Method, Relation, TenantComparison
from audit_tui.core.words import plural

_OLDER = "a database restored from a backup that is older than the second source looks the same"


def findings_of(tenant: TenantComparison, whole: Comparison) -> tuple[Finding, ...]:
    """What the comparison of one tenant has found; () where the two hold the same."""
    if tenant.relation is Relation.OTHER_LOG:
        return (_other_log(tenant, whole),)
    found = [_run(tenant, whole, run) for run in tenant.runs]
    if tenant.parted_at is not None:
        found.append(_parted(tenant, whole))
    if tenant.missing is not None:
        found.append(_missing(tenant, whole, tenant.missing))
    return tuple(found)


def both(whole: Comparison) -> str:
    """`this log (A) and the second source (B)`."""
    return f"this log ({whole.here.target}) and the second source ({whole.there.target})"


def who(tenant: TenantComparison) -> str:
    """Which of the two was changed, or why that is not known, as a sentence."""
    return _sentence(tenant, tenant.changed, tenant.why, tenant.first_difference or 0)


def _who_of_run(tenant: TenantComparison, run: Run) -> str:
    if tenant.here is None or tenant.there is None:
        return ""
    if tenant.method is not Method.IN_LINE:
        return (
            "Which of the two was changed is not known: both fit their seals, and the seal of version 1 "
            f"leaves {' and '.join(run.columns)} out."
        )
    return _sentence(tenant, *who_changed(tenant.here, tenant.there, run.first), run.first)


def _sentence(tenant: TenantComparison, changed: Changed | None, why: str | None, at: int) -> str:
    if changed is not None:
        return f"{'This log' if changed is Changed.HERE else 'The second source'} was changed: {why}."
    if tenant.here is None or tenant.there is None:
        return "Which of the two was changed is not known."
    return f"Which of the two was changed is not known: {why_unknown(tenant.here, tenant.there, at)}."


def _parted(tenant: TenantComparison, whole: Comparison) -> Finding:
    at = tenant.parted_at or 0
    here, there = tenant.hashes
    where = f"at or before event {at}" if tenant.lies_before else f"from event {at} on"
    message = f"{_capital(both(whole))} tell two histories {where}. {who(tenant)}"
    columns = tenant.pairs[0].columns if tenant.pairs and tenant.pairs[0].sequence == at else ()
    span = (at, max(at, tenant.last_compared or at))
    return _finding(tenant, span, message, there, here, tenant.event_ids[0], columns=columns)


def _run(tenant: TenantComparison, whole: Comparison, run: Run) -> Finding:
    many = run.last > run.first
    what = f"Events {run.first} to {run.last}" if many else f"Event {run.first}"
    here, there = f"this log ({whole.here.target})", f"the second source ({whole.there.target})"
    told = _who_of_run(tenant, run)
    if run.kind is RunKind.DIFFERS:
        message = f"{what} {'are' if many else 'is'} not the same in {here} and in {there}. {told}"
    elif run.kind is RunKind.ONLY_HERE:
        message = f"{what} {'stand' if many else 'stands'} in {here} and not in {there}. {told}"
    else:
        message = f"{what} {'stand' if many else 'stands'} in {there} and not in {here}. {told}"
    return _finding(tenant, (run.first, run.last), message, run.there_hash, run.here_hash, run.event_id,
                    columns=run.columns)  # fmt: skip


def _missing(tenant: TenantComparison, whole: Comparison, span: tuple[int, int]) -> Finding:
    first, last = span
    what = f"events {first} to {last}" if last > first else f"event {first}"
    if tenant.here is None or tenant.here.last_sequence is None:
        message = (
            f"The second source ({whole.there.target}) holds {what} of tenant {tenant.tenant_id}, of which "
            f"this log ({whole.here.target}) holds nothing; {_OLDER}."
        )
    else:
        message = (
            f"This log ({whole.here.target}) ends at event {first - 1}, and the second source "
            f"({whole.there.target}) holds {what}: the end of this log was cut off, or events were added "
            f"to the second source; {_OLDER}."
        )
    found = None if tenant.here is None else f"head {first - 1}"
    return _finding(tenant, span, message, tenant.there.head_hash if tenant.there else None, found, None)


def _other_log(tenant: TenantComparison, whole: Comparison) -> Finding:
    at = tenant.first_difference or 1
    here, there = tenant.hashes
    message = (
        f"{_capital(both(whole))} are two different logs, not two copies of one: their events of tenant "
        f"{tenant.tenant_id} have nothing in common from event {at} on, so neither can judge the other."
    )
    return _finding(
        tenant, (at, tenant.last_compared or at), message, there, here, None, Severity.INCONCLUSIVE
    )


def _finding(
    tenant: TenantComparison,
    span: tuple[int, int],
    message: str,
    expected: str | None,
    found: str | None,
    event_id: str | None,
    severity: Severity = SEVERITY[Kind.SOURCE_DIFFERENCE],
    columns: tuple[str, ...] = (),
) -> Finding:
    return Finding(
        Kind.SOURCE_DIFFERENCE, severity, tenant.tenant_id, *span, event_id, message, expected, found, columns
    )


def summary(tenant: TenantComparison) -> str:
    """What a table cell says of one tenant: `the same through 1000`, `differs from 500 on`."""
    if tenant.relation is Relation.NOT_COMPARED or (tenant.reason and not tenant.first_difference):
        return f"not compared: {bare(tenant.reason)}"
    if tenant.relation is Relation.DIFFERENT:
        return _summary_of_difference(tenant)
    plain = {
        Relation.OTHER_LOG: "another log",
        Relation.ONLY_HERE: "only here",
        Relation.ONLY_THERE: "only there",
    }
    return plain.get(tenant.relation) or _summary_of_lengths(tenant)


def _summary_of_lengths(tenant: TenantComparison) -> str:
    here = (tenant.here.last_sequence if tenant.here is not None else None) or 0
    there = (tenant.there.last_sequence if tenant.there is not None else None) or 0
    same = f"the same through {tenant.last_compared}"
    if tenant.relation is Relation.BEHIND:
        return f"{same}, {plural(here - there, 'more event')} here"
    if tenant.relation is Relation.AHEAD:
        return f"{same}, {plural(there - here, 'more event')} there"
    return same


def _summary_of_difference(tenant: TenantComparison) -> str:
    if tenant.runs:
        return _summary_of_runs(tenant)
    where = f"at or before {tenant.parted_at}" if tenant.lies_before else f"from {tenant.parted_at} on"
    return f"differs {where}"


def _summary_of_runs(tenant: TenantComparison) -> str:
    first = tenant.runs[0]
    where = f"{first.first} to {first.last}" if first.last > first.first else str(first.first)
    words = {
        RunKind.DIFFERS: "differs at", RunKind.ONLY_HERE: "only here:", RunKind.ONLY_THERE: "only there:",
    }  # fmt: skip
    more = len(tenant.runs) - 1 + (tenant.parted_at is not None) + (tenant.missing is not None)
    return f"{words[first.kind]} {where}" + (f" (+{more} more)" if more else "")


def bare(reason: str | None) -> str:
    """A reason without the name of the side, where the sentence around it says that already."""
    return (reason or "").removeprefix("the second source: ")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
