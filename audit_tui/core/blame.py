"""Which event set which leaf of a state.

Leaves are scalars, empty arrays and empty objects; an array is one leaf as a whole, because positions in
it shift: "item 3" of yesterday is not item 3 of today.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from audit_tui.core.clock import rfc3339_of
from audit_tui.core.jsontext import dump
from audit_tui.core.model import Event
from audit_tui.core.pointer import MISSING, ROOT, Missing, join, lookup, parent
from audit_tui.core.state import JsonValue, Provenance


def leaves(value: JsonValue | Missing, path: str = ROOT) -> dict[str, JsonValue]:
    """The leaves of a value by JSON pointer; none of MISSING."""
    found: dict[str, JsonValue] = {}
    waiting = [(path, value)] if value is not MISSING else []
    while waiting:
        where, inner = waiting.pop()
        if isinstance(inner, dict) and inner:
            waiting += [(join(where, key), item) for key, item in reversed(inner.items())]
        else:
            found[where] = inner
    return found


def is_under(path: str, ancestor: str) -> bool:
    """Whether a pointer names the same place as another, or one inside it."""
    return path == ancestor or path.startswith(ancestor + "/")


def disagreements(
    ours: JsonValue | Missing, theirs: JsonValue | Missing
) -> list[tuple[str, JsonValue | Missing, JsonValue | Missing]]:
    """The leaves in which two accounts of a state differ: (pointer, ours, theirs), in the order of ours."""
    here, there = leaves(ours), leaves(theirs)
    found: list[tuple[str, JsonValue | Missing, JsonValue | Missing]] = [
        (path, value, there.get(path, MISSING))
        for path, value in here.items()
        if path not in there or there[path] != value
    ]
    return found + [(path, MISSING, value) for path, value in there.items() if path not in here]


class Blame:
    """The provenance of one state while it is folded: always of exactly the state's leaves."""

    def __init__(self) -> None:
        self._provenance: dict[str, Provenance] = {}
        self._doubt: _Doubt | None = None
        self._erased = False

    def of(self, state: JsonValue | Missing) -> dict[str, Provenance]:
        """The provenance of the state that was given last, in the order of its leaves."""
        return {path: self._provenance[path] for path in leaves(state)}

    def clear(self) -> None:
        """Nothing is known, or nothing exists any more."""
        self._provenance, self._doubt, self._erased = {}, None, False

    def update(
        self,
        old: JsonValue | Missing,
        new: JsonValue,
        event: Event,
        *,
        sealed: Callable[[str], bool],
        observed: Callable[[str], bool] = lambda _path: False,
        named: Collection[str] = (),
        fields: Collection[str] | None = None,
    ) -> None:
        """Gives the event what it changed between the two states, and the leaves that it `named`.

        An unchanged value stays with the event that set it, also where a snapshot repeats it. Where only
        top-level `fields` can differ, naming them spares the walk over all others.
        """
        before = _leaves_of(old, fields)
        kept = {path: self._provenance.pop(path) for path in before}
        for path, value in _leaves_of(new, fields).items():
            if path not in named and path in before and before[path] == value:
                self._provenance[path] = kept[path]
                continue
            stood = lookup(old, path)
            self._provenance[path] = Provenance(
                sequence=event.sequence_number or 0,
                event_id=event.event_id or "",
                actor_id=event.actor_id or "",
                event_type=event.event_type or "",
                timestamp=rfc3339_of(event.timestamp) or "",
                sealed=sealed(path),
                previous=None if stood is MISSING else dump(stood),
                observed=observed(path),
            )
        self._doubt = None

    def mark_erased(self) -> None:
        """An erased event may have set any of these since: what is shown may not be its last value."""
        self._provenance = {path: replace(who, erased=True) for path, who in self._provenance.items()}
        self._erased, self._doubt = True, None

    def is_doubtful(self, path: str) -> bool:
        """Whether everything known at, above or below the pointer may have been set by an erased event."""
        if not self._erased:
            return False
        if self._doubt is None:
            self._doubt = _Doubt(self._provenance)
        return self._doubt.covers(path)


class _Doubt:
    """Which places hold doubtful leaves, and which firm ones."""

    def __init__(self, provenance: dict[str, Provenance]) -> None:
        self._provenance = provenance
        self._doubtful: set[str] = set()
        self._firm: set[str] = set()
        for path, who in provenance.items():
            (self._doubtful if who.erased else self._firm).update(_upwards(path))

    def covers(self, path: str) -> bool:
        above = [self._provenance[at] for at in _upwards(path) if at in self._provenance]
        firm = path in self._firm or any(not who.erased for who in above)
        return not firm and (path in self._doubtful or bool(above))


def _upwards(path: str) -> Iterator[str]:
    yield path
    while path != ROOT:
        path = parent(path)
        yield path


def _leaves_of(value: JsonValue | Missing, fields: Collection[str] | None) -> dict[str, JsonValue]:
    if fields is None or not isinstance(value, dict) or not value:
        return leaves(value)
    found: dict[str, JsonValue] = {}
    for field in fields:
        if field in value:
            found |= leaves(value[field], join(ROOT, field))
    return found
