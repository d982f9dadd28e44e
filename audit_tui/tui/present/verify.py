"""The first line of the Verify screen: how far it is while it runs, the verdict when it has ended."""

from audit_tui.core.findings import Severity, TenantReport, Verdict, VerifyStatus
from audit_tui.core.safe import safe_line
from audit_tui.core.words import INCONCLUSIVE, INTACT, OF_VERDICT, TAMPERED, count, verdict_phrase
from audit_tui.tui.present.lines import Line, Span, line, mark
from audit_tui.tui.present.progress import amount
from audit_tui.tui.present.times import ago, microseconds_of
from audit_tui.tui.present.verdicts import is_cut_off, why_undecided

_ROLE = {Verdict.TAMPERED: "error", Verdict.INCONCLUSIVE: "warning", Verdict.INTACT: "strong"}


def running_line(status: VerifyStatus | None, *, stopping: bool) -> Line:
    """`✓ 612,000 of 1,000,000 events proven`: what is certain at this moment."""
    if stopping:
        return line(" ", Span("Stopping ⋯", "strong"))
    if status is None:
        return line(" ", Span("The check begins ⋯", "strong"))
    broken = any(finding.severity is Severity.TAMPERED for finding in status.findings) or any(
        report.verdict is Verdict.TAMPERED for report in status.finished
    )
    glyph = mark(TAMPERED if broken else INTACT)
    if broken:
        return line(" ", glyph, " ", Span("Tampered with.", "error"), f" {amount(status)} checked so far.")
    return line(" ", glyph, " ", Span(f"{amount(status)} proven", "strong"))


def tenant_line(report: TenantReport, now_us: int, *, stopped: bool, can_go_on: bool) -> Line:
    """The verdict of one tenant as a sentence, and what can be done where the check was stopped."""
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
    tail = "  Not checked through its head." if cut else since_words(report, now_us)
    tail += "  r goes on" if can_go_on else ""
    shown = Span(safe_line(told, 400), role)
    return line(" ", mark(OF_VERDICT[report.verdict]), " ", shown, Span(tail, "muted"))


def since_words(report: TenantReport, now_us: int) -> str:
    """What an incremental check did not read again, and how old the proof of that is; else nothing."""
    if report.checked_from is None:
        return ""
    before = f"  Read from {report.checked_from} on"
    proven = microseconds_of(report.full_at)
    return f"{before}; all before it {ago(proven, now_us)}." if proven is not None else f"{before}."


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
