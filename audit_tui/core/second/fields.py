"""Two versions of one event, field by field: what differs, and what an erasure of one of them explains."""

from dataclasses import dataclass
from enum import StrEnum

from audit_tui.core.model import COLUMNS, PART_COLUMNS, PARTS, Event, Part
from audit_tui.core.seal import erased_parts, part_digest, salt_slice

CHAIN_COLUMNS = frozenset({"previous_hash", "event_hash"})
"""What differs in every event after one that was changed, whatever the events themselves say."""
_NOT_COMPARED = frozenset({"id", *CHAIN_COLUMNS, "part_salts", "erased_parts"})
_ALL = len(COLUMNS)


class FieldState(StrEnum):
    """`erased_*`: on that side the part was erased, and its recorded digest is that of the other side's."""

    DIFFERS = "differs"
    ERASED_HERE = "erased_here"
    ERASED_THERE = "erased_there"


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One column with its two values, as the servers print them (`part_salts` as hex); None is NULL."""

    column: str
    here: str | None
    there: str | None
    state: FieldState = FieldState.DIFFERS


@dataclass(frozen=True, slots=True)
class EventPair:
    """What stands at one sequence on both sides (None: nothing does), and how it differs."""

    sequence: int
    here: Event | None
    there: Event | None
    fields: tuple[FieldDifference, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of what differs and is not explained by an erasure."""
        return tuple(each.column for each in self.fields if each.state is FieldState.DIFFERS)

    @property
    def says_otherwise(self) -> bool:
        """Whether more differs than the hashes of the chain, and than erasures explain."""
        alone = self.here is None or self.there is None
        return alone or any(is_said(each) for each in self.fields)


def is_said(difference: FieldDifference) -> bool:
    """Whether a difference is one of what the event says, and not of the chain or of an erasure."""
    return difference.state is FieldState.DIFFERS and difference.column not in CHAIN_COLUMNS


def compare_events(here: Event, there: Event) -> tuple[FieldDifference, ...]:
    """Every difference but that of `id`, which no seal covers and every copy numbers for itself."""
    if here[1:_ALL] == there[1:_ALL]:
        return ()
    erased = _explained(here, there)
    states = {column: state for part, state in erased.items() for column in PART_COLUMNS[part]}
    found = [
        _difference(here, there, column, states.get(column, FieldState.DIFFERS))
        for column in COLUMNS
        if column not in _NOT_COMPARED and getattr(here, column) != getattr(there, column)
    ]
    if _salts_differ(here, there, erased):
        found.append(_difference(here, there, "part_salts"))
    if _records_differ(here, there, erased):
        found.append(_difference(here, there, "erased_parts"))
    chained = (column for column in COLUMNS if column in CHAIN_COLUMNS)
    found += [_difference(here, there, c) for c in chained if getattr(here, c) != getattr(there, c)]
    return tuple(found)


def _explained(here: Event, there: Event) -> dict[Part, FieldState]:
    """Parts that were erased on one side, leaving the digest of what the other side still holds."""
    ours, theirs = erased_parts(here) or {}, erased_parts(there) or {}
    found: dict[Part, FieldState] = {}
    for part in PARTS:
        if part in ours and part not in theirs and _fits(ours[part], there, part):
            found[part] = FieldState.ERASED_HERE
        elif part in theirs and part not in ours and _fits(theirs[part], here, part):
            found[part] = FieldState.ERASED_THERE
    return found


def _fits(recorded: str, whole: Event, part: Part) -> bool:
    """Version 1 sealed nothing of what may be erased, so its record holds no digest to compare."""
    return whole.hash_version == 1 or recorded == part_digest(whole, part)


def _salts_differ(here: Event, there: Event, erased: dict[Part, FieldState]) -> bool:
    if here.part_salts is None or there.part_salts is None or len(here.part_salts) != len(there.part_salts):
        return here.part_salts != there.part_salts
    rest = (part for part in PARTS if part not in erased)
    beyond = sum(len(salt_slice(here, part)) for part in PARTS)
    return here.part_salts[beyond:] != there.part_salts[beyond:] or any(
        salt_slice(here, part) != salt_slice(there, part) for part in rest
    )


def _records_differ(here: Event, there: Event, erased: dict[Part, FieldState]) -> bool:
    if here.erased_parts == there.erased_parts:
        return False
    ours, theirs = erased_parts(here), erased_parts(there)
    if ours is None or theirs is None:
        return True
    return {p: d for p, d in ours.items() if p not in erased} != {
        p: d for p, d in theirs.items() if p not in erased
    }


def _difference(
    here: Event, there: Event, column: str, state: FieldState = FieldState.DIFFERS
) -> FieldDifference:
    return FieldDifference(column, _text(getattr(here, column)), _text(getattr(there, column)), state)


def _text(value: object) -> str | None:
    if value is None:
        return None
    return value.hex() if isinstance(value, bytes) else str(value)
