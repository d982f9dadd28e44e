"""Edits from an event's `changes`, edits applied to a value."""

from audit_tui.core.jsontext import MAX_DEPTH, copy_value, dump, load
from audit_tui.core.pointer import MISSING, ROOT, Missing, index_of, join, parent, split, step
from audit_tui.core.state import Edit, JsonValue, Op

_PAIR = frozenset(("old", "new"))


Pair = tuple[str, JsonValue | Missing, JsonValue | Missing]
"""What a delta tells of one field: its JSON pointer, `old` and `new` (MISSING where it has none)."""


def is_delta(changes: JsonValue) -> bool:
    """Whether `changes` is of the shape {field: {old, new}}, nested objects of such included.

    One of `old` and `new` may be absent. An empty object is a delta that changes nothing.
    """
    return read_pairs(changes) is not None


def edits_of_changes(changes: JsonValue) -> tuple[Edit, ...]:
    """The edits that a delta tells, in its own order; () where it is not of that shape."""
    return tuple(_edit(*pair) for pair in read_pairs(changes) or ())


def read_pairs(changes: JsonValue) -> list[Pair] | None:
    """What a delta tells, in its own order; None where it is not of that shape."""
    if not isinstance(changes, dict):
        return None
    pairs: list[Pair] = []
    for field, told in changes.items():
        if not _read_field(join(ROOT, field), told, pairs):
            return None
    return pairs


def _read_field(path: str, told: JsonValue, pairs: list[Pair]) -> bool:
    if not isinstance(told, dict) or not told:
        return False
    if told.keys() <= _PAIR:
        pairs.append((path, told.get("old", MISSING), told.get("new", MISSING)))
        return True
    return all(_read_field(join(path, field), inner, pairs) for field, inner in told.items())


def _edit(path: str, old: JsonValue | Missing, new: JsonValue | Missing) -> Edit:
    if old is MISSING:
        return Edit(Op.ADDED, path, new=dump(new))
    if new is MISSING:
        return Edit(Op.REMOVED, path, old=dump(old))
    return Edit(Op.CHANGED, path, old=dump(old), new=dump(new))


def apply_edits(edits: tuple[Edit, ...], value: JsonValue) -> JsonValue:
    """A new value: `value` (left as it is) with the edits of `diff` applied in their order.

    ValueError where an edit names a place that isn't there.
    """
    result = copy_value(value)
    position = 0
    while position < len(edits):
        end = _end_of_batch(edits, position, result)
        batch = edits[position:end]
        if isinstance(_container(result, batch[0].path), list) and batch[0].op is not Op.CHANGED:
            _rearrange(_container(result, batch[0].path), batch)
        else:
            result = _apply_one(batch[0], result)
        position = end
    return result


def _end_of_batch(edits: tuple[Edit, ...], start: int, value: JsonValue) -> int:
    """One array's own edits belong together: their positions refer to it before and after them all."""
    if edits[start].op is Op.CHANGED or not isinstance(_container(value, edits[start].path), list):
        return start + 1
    end = start
    home = parent(edits[start].path)
    while end < len(edits) and edits[end].op is not Op.CHANGED and parent(edits[end].path) == home:
        end += 1
    return end


def _container(value: JsonValue, path: str) -> JsonValue:
    for token in split(path)[:-1]:
        value = step(value, token)
    return value


def _apply_one(edit: Edit, value: JsonValue) -> JsonValue:
    if edit.path == ROOT:
        return _value(edit)
    home, token = _container(value, edit.path), split(edit.path)[-1]
    if (step(home, token) is MISSING) is not (edit.op is Op.ADDED) or not isinstance(home, dict | list):
        msg = f"no place for {edit.op} at {edit.path}"
        raise ValueError(msg)
    if isinstance(home, list):  # its length changes in batches alone
        home[int(token)] = _value(edit)
    elif edit.new is None:
        del home[token]
    else:
        home[token] = _value(edit)
    return value


def _value(edit: Edit) -> JsonValue:
    """The new value, read no deeper than it would be in its place."""
    return load(edit.new or "null", levels=max(0, MAX_DEPTH - edit.path.count("/")))


def _rearrange(items: list[JsonValue], batch: tuple[Edit, ...]) -> None:
    leaving: set[int] = set()
    arriving: dict[int, JsonValue] = {}
    for edit in batch:
        if edit.op is Op.REMOVED:
            leaving.add(_position(edit.path))
        elif edit.op is Op.ADDED and edit.new is not None:
            arriving[_position(edit.path)] = _value(edit)
        elif edit.from_path is not None:
            leaving.add(_position(edit.from_path))
            arriving[_position(edit.path)] = items[_position(edit.from_path)]
    staying = iter([item for i, item in enumerate(items) if i not in leaving])
    size = len(items) - len(leaving) + len(arriving)
    items[:] = [arriving[i] if i in arriving else next(staying) for i in range(size)]


def _position(path: str) -> int:
    index = index_of(split(path)[-1])
    if index is None:
        msg = f"no array position: {path}"
        raise ValueError(msg)
    return index
