"""The rules of the list: one pass over a tenant's events in (sequence, id) order.

A Walk is fed events and keeps only the row before, so memory is constant. It can start anywhere when it is
given the rows before the range; what ranges say, joined (`core.ranges`), is what the whole walk says.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from audit_tui.core import observe
from audit_tui.core.clock import microseconds
from audit_tui.core.coverage import Boundary, Coverage
from audit_tui.core.excerpt import Excerpt
from audit_tui.core.findings import FINDINGS_CAP, AcceptedBoundary, Axis, Finding, Kind
from audit_tui.core.hindsight import Hindsight, add_clue
from audit_tui.core.judging import VERSIONS, Judged, accept_boundary, judge_content, judge_order, judge_place
from audit_tui.core.model import Event, Part
from audit_tui.core.ranges import RangeResult, list_incomplete
from audit_tui.core.runs import Runs
from audit_tui.core.seal import erased_parts

LOOK_BACK = 2
"""Rows before a range that its walk has to see: the one before it, and what that one is judged against."""
UNDECIDED_ERASURE = "parts were erased, and what would authorise it lies beyond the events at hand"


@dataclass(slots=True)
class Walk:
    """Feed `step` every event of a tenant, or of a range of it after `begin_after`; then call `finish` for
    a whole chain, `result` for a range.

    `hashable` is False where columns that the seal is over are missing: then nothing that rests on a hash of
    content is judged, erasures and boundaries included. `first_unproven` is where the first tampering
    finding or unreadable event stands. An `excerpt` says what of the chain is known to lie elsewhere:
    `open_axes` then tells what could not be decided without it. `offsets` are the foreign UTC offsets
    (seconds) that version 1 events were found sealed in, the latest first; `zone` is the one that the last
    such event fitted in. `hindsight` is what a range's first event recorded of the one before the range.
    """

    tenant_id: str
    coverage: Coverage
    boundaries: tuple[Boundary, ...] = ()
    before: Event | None = None
    hashable: bool = True
    encoding: str = "utf-8"
    excerpt: Excerpt | None = None
    counts: Counter[Kind] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    events: int = 0
    erased_events: int = 0
    boundary: AcceptedBoundary | None = None
    first_hash: str | None = None
    first_unproven: int | None = None
    unread: int = 0
    open_axes: dict[Axis, str] = field(default_factory=dict)
    undecided_erasures: int = 0
    offsets: tuple[int, ...] = ()
    zone: int = 0
    hindsight: Hindsight | None = None
    _before_tampered: bool = False
    _before_us: int | None = None
    _zones: Runs = field(default_factory=lambda: Runs(observe.foreign_zone))
    _uncovered: Runs = field(
        default_factory=lambda: Runs(lambda first, last, _: observe.uncovered_columns(first, last))
    )
    _kept: Counter[tuple[int, Part]] = field(default_factory=Counter)
    _counted: int | None = None

    def step(self, event: Event) -> Judged:
        """Judges one event. Returns what was found at it (notices of runs come at the end)."""
        if self.before is None:
            self.boundary = accept_boundary(event.sequence_number, event.previous_hash, self.boundaries)
            self.first_hash = event.event_hash
        before = self.before
        if before is not None and before.event_hash != event.previous_hash and self.hashable:
            self._look_back(event, before)
        judged = self._judge(event)
        self._keep(judged.findings)
        self._extend_runs(event, judged.offset, event.sequence_number)
        self.events += 1
        if judged.tampered and self.first_unproven is None:
            self.first_unproven = min(_first_unproven(finding) for finding in judged.findings)
        return judged

    def begin_after(self, rows: Iterable[Event], lost: int | None = None) -> None:
        """Stands behind the last rows (LOOK_BACK of them where there are so many) before a range.

        They are judged, so that the range's first event is held against what its predecessor is, but what is
        found at them belongs to the range that they stand in. `lost` is the sequence of an unreadable event
        before them.
        """
        if lost is not None:
            self.before, self._before_tampered = _placeholder(self.tenant_id, lost, None), True
        for number, event in enumerate(rows):
            if self.before is None and number == 0:
                self.boundary = accept_boundary(event.sequence_number, event.previous_hash, self.boundaries)
            self._judge(event)
        self.erased_events = self.undecided_erasures = 0
        self.open_axes.clear()
        self._kept.clear()

    def pass_regular(self, events: int, version_1: int, first: Event, last: Event) -> None:
        """Takes events first..last of which nothing is to be found: each follows the one before it by number,
        link and time, nothing was erased, their hashes fit. The first `version_1` of them are of that version
        and were sealed in the UTC offset `zone`.
        """
        if self.before is None:
            msg = "regular is what follows a row that was judged"
            raise ValueError(msg)
        self.events += events
        if version_1:
            self._extend_runs(first, self.zone, (first.sequence_number or 0) + version_1 - 1)
        if version_1 < events:
            self._extend_runs(last, None, last.sequence_number)
        self.before, self._before_tampered, self._before_us = last, False, microseconds(last.timestamp)

    def revisit(self, event: Event) -> None:
        """Judges again what an event before the range holds (not its place): a later erasure names it."""
        found = (
            list(judge_content(event, None, self.offsets, self.encoding).findings) if self.hashable else []
        )
        if event.erased_parts is not None and self.hashable:
            found.extend(self._judge_erasure(event))
        self._keep(found)
        self.events += 1
        if found and self.first_unproven is None:
            self.first_unproven = event.sequence_number

    def skip(self, sequence: int, event_id: str | None, reason: str) -> None:
        """Passes over an event that the server could not deliver; its successor's link is not judged."""
        self.add(observe.unreadable_event(self.tenant_id, sequence, event_id, reason))
        self.pass_over(sequence, event_id)

    def add(self, finding: Finding) -> None:
        """Takes a finding of another check into the list and its counts."""
        self._keep([finding])

    def pass_over(self, sequence: int, event_id: str | None = None, events: int = 1) -> None:
        """Goes on behind a sequence up to which `events` are not to be had; who calls has said why."""
        self.before = _placeholder(self.tenant_id, sequence, event_id)
        self.unread += events
        if self.first_unproven is None:
            self.first_unproven = sequence - max(events, 1) + 1
        self._before_tampered, self._before_us = True, None

    def result(self) -> RangeResult:
        """What this range says by itself, for `core.ranges.join`."""
        return RangeResult(
            events=self.events,
            erased_events=self.erased_events,
            unread=self.unread,
            undecided_erasures=self.undecided_erasures,
            counts=dict(self.counts),
            findings=tuple(self.findings),
            boundary=self.boundary,
            first_hash=self.first_hash,
            first_unproven=self.first_unproven,
            open_axes=dict(self.open_axes),
            zones=self._zones.log(),
            uncovered=self._uncovered.log(),
            kept=dict(self._kept),
            last=self.before if self.events or self.unread else None,
            hindsight=self.hindsight,
        )

    def finish(self) -> tuple[Finding, ...]:
        """Closes the runs, looks for incomplete erasures, and returns the findings in the list's order."""
        ended = self.result()
        self.counts, self.findings = Counter(ended.all_counts), list(ended.running)
        if self.hashable:
            self._keep(list_incomplete(self.tenant_id, ended, self.coverage))
        return tuple(sorted(self.findings, key=lambda finding: finding.order))

    def _look_back(self, event: Event, before: Event) -> None:
        """What `event` recorded of the one before it, where that one is broken: a clue for its story."""
        if self.events or self.unread:
            add_clue(self.findings, event, before, self.offsets, self.encoding)
        else:
            self.hindsight = Hindsight(event, before, self.offsets, self.encoding)

    def _judge(self, event: Event) -> Judged:
        """One event by itself and against the row before, which it then is for the next one."""
        before = self.before
        judged = judge_content(event, before, self.offsets, self.encoding)
        found = [f for f in judged.findings if self.hashable or f.kind is not Kind.CONTENT_MISMATCH]
        place = self._judge_place(event)
        if place is not None:
            found.append(place)
        if event.erased_parts is not None and self.hashable:
            found.extend(self._judge_erasure(event))
        tampered = bool(found)
        occurred_us = microseconds(event.timestamp)
        if before is not None and not tampered and not self._before_tampered:
            found.extend(judge_order(event, occurred_us, before, self._before_us))
        self.before, self._before_tampered, self._before_us = event, tampered, occurred_us
        if judged.offset and judged.offset != next(iter(self.offsets), None):  # writers come in turns
            self.offsets = (judged.offset, *(each for each in self.offsets if each != judged.offset))
        self.zone = self.zone if judged.offset is None else judged.offset
        if not found and not judged.findings:
            return judged
        return Judged(tuple(found), judged.expected_hash, judged.offset, tampered)

    def _judge_place(self, event: Event) -> Finding | None:
        place = judge_place(event, self.before, self.boundary)
        if place is None:
            return None
        if not self.hashable and place.kind is Kind.GENESIS_MISMATCH:
            return None  # whether a sealed boundary explains the start cannot be known either
        return place if self.excerpt is None else self._excused(place, event, self.excerpt)

    def _excused(self, place: Finding, event: Event, excerpt: Excerpt) -> Finding | None:
        """None where what is missing is known to lie elsewhere; then the axis stays undecided."""
        if place.kind is Kind.GENESIS_MISMATCH and excerpt.begins_at(event):
            self.open_axes[Axis.GENESIS] = excerpt.why_open
            return None
        gap = (place.first_sequence or 0, place.last_sequence or 0)
        if place.kind is Kind.SEQUENCE_GAP and gap in excerpt.absent:
            self.open_axes[Axis.SEQUENCE] = excerpt.why_absent
            return None
        return place

    def _keep(self, found: Iterable[Finding]) -> None:
        for finding in found:
            self.counts[finding.kind] += 1
            if self.counts[finding.kind] <= FINDINGS_CAP:
                self.findings.append(finding)

    def _judge_erasure(self, event: Event) -> list[Finding]:
        recorded = erased_parts(event)
        if not recorded or event.sequence_number is None or event.hash_version not in VERSIONS:
            return []
        if self._counted != event.sequence_number:
            for number in self.coverage.naming(event.sequence_number):
                self._kept.update((number, part) for part in recorded)
            self._counted = event.sequence_number
        offending = self.coverage.offending(event)
        if offending:
            return [observe.unauthorised_erasure(event, offending)]
        if self.coverage.undecided(event):
            self.undecided_erasures += 1
            self.open_axes[Axis.ERASURE] = UNDECIDED_ERASURE
            return []
        self.erased_events += 1
        return []

    def _extend_runs(self, event: Event, offset: int | None, through: int | None) -> None:
        version_1 = event.hash_version == 1
        self._zones.extend(event, offset if version_1 and offset else None, through)
        self._uncovered.extend(event, 1 if version_1 else None, through)


def _first_unproven(finding: Finding) -> int:
    """Where a finding's doubt begins: a broken link says that the event before it is not the one named."""
    first = finding.first_sequence or 0
    return first - 1 if finding.kind is Kind.LINK_MISMATCH else first


def _placeholder(tenant_id: str, sequence: int, event_id: str | None) -> Event:
    """Just enough of an event that was not read to name it."""
    return Event(*(None,) * len(Event._fields))._replace(
        tenant_id=tenant_id, sequence_number=sequence, event_id=event_id
    )
