"""The rules of the list: one pass over a tenant's events in (sequence, id) order.

A Walk is fed events and keeps only the row before, so memory is constant. It can start anywhere when it is
given the row before the range; the union over ranges equals the whole walk.
"""

from collections import Counter
from dataclasses import dataclass, field

from audit_tui.core import observe
from audit_tui.core.clock import microseconds
from audit_tui.core.coverage import Boundary, Coverage
from audit_tui.core.excerpt import Excerpt
from audit_tui.core.findings import FINDINGS_CAP, AcceptedBoundary, Axis, Finding, Kind
from audit_tui.core.hindsight import add_clue
from audit_tui.core.model import Event, Part
from audit_tui.core.runs import Runs
from audit_tui.core.seal import erased_parts, find_offset, is_hash, sealed_hash

VERSIONS = (1, 2)
UNDECIDED_ERASURE = "parts were erased, and what would authorise it lies beyond the events at hand"


@dataclass(frozen=True, slots=True)
class Judged:
    """What one row by itself and against the row before gave. `offset` is None where no hash fitted."""

    findings: tuple[Finding, ...]
    expected_hash: str | None
    offset: int | None
    tampered: bool


def judge_content(
    event: Event, before: Event | None, likely_offsets: tuple[int, ...] = (), encoding: str = "utf-8"
) -> Judged:
    """Version, hash form and content of one row. `likely_offsets` are where the search over zones begins,
    `encoding` the database's (Python's name), which version 1 hashes in.
    """
    known = before.hash_version if before is not None and before.hash_version in VERSIONS else None
    version = event.hash_version
    fallen = version not in VERSIONS or (known is not None and version is not None and version < known)
    recomputed = sealed_hash(event, encoding)
    found: list[Finding] = []
    offset: int | None = 0
    if fallen:
        found.append(observe.version_downgrade(event, known))
    if recomputed is None or recomputed != event.event_hash:
        offset = None
        if not is_hash(event.event_hash):
            found.append(observe.malformed_hash(event, recomputed))
        elif not fallen:
            if version == 1 and recomputed is not None:
                offset = find_offset(event, likely_offsets, encoding)
            if offset is None:
                found.append(observe.content_mismatch(event, recomputed))
    return Judged(tuple(found), recomputed, offset, bool(found))


def judge_place(event: Event, before: Event | None, boundary: AcceptedBoundary | None) -> Finding | None:
    """Genesis, duplicate, gap or link of one row: at most one of them applies."""
    sequence = event.sequence_number or 0
    if before is None:
        genuine = sequence == 1 and event.previous_hash is None
        return None if genuine or boundary is not None else observe.genesis_mismatch(event)
    last = before.sequence_number or 0
    if sequence == last:
        return observe.duplicate_sequence(event)
    if sequence > last + 1:
        return observe.sequence_gap(event, last + 1, sequence - 1)
    if event.previous_hash != before.event_hash and is_hash(before.event_hash):
        return observe.link_mismatch(event, before)
    return None


def accept_boundary(first: Event, boundaries: tuple[Boundary, ...]) -> AcceptedBoundary | None:
    """The boundary that explains why the chain begins at `first` (the newest, where one replaces another)."""
    sequence = first.sequence_number or 0
    if sequence <= 1 or not is_hash(first.previous_hash):
        return None
    for boundary in reversed(boundaries):
        if boundary.last_sequence == sequence - 1 and boundary.last_hash == first.previous_hash:
            return AcceptedBoundary(boundary.last_sequence, boundary.event_id)
    return None


