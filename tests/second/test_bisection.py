"""The first difference of two chains is found, in as few comparisons as was promised."""

from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core.second.bisection import Bisection, Look


class Chains:
    """Two chains of `length` events that are the same before event `parted` (None: throughout)."""

    def __init__(self, length: int, parted: int | None) -> None:
        self.length, self.parted = length, parted

    def looks(self, n: int) -> tuple[Look, Look]:
        assert 1 <= n <= self.length
        return self._look(n, "here"), self._look(n, "there")

    def _look(self, n: int, side: str) -> Look:
        return Look(self._hash(n, side), self._hash(n - 1, side) if n > 1 else None)

    def _hash(self, n: int, side: str) -> str:
        return f"{n}" if self.parted is None or n < self.parted else f"{n}-{side}"


def search(chains: Chains, low: int = 1) -> Bisection:
    found = Bisection(low, chains.length)
    while found.place is not None:
        assert low <= found.place <= chains.length
        found.take(*chains.looks(found.place))
    return found


def bound(events: int) -> int:
    """floor(log2 n) + 1, the look at the head included."""
    return events.bit_length()


@given(st.integers(1, 10**12), st.data())
def test_the_first_difference_is_found_within_the_bound(length: int, data: st.DataObject) -> None:
    parted = data.draw(st.integers(1, length))
    found = search(Chains(length, parted))
    assert (found.first_difference, found.lies_before) == (parted, False)
    assert found.comparisons <= bound(length)


@given(st.integers(1, 10**12), st.data())
def test_what_both_hold_may_begin_later(length: int, data: st.DataObject) -> None:
    low, parted = data.draw(st.integers(2, length + 1)), data.draw(st.integers(1, length + 1))
    low = min(low, length)
    found = search(Chains(length, parted), low)
    expected = None if parted > length else max(low, parted)
    assert found.first_difference == expected
    assert found.lies_before is (parted < low and parted <= length and low > 1)
    assert found.comparisons <= bound(length - low + 1) + 1


@given(st.integers(1, 10**12))
def test_one_comparison_tells_that_nothing_differs(length: int) -> None:
    found = search(Chains(length, None))
    assert (found.first_difference, found.comparisons) == (None, 1)


def test_every_difference_of_a_thousand_takes_ten_comparisons_and_of_ten_millions_24() -> None:
    assert max(search(Chains(1000, parted)).comparisons for parted in range(1, 1001)) == 10
    million = 1_000_000
    places = [1, 2, 3, 5 * million, 10 * million - 1, 10 * million, *range(7, 10 * million, 99_991)]
    assert max(search(Chains(10 * million, parted)).comparisons for parted in places) <= 24
