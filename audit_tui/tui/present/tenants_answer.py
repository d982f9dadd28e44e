"""The first line of the Tenants screen: is the log whole?"""

from collections.abc import Sequence

from audit_tui.core.findings import Report, Verdict
from audit_tui.core.model import TenantSummary
from audit_tui.core.words import OF_VERDICT, TAMPERED, count, headline, plural
from audit_tui.tui.known import Known
from audit_tui.tui.present.lines import Line, Span, line, mark
from audit_tui.tui.present.times import ago
from audit_tui.tui.present.verdicts import is_cut_off

_ROLE = {Verdict.TAMPERED: "error", Verdict.INCONCLUSIVE: "warning", Verdict.INTACT: "strong"}


def answer(known: Known, now_us: int) -> Line:
    """What is known now, and how long ago the newest check of everything ended."""
    report, ended = known.whole_report(), known.checks.ended_us
    if report is not None and ended is not None:
        return report_answer(report, ago(ended, now_us))
    checks, everything = known.checks, known.everything()
    bad = sum(known.is_tampered(tenant.tenant_id) for tenant in everything)
    if not bad and not checks.is_running and not checks.reports:
        return listed_answer(known.tenants)
    return found_answer(bad, len(everything), len(checks.reports), running=checks.is_running)


def listed_answer(tenants: Sequence[TenantSummary]) -> Line:
    """Before anything was verified."""
    if not tenants:
        return line(" ", Span("The log holds no events yet.", "strong"), Span("  R reads it again", "muted"))
    events = sum(tenant.events for tenant in tenants)
    told = f"{plural(len(tenants), 'tenant')}, {plural(events, 'event')}, not verified yet."
    return line(" ", Span(told, "strong"), Span("  V verifies all of them", "muted"))


def found_answer(bad: int, total: int, checked: int, *, running: bool) -> Line:
    """While a check runs, or when only some tenants were checked."""
    if bad:
        verb = "is" if bad == 1 else "are"
        so_far = " so far" if running else ""
        told = f"{count(bad)} of {plural(total, 'tenant')} {verb} tampered with{so_far}."
        return line(" ", mark(TAMPERED), " ", Span(told, "error"))
    if running:
        return line(" ", Span(f"Checking {plural(total, 'tenant')}; nothing is broken so far.", "strong"))
    told = f"{count(checked)} of {plural(total, 'tenant')} checked, none of them is tampered with."
    return line(" ", Span(told, "strong"))


def report_answer(report: Report, when: str) -> Line:
    """The verdict of a whole run, and how old it is."""
    cut = sum(is_cut_off(tenant) for tenant in report.tenants)
    through = f"{plural(cut, 'tenant')} not checked through the head" if cut else "Checked through each head"
    return line(
        " ", mark(OF_VERDICT[report.verdict]), " ", Span(headline(report), _ROLE[report.verdict]),
        Span(f"  {plural(len(report.orphans), 'row')} of no tenant." if report.orphans else "", "error"),
        Span(f"  {through}, {when}.", "warning" if cut else "muted"),
    )  # fmt: skip