@dataclass(slots=True)
class Walk:
    """Feed `step` every event of a tenant (or of a range, after `before`), then call `finish`.

    `hashable` is False where columns that the seal is over are missing: then nothing that rests on a hash of
    content is judged, erasures and boundaries included. `first_unproven` is where the first tampering
    finding or unreadable event stands. An `excerpt` says what of the chain is known to lie elsewhere:
    `open_axes` then tells what could not be decided without it.
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
    _before_tampered: bool = False
    _before_us: int | None = None
    _zones: Runs = field(default_factory=lambda: Runs(observe.foreign_zone))
    _uncovered: Runs = field(
        default_factory=lambda: Runs(lambda first, last, _: observe.uncovered_columns(first, last))
    )
    _kept: Counter[tuple[int, Part]] = field(default_factory=Counter)
    _counted: int | None = None
    _offsets: tuple[int, ...] = ()

    def step(self, event: Event) -> Judged:
        """Judges one event. Returns what was found at it (notices of runs come with `finish`)."""
        before = self.before
        if before is None:
            self.boundary = accept_boundary(event, self.boundaries)
            self.first_hash = event.event_hash
        judged = judge_content(event, before, self._offsets, self.encoding)
        place = judge_place(event, before, self.boundary)
        if before is not None and before.event_hash != event.previous_hash and self.hashable:
            add_clue(self.findings, event, before, self._offsets, self.encoding)
        found = [f for f in judged.findings if self.hashable or f.kind is not Kind.CONTENT_MISMATCH]
        if place is not None and not self.hashable and place.kind is Kind.GENESIS_MISMATCH:
            place = None  # whether a sealed boundary explains the start cannot be known either
        if place is not None and self.excerpt is not None:
            place = self._excused(place, event, self.excerpt)
        if place is not None:
            found.append(place)
        if event.erased_parts is not None and self.hashable:
            found.extend(self._judge_erasure(event))
        tampered = bool(found)
        occurred_us = microseconds(event.timestamp)
        if before is not None and not tampered and not self._before_tampered:
            found.extend(_judge_order(event, occurred_us, before, self._before_us))
        self._keep(found)
        self._keep_notices_of_runs(event, judged.offset)
        self.events += 1
        self.before, self._before_tampered, self._before_us = event, tampered, occurred_us
        if tampered and self.first_unproven is None:
            self.first_unproven = min(_first_unproven(finding) for finding in found)
        return Judged(tuple(found), judged.expected_hash, judged.offset, tampered) if found else judged

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

    def finish(self) -> tuple[Finding, ...]:
        """Closes the runs, looks for incomplete erasures, and returns the findings in the list's order."""
        self._keep([*self._zones.end(), *self._uncovered.end()])
        self._keep(self._judge_completeness() if self.hashable else [])
        return tuple(sorted(self.findings, key=lambda finding: finding.order))

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

    def _keep(self, found: list[Finding]) -> None:
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

    def _judge_completeness(self) -> list[Finding]:
        floor = self.boundary.last_sequence if self.boundary else 0
        lacking: dict[int, Finding] = {}
        for number, group in enumerate(self.coverage.groups):
            named = group.count_above(floor)
            if any(self._kept[number, part] < named for part in group.parts):
                event = _placeholder(self.tenant_id, group.sequence, group.event_id)
                lacking.setdefault(group.sequence, observe.erasure_incomplete(event))
        return list(lacking.values())

    def _keep_notices_of_runs(self, event: Event, offset: int | None) -> None:
        if offset and offset != next(iter(self._offsets), None):  # the latest first: writers come in turns
            self._offsets = (offset, *(each for each in self._offsets if each != offset))
        version_1 = event.hash_version == 1
        self._keep(self._zones.extend(event, offset if version_1 and offset else None))
        self._keep(self._uncovered.extend(event, 1 if version_1 else None))


def _judge_order(
    event: Event, occurred_us: int | None, before: Event, before_us: int | None
) -> list[Finding]:
    if occurred_us is None or before_us is None or occurred_us >= before_us:
        return []
    return [observe.time_disorder(event, before)]


def _first_unproven(finding: Finding) -> int:
    """Where a finding's doubt begins: a broken link says that the event before it is not the one named."""
    first = finding.first_sequence or 0
    return first - 1 if finding.kind is Kind.LINK_MISMATCH else first


def _placeholder(tenant_id: str, sequence: int, event_id: str | None) -> Event:
    """Just enough of the covering event to name it: the walk keeps no events."""
    return Event(*(None,) * len(Event._fields))._replace(
        tenant_id=tenant_id, sequence_number=sequence, event_id=event_id
    )
