"""`verify` for people: the answer, the table, what was found in each tenant, and what the answer rests on."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo

from rich.text import Text

from audit_tui.cli.eventtext import short_hash
from audit_tui.cli.moments import in_zone
from audit_tui.cli.paper import STYLES, Paper, glyph, role
from audit_tui.cli.table import Column, print_table
from audit_tui.core import words
from audit_tui.core.findings import Finding, Report, Severity, Story, TenantReport
from audit_tui.core.verdict import open_reasons
from audit_tui.core.words import count, plural
from audit_tui.service.api import Silence

STORIES_SHOWN = 20
LINES_SHOWN = 5
_INDENT = 4


def print_report(
    paper: Paper, report: Report, last_times: Mapping[str, str | None], zone: str, local: tzinfo
) -> None:
    """Prints a whole report. `last_times` are the times of the last events, as the server printed them."""
    mark = words.OF_VERDICT[report.verdict]
    paper.paragraph(
        Text.assemble(glyph(mark), " ", Text(words.headline(report), style=STYLES["heading"])), hanging=2
    )
    if report.tenants:
        paper.line()
        print_table(paper, _columns(zone), [_row(each, last_times, local) for each in report.tenants])
    for tenant in report.tenants:
        _print_findings(paper, tenant)
    _print_orphans(paper, report.orphans)
    _print_attestation(paper, report.attestation)
    _print_claims(paper, report)


def print_silence(paper: Paper, silent: Sequence[Silence], local: tzinfo) -> None:
    """Who usually logs and has stopped: no finding, so it stands by itself."""
    if silent:
        paper.line()
    for each in silent:
        since = in_zone(each.since, local, to_seconds=True)
        told = " is silent: it usually logs, and its last event is of "
        text = Text.assemble(glyph(words.INCONCLUSIVE), " ", role(each.tenant_id), told, since)
        paper.paragraph(text, hanging=2)


def _columns(zone: str) -> tuple[Column, ...]:
    return (
        Column(""),
        Column("TENANT", least=12),
        Column("VERDICT", least=44),
        Column("EVENTS", right=True),
        Column(f"LAST EVENT ({zone})", drop=1),
    )


def _row(tenant: TenantReport, last_times: Mapping[str, str | None], local: tzinfo) -> tuple[Text, ...]:
    mark = words.OF_VERDICT[tenant.verdict]
    return (
        glyph(mark),
        role(tenant.tenant_id),
        role(words.verdict_phrase(tenant), mark.role if mark is not words.INTACT else None),
        Text(count(tenant.events)),
        in_zone(last_times.get(tenant.tenant_id), local, to_seconds=True),
    )


def _print_findings(paper: Paper, tenant: TenantReport) -> None:
    told = {id(finding) for story in tenant.stories for finding in story.findings}
    rest = [finding for finding in tenant.findings if id(finding) not in told]
    reasons = open_reasons(tenant)
    if not (tenant.stories or rest or tenant.boundary or reasons):
        return
    paper.line()
    paper.line(role(tenant.tenant_id, "heading"))
    for story in tenant.stories[:STORIES_SHOWN]:
        _print_story(paper, story)
    _print_more(paper, len(tenant.stories) - STORIES_SHOWN, "story", "stories")
    if tenant.boundary is not None:
        sentence = (
            f"Events up to {tenant.boundary.last_sequence} were archived: {tenant.boundary.event_id} is the "
            "sealed record of it."
        )
        _print_line(paper, words.NOTICE, sentence)
    for reason in reasons:
        _print_line(paper, words.INCONCLUSIVE, f"Not decided: {reason}.")
    for severity in Severity:
        _print_short(paper, [each for each in rest if each.severity is severity], severity)


def _print_story(paper: Paper, story: Story) -> None:
    mark = words.OF_SEVERITY[story.findings[0].severity] if story.findings else words.TAMPERED
    _print_line(paper, mark, story.sentence)
    lines = [story.meaning, f"Still proven: {story.still_proven}"]
    lines.append(f"How sure: {words.OF_CONFIDENCE[story.confidence]}.")
    if story.alternative:
        lines.append(f"Or else: {story.alternative}")
    for line in lines:
        paper.paragraph(role(line, limit=800), indent=_INDENT)
    for finding in story.findings[:LINES_SHOWN]:
        paper.paragraph(_evidence(finding), indent=_INDENT, hanging=_INDENT + 2)
    _print_more(paper, len(story.findings) - LINES_SHOWN, "finding", "findings")


def _print_short(paper: Paper, findings: Sequence[Finding], severity: Severity) -> None:
    for finding in findings[:LINES_SHOWN]:
        _print_line(paper, words.OF_SEVERITY[severity], f"{_place(finding)}{finding.message}")
    _print_more(paper, len(findings) - LINES_SHOWN, f"{severity} finding", f"{severity} findings")


def _print_line(paper: Paper, mark: words.Mark, sentence: str) -> None:
    paper.paragraph(Text.assemble(glyph(mark), " ", role(sentence, limit=800)), indent=2, hanging=_INDENT)


def _print_more(paper: Paper, left: int, singular: str, many: str) -> None:
    if left > 0:
        text = f"and {plural(left, f'more {singular}', f'more {many}')} (--json lists them)"
        paper.paragraph(role(text, "muted"), indent=_INDENT)


def _evidence(finding: Finding) -> Text:
    """`link_mismatch at 456: expected 9b02…77c1, found 51de…90aa`."""
    parts = [f"{finding.kind}{_at(finding)}"]
    if finding.expected is not None or finding.found is not None:
        parts.append(f"expected {short_hash(finding.expected)}, found {short_hash(finding.found)}")
    if finding.event_id:
        parts.append(finding.event_id)
    return role(": ".join(parts[:2]) + "".join(f", {part}" for part in parts[2:]), "muted", limit=400)


def _at(finding: Finding) -> str:
    span = _span(finding)
    return f" at {span}" if span else ""


def _place(finding: Finding) -> str:
    """The sequences in front of a sentence that does not name them itself."""
    span = _span(finding)
    return "" if not span or any(part in finding.message for part in (span, f"vent {span}")) else f"{span}: "


def _span(finding: Finding) -> str:
    if finding.first_sequence is None:
        return ""
    if finding.last_sequence in (None, finding.first_sequence):
        return str(finding.first_sequence)
    return f"{finding.first_sequence}–{finding.last_sequence}"


def _print_orphans(paper: Paper, orphans: Iterable[Finding]) -> None:
    for finding in orphans:
        paper.line()
        _print_line(paper, words.OF_SEVERITY[finding.severity], finding.message)


def _print_attestation(paper: Paper, findings: Sequence[Finding]) -> None:
    if not findings:
        return
    paper.line()
    paper.line(role("Protection of the log", "heading"))
    for finding in findings[:LINES_SHOWN]:
        _print_line(paper, words.OF_SEVERITY[finding.severity], finding.message)
    _print_more(paper, len(findings) - LINES_SHOWN, "hole", "holes")
    paper.paragraph(role("audit-tui doctor tells how each is closed.", "muted"), indent=_INDENT)


def _print_claims(paper: Paper, report: Report) -> None:
    paper.line()
    claim = report.tenants[0].claim if len(report.tenants) == 1 else report.claim
    paper.paragraph(role(claim, "muted", limit=2000))
    _print_not_claimed(paper, report.tenants)


def _print_not_claimed(paper: Paper, tenants: Sequence[TenantReport]) -> None:
    """What holds for every tenant; the rest of it is in the document."""
    common = [line for line in _first(tenants) if all(line in each.not_claimed for each in tenants)]
    if not common:
        return
    more = any(len(each.not_claimed) > len(common) for each in tenants)
    paper.line()
    paper.line(role("Not claimed" + (" (--json has more for single tenants)" if more else ""), "muted"))
    for line in common:
        paper.paragraph(role(f"- {line}", "muted", limit=800), indent=2, hanging=_INDENT)


def _first(tenants: Sequence[TenantReport]) -> tuple[str, ...]:
    return tenants[0].not_claimed if tenants else ()
