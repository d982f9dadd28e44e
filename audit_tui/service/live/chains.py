"""One tenant's chain while it is checked: which ranges are taken, which are done, what they say together.

Nothing here reads the database. Every method may be called from any thread under the run's lock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from audit_tui.core.continuity import ContinuityResult
from audit_tui.core.coverage import Boundary, Coverage
from audit_tui.core.excerpt import Excerpt
from audit_tui.core.findings import AcceptedBoundary, Finding
from audit_tui.core.judging import accept_boundary
from audit_tui.core.model import Head
from audit_tui.core.ranges import RangeResult, join
from audit_tui.core.walk import Walk

RANGE_EVENTS = 20_000
"""Sequences of a range: a fraction of a second's work, so that a lost connection costs no more than that."""

Span = tuple[int, int]


@dataclass(slots=True, eq=False)
class Range:
    """Sequences low..high of a chain, being checked by one worker.

    `revisited`: they stand before where the check begins, and are looked at because an erasure names them.
    """

    chain: "ChainCheck"
    low: int
    high: int
    walk: Walk
    revisited: bool = False

    @property
    def through(self) -> int:
        """The last sequence that was judged (low - 1: none yet)."""
        last = self.walk.before
        if last is None or not (self.walk.events or self.walk.unread):
            return self.low - 1
        return last.sequence_number or 0

    @property
    def is_sparse(self) -> bool:
        """Whether it held fewer events than it spans: then more may be missing behind it."""
        return not self.revisited and self.walk.events + self.walk.unread < self.high - self.low + 1


