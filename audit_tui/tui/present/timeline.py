"""The first line of the timeline, and where its findings lie."""

from audit_tui.core.findings import Severity, TenantReport
from audit_tui.core.model import TenantSummary
from audit_tui.core.safe import safe_line
from audit_tui.core.words import INCONCLUSIVE, NOT_RUN, OF_VERDICT, TAMPERED, plural, verdict_phrase
from audit_tui.tui.present.lines import Line, Span, crop, line, mark
from audit_tui.tui.present.times import moment
from audit_tui.tui.zone import Zone

LINES_AT_MOST = 10**12
"""Beyond so many sequences a terminal's scrolling is not exact any more: lines come by keyset instead."""


def answer_line(
    summary: TenantSummary, report: TenantReport | None, running: bool, zone: Zone, width: int
) -> Line:
    """What is known about this chain, in one sentence."""
    name = safe_line(summary.tenant_id, 60)
    if report is not None:
        verdict = OF_VERDICT[report.verdict]
        told = line(" ", mark(verdict), " ", Span(f"{name}: {verdict_phrase(report)}.", verdict.role))
        return crop((*told, Span(_since(summary, report), "muted")), width)
    words = f"{name} has {plural(summary.events, 'event')}"
    if summary.first_time and summary.last_time:
        words += f", {moment(summary.first_time, zone)[:10]} to {moment(summary.last_time, zone)[:10]}"
    waiting = "not verified yet (v); events are checked as they are shown."
    return crop(
        line(" ", mark(NOT_RUN), f" {words}, ", Span("being verified now." if running else waiting, "muted")),
        width,
    )


def _since(summary: TenantSummary, report: TenantReport) -> str:
    newer = summary.last_sequence - (report.last_sequence or 0)
    return f" {plural(newer, 'event')} came after that check." if newer > 0 else ""


def proven_mark(report: TenantReport | None) -> Line:
    """`✓ proven through 1,102` for the header; empty without a report."""
    if report is None:
        return ()
    verdict = OF_VERDICT[report.verdict]
    if report.proven_through is None:
        return line(mark(verdict), " ", verdict.word)
    return line(f"proven through {report.proven_through:,}")


def finding_sequences(report: TenantReport | None) -> tuple[int, ...]:
    """Where something was found, ascending: tampering and doubt first of all, else what is suspicious."""
    if report is None:
        return ()
    grave = {Severity.TAMPERED, Severity.INCONCLUSIVE}
    places = {f.first_sequence for f in report.findings if f.severity in grave}
    places = places or {f.first_sequence for f in report.findings if f.severity is Severity.SUSPICIOUS}
    return tuple(sorted(place for place in places if place is not None))


def step_finding(report: TenantReport | None, at: int | None, direction: int) -> int | None:
    """The next finding after (or before) a sequence, round and round; None where there is none."""
    places = finding_sequences(report)
    if not places:
        return None
    here = at if at is not None else (0 if direction > 0 else 2**63)
    if direction > 0:
        return next((place for place in places if place > here), places[0])
    return next((place for place in reversed(places) if place < here), places[-1])


def finding_line(report: TenantReport | None, sequence: int) -> Line:
    """The sentence of the finding at a sequence."""
    found = [f for f in report.findings if f.first_sequence == sequence] if report else []
    if not found:
        return ()
    meaning = TAMPERED if found[0].severity is Severity.TAMPERED else INCONCLUSIVE
    return line(" ", mark(meaning), " ", safe_line(found[0].message, 300))
