"""Tells what an application does as a rule from what happened once, before anything is called odd.

A field that changes outside of the log (a counter, a nightly job) disagrees again and again, and says nothing
about any event. Evidence is kept until everything was read, in bounded memory, and judged then.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

HABIT_LEAST = 5
HABIT_SHARE = 5
"""A field is out of judgement where it disagreed at least HABIT_LEAST times and in one of HABIT_SHARE."""

FIELDS_CAP = 20_000
SIGNATURES_CAP = 5_000
RECORDS_CAP = 20_000
"""How much is remembered of a tenant; what is beyond is judged as if it had no habit."""


class Check(StrEnum):
    """Which two accounts were compared."""

    BEFORE = "before"
    """The state that the history implies, and the event's `resource_before`."""
    OLD = "old"
    """The state that the history implies, and `old` in the event's `changes`."""
    OWN_OLD = "own_old"
    """`resource_before` and `old` of one event."""
    OWN_NEW = "own_new"
    """`resource_after` and `new` of one event."""
    UNNAMED = "unnamed"
    """The two snapshots of one event differ where its `changes` name nothing."""


class Key(NamedTuple):
    """One field of one type of resource, in one kind of comparison."""

    check: Check
    resource_type: str
    field: str


class Place(NamedTuple):
    """Where two accounts disagree. Texts are bounded and safe.

    `source` is the sequence that told `expected` (None: the event itself).
    """

    key: Key
    path: str
    expected: str
    found: str
    source: int | None
    source_version: int | None


class Record(NamedTuple):
    """An event that disagreed, until it is known what is a habit."""

    sequence: int
    event_id: str | None
    version: int | None
    resource_type: str
    resource_id: str
    places: tuple[Place, ...]


Signature = tuple[str, frozenset[Key]]
_CROWD = Key(Check.BEFORE, "", "")


@dataclass(slots=True)
class Habits:
    """Counts comparisons and keeps records; `judge` then gives those that no habit explains."""

    compared: Counter[Key] = field(default_factory=Counter)
    disagreed: Counter[Key] = field(default_factory=Counter)
    named: set[tuple[str, str]] = field(default_factory=set)
    _counts: Counter[Signature] = field(default_factory=Counter)
    _records: dict[Signature, list[Record]] = field(default_factory=dict)
    _kept: int = 0

    def compare(self, check: Check, resource_type: str, name: str = "") -> None:
        """One comparison was made (for BEFORE: of a whole snapshot, without a field)."""
        self._count(self.compared, Key(check, resource_type, name))

    def name(self, resource_type: str, field_name: str) -> None:
        """Some event's `changes` told of that field: the application tracks it."""
        if len(self.named) < FIELDS_CAP:
            self.named.add((resource_type, field_name))

    def note(self, kind: str, record: Record) -> None:
        """Keeps what disagreed in one event; `kind` is that of the finding it may become."""
        keys = frozenset(place.key for place in record.places)
        for key in keys:
            self._count(self.disagreed, key)
        signature = (kind, keys)
        if signature not in self._counts and len(self._counts) >= SIGNATURES_CAP:
            signature = (kind, frozenset((_CROWD,)))
        self._counts[signature] += 1
        if self._kept >= RECORDS_CAP:
            self._purge()
        if self._kept < RECORDS_CAP:
            self._records.setdefault(signature, []).append(record)
            self._kept += 1

    def is_habit(self, key: Key) -> bool:
        """Whether that field disagrees as a rule, or was never tracked at all."""
        times = self.disagreed[key]
        if key.check is Check.UNNAMED and (key.resource_type, key.field) not in self.named:
            return True
        whole = key._replace(field="") if key.check is Check.BEFORE else key
        return times >= HABIT_LEAST and times * HABIT_SHARE >= self.compared[whole]

    def judge(self) -> Iterator[tuple[str, int, list[Record]]]:
        """(kind, how many events, those that were kept) for each set of fields that no habit explains."""
        for (kind, keys), count in self._counts.items():
            odd = frozenset(key for key in keys if not self.is_habit(key))
            if odd:
                records = self._records.get((kind, keys), [])
                yield kind, count, [self._without_habits(record) for record in records]

    def list_habits(self) -> list[Key]:
        """The fields that were not judged because they disagree as a rule, most often first."""
        return [
            k for k, _ in self.disagreed.most_common() if self.is_habit(k) and k.check is not Check.UNNAMED
        ]

    def _without_habits(self, record: Record) -> Record:
        odd = tuple(place for place in record.places if not self.is_habit(place.key))
        return record._replace(places=odd or record.places)

    def _purge(self) -> None:
        """Makes room: what is a habit by now is not listed later either."""
        for signature in list(self._records):
            if all(self.is_habit(key) for key in signature[1]):
                self._kept -= len(self._records.pop(signature))

    @staticmethod
    def _count(counter: Counter[Key], key: Key) -> None:
        if key in counter or len(counter) < FIELDS_CAP:
            counter[key] += 1
