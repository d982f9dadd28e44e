"""The steps from two reports to what is said of one tenant; nothing here looks anything up."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from audit_tui.core.findings import Kind, TenantReport
from audit_tui.core.second.bisection import Bisection, Look
from audit_tui.core.second.blame import Testimony, who_changed
from audit_tui.core.second.in_line import InLine
from audit_tui.core.second.model import Comparison, Method, Relation, TenantComparison, holds
from audit_tui.core.second.remarks import remarks_on
from audit_tui.core.words import plural

_AGREE = frozenset({Relation.SAME, Relation.BEHIND, Relation.AHEAD})


def begin(
    tenant_id: str, here: TenantReport | None, there: TenantReport | None, now: int | None, whole: Comparison
) -> TenantComparison:
    """What is known before anything is looked up. `now` is where the chain ends here by now, where that may
    matter: what was logged while the second source was checked is missing nowhere.
    """
    if there is None:
        return TenantComparison(tenant_id, Relation.ONLY_HERE, here)
    if here is None:
        return _only_there(tenant_id, there, now, whole)
    last_here, last_there = here.last_sequence or 0, there.last_sequence or 0
    method = Method.HEADS if holds(here) and holds(there) else Method.IN_LINE
    base = TenantComparison(
        tenant_id, Relation.SAME, here, there, method, last_compared=min(last_here, last_there)
    )
    if last_there > max(last_here, now or 0):
        missing = None if whole.here.is_standby else (max(last_here, now or 0) + 1, last_there)
        base = replace(base, relation=Relation.AHEAD, missing=missing)
    elif last_there < last_here:
        base = replace(base, relation=Relation.BEHIND)
    return replace(base, remarks=remarks_on(base, whole))


def _only_there(tenant_id: str, there: TenantReport, now: int | None, whole: Comparison) -> TenantComparison:
    base = TenantComparison(tenant_id, Relation.ONLY_THERE, None, there)
    if not whole.here.sees_all:
        return base.with_remarks("what was not granted to this role is out of its sight here")
    if now is not None or whole.here.is_standby:
        return base.with_remarks("its first events came while the check ran, or are not replayed here yet")
    return replace(base, missing=(there.first_sequence or 1, there.last_sequence or 1))


def common(base: TenantComparison) -> tuple[int, int]:
    """The sequences that both hold, first and last; the last is the lower where there are none."""
    if base.here is None or base.there is None:
        return 1, 0
    return max(base.here.first_sequence or 1, base.there.first_sequence or 1), base.last_compared or 0


def joint(base: TenantComparison) -> int | None:
    """Where nothing is held by both: the sequence at which one side begins right behind the other's end."""
    if base.here is None or base.there is None:
        return None
    low, high = common(base)
    return low if low == high + 1 else None


def joined(base: TenantComparison, first: Look | None) -> TenantComparison:
    """One side ends where the other begins (with `first`, None: they do not meet)."""
    earlier = min((base.here, base.there), key=lambda report: (report and report.last_sequence) or 0)
    if first is None or earlier is None:
        reason = "they hold no event in common, nor does one begin where the other ends"
        return replace(base, relation=Relation.NOT_COMPARED, missing=None, reason=reason)
    if first.previous_hash == earlier.head_hash:
        low, _ = common(base)
        return replace(base, comparisons=1).with_remarks(f"they meet at event {low}, which names that hash")
    return replace(
        base, relation=Relation.DIFFERENT, parted_at=common(base)[0], lies_before=True, missing=None,
        method=Method.BISECTION, comparisons=1,
    )  # fmt: skip


def bisected(base: TenantComparison, search: Bisection, failed: str | None) -> TenantComparison:
    """What a search has found; `failed` is why it could not end."""
    base = replace(base, comparisons=search.comparisons)
    if failed is not None:
        return replace(base, relation=Relation.NOT_COMPARED, reason=failed, missing=None)
    if search.first_difference is None:
        return base
    return replace(
        base, relation=Relation.DIFFERENT, method=Method.BISECTION, parted_at=search.first_difference,
        lies_before=search.lies_before, missing=None,
    )  # fmt: skip