@dataclass(slots=True)
class ChainCheck:
    """The ranges of one chain up to the head that was fixed at the start.

    `since` is the witnessed event where an incremental check begins (None: at the chain's first event), and
    `first_previous_hash` then the link of that first event.
    `recorded` is the coverage as the first snapshot held it, `coverage` the newest: an erasure may have
    happened between two snapshots of one run. `continuity` is what comparing snapshots gave, where it was
    done after the ranges; `is_ending` while a worker does that.
    """

    head: Head
    hashable: bool
    encoding: str
    excerpt: Excerpt | None = None
    since: int | None = None
    first_previous_hash: str | None = None
    continuity: ContinuityResult | None = None
    is_ending: bool = False
    coverage: Coverage | None = None
    recorded: Coverage | None = None
    boundaries: tuple[Boundary, ...] = ()
    offsets: tuple[int, ...] = ()
    _cursor: int = field(init=False)
    _next: int = field(init=False)
    _joined: list[RangeResult] = field(default_factory=list)
    _done: dict[int, tuple[int, RangeResult]] = field(default_factory=dict)
    _cut: dict[int, tuple[int, RangeResult]] = field(default_factory=dict)
    _again: list[Span] = field(default_factory=list)
    _active: dict[int, Range] = field(default_factory=dict)
    _older: list[Span] = field(default_factory=list)
    _older_due: int = 0
    _older_done: list[RangeResult] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._cursor = self._next = self.first

    @property
    def first(self) -> int:
        """The first sequence that is judged."""
        return self.head.first_sequence if self.since is None else self.since

    @property
    def is_complete(self) -> bool:
        return self._next > self.head.sequence and len(self._older_done) == self._older_due

    @property
    def is_begun(self) -> bool:
        return self.coverage is not None

    def authorise(self, coverage: Coverage, boundaries: tuple[Boundary, ...]) -> None:
        """Takes what the chain itself authorises, as a snapshot holds it."""
        self.coverage, self.boundaries = coverage, boundaries
        if self.recorded is None:
            self.recorded = coverage
            if self.since is not None and not self._begins_well:
                self.since, self._cursor, self._next = (
                    None,
                    self.head.first_sequence,
                    self.head.first_sequence,
                )
            older = coverage.named_before(self.since) if self.since is not None else ()
            self._older = [piece for span in older for piece in _pieces(span, self.head.first_sequence)]
            self._older_due = len(self._older)

    @property
    def boundary(self) -> AcceptedBoundary | None:
        """What explains the beginning of a chain that is checked from `since` on."""
        if self.since is None:
            return None
        return accept_boundary(self.head.first_sequence, self.first_previous_hash, self.boundaries)

    @property
    def _begins_well(self) -> bool:
        """Whether what stands before `since` begins as it should; else everything is looked at."""
        genuine = self.head.first_sequence == 1 and self.first_previous_hash is None
        return genuine or self.boundary is not None

    def claim(self) -> Range | None:
        """The next range to be checked, or None where every one is taken."""
        if self._older:
            low, high = self._older.pop()
            return Range(self, low, high, self._start_walk(), revisited=True)
        if self._again:
            low, high = self._again.pop(0)
        elif self._cursor <= self.head.sequence:
            low, high = self._cursor, min(self._cursor + RANGE_EVENTS - 1, self.head.sequence)
            self._cursor = high + 1
        else:
            return None
        self._active[low] = taken = Range(self, low, high, self._start_walk())
        self._cut.pop(low, None)
        return taken

    def _start_walk(self) -> Walk:
        if self.coverage is None:
            msg = "what a chain authorises is read before its ranges"
            raise RuntimeError(msg)
        return Walk(
            self.head.tenant_id,
            self.coverage,
            self.boundaries,
            hashable=self.hashable,
            encoding=self.encoding,
            excerpt=self.excerpt,
            offsets=self.offsets,
        )

    def settle(self, taken: Range) -> None:
        """Takes what a range says that was checked to its end."""
        if taken.revisited:
            self._older_done.append(taken.walk.result())
            return
        self._active.pop(taken.low, None)
        self._done[taken.low] = (taken.high, taken.walk.result())
        self.offsets = taken.walk.offsets
        self._advance()

    def give_up(self, taken: Range) -> None:
        """Takes back a range that was cut off: what it said counts until it is checked again."""
        if taken.revisited:
            self._older.append((taken.low, taken.high))
            return
        self._active.pop(taken.low, None)
        self._cut[taken.low] = (taken.through, taken.walk.result())
        self._again.append((taken.low, taken.high))

    def step_over(self, sequence: int | None) -> None:
        """Goes on at a sequence (None: behind the head), because nothing stands before it."""
        to = self.head.sequence + 1 if sequence is None else min(sequence, self.head.sequence + 1)
        if to > self._cursor:
            self._done[self._cursor] = (to - 1, RangeResult())
            self._cursor = to
            self._advance()

    def _advance(self) -> None:
        while self._next in self._done:
            high, result = self._done.pop(self._next)
            self._joined = [join([*self._joined, result])]
            self._next = high + 1

    @property
    def whole(self) -> RangeResult:
        """What every range up to the first that is not done says together."""
        return self._joined[0] if self._joined else RangeResult()

    @property
    def older(self) -> RangeResult:
        """What was found at events before `since` that later erasures name."""
        return join([RangeResult(), *self._older_done])

    @property
    def events_read(self) -> int:
        done = [self.whole, *(result for _, result in [*self._done.values(), *self._cut.values()])]
        active = sum(taken.walk.events + taken.walk.unread for taken in self._active.values())
        return active + sum(result.events + result.unread for result in done)

    @property
    def spans_done(self) -> tuple[Span, ...]:
        """Stretches of sequences that were judged, ascending."""
        spans = [(self.first, self._next - 1)]
        spans += [(low, high) for low, (high, _) in sorted(self._done.items())]
        spans += [(taken.low, taken.through) for taken in list(self._active.values())]
        return tuple((low, high) for low, high in spans if low <= high)

    @property
    def findings_so_far(self) -> tuple[Finding, ...]:
        found = [*self.older.running, *self.whole.running]
        for _, result in list(self._done.values()):
            found += result.running
        for taken in list(self._active.values()):
            found += taken.walk.findings
        return tuple(found)

    def cut_short(self) -> tuple[RangeResult, RangeResult]:
        """Where a run ended early: what is known from the beginning on without a hole, and everything."""
        prefix = self.whole
        if self._next in self._cut:
            prefix = join([prefix, self._cut[self._next][1]])
        pieces: Mapping[int, tuple[int, RangeResult]] = {**self._cut, **self._done}
        return prefix, join([*self._older_done, self.whole, *(pieces[low][1] for low in sorted(pieces))])


def _pieces(span: Span, first: int) -> list[Span]:
    """A stretch in ranges, as far as the chain reaches back."""
    low, high = max(span[0], first), span[1]
    return [(at, min(at + RANGE_EVENTS - 1, high)) for at in range(low, high + 1, RANGE_EVENTS)]
