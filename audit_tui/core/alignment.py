"""Which items of two arrays belong together."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from audit_tui.core.jsontext import Deep, Number
from audit_tui.core.state import JsonValue

CELLS = 400_000
"""Comparisons that all arrays of one diff may cost together; beyond it items are paired by position."""

IDENTIFYING = ("id", "key", "name")


@dataclass(slots=True)
class Budget:
    """What is left of CELLS in the running diff."""

    cells: int = CELLS

    def take(self, cells: int) -> bool:
        """Whether that much was left; it is spent then."""
        if cells > self.cells:
            return False
        self.cells -= cells
        return True


@dataclass(frozen=True, slots=True)
class Alignment:
    """`removed` are positions in the old array, `added` in the new, both ascending; `pairs` (old, new) are
    items that belong together, in the new order; `moved` those of them that changed their order."""

    removed: tuple[int, ...]
    added: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...]
    moved: tuple[tuple[int, int], ...] = ()


def align(old: Sequence[JsonValue], new: Sequence[JsonValue], budget: Budget) -> Alignment:
    """By identity where both arrays hold objects with one, else by longest common subsequence."""
    old_names, new_names = _names_of_both(old, new)
    if old_names is not None and new_names is not None:
        return _by_name(old_names, new_names)
    return _by_content(old, new, budget)


def _names_of_both(
    old: Sequence[JsonValue], new: Sequence[JsonValue]
) -> tuple[list[object] | None, list[object] | None]:
    for field in IDENTIFYING:
        ours, theirs = _names(old, field), _names(new, field)
        if ours is not None and theirs is not None:
            return ours, theirs
    return None, None


def _names(items: Sequence[JsonValue], field: str) -> list[object] | None:
    """What each item is called, where every item has a name and no two have the same."""
    names = [item.get(field) if isinstance(item, dict) else None for item in items]
    if not all(isinstance(name, str | Number) for name in names):
        return None
    return names if len(set(names)) == len(names) else None


def _by_name(old: list[object], new: list[object]) -> Alignment:
    place = {name: i for i, name in enumerate(old)}
    pairs = [(place[name], j) for j, name in enumerate(new) if name in place]
    added = tuple(j for j, name in enumerate(new) if name not in place)
    kept = {i for i, _ in pairs}
    removed = tuple(i for i in range(len(old)) if i not in kept)
    still = _longest_rising([i for i, _ in pairs])
    return Alignment(removed, added, tuple(pairs), tuple(pair for pair in pairs if pair[0] not in still))


def _longest_rising(numbers: list[int]) -> set[int]:
    """The longest ascending subsequence: what need not move."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for at, number in enumerate(numbers):
        slot = bisect_left(tails, number)
        before.append(ends[slot - 1] if slot else -1)
        tails[slot : slot + 1] = [number]
        ends[slot : slot + 1] = [at]
    kept: set[int] = set()
    at = ends[-1] if ends else -1
    while at >= 0:
        kept.add(numbers[at])
        at = before[at]
    return kept


def _by_content(old: Sequence[JsonValue], new: Sequence[JsonValue], budget: Budget) -> Alignment:
    first = 0
    while first < min(len(old), len(new)) and old[first] == new[first]:
        first += 1
    last = 0
    while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
        last += 1
    rows, columns = len(old) - first - last, len(new) - first - last
    same: list[tuple[int, int]] = []
    if rows and columns and budget.take(rows * columns):
        middle = _common(
            [_token(item) for item in old[first : first + rows]],
            [_token(item) for item in new[first : first + columns]],
        )
        same = [(first + i, first + j) for i, j in middle]
    removed: list[int] = []
    added: list[int] = []
    pairs: list[tuple[int, int]] = []
    i, j = first, first
    for stop_i, stop_j in [*same, (first + rows, first + columns)]:
        both = min(stop_i - i, stop_j - j)
        pairs += zip(range(i, i + both), range(j, j + both), strict=True)
        removed += range(i + both, stop_i)
        added += range(j + both, stop_j)
        i, j = stop_i + 1, stop_j + 1
    return Alignment(tuple(removed), tuple(added), tuple(pairs))


def _common(old: list[object], new: list[object]) -> list[tuple[int, int]]:
    """A longest common subsequence as positions in both."""
    width = len(new) + 1
    lengths = [[0] * width]
    for item in reversed(old):
        below, row = lengths[-1], [0] * width
        for j in range(width - 2, -1, -1):
            row[j] = below[j + 1] + 1 if item == new[j] else max(below[j], row[j + 1])
        lengths.append(row)
    lengths.reverse()
    found: list[tuple[int, int]] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if old[i] == new[j]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif lengths[i + 1][j] >= lengths[i][j + 1]:
            i += 1
        else:
            j += 1
    return found


def _token(value: JsonValue) -> object:
    """Something hashable that is equal exactly where the values are equal."""
    if isinstance(value, dict):
        return ("object", frozenset((key, _token(item)) for key, item in value.items()))
    if isinstance(value, list):
        return ("array", tuple(_token(item) for item in value))
    if isinstance(value, Number | Deep):
        return value
    return (type(value).__name__, value)