def decided(
    known: TenantComparison, here: Look | None, there: Look | None, told: Iterable[Testimony]
) -> TenantComparison:
    """What stands where a search ended, and which side was changed as far as a check or a witness tells."""
    if known.here is None or known.there is None or known.parted_at is None:
        return known
    changed, reason = who_changed(known.here, known.there, known.parted_at, told)
    return replace(
        known,
        hashes=(here.event_hash if here else None, there.event_hash if there else None),
        event_ids=(here.event_id if here else None, there.event_id if there else None),
        changed=changed,
        why=reason,
    )


def walked(known: TenantComparison, found: InLine, cut_off: str | None) -> TenantComparison:
    """What a comparison event by event has found. Where it was cut off, what it found before stands."""
    reason = cut_off and f"{cut_off}; event by event through {found.last} only"
    if found.unread and reason is None:
        reason = f"{plural(found.unread, 'event')} could not be read"
    known = replace(known, in_line=found.compared, reason=reason, erased_apart=found.erased_apart)
    if not found.runs:
        open_ = reason is not None and known.parted_at is None
        return replace(known, relation=Relation.NOT_COMPARED) if open_ else known
    if known.method is Method.IN_LINE and known.here is not None and known.there is not None:
        sides = {who_changed(known.here, known.there, run.first) for run in found.runs}
        if len(sides) == 1:
            changed, told = sides.pop()
            known = replace(known, changed=changed, why=told)
    return replace(
        known, relation=Relation.DIFFERENT, runs=tuple(found.runs), differing=found.differing,
        looked_through=found.last, pairs=tuple(found.pairs),
    )  # fmt: skip


def counted(known: TenantComparison, found: InLine) -> TenantComparison:
    """What the events behind a first difference say: how many say something else, and the first of them."""
    return replace(
        known, differing=(known.differing or 0) + found.differing, looked_through=found.last,
        in_line=known.in_line + found.compared, pairs=(known.pairs + tuple(found.pairs))[:3],
    )  # fmt: skip


def unsealed(known: TenantComparison) -> tuple[int, int] | None:
    """First and last of the events of version 1: their seal leaves columns out of which no hash speaks."""
    found = [
        finding
        for report in (known.here, known.there)
        if report is not None
        for finding in report.findings
        if finding.kind is Kind.UNCOVERED_COLUMNS
    ]
    if not found:
        return None
    firsts = [finding.first_sequence or 1 for finding in found]
    return min(firsts), max(finding.last_sequence or 1 for finding in found)


def tell_logs_apart(
    results: Mapping[str, TenantComparison], whole: Comparison
) -> tuple[dict[str, TenantComparison], bool | None]:
    """The results, and whether both are copies of one log: copies share its id or at least one event. Of two
    different logs nothing accuses the other.
    """
    ours, theirs = whole.here.log_id, whole.there.log_id
    known = ours is not None and theirs is not None
    same: bool | None = None
    if (known and ours == theirs) or any(map(_share, results.values())):
        same = True
    elif known or any(each.relation is Relation.DIFFERENT for each in results.values()):
        same = False
    if same:
        return dict(results), same
    return {tenant_id: _apart(each) for tenant_id, each in results.items()}, same


def _share(known: TenantComparison) -> bool:
    """Whether the two hold an event in common, one that was changed included."""
    if known.relation in _AGREE:
        return known.comparisons > 0 or known.in_line > 0
    if known.relation is not Relation.DIFFERENT:
        return False
    if known.method is Method.IN_LINE:
        return known.in_line > (known.differing or 0) or any(
            pair.here is not None and pair.there is not None and pair.here.event_id == pair.there.event_id
            for pair in known.pairs
        )
    here, there = known.event_ids
    return (known.parted_at or 0) > common(known)[0] or (here is not None and here == there)


def _apart(known: TenantComparison) -> TenantComparison:
    if known.relation is Relation.DIFFERENT:
        return replace(known, relation=Relation.OTHER_LOG, changed=None, why=None, missing=None, remarks=())
    if known.relation is Relation.ONLY_THERE and known.missing is not None:
        return replace(known, missing=None).with_remarks("nothing shows that this log ever held it")
    return known
