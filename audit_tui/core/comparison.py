"""What changed between two JSON values, as typed edits at JSON pointers.

Objects are compared by key (their order is no change), arrays of objects are aligned by `id`, `key` or
`name` where one of them is unique on both sides, other arrays by longest common subsequence. Numbers of
one value (1 and 1.0) are equal; true, 1 and "1" are three things.

Positions: within one array REMOVED and MOVED.from_path count in the array as it was, ADDED and MOVED.path
in the array as it becomes; every other step of a path counts in the new value. `edits.apply_edits` is the
law: `apply_edits(diff(old, new), old) == new`.
"""

from audit_tui.core.alignment import Alignment, Budget, align
from audit_tui.core.jsontext import dump
from audit_tui.core.pointer import ROOT, join
from audit_tui.core.state import Edit, JsonValue, Op

MAX_EDITS = 2_000
"""An object or array with more edits below it than this is told as one CHANGED of the whole."""


def diff(old: JsonValue, new: JsonValue, path: str = ROOT) -> tuple[Edit, ...]:
    """The edits that lead from `old` to `new` (values of `jsontext.load`); empty where they are equal.

    In a fixed order: keys alphabetically, an array's own edits before those inside its items. The work is
    bounded: beyond `alignment.CELLS` comparisons items are paired by position, beyond MAX_EDITS the
    smallest container that holds them becomes one edit.
    """
    return tuple(_compare(old, new, path, Budget()))


def _compare(old: JsonValue, new: JsonValue, path: str, budget: Budget) -> list[Edit]:
    if isinstance(old, dict) and isinstance(new, dict):
        edits = _compare_objects(old, new, path, budget)
    elif isinstance(old, list) and isinstance(new, list):
        edits = _compare_arrays(old, new, path, budget)
    else:
        return [] if old == new else [changed(path, old, new)]
    # Whoever found more stopped there: what they found is not all.
    return edits if len(edits) <= MAX_EDITS else [changed(path, old, new)]


def _compare_objects(
    old: dict[str, JsonValue], new: dict[str, JsonValue], path: str, budget: Budget
) -> list[Edit]:
    edits: list[Edit] = []
    for key in sorted(old.keys() | new.keys()):
        if len(edits) > MAX_EDITS:
            break
        where = join(path, key)
        if key not in new:
            edits.append(Edit(Op.REMOVED, where, old=dump(old[key])))
        elif key not in old:
            edits.append(Edit(Op.ADDED, where, new=dump(new[key])))
        else:
            edits += _compare(old[key], new[key], where, budget)
    return edits


def _compare_arrays(old: list[JsonValue], new: list[JsonValue], path: str, budget: Budget) -> list[Edit]:
    if old == new:
        return []
    alignment: Alignment = align(old, new, budget)
    edits = [Edit(Op.REMOVED, join(path, i), old=dump(old[i])) for i in alignment.removed]
    edits += [
        Edit(Op.MOVED, join(path, j), old=dump(old[i]), new=dump(old[i]), from_path=join(path, i))
        for i, j in alignment.moved
    ]
    edits += [Edit(Op.ADDED, join(path, j), new=dump(new[j])) for j in alignment.added]
    for i, j in alignment.pairs:
        if len(edits) > MAX_EDITS:
            break
        edits += _compare(old[i], new[j], join(path, j), budget)
    return edits


def changed(path: str, old: JsonValue, new: JsonValue) -> Edit:
    """One edit that replaces a value as a whole."""
    return Edit(Op.CHANGED, path, old=dump(old), new=dump(new))
