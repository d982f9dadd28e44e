"""Which event set which leaf of a state.

Leaves are scalars, empty arrays and empty objects; an array is one leaf as a whole, because positions in
it shift: "item 3" of yesterday is not item 3 of today.
"""

from collections.abc import Callable, Collection
from dataclasses import replace

from audit_tui.core.clock import rfc3339_of
from audit_tui.core.jsontext import dump
from audit_tui.core.model import Event
from audit_tui.core.pointer import MISSING, ROOT, Missing, join, lookup
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


class Blame:
    """The provenance of one state while it is folded: always of exactly the state's leaves."""

    def __init__(self) -> None:
        self.provenance: dict[str, Provenance] = {}
        self._leaves: dict[str, JsonValue] = {}
        self._doubts = False

    def clear(self) -> None:
        """Nothing is known, or nothing exists any more."""
        self.provenance, self._leaves = {}, {}

    def update(
        self,
        old: JsonValue | Missing,
        new: JsonValue,
        event: Event,
        *,
        named: Collection[str] = (),
        sealed: Callable[[str], bool],
        observed: Callable[[str], bool] = lambda _path: False,
    ) -> None:
        """Gives the event what it changed between the two states, and the leaves that it `named`.

        An unchanged value stays with the event that set it, also where a snapshot repeats it.
        """
        before, self._leaves = self._leaves, leaves(new)
        kept, self.provenance = self.provenance, {}
        for path, value in self._leaves.items():
            if path not in named and path in before and path in kept and before[path] == value:
                self.provenance[path] = kept[path]
                continue
            stood = lookup(old, path)
            self.provenance[path] = Provenance(
                sequence=event.sequence_number or 0,
                event_id=event.event_id or "",
                actor_id=event.actor_id or "",
                event_type=event.event_type or "",
                timestamp=rfc3339_of(event.timestamp) or "",
                sealed=sealed(path),
                previous=None if stood is MISSING else dump(stood),
                observed=observed(path),
            )

    def mark_erased(self) -> None:
        """An erased event may have set any of these since: what is shown may not be its last value."""
        self._doubts = bool(self.provenance)
        self.provenance = {path: replace(who, erased=True) for path, who in self.provenance.items()}

    def is_doubtful(self, path: str) -> bool:
        """Whether everything known at or below the pointer may have been set by an erased event."""
        if not self._doubts:
            return False
        below = [who for at, who in self.provenance.items() if is_under(at, path) or is_under(path, at)]
        return bool(below) and all(who.erased for who in below)

    def disagreements(self, claimed: JsonValue) -> list[tuple[str, JsonValue | Missing, JsonValue | Missing]]:
        """Where the leaves of another account differ: (pointer, ours, theirs), in the order of ours."""
        theirs = leaves(claimed)
        found: list[tuple[str, JsonValue | Missing, JsonValue | Missing]] = [
            (path, value, theirs.get(path, MISSING))
            for path, value in self._leaves.items()
            if path not in theirs or theirs[path] != value
        ]
        found += [(path, MISSING, value) for path, value in theirs.items() if path not in self._leaves]
        return found
