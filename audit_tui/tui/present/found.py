"""What was found, as a list: stories over their findings, or findings alone; drawn when seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from audit_tui.core.exhibit.model import place
from audit_tui.core.findings import Finding, Severity, Story, TenantReport
from audit_tui.core.safe import safe_line
from audit_tui.core.stories import tell
from audit_tui.core.words import OF_SEVERITY, Mark, plural
from audit_tui.tui.present.lines import EMPTY, Line, Span, crop, ends, fit, line, mark

_PLACE_LEAST, _PLACE_MOST = 9, 23
_AXIS = 11
_ORDER = tuple(Severity)


class Grouping(StrEnum):
    STORIES = "stories"
    FINDINGS = "findings"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the list: a story's head, a finding (of a story, or alone), or words that can't be opened."""

    finding: Finding | None = None
    story: Story | None = None
    is_head: bool = False
    words: Line = EMPTY

    @property
    def is_open(self) -> bool:
        return self.finding is not None

    @property
    def cause(self) -> Story | Finding | None:
        """What a report is written about."""
        return self.story or self.finding

    @property
    def key(self) -> tuple[object, ...]:
        """The same for the same line of a list that was made anew."""
        found = self.finding
        return () if found is None else (self.is_head, found.kind, found.first_sequence, found.event_id)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which findings are listed: of one severity, in a stretch of the chain (None: all)."""

    severity: Severity | None = None
    stretch: tuple[int, int] | None = None

    def takes(self, finding: Finding) -> bool:
        if self.severity is not None and finding.severity is not self.severity:
            return False
        if self.stretch is None:
            return True
        low, high = self.stretch
        first = finding.first_sequence
        return first is not None and first <= high and (finding.last_sequence or first) >= low


EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class Found:
    """The entries of a list, and the width that their places need. Lines are made when they are seen."""

    entries: tuple[Entry, ...]
    place: int = _PLACE_LEAST
    grouping: Grouping = Grouping.STORIES

    def line(self, row: int, width: int) -> Line:
        if row >= len(self.entries):
            return EMPTY
        entry = self.entries[row]
        if entry.finding is None:
            return entry.words
        if entry.story is not None and entry.is_head:
            return _head_line(entry.story, entry.finding, self.place, width)
        under = entry.story is not None and self.grouping is Grouping.STORIES
        return _finding_line(entry.finding, self.place, width, under=under)

    @property
    def stops(self) -> list[int]:
        """Where n and N halt: each story, and each finding that does not stand under one."""
        grouped = self.grouping is Grouping.STORIES
        return [
            row
            for row, entry in enumerate(self.entries)
            if entry.is_open and (entry.is_head or entry.story is None or not grouped)
        ]


def stories_of(
    findings: Sequence[Finding], report: TenantReport | None, tenant_id: str | None
) -> tuple[Story, ...]:
    """The report's stories, or those of what was found so far."""
    if report is not None:
        return report.stories
    last = max((f.last_sequence or 0 for f in findings), default=0)
    return tell(findings, tenant_id, 1, last + 1)


def listed(
    findings: Sequence[Finding], stories: Sequence[Story], grouping: Grouping, wanted: Wanted = EVERYTHING
) -> Found:
    """Tampering first, then by place; under each story the findings that are wanted."""
    story_of = {id(finding): story for story in stories for finding in story.findings}
    kept = [finding for finding in findings if wanted.takes(finding)]
    kept.sort(key=lambda finding: (_ORDER.index(finding.severity), finding.order))
    entries: list[Entry] = []
    if grouping is Grouping.STORIES:
        for story in stories:
            under = [finding for finding in story.findings if wanted.takes(finding)]
            if under:
                entries.append(Entry(under[0], story, is_head=True))
                entries += [Entry(finding, story) for finding in under]
        entries += [Entry(finding) for finding in kept if id(finding) not in story_of]
    else:
        entries = [Entry(finding, story_of.get(id(finding))) for finding in kept]
    indent = 2 if grouping is Grouping.STORIES else 0
    places = [len(place(e.finding)) + (indent if e.story else 0) for e in entries if e.finding is not None]
    widths = places + [len(_span(e.story)) for e in entries if e.story is not None and e.is_head]
    width = min(max([_PLACE_LEAST, *widths]), _PLACE_MOST) + 2
    return Found(tuple(entries), width, grouping)


def _span(story: Story) -> str:
    first, last = story.first_sequence, story.last_sequence
    return str(first) if first == last else f"{first}–{last}"


def _head_line(story: Story, first: Finding, room: int, width: int) -> Line:
    meaning = OF_SEVERITY[first.severity]
    strong = "error" if meaning.role == "error" else "strong"
    left = line(
        mark(meaning), " ", Span(fit(_span(story), room), "strong"), Span(fit(first.axis, _AXIS), "muted"),
        Span(safe_line(story.summary, 200), strong),
    )  # fmt: skip
    many = line(Span(plural(len(story.findings), "finding"), "muted")) if len(story.findings) > 1 else EMPTY
    return crop(ends(left, [many], width - 1), width)


def _finding_line(finding: Finding, room: int, width: int, *, under: bool) -> Line:
    meaning: Mark = OF_SEVERITY[finding.severity]
    left = max(10, width - 2 - room - _AXIS)
    role = "muted" if under or meaning.role in {"muted", "warning-dim"} else ""
    start = line("  " if under else mark(meaning), "" if under else " ")
    return line(
        *start, Span(fit(f"  {place(finding)}" if under else place(finding), room), role),
        Span(fit(finding.axis, _AXIS), "muted"), Span(fit(safe_line(finding.message, 400), left), role),
    )  # fmt: skip
