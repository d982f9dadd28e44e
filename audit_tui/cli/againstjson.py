"""What `verify --json` says of a second source: the member `against`, a document of its own format."""

from typing import Any

from audit_tui.cli.jsonout import event_columns
from audit_tui.core.findings import TenantReport
from audit_tui.core.second.fields import EventPair
from audit_tui.core.second.in_line import Run
from audit_tui.core.second.judging import summary
from audit_tui.core.second.model import Comparison, Source, TenantComparison

FORMAT = "audit-tui/against/1"


def comparison_fields(comparison: Comparison) -> dict[str, Any]:
    """The whole comparison; lists of runs and events are bounded, counts are not."""
    return {
        "format": FORMAT,
        "log": _source(comparison.here),
        "source": {
            **_source(comparison.there),
            "verdict": None if comparison.verdict is None else str(comparison.verdict),
            "claim": comparison.claim,
        },
        "same_log": comparison.same_log,
        "comparisons": comparison.comparisons,
        "cut_off": comparison.cut_off,
        "remarks": list(comparison.remarks),
        "tenants": [_tenant(each) for each in comparison.tenants],
    }


def _source(source: Source) -> dict[str, Any]:
    return {
        "kind": source.kind,
        "name": source.name,
        "target": source.target,
        "log_id": source.log_id,
        "standby": source.is_standby,
        "sees_all": source.sees_all,
    }


def _tenant(tenant: TenantComparison) -> dict[str, Any]:
    first, last = tenant.missing or (None, None)
    return {
        "tenant_id": tenant.tenant_id,
        "relation": str(tenant.relation),
        "summary": summary(tenant),
        "method": None if tenant.method is None else str(tenant.method),
        "comparisons": tenant.comparisons,
        "compared_in_line": tenant.in_line,
        "compared_through": tenant.last_compared,
        "here": _side(tenant.here),
        "there": _side(tenant.there),
        "first_difference": tenant.first_difference,
        "parted_at": tenant.parted_at,
        "lies_before": tenant.lies_before,
        "changed": None if tenant.changed is None else str(tenant.changed),
        "why": tenant.why,
        "missing": None if tenant.missing is None else {"first_sequence": first, "last_sequence": last},
        "runs": [_run(run) for run in tenant.runs],
        "differing_events": tenant.differing,
        "looked_through": tenant.looked_through,
        "erased_on_one_side": tenant.erased_apart,
        "events": [_pair(pair) for pair in tenant.pairs],
        "reason": tenant.reason,
        "remarks": list(tenant.remarks),
    }


def _side(report: TenantReport | None) -> dict[str, Any] | None:
    if report is None:
        return None
    return {
        "verdict": str(report.verdict),
        "first_sequence": report.first_sequence,
        "last_sequence": report.last_sequence,
        "head_hash": report.head_hash,
        "erased_events": report.erased_events,
        "stories": [story.summary for story in report.stories],
    }


def _run(run: Run) -> dict[str, Any]:
    return {
        "kind": str(run.kind),
        "first_sequence": run.first,
        "last_sequence": run.last,
        "event_id": run.event_id,
        "columns": list(run.columns),
    }


def _pair(pair: EventPair) -> dict[str, Any]:
    return {
        "sequence": pair.sequence,
        "fields": [
            {"column": each.column, "state": str(each.state), "here": each.here, "there": each.there}
            for each in pair.fields
        ],
        "here": None if pair.here is None else event_columns(pair.here),
        "there": None if pair.there is None else event_columns(pair.there),
    }
