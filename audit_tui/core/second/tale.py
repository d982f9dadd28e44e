"""The stories of a log that does not agree with its second source: one for what differs, one for its end."""

from collections.abc import Iterator, Sequence

from audit_tui.core.findings import Confidence, Finding, Severity, Story, StoryKind
from audit_tui.core.second.model import Changed, Relation, TenantComparison
from audit_tui.core.telling import untouched

_FORK = (
    "Both databases went on being written to after one was made from the other: then each tells its own "
    "history from there, and neither was tampered with."
)
_DECIDES = "Another copy, or a witness taken in time, decides."


def tell(tenant: TenantComparison, findings: Sequence[Finding]) -> tuple[Story, ...]:
    """The stories of the findings that `judging.findings_of` made of this comparison."""
    parted: list[Finding] = []
    absent: list[Finding] = []
    for finding in findings:
        (absent if _span(finding) == tenant.missing else parted).append(finding)
    return tuple(_stories(tenant, tuple(parted), tuple(absent)))


def _stories(
    tenant: TenantComparison, parted: tuple[Finding, ...], absent: tuple[Finding, ...]
) -> Iterator[Story]:
    if tenant.relation is Relation.OTHER_LOG:
        yield _other_log(tenant, parted)
    elif parted:
        yield _two_histories(tenant, parted)
    if absent:
        yield _absent(tenant, absent)


def _two_histories(tenant: TenantComparison, told: tuple[Finding, ...]) -> Story:
    first, last = _ends(told)
    more = f" (+{len(told) - 1} more)" if len(told) > 1 else ""
    where = _where(told[0]) + more
    summary, meaning = (
        f"two histories at {where}",
        ("One of them is not what was logged: whoever had the owner's rights on that database changed it."),
    )
    if tenant.changed is Changed.THERE:
        summary = f"changed in the second source at {where}"
        meaning = "It is the second source that was changed, not this log."
    elif tenant.changed is Changed.HERE:
        summary = f"changed here, not in the second source, at {where}"
        meaning = "Someone with the owner's rights changed this log; the second source shows what it said."
    forked = tenant.changed is None and tenant.parted_at is not None and not tenant.runs
    return Story(
        StoryKind.DISAGREEMENT, tenant.tenant_id, first, last, summary, told[0].message, meaning,
        _still_proven(tenant, told),
        f"Who did it, and when. {_DECIDES}" if tenant.changed else f"Which of the two is genuine. {_DECIDES}",
        _FORK if forked else None, told, Confidence.LIKELY if forked else Confidence.PROVEN,
    )  # fmt: skip


def _still_proven(tenant: TenantComparison, told: tuple[Finding, ...]) -> str:
    if tenant.here is None or tenant.here.last_sequence is None:
        return "Nothing of this tenant is left here to prove."
    if tenant.changed is Changed.THERE:
        return "What this log's own check says of it."
    span = (tenant.here.first_sequence or 1, tenant.here.last_sequence)
    own = [_span(f) for f in tenant.here.findings if f.severity is Severity.TAMPERED]
    return untouched(span, [*own, *map(_span, told)])


def _absent(tenant: TenantComparison, told: tuple[Finding, ...]) -> Story:
    first, last = _ends(told)
    here = tenant.here.last_sequence if tenant.here is not None else None
    return Story(
        StoryKind.DISAGREEMENT, tenant.tenant_id, first, last,
        f"only in the second source: {_where(told[0])}", told[0].message,
        "They were taken out of this log, or put into the second source.",
        _still_proven(tenant, ()) if here else "Nothing of this tenant is left here to prove.",
        f"Which of the two it was. {_DECIDES}",
        "This database was restored from a backup that is older than the second source.", told,
        Confidence.LIKELY,
    )  # fmt: skip


def _other_log(tenant: TenantComparison, told: tuple[Finding, ...]) -> Story:
    return Story(
        StoryKind.DISAGREEMENT, tenant.tenant_id, *_ends(told), "the second source is another log",
        told[0].message,
        "The comparison proves nothing, neither that this log was changed nor that it was not.",
        "What the seals and links of the chain itself prove.",
        "Whether a copy of this log tells the same.", None, told, Confidence.PROVEN,
    )  # fmt: skip


def _ends(told: Sequence[Finding]) -> tuple[int, int]:
    return _span(told[0])[0], max(_span(finding)[1] for finding in told)


def _span(finding: Finding) -> tuple[int, int]:
    first = finding.first_sequence or 0
    return first, finding.last_sequence or first


def _where(finding: Finding) -> str:
    first, last = _span(finding)
    return f"{first} to {last}" if last > first else str(first)
