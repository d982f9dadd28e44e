"""Exhibits as JSON: every value as it is in the log, nothing that a terminal or an editor could act on."""

import json
from collections.abc import Sequence
from typing import Any

from audit_tui.core.exhibit.model import Exhibit, Origin
from audit_tui.core.findings import Finding, Story, TenantReport

FORMAT = "audit-tui/exhibit/1"


def as_json(origin: Origin, exhibits: Sequence[Exhibit]) -> str:
    """One document, in ASCII: what is invisible or reorders text is written as `\\uXXXX`."""
    document = {
        "format": FORMAT,
        "written_at": origin.written_at,
        "tool": {"name": "audit-tui", "version": origin.version},
        "database": {"target": origin.target, "server": origin.server, "log_id": origin.log_id},
        "exhibits": [_exhibit(exhibit) for exhibit in exhibits],
    }
    return json.dumps(document, indent=2) + "\n"


def _exhibit(exhibit: Exhibit) -> dict[str, Any]:
    return {
        "tenant_id": exhibit.tenant_id,
        "severity": str(exhibit.severity),
        "title": exhibit.title,
        "sentence": exhibit.sentence,
        "meaning": exhibit.meaning,
        "story": None if exhibit.story is None else _story(exhibit.story),
        "findings": [_finding(finding) for finding in exhibit.findings],
        "check": None if exhibit.report is None else _check(exhibit.report),
        "command": exhibit.command,
    }


def _story(story: Story) -> dict[str, Any]:
    return {
        "kind": str(story.kind),
        "confidence": str(story.confidence),
        "first_sequence": story.first_sequence,
        "last_sequence": story.last_sequence,
        "still_proven": story.still_proven,
        "not_known": story.not_known,
        "alternative": story.alternative,
    }


def finding_fields(finding: Finding) -> dict[str, Any]:
    """A finding as every document of the tool writes it."""
    return {
        "kind": str(finding.kind),
        "severity": str(finding.severity),
        "first_sequence": finding.first_sequence,
        "last_sequence": finding.last_sequence,
        "event_id": finding.event_id,
        "expected": finding.expected,
        "found": finding.found,
        "columns": list(finding.columns),
        "message": finding.message,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return finding_fields(finding) | {"axis": str(finding.axis)}


def _check(report: TenantReport) -> dict[str, Any]:
    return {
        "verdict": str(report.verdict),
        "claim": report.claim,
        "checked_at": report.checked_at,
        "events": report.events,
        "first_sequence": report.first_sequence,
        "last_sequence": report.last_sequence,
        "checked_from": report.checked_from,
        "head_hash": report.head_hash,
        "proven_through": report.proven_through,
        "finding_counts": {str(kind): number for kind, number in report.finding_counts.items()},
        "axes": {
            str(axis): {"state": str(result.state), "reason": result.reason}
            for axis, result in report.axes.items()
        },
    }
