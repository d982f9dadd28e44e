"""A chain is checked in ranges; joined, they say what one walk over the whole chain says."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from audit_tui.core import observe
from audit_tui.core.coverage import Coverage
from audit_tui.core.findings import FINDINGS_CAP, AcceptedBoundary, Axis, Finding, Kind
from audit_tui.core.hindsight import Hindsight
from audit_tui.core.model import Event, Part
from audit_tui.core.runs import RunLog, join_runs

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class RangeResult:
    """What a walk over one range left behind. Findings of runs (`zones`, `uncovered`) are not in `counts` and
    `findings` yet. `kept` counts erased events by group of the coverage and part; `last` is the last row,
    `hindsight` what the first one recorded of the row before the range.
    """

    events: int = 0
    erased_events: int = 0
    unread: int = 0
    undecided_erasures: int = 0
    counts: Mapping[Kind, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    boundary: AcceptedBoundary | None = None
    first_hash: str | None = None
    first_unproven: int | None = None
    open_axes: Mapping[Axis, str] = field(default_factory=dict)
    zones: RunLog = field(default_factory=RunLog)
    uncovered: RunLog = field(default_factory=RunLog)
    kept: Mapping[tuple[int, Part], int] = field(default_factory=dict)
    last: Event | None = None
    hindsight: Hindsight | None = None

    @property
    def running(self) -> tuple[Finding, ...]:
        """The findings so far, those of runs included."""
        return (*self.findings, *self.zones.listed, *self.uncovered.listed)

    @property
    def all_counts(self) -> dict[Kind, int]:
        """How many findings there are of each kind, those of runs included."""
        counts = Counter(self.counts)
        for log in (self.zones, self.uncovered):
            counts.update({finding.kind: log.count for finding in log.listed[:1]})
        return dict(counts)


def join(results: Sequence[RangeResult]) -> RangeResult:
    """One result for ranges that follow each other in the order given."""
    if len(results) == 1:
        return results[0]
    counts: Counter[Kind] = Counter()
    kept: Counter[tuple[int, Part]] = Counter()
    findings: list[Finding] = []
    listed: Counter[Kind] = Counter()
    axes: dict[Axis, str] = {}
    for result in results:
        if result.hindsight is not None:
            result.hindsight.apply(findings)
        counts.update(result.counts)
        kept.update(result.kept)
        axes.update(result.open_axes)
        for finding in result.findings:
            listed[finding.kind] += 1
            if listed[finding.kind] <= FINDINGS_CAP:
                findings.append(finding)
    return RangeResult(
        events=sum(result.events for result in results),
        erased_events=sum(result.erased_events for result in results),
        unread=sum(result.unread for result in results),
        undecided_erasures=sum(result.undecided_erasures for result in results),
        counts=counts,
        findings=tuple(findings),
        boundary=_first(result.boundary for result in results),
        first_hash=_first(result.first_hash for result in results),
        first_unproven=min(
            (result.first_unproven for result in results if result.first_unproven is not None), default=None
        ),
        open_axes=axes,
        zones=join_runs(result.zones for result in results),
        uncovered=join_runs(result.uncovered for result in results),
        kept=kept,
        last=_first(result.last for result in reversed(results)),
        hindsight=results[0].hindsight if results else None,
    )


def list_incomplete(
    tenant_id: str, whole: RangeResult, coverage: Coverage, since: int | None = None
) -> list[Finding]:
    """The `audit.erased` events that name a part which is not erased, or an event that does not exist.

    `since` leaves out those up to that sequence, where only what came after it was judged.
    """
    floor = whole.boundary.last_sequence if whole.boundary else 0
    lacking: dict[int, Finding] = {}
    for number, group in enumerate(coverage.groups):
        if since is not None and group.sequence <= since:
            continue
        named = group.count_above(floor)
        if any(whole.kept.get((number, part), 0) < named for part in group.parts):
            finding = observe.erasure_incomplete(tenant_id, group.sequence, group.event_id)
            lacking.setdefault(group.sequence, finding)
    return list(lacking.values())


def _first(values: Iterable[Value | None]) -> Value | None:
    return next((value for value in values if value is not None), None)
