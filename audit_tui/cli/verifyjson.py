"""The document of `verify --json`: the contract that scripts and other tools build on."""

from typing import Any

from audit_tui.core.exhibit.document import finding_fields
from audit_tui.core.findings import (
    Axis,
    AxisResult,
    Report,
    Story,
    TenantReport,
)
from audit_tui.core.model import State


def report_fields(report: Report) -> dict[str, Any]:
    """Everything of a report but its format; `orphans` are findings of rows that name no tenant."""
    return {
        "verdict": str(report.verdict),
        "claim": report.claim,
        "checked_at": report.checked_at,
        "tenants": [_tenant(tenant) for tenant in report.tenants],
        "orphans": [finding_fields(finding) for finding in report.orphans],
        "attestation": [finding_fields(finding) for finding in report.attestation],
    }


def _tenant(report: TenantReport) -> dict[str, Any]:
    boundary = report.boundary
    return {
        "tenant_id": report.tenant_id,
        "verdict": str(report.verdict),
        "claim": report.claim,
        "not_claimed": list(report.not_claimed),
        "events": report.events,
        "first_sequence": report.first_sequence,
        "last_sequence": report.last_sequence,
        "head_hash": report.head_hash,
        "proven_through": report.proven_through,
        "checked_from": report.checked_from,
        "full_at": report.full_at,
        "erased_events": report.erased_events,
        "axes": {str(axis): _axis(report.axes.get(axis)) for axis in Axis},
        "finding_counts": {str(kind): number for kind, number in report.finding_counts.items() if number},
        "boundary": boundary and {"last_sequence": boundary.last_sequence, "event_id": boundary.event_id},
        "findings": [finding_fields(finding) for finding in report.findings],
        "stories": [_story(story) for story in report.stories],
    }


def _axis(result: AxisResult | None) -> dict[str, Any]:
    if result is None:
        return {"state": str(State.NOT_RUN), "reason": "not part of this check"}
    return {"state": str(result.state), "reason": result.reason}


def _story(story: Story) -> dict[str, Any]:
    return {
        "kind": str(story.kind),
        "first_sequence": story.first_sequence,
        "last_sequence": story.last_sequence,
        "summary": story.summary,
        "sentence": story.sentence,
        "confidence": str(story.confidence),
        "alternative": story.alternative,
        "meaning": story.meaning,
        "still_proven": story.still_proven,
        "not_known": story.not_known,
        "finding_kinds": sorted({str(finding.kind) for finding in story.findings}),
    }
