"""One glyph, word and colour role per meaning, the same on every screen, in the commands and in exports."""

from collections.abc import Iterable
from dataclasses import dataclass

from audit_tui.core.findings import Confidence, Kind, Report, Severity, TenantReport, Verdict
from audit_tui.core.model import EventCheck, State


@dataclass(frozen=True, slots=True)
class Mark:
    """How a meaning is shown. `role` names a colour of the theme; colour is never the only sign."""

    glyph: str
    word: str
    role: str


INTACT = Mark("✓", "intact", "success")
TAMPERED = Mark("✗", "tampered", "error")
INCONCLUSIVE = Mark("?", "inconclusive", "warning")
SUSPICIOUS = Mark("!", "suspicious", "warning-dim")
NOTICE = Mark("·", "notice", "muted")
NOT_COVERED = Mark("○", "not covered", "muted-italic")
ERASED = Mark("▒", "erased", "accent-dim")
NOT_RUN = Mark("–", "not run", "muted")
LOADING = Mark("⋯", "loading", "muted")

LEGEND: tuple[tuple[Mark, str], ...] = (
    (INTACT, "proven"),
    (TAMPERED, "broken"),
    (INCONCLUSIVE, "could not be decided"),
    (SUSPICIOUS, "odd, not proof"),
    (NOTICE, "worth knowing"),
    (NOT_COVERED, "outside the seal"),
    (ERASED, "removed with authority"),
    (NOT_RUN, "not looked at"),
    (LOADING, "waiting for a page"),
)

OF_VERDICT: dict[Verdict, Mark] = {
    Verdict.INTACT: INTACT,
    Verdict.TAMPERED: TAMPERED,
    Verdict.INCONCLUSIVE: INCONCLUSIVE,
}
OF_SEVERITY: dict[Severity, Mark] = {
    Severity.TAMPERED: TAMPERED,
    Severity.INCONCLUSIVE: INCONCLUSIVE,
    Severity.SUSPICIOUS: SUSPICIOUS,
    Severity.NOTICE: NOTICE,
}
OF_CONFIDENCE: dict[Confidence, str] = {
    Confidence.PROVEN: "proven, nothing else leaves these findings",
    Confidence.LIKELY: "likely, the simplest act that leaves these findings",
    Confidence.POSSIBLE: "possible, and no better than the other explanation",
}
OF_STATE: dict[State, Mark] = {
    State.OK: INTACT,
    State.FAILED: TAMPERED,
    State.INCONCLUSIVE: INCONCLUSIVE,
    State.NOT_RUN: NOT_RUN,
}


def mark_of_check(check: EventCheck) -> Mark:
    """The worst of content, link and erasure; then what is merely worth knowing."""
    states = (check.content, check.link)
    if State.FAILED in states or (check.erased and check.covered is False):
        return TAMPERED
    if State.INCONCLUSIVE in states:
        return INCONCLUSIVE
    if State.NOT_RUN in states:
        return NOT_RUN
    if check.erased:
        return ERASED
    return NOT_COVERED if check.uncovered_columns else INTACT


def count(number: int) -> str:
    """A number grouped by thousands: `1,204`. Sequences are drawn bare, not with this."""
    return f"{number:,}"


def plural(number: int, singular: str, many: str | None = None) -> str:
    """`1 event`, `1,204 events`."""
    return f"{count(number)} {singular if number == 1 else many or singular + 's'}"


def headline(report: Report) -> str:
    """The first line of a whole run: `4 of 6 tenants are tampered with.`"""
    total = len(report.tenants)
    tampered = sum(t.verdict is Verdict.TAMPERED for t in report.tenants)
    open_ = sum(t.verdict is Verdict.INCONCLUSIVE for t in report.tenants)
    if tampered == 0 and report.verdict is Verdict.TAMPERED:
        in_files = all(finding.kind is Kind.ARCHIVE_MISMATCH for finding in report.orphans)
        return (
            "The archives are not as they were written."
            if in_files
            else "Rows that name no tenant were found: the log is tampered with."
        )
    if tampered:
        verb = "is" if tampered == 1 else "are"
        apart = all(_is_of_two_sources(each) for each in report.tenants if each.verdict is Verdict.TAMPERED)
        what = "not the same in the second source" if apart else "tampered with"
        return f"{tampered} of {plural(total, 'tenant')} {verb} {what}."
    if open_:
        return f"{open_} of {plural(total, 'tenant')} could not be decided."
    if report.verdict is Verdict.INCONCLUSIVE:
        return "The check could not be completed."
    if total == 0:
        return "The log holds no events."
    return "The tenant is intact." if total == 1 else f"All {count(total)} tenants are intact."


def _is_of_two_sources(report: TenantReport) -> bool:
    """Whether nothing but the comparison accuses: which of the two was changed the tenant's story says."""
    kinds = {f.kind for f in report.findings if f.severity is Severity.TAMPERED}
    return kinds == {Kind.SOURCE_DIFFERENCE}


def verdict_phrase(report: TenantReport) -> str:
    """What a table cell says: `edited in place at 812`, `intact, 14 events erased with authority`."""
    if report.verdict is Verdict.INTACT:
        return _intact_phrase(report)
    told = [story.summary for story in report.stories]
    if report.verdict is Verdict.TAMPERED:
        return _first_and_more(told) or "tampered"
    return _first_and_more(told) or "inconclusive"


def _intact_phrase(report: TenantReport) -> str:
    words = "intact"
    if report.erased_events:
        words += f", {plural(report.erased_events, 'event')} erased with authority"
    elif report.last_sequence is not None:
        words += f", proven through {count(report.last_sequence)}"
    if report.suspicious:
        words += f", {report.suspicious} suspicious"
    return words


def _first_and_more(told: Iterable[str]) -> str | None:
    all_of_them = list(told)
    if not all_of_them:
        return None
    return all_of_them[0] + (f" (+{len(all_of_them) - 1} more)" if len(all_of_them) > 1 else "")
