"""The first event from which two chains differ, in about log2 of their length comparisons.

It holds for two chains that verify by themselves: then an equal hash at n proves equal events up to n, and an
event's `previous_hash` is the hash of the event before it, so that one look at n judges n - 1 as well.
"""

from dataclasses import dataclass, field
from typing import NamedTuple


class Look(NamedTuple):
    """What stands at one place of one chain."""

    event_hash: str | None
    previous_hash: str | None
    event_id: str | None = None


@dataclass(slots=True)
class Bisection:
    """Asks for places between two sequences that both chains hold, and narrows with every answer.

    `place` is the next sequence to be looked at on both sides (None: done). Then `first_difference` is the
    first event that differs (None: the chains are the same through `high`), and `lies_before` tells that the
    difference begins before `low`, which one of the chains does not hold. Of n events that both hold it asks
    for at most floor(log2 n) + 1, the head included, and for one more where `low` is not event 1.
    """

    low: int
    high: int
    place: int | None = field(init=False)
    first_difference: int | None = None
    lies_before: bool = False
    comparisons: int = 0
    _lowest: int = field(init=False)
    _highest: int = field(init=False)

    def __post_init__(self) -> None:
        self._lowest, self._highest = self.low, self.high
        self.place = self.high

    def take(self, here: Look, there: Look) -> None:
        """The answer for `place`. ValueError where nothing was asked."""
        if self.place is None:
            msg = "nothing was asked"
            raise ValueError(msg)
        at, self.comparisons = self.place, self.comparisons + 1
        if here.event_hash == there.event_hash:
            self._same_through(at)
        elif here.previous_hash == there.previous_hash:
            self._found(at)
        elif at == self.low:
            self._found(at, lies_before=True)
        else:
            self._highest = at - 1
            self._ask()

    def _same_through(self, at: int) -> None:
        if at == self.high:
            self.place = None
            return
        self._lowest = at + 1
        self._ask()

    def _ask(self) -> None:
        """`_highest` differs. A single candidate is the answer, unless what lies before it is unknown."""
        alone = self._lowest == self._highest
        if alone and (self._lowest > self.low or self.low == 1):
            self._found(self._lowest)
        else:
            self.place = (self._lowest + self._highest) // 2

    def _found(self, at: int, *, lies_before: bool = False) -> None:
        self.first_difference, self.lies_before, self.place = at, lies_before, None
