"""Findings as rows: stories first, each over the findings of its cause, then what stands alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from audit_tui.core.findings import Finding, Severity, Story, TenantReport
from audit_tui.core.model import State
from audit_tui.core.safe import safe_line
from audit_tui.core.stories import tell
from audit_tui.core.words import INCONCLUSIVE, NOT_RUN, NOTICE, OF_SEVERITY, OF_STATE, SUSPICIOUS, Mark
from audit_tui.tui.present.lines import EMPTY, Line, Span, crop, fit, line, mark, wrap

_PLACE = 13
_AXIS = 11
_ORDER = tuple(Severity)


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A line of the list; only those with a finding can be opened."""

    line: Line
    finding: Finding | None = None
    story: Story | None = None

    @property
    def is_open(self) -> bool:
        return self.finding is not None


def place(finding: Finding) -> str:
    """`455`, `301–303`, or `–` where a finding has no sequence."""
    first, last = finding.first_sequence, finding.last_sequence
    if first is None:
        return "–"
    return str(first) if last is None or last == first else f"{first}–{last}"


def stories_of(
    findings: Sequence[Finding], report: TenantReport | None, tenant_id: str | None
) -> tuple[Story, ...]:
    """The report's stories, or those of what was found so far."""
    if report is not None:
        return report.stories
    last = max((f.last_sequence or 0 for f in findings), default=0)
    return tell(findings, tenant_id, 1, last + 1)


def found_rows(findings: Sequence[Finding], stories: Sequence[Story], width: int) -> list[FoundRow]:
    """One row per story, one per finding that is in no story; tampering first."""
    told = frozenset(finding for story in stories for finding in story.findings)
    rows = [_story_row(story, width) for story in stories if story.findings]
    alone = [finding for finding in findings if finding not in told]
    alone.sort(key=lambda finding: (_ORDER.index(finding.severity), finding.order))
    return [*rows, *(_finding_row(finding, width) for finding in alone)]


def _row(meaning: Mark, where: str, axis: str, words: str, width: int) -> Line:
    left = max(10, width - 2 - _PLACE - _AXIS)
    role = meaning.role if meaning.role == "error" else ("" if meaning.role == "warning" else "muted")
    return line(
        mark(meaning), " ", Span(fit(where, _PLACE), "strong" if role == "error" else ""),
        Span(fit(axis, _AXIS), "muted"), Span(fit(safe_line(words, 400), left), role),
    )  # fmt: skip


def _story_row(story: Story, width: int) -> FoundRow:
    first = story.findings[0]
    low, high = story.first_sequence, story.last_sequence
    where = str(low) if low == high else f"{low}–{high}"
    text = _row(OF_SEVERITY[first.severity], where, first.axis, story.summary, width)
    return FoundRow(text, first, story)


def _finding_row(finding: Finding, width: int) -> FoundRow:
    text = _row(OF_SEVERITY[finding.severity], place(finding), finding.axis, finding.message, width)
    return FoundRow(text, finding)


def boundary_rows(report: TenantReport, width: int) -> list[FoundRow]:
    """What left the log with authority, where the chain does not begin at 1."""
    boundary = report.boundary
    if boundary is None:
        return []
    words = f"archived; {boundary.event_id} is the sealed record of it"
    return [FoundRow(_row(NOTICE, f"1–{boundary.last_sequence}", "genesis", words, width))]


def axis_rows(report: TenantReport, width: int) -> list[FoundRow]:
    """What was checked and what was not: those that are well on one line, the others with their reason."""
    well = [axis for axis, result in report.axes.items() if result.state is State.OK]
    lines: list[Line] = []
    if well:
        lines += [
            line(mark(OF_STATE[State.OK]) if number == 0 else " ", " ", Span(text, "muted"))
            for number, text in enumerate(wrap("as it should be: " + ", ".join(well), max(20, width - 2)))
        ]
    for (meaning, words), names in _not_well(report).items():
        named = ", ".join(names)
        shown = wrap(words, max(20, width - 2 - _PLACE))
        if len(named) >= _PLACE:
            lines.append(line(mark(meaning), " ", crop(line(named), width - 2)))
            lines += [line("  ", fit("", _PLACE), Span(text, "muted")) for text in shown]
            continue
        lines.append(line(mark(meaning), " ", fit(named, _PLACE), Span(shown[0], "muted")))
        lines += [line("  ", fit("", _PLACE), Span(text, "muted")) for text in shown[1:]]
    return [FoundRow(text) for text in lines]


def _not_well(report: TenantReport) -> dict[tuple[Mark, str], list[str]]:
    """Axes that are not ok, those with the same reason together."""
    grouped: dict[tuple[Mark, str], list[str]] = {}
    for axis, result in report.axes.items():
        if result.state is not State.OK:
            words = result.reason or {State.NOT_RUN: "not run", State.FAILED: "failed"}.get(result.state, "")
            told = safe_line(words, 400).replace("_", " ")
            grouped.setdefault((_axis_mark(report, axis, result.state), told), []).append(axis)
    return grouped


def _axis_mark(report: TenantReport, axis: str, state: State) -> Mark:
    if state is State.NOT_RUN:
        return NOT_RUN
    if state is State.INCONCLUSIVE:
        return INCONCLUSIVE
    tampering = any(f.axis == axis and f.severity is Severity.TAMPERED for f in report.findings)
    return OF_STATE[State.FAILED] if tampering else SUSPICIOUS


def claim_rows(claim: str, width: int) -> list[FoundRow]:
    """What the verdict rests on."""
    return [FoundRow(line(Span(text, "muted"))) for text in wrap(safe_line(claim, 1500), max(20, width - 1))]


GAP = FoundRow(EMPTY)
