"""The types of a reconstruction and of a diff; `core.fold` and `core.diff` make them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

JsonValue = Any
"""A JSON value read by `core.jsontext.load`: numbers are `core.jsontext.Number` so that 1.10 stays 1.10."""


class Op(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Edit:
    """One typed change at one JSON pointer (RFC 6901). `old`/`new` are None where the op has none of it.

    Values are JSON text as the server printed it, so that 1.10 and 1.1 can both be shown.
    `from_path` is set for MOVED alone.
    """

    op: Op
    path: str
    old: str | None = None
    new: str | None = None
    from_path: str | None = None


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who last set one JSON pointer of the state, and whether that value was under the event's seal.

    `timestamp` is RFC 3339 in UTC, `previous` the JSON text of what stood there before (None: nothing).
    `erased`: an event that may have set the value since was erased. `observed`: the event is the first that
    shows the value, but does not say that it set it (its snapshot came where the state was not known).
    """

    sequence: int
    event_id: str
    actor_id: str
    event_type: str
    timestamp: str
    sealed: bool
    previous: str | None = None
    erased: bool = False
    observed: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """An event whose own `old` (or `resource_before`) disagrees with the folded state; its value won."""

    sequence: int
    event_id: str
    path: str
    folded: str | None
    claimed: str | None


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """What a resource looked like after the last event that counts.

    `at` is the moment asked for (RFC 3339, UTC, microseconds). `state` is a JSON value (None when it does
    not exist or nothing is known), `provenance` maps JSON pointers of the state's leaves to their events;
    leaves are scalars, empty arrays and empty objects, and whole arrays are one leaf each.
    `complete` is False where no snapshot stands under the deltas, or a part that mattered was erased.
    `base_sequence` is the snapshot the fold started from. `applied` are the sequences that made the state.
    `through_sequence` is the last event of this resource that was considered, `first_time`/`ended_time`
    bound its life as far as the log knows. `raw_changes` are events whose `changes` are not of the shape
    {field: {old, new}}: kept, shown, never guessed into the state.
    """

    tenant_id: str
    resource_type: str
    resource_id: str
    at: str
    exists: bool
    state: JsonValue
    complete: bool
    base_sequence: int | None
    applied: tuple[int, ...]
    conflicts: tuple[Conflict, ...]
    provenance: dict[str, Provenance]
    through_sequence: int | None = None
    first_time: str | None = None
    ended_time: str | None = None
    raw_changes: tuple[int, ...] = ()
    erased: tuple[int, ...] = ()
