"""The first line of the Verify screen: how far it is while it runs, the verdict when it has ended."""

from audit_tui.core.findings import Severity, TenantReport, Verdict, VerifyStatus
from audit_tui.core.safe import safe_line
from audit_tui.core.words import INCONCLUSIVE, INTACT, OF_VERDICT, TAMPERED, count, verdict_phrase
from audit_tui.tui.present.lines import Line, Span, ends, line, mark
from audit_tui.tui.present.progress import amount
from audit_tui.tui.present.verdicts import is_cut_off, why_undecided

_ROLE = {Verdict.TAMPERED: "error", Verdict.INCONCLUSIVE: "warning", Verdict.INTACT: "strong"}


def running_line(status: VerifyStatus | None, width: int, *, stopping: bool) -> Line:
    """`✓ 612,000 of 1,000,000 events proven · 71,400 per second · about 5 s left`, and how to stop."""
    if stopping:
        return line(" ", Span("Stopping; what is proven stays.", "strong"))
    if status is None:
        return line(" ", Span("The check begins ⋯", "strong"))
    broken = any(finding.severity is Severity.TAMPERED for finding in status.findings) or any(
        report.verdict is Verdict.TAMPERED for report in status.finished
    )
    told = amount(status).replace(" events", " events checked" if broken else " events proven", 1)
    glyph = mark(TAMPERED if broken else INTACT)
    hint = line(Span("esc stops, keeps the proof ", "muted"))
    return ends(line(" ", glyph, " ", Span(told, "strong")), [hint], width)


def tenant_line(report: TenantReport, *, stopped: bool) -> Line:
    """The verdict of one tenant as a sentence."""
    name = safe_line(report.tenant_id, 60)
    role = _ROLE[report.verdict]
    if report.verdict is Verdict.TAMPERED:
        told = f"{name} is tampered with: {verdict_phrase(report)}."
    elif report.verdict is Verdict.INTACT:
        told = f"{name} is {verdict_phrase(report)}."
    elif stopped:
        told = f"Stopped. {_proven(report)} Nothing is said of the rest."
    else:
        told = f"{name} could not be decided: {why_undecided(report)}."
    cut = is_cut_off(report) and report.verdict is Verdict.TAMPERED
    tail = "  Not checked through its head." if cut else ""
    shown = Span(safe_line(told, 400), role)
    return line(" ", mark(OF_VERDICT[report.verdict]), " ", shown, Span(tail, "muted"))


def _proven(report: TenantReport) -> str:
    if report.proven_through is None:
        return "No event is proven."
    return f"Proven through {count(report.proven_through)}."


def cut_off_line(title: str) -> Line:
    """A check that ended in an error: nothing half-checked is called proven."""
    return line(
        " ", mark(INCONCLUSIVE), " ", Span("The check was cut off", "warning"),
        Span(f"  {safe_line(title, 300)}. Nothing half-checked counts as proven.", ""),
    )  # fmt: skip
