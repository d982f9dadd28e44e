"""What has to be said of two sources and is no difference: lengths, erasures, what only one of them holds."""

from audit_tui.core.findings import Verdict
from audit_tui.core.second.model import Comparison, Relation, TenantComparison
from audit_tui.core.words import plural


def remarks_on(tenant: TenantComparison, whole: Comparison) -> tuple[str, ...]:
    """Sentences without a full stop, from both checks alone."""
    found = [_about_length(tenant, whole), _about_beginning(tenant), *_about_erasures(tenant)]
    if tenant.there is not None and tenant.there.verdict is not Verdict.INTACT:
        told = [story.summary for story in tenant.there.stories]
        why = f": {told[0]}{f' and {len(told) - 1} more' if len(told) > 1 else ''}" if told else ""
        found.append(f"by its own check the second source is {tenant.there.verdict}{why}")
    return tuple(each for each in found if each)


def _about_length(tenant: TenantComparison, whole: Comparison) -> str | None:
    here = (tenant.here.last_sequence if tenant.here is not None else None) or 0
    there = (tenant.there.last_sequence if tenant.there is not None else None) or 0
    if tenant.relation is Relation.BEHIND:
        return (
            f"it ends {plural(here - there, 'event')} earlier, which a replica or an older backup does"
            " and which accuses nobody"
        )
    if tenant.relation is Relation.AHEAD and whole.here.is_standby:
        return f"this log is on a standby and has not replayed its last {plural(there - here, 'event')} yet"
    return None


def _about_beginning(tenant: TenantComparison) -> str | None:
    if tenant.here is None or tenant.there is None:
        return None
    here, there = tenant.here.first_sequence or 1, tenant.there.first_sequence or 1
    if here == there:
        return None
    which, first = ("this log", here) if here > there else ("the second source", there)
    return f"{which} begins at event {first}, so nothing before it was compared"


def _about_erasures(tenant: TenantComparison) -> list[str]:
    """Erasures leave every hash as it was, so that a copy that was made before them is the same history."""
    if tenant.here is None or tenant.there is None:
        return []
    here, there = tenant.here.erased_events, tenant.there.erased_events
    if here > there:
        more = plural(here - there, "event")
        return [f"of {more} parts were erased here with authority that the second source may still hold"]
    if there > here:
        return [f"of {plural(there - here, 'event')} parts were erased there with authority that stand here"]
    return []
