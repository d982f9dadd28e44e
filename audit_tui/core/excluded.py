"""Which events of a chain continuity may not lean on: tampered ones, and stretches that are not there."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from audit_tui.core.findings import Finding, Kind, Severity


@dataclass(slots=True)
class Excluded:
    """Ranges of sequences. `missing` is why the ranges are not all known (None: they are).

    `tampered` are events with a tampering finding, which are neither judged nor used; `gaps` are stretches
    behind which continuity starts anew (missing events, and those that could not be read).
    """

    tampered: list[tuple[int, int]] = field(default_factory=list)
    gaps: list[tuple[int, int]] = field(default_factory=list)
    missing: str | None = None

    def __post_init__(self) -> None:
        self.tampered = _merged(self.tampered)
        self.gaps = _merged(self.gaps)

    def is_tampered(self, sequence: int) -> bool:
        """Whether a finding of tampering stands at that event."""
        at = bisect_right(self.tampered, (sequence, 2**63)) - 1
        return at >= 0 and self.tampered[at][1] >= sequence

    def is_torn(self, before: int, sequence: int) -> bool:
        """Whether a gap lies between two events of a chain."""
        at = bisect_left(self.gaps, (before, 0))
        return at < len(self.gaps) and self.gaps[at][0] <= sequence


def build_excluded(findings: Iterable[Finding], counts: Mapping[Kind, int]) -> Excluded:
    """From the list of a tenant's findings and their whole counts (a list is capped, so some may be missing).

    Findings about the witness span what is gone or rewritten; they tell nothing of the events at hand.
    """
    tampered: list[tuple[int, int]] = []
    gaps: list[tuple[int, int]] = []
    listed: dict[Kind, int] = {}
    for finding in findings:
        matters = finding.severity is Severity.TAMPERED or finding.kind is Kind.UNREADABLE_EVENT
        if not matters:
            continue
        listed[finding.kind] = listed.get(finding.kind, 0) + 1
        if finding.first_sequence is None or finding.kind in _OF_NO_EVENT:
            continue
        span = (finding.first_sequence, finding.last_sequence or finding.first_sequence)
        torn = finding.kind in (Kind.SEQUENCE_GAP, Kind.UNREADABLE_EVENT)
        (gaps if torn else tampered).append(span)
    short = [kind for kind, seen in listed.items() if counts.get(kind, 0) > seen]
    missing = f"there are more findings of {', '.join(sorted(short))} than are listed" if short else None
    return Excluded(tampered, gaps, missing)


_OF_NO_EVENT = frozenset(
    (Kind.HEAD_REWOUND, Kind.TENANT_MISSING, Kind.SOURCE_DIFFERENCE, Kind.ARCHIVE_MISMATCH, Kind.LOG_REPLACED)
)


def _merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged
