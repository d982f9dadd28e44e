"""How many findings there are of each severity, and which of them are listed."""

from collections.abc import Mapping, Sequence

from audit_tui.core.findings import SEVERITY, Finding, Severity, TenantReport
from audit_tui.core.words import OF_SEVERITY, count, plural
from audit_tui.tui.present.found import Grouping, Wanted
from audit_tui.tui.present.lines import EMPTY, Line, Span, ends, join, line

WORDS: dict[Severity, tuple[str, str]] = {
    Severity.TAMPERED: ("tampered", "tampered"),
    Severity.INCONCLUSIVE: ("inconclusive", "inconclusive"),
    Severity.SUSPICIOUS: ("suspicious", "suspicious"),
    Severity.NOTICE: ("notice", "notices"),
}
ALWAYS = (Severity.TAMPERED, Severity.SUSPICIOUS, Severity.NOTICE)
"""Named even where there are none; the inconclusive only where there are some."""


def counts_of(findings: Sequence[Finding], report: TenantReport | None) -> dict[Severity, int]:
    """How many were found, those that the list leaves out included."""
    counts = dict.fromkeys(Severity, 0)
    for finding in findings:
        counts[finding.severity] += 1
    if report is not None:
        listed: dict[str, int] = {}
        for finding in findings:
            listed[finding.kind] = listed.get(finding.kind, 0) + 1
        for kind, number in report.finding_counts.items():
            counts[SEVERITY[kind]] += max(0, number - listed.get(kind, 0))
    return counts


def after(severity: Severity | None, counts: Mapping[Severity, int]) -> Severity | None:
    """What the filter's key shows next: each severity of which there is some, then all again."""
    ring: list[Severity | None] = [None, *(each for each in Severity if counts[each])]
    return ring[(ring.index(severity) + 1) % len(ring)] if severity in ring else None


def severities_line(counts: Mapping[Severity, int], wanted: Wanted, grouping: Grouping, width: int) -> Line:
    """`[all 12]  ✗ 3 tampered  ! 2 suspicious  · 7 notices`: what is listed stands in brackets."""
    total = sum(counts.values())
    if not total:
        return EMPTY
    parts = [_part(line(f"all {count(total)}"), wanted.severity is None)]
    for severity in Severity:
        number = counts[severity]
        if number or severity in ALWAYS:
            parts.append(_part(_counted(severity, number), wanted.severity is severity))
    by = "s lists each" if grouping is Grouping.STORIES else "s groups by cause"
    told = [line(Span(f"f filters   {by} ", "muted"))]
    if wanted.stretch is not None:
        low, high = wanted.stretch
        told = [line(Span(f"only {low} to {high}", "accent"), Span("   esc shows all ", "muted"))]
    return ends(line(" ", join(parts, " ")), told, width)


def _counted(severity: Severity, number: int) -> Line:
    meaning, (one, many) = OF_SEVERITY[severity], WORDS[severity]
    role = meaning.role if number else "muted"
    return line(
        Span(meaning.glyph, role),
        " ",
        Span(f"{count(number)} {one if number == 1 else many}", "" if number else "muted"),
    )


def _part(told: Line, is_wanted: bool) -> Line:
    if is_wanted:
        return line(
            Span("[", "accent"),
            *(Span(s.text, f"{s.role} strong".strip()) for s in told),
            Span("]", "accent"),
        )
    return line(" ", told, " ")


def unlisted_words(counts: Mapping[Severity, int], findings: Sequence[Finding]) -> str | None:
    """What the list leaves out, or None."""
    left = sum(counts.values()) - len(findings)
    if left <= 0:
        return None
    return f"and {plural(left, 'more finding')} of the same kinds, counted and not listed"


def none_words(wanted: Wanted, *, running: bool, decided: bool) -> str | None:
    """What stands where nothing is listed."""
    if wanted.stretch is not None or wanted.severity is not None:
        return "Nothing of that is listed; f shows other findings, esc all of the chain."
    if running:
        return "Nothing is broken so far."
    return "Nothing was found." if decided else None
