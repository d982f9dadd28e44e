"""Which erasures the chain itself authorises: the `audit.erased` events and what they name.

A covering event counts when it is version 2, un-erased and its content fits its hash; it covers what lies
below its own sequence. A group with anything malformed covers nothing and never raises.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from audit_tui.core.jsontext import Number, load
from audit_tui.core.model import PART_COLUMNS, Event, Part
from audit_tui.core.seal import SALT_BYTES, ZERO_SALT, erased_parts, salt_slice, sealed_hash

ERASED_TYPE = "audit.erased"
ARCHIVED_TYPE = "audit.archived"
MAX_RANGES = 1000
_MAX_DIGITS = 19
"""Of a sequence in metadata: more could not be one."""


def carries_authority(event: Event) -> bool:
    """Whether an `audit.*` event may vouch for anything: version 2, nothing erased, content as sealed.

    A version 1 event carries none, whatever its type says: the guide reserves no event types.
    """
    if event.hash_version != 2 or event.erased_parts is not None or event.event_hash is None:
        return False  # no hash fits no content: neither may stand for the other
    return sealed_hash(event) == event.event_hash


@dataclass(frozen=True, slots=True)
class Group:
    """One entry of a covering event's `erased` list; `ranges` are sorted and merged."""

    sequence: int
    event_id: str | None
    ranges: tuple[tuple[int, int], ...]
    parts: frozenset[Part]
    actor_id: str | None
    actor_email: str | None

    def count_above(self, floor: int) -> int:
        """How many sequences above `floor` the group names."""
        return sum(max(0, high - max(low, floor + 1) + 1) for low, high in self.ranges)

    def within(self, spans: Iterable[tuple[int, int]]) -> "Group":
        """What the group says about these (first, last) sequences alone."""
        cut = [(max(low, a), min(high, b)) for a, b in spans for low, high in self.ranges]
        return replace(self, ranges=_merge([(low, high) for low, high in cut if low <= high]))


def parse_groups(event: Event) -> tuple[Group, ...]:
    """The well-formed groups of an `audit.erased` event that carries authority; () for any other event."""
    if event.event_type != ERASED_TYPE or not carries_authority(event) or event.sequence_number is None:
        return ()
    listed = metadata_of(event).get("erased")
    if not isinstance(listed, list):
        return ()
    parsed = (_parse_group(entry, event.sequence_number, event.event_id) for entry in listed)
    return tuple(group for group in parsed if group is not None)


def metadata_of(event: Event) -> dict[str, object]:
    """The event's metadata where it is an object, else {}: hostile metadata says nothing and never raises."""
    try:
        loaded = load(event.metadata or "null")
    except (ValueError, RecursionError):  # a file's text need not be what jsonb would hold
        return {}
    return loaded if isinstance(loaded, dict) else {}


def read_sequence(value: object) -> int | None:
    """A JSON integer of at most 19 digits, else None: 1.0 and 1e2 are numbers, but no sequences."""
    if not isinstance(value, Number) or not (value.text.isascii() and value.text.isdigit()):
        return None
    return int(value.text) if len(value.text) <= _MAX_DIGITS else None


def _parse_group(entry: object, sequence: int, event_id: str | None) -> Group | None:
    if not isinstance(entry, dict):
        return None
    ranges = _parse_ranges(entry.get("sequences"))
    parts = _parse_parts(entry.get("parts"))
    actor_id, actor_email = entry.get("actor_id"), entry.get("actor_email")
    if ranges is None or parts is None:
        return None
    if not all(value is None or isinstance(value, str) for value in (actor_id, actor_email)):
        return None
    if Part.IDENTITY not in parts and (actor_id is not None or actor_email is not None):
        return None
    return Group(sequence, event_id, ranges, parts, actor_id, actor_email)


def _parse_parts(listed: object) -> frozenset[Part] | None:
    if not isinstance(listed, list) or not listed:
        return None
    if not all(isinstance(name, str) and name in set(Part) for name in listed) or len(set(listed)) != len(
        listed
    ):
        return None
    return frozenset(Part(name) for name in listed)


def _parse_ranges(listed: object) -> tuple[tuple[int, int], ...] | None:
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_RANGES:
        return None
    ranges = []
    for pair in listed:
        if not isinstance(pair, list) or len(pair) != 2:
            return None
        low, high = (read_sequence(end) for end in pair)
        if low is None or high is None or low > high:
            return None
        ranges.append((low, high))
    return _merge(ranges)


