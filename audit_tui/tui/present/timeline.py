"""The first line of the timeline, and where its findings lie."""

from collections.abc import Sequence

from audit_tui.core.findings import Finding, Severity, TenantReport
from audit_tui.core.model import TenantSummary
from audit_tui.core.safe import safe_line
from audit_tui.core.words import NOT_RUN, OF_SEVERITY, OF_VERDICT, plural, verdict_phrase
from audit_tui.tui.present.lines import Line, Span, crop, line, mark
from audit_tui.tui.present.times import moment
from audit_tui.tui.zone import Zone

_ORDER = tuple(Severity)
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


def finding_sequences(findings: Sequence[Finding], among: Severity | None = None) -> tuple[int, ...]:
    """Where something was found, ascending: of one severity, or tampering and doubt first of all, else what
    is suspicious.
    """
    grave = {Severity.TAMPERED, Severity.INCONCLUSIVE} if among is None else {among}
    places = {f.first_sequence for f in findings if f.severity in grave}
    if among is None and not places:
        places = {f.first_sequence for f in findings if f.severity is Severity.SUSPICIOUS}
    return tuple(sorted(place for place in places if place is not None))


def step_finding(
    findings: Sequence[Finding], at: int | None, direction: int, among: Severity | None = None
) -> int | None:
    """The next finding after (or before) a sequence, round and round; None where there is none."""
    places = finding_sequences(findings, among)
    if not places:
        return None
    here = at if at is not None else (0 if direction > 0 else 2**63)
    if direction > 0:
        return next((place for place in places if place > here), places[0])
    return next((place for place in reversed(places) if place < here), places[-1])


def finding_line(findings: Sequence[Finding], sequence: int, among: Severity | None = None) -> Line:
    """Which of the findings the one at a sequence is, and its sentence."""
    at = [f for f in findings if f.first_sequence == sequence]
    found = [f for f in at if f.severity is among] or sorted(at, key=lambda f: _ORDER.index(f.severity))
    if not found:
        return ()
    places = finding_sequences(findings, among)
    told = f"{places.index(sequence) + 1} of {len(places)}" if sequence in places else ""
    return line(
        " ", mark(OF_SEVERITY[found[0].severity]), " ", safe_line(found[0].message, 300),
        Span(f"  {told}", "muted"),
    )  # fmt: skip
