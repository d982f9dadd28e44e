"""Two chains compared event by event, in order and in constant memory, where hashes cannot vouch for them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from audit_tui.core.model import Event
from audit_tui.core.second.fields import EventPair, FieldState, compare_events

PAIRS_SHOWN = 3
"""Events that are kept whole, to be shown side by side."""
RUNS_LISTED = 1000


class Lost(NamedTuple):
    """A row that could not be delivered."""

    sequence_number: int


Row = Event | Lost


class RunKind(StrEnum):
    DIFFERS = "differs"
    ONLY_HERE = "only_here"
    ONLY_THERE = "only_there"


@dataclass(slots=True)
class Run:
    """Neighbouring events first..last that differ in the same way. `event_id` is the first one's,
    `columns` are those that differ in it.
    """

    kind: RunKind
    first: int
    last: int
    event_id: str | None
    here_hash: str | None
    there_hash: str | None
    columns: tuple[str, ...] = ()


@dataclass(slots=True)
class InLine:
    """What a comparison in line has met so far. `saying` leaves the hashes of the chain out of account: after
    a change they differ in every event, whatever it says.

    `compared` counts places, `differing` those that differ, `unread` those that a server could not deliver,
    `erased_apart` events of which parts were erased on one side; `runs` and `pairs` are the first few, the
    counts are never capped.
    """

    saying: bool = False
    compared: int = 0
    differing: int = 0
    unread: int = 0
    erased_apart: int = 0
    last: int | None = None
    runs: list[Run] = field(default_factory=list)
    pairs: list[EventPair] = field(default_factory=list)

    @property
    def first_difference(self) -> int | None:
        return self.runs[0].first if self.runs else None

    def take(self, here: Row | None, there: Row | None) -> None:
        """What both sides hold at one place (None: nothing)."""
        self.compared += 1
        self.last = _sequence(here if here is not None else there)
        if isinstance(here, Lost) or isinstance(there, Lost):
            self.unread += 1
            return
        fields = compare_events(here, there) if here is not None and there is not None else ()
        pair = EventPair(self.last, here, there, fields)
        self.erased_apart += any(each.state is not FieldState.DIFFERS for each in fields)
        if pair.says_otherwise or (not self.saying and _differs(pair)):
            self._note(pair)

    def _note(self, pair: EventPair) -> None:
        self.differing += 1
        if len(self.pairs) < PAIRS_SHOWN:
            self.pairs.append(pair)
        kind = _kind(pair)
        latest = self.runs[-1] if self.runs else None
        if latest is not None and latest.kind is kind and pair.sequence - latest.last in (0, 1):
            latest.last = pair.sequence
        elif len(self.runs) < RUNS_LISTED:
            either = pair.here or pair.there
            self.runs.append(
                Run(
                    kind,
                    pair.sequence,
                    pair.sequence,
                    either.event_id if either is not None else None,
                    pair.here.event_hash if pair.here is not None else None,
                    pair.there.event_hash if pair.there is not None else None,
                    pair.columns,
                )
            )


def merge(here: Iterable[Row], there: Iterable[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    """Both chains side by side, each ascending by sequence; of rows with one number the n-th meet."""
    ours, theirs = _numbered(here), _numbered(there)
    one, other = next(ours, None), next(theirs, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one[0] < other[0]):
            yield (one[1] if one is not None else None), None
            one = next(ours, None)
        elif one is None or other[0] < one[0]:
            yield None, other[1]
            other = next(theirs, None)
        else:
            yield one[1], other[1]
            one, other = next(ours, None), next(theirs, None)


def _numbered(rows: Iterable[Row]) -> Iterator[tuple[tuple[int, int], Row]]:
    last, nth = None, 0
    for row in rows:
        sequence = row.sequence_number or 0
        nth = nth + 1 if sequence == last else 0
        last = sequence
        yield (sequence, nth), row


def _sequence(row: Row | None) -> int:
    return 0 if row is None else row.sequence_number or 0


def _kind(pair: EventPair) -> RunKind:
    if pair.there is None:
        return RunKind.ONLY_HERE
    return RunKind.ONLY_THERE if pair.here is None else RunKind.DIFFERS


def _differs(pair: EventPair) -> bool:
    return any(each.state is FieldState.DIFFERS for each in pair.fields)