def _merge(ranges: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return tuple(merged)


@dataclass(slots=True)
class Coverage:
    """All groups of a tenant, found by sequence in logarithmic time; read once before a check starts.

    `open_end`: later events exist that were not read, so that what nothing authorises here may be
    authorised there.
    """

    groups: tuple[Group, ...]
    open_end: bool = False
    _starts: list[int] = field(init=False, repr=False)
    _members: list[tuple[int, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        edges: dict[int, tuple[list[int], list[int]]] = {}
        for number, group in enumerate(self.groups):
            for low, high in group.ranges:
                edges.setdefault(low, ([], []))[0].append(number)
                edges.setdefault(high + 1, ([], []))[1].append(number)
        self._starts = sorted(edges)
        self._members = []
        inside: dict[int, None] = {}
        for edge in self._starts:
            begins, ends = edges[edge]
            for number in ends:
                inside.pop(number, None)
            inside.update(dict.fromkeys(begins))
            self._members.append(tuple(inside))

    def named_before(self, sequence: int) -> tuple[tuple[int, int], ...]:
        """What erasures recorded after `sequence` name before it, as (first, last), ascending."""
        spans = [span for group in self.groups if group.sequence > sequence for span in group.ranges]
        return _merge([(low, min(high, sequence - 1)) for low, high in spans if low < sequence])

    def naming(self, sequence: int) -> tuple[int, ...]:
        """Numbers (in `groups`) of the groups that name this sequence."""
        at = bisect_right(self._starts, sequence) - 1
        return self._members[at] if at >= 0 else ()

    def offending(self, event: Event) -> tuple[Part, ...]:
        """The erased parts of an event that nothing authorises, or whose columns or salt are not as left.

        Where later events were not read: those that no event at all could authorise.
        """
        parts = self._unauthorised(event)
        return tuple(part for part in parts if not (self.open_end and _could_be_covered(event, part)))

    def undecided(self, event: Event) -> tuple[Part, ...]:
        """The erased parts that only an event which was not read could authorise."""
        if not self.open_end:
            return ()
        return tuple(part for part in self._unauthorised(event) if _could_be_covered(event, part))

    def _unauthorised(self, event: Event) -> tuple[Part, ...]:
        recorded = erased_parts(event)
        if not recorded or event.sequence_number is None:
            return ()
        groups = [self.groups[n] for n in self.naming(event.sequence_number)]
        groups = [g for g in groups if g.sequence > (event.sequence_number or 0)]
        if (event.event_type or "").lower().startswith("audit."):
            groups = []
        return tuple(part for part in recorded if not any(_fits(event, part, group) for group in groups))


def _fits(event: Event, part: Part, group: Group) -> bool:
    if part not in group.parts:
        return False
    version_1 = event.hash_version == 1
    if version_1 and part is Part.CHANGES:
        return False  # the guide's hash is over `changes`: it cannot have been erased with the hash intact
    if not version_1 and salt_slice(event, part) != ZERO_SALT[:SALT_BYTES]:
        return False
    if part is Part.IDENTITY:
        left = (group.actor_id, group.actor_email, None, None, None)
        return left == tuple(getattr(event, column) for column in PART_COLUMNS[part])
    return all(getattr(event, column) is None for column in PART_COLUMNS[part])


def _could_be_covered(event: Event, part: Part) -> bool:
    """Whether some later `audit.erased` event could authorise the part as it stands."""
    if (event.event_type or "").lower().startswith("audit."):
        return False
    sequence = event.sequence_number or 0
    likely = Group(sequence + 1, None, (), frozenset(Part), event.actor_id, event.actor_email)
    return _fits(event, part, likely)


def build_coverage(
    events: Iterable[Event], *, within: Iterable[tuple[int, int]] | None = None, open_end: bool = False
) -> Coverage:
    """The coverage that a tenant's `audit.*` events give.

    `within` are the only stretches of sequences that are at hand; `open_end` tells that later events exist
    elsewhere.
    """
    groups = (group for event in events for group in parse_groups(event))
    if within is not None:
        spans = tuple(within)
        groups = (group.within(spans) for group in groups)
    return Coverage(tuple(groups), open_end)


@dataclass(frozen=True, slots=True)
class Boundary:
    """What an `audit.archived` event claims: sequences up to `last_sequence` left, ending in `last_hash`."""

    last_sequence: int
    last_hash: str
    event_id: str


def parse_boundaries(events: Iterable[Event]) -> tuple[Boundary, ...]:
    """The boundaries that intact version 2 `audit.archived` events record, in the order given."""
    found = []
    for event in events:
        if event.event_type != ARCHIVED_TYPE or not carries_authority(event):
            continue
        metadata = metadata_of(event)
        first, last = (read_sequence(metadata.get(key)) for key in ("first_sequence", "last_sequence"))
        digest = metadata.get("last_hash")
        if first is not None and last is not None and first <= last and isinstance(digest, str):
            found.append(Boundary(last, digest, event.event_id or ""))
    return tuple(found)
