"""Setting and removing values at JSON pointers, in place: how a delta edits a state."""

from audit_tui.core.pointer import MISSING, ROOT, index_of, join, lookup, split, step
from audit_tui.core.state import JsonValue


def resolve(state: JsonValue, path: str) -> str:
    """The pointer that a delta's path means in this state.

    A field written with dots (`settings.theme`) means the nested place where the state has an object or
    array of that name and no field of the dotted name; else it is a field whose name holds dots.
    """
    where, here = ROOT, state
    waiting = list(split(path))
    while waiting:
        token = waiting.pop(0)
        head, dot, rest = token.partition(".")
        if dot and rest and step(here, token) is MISSING and isinstance(step(here, head), dict | list):
            token = head
            waiting.insert(0, rest)
        where, here = join(where, token), step(here, token)
    return where


def place(state: JsonValue, path: str, value: JsonValue) -> str | None:
    """Puts the value at the pointer, making objects on the way where nothing stands.

    Returns the pointer of what stood in the way (a scalar that had to give way, an array without such a
    position), else None. A value that finds no position is not placed.
    """
    tokens = split(path)
    gave_way: str | None = None
    here, where = state, ROOT
    for token in tokens[:-1]:
        where = join(where, token)
        inner = step(here, token)
        if not isinstance(inner, dict | list):
            if isinstance(here, list) and inner is MISSING:
                return where
            gave_way = gave_way or (None if inner is MISSING else where)
            inner = {}
            _put(here, token, inner)
        here = inner
    return gave_way if _put(here, tokens[-1], value) else path


def _put(container: JsonValue, token: str, value: JsonValue) -> bool:
    if isinstance(container, dict):
        container[token] = value
        return True
    index = index_of(token)
    if index is None or index > len(container):
        return False
    container[index : index + 1] = [value]
    return True


def remove(state: JsonValue, path: str) -> bool:
    """Takes away what stands at the pointer; False where nothing does."""
    *above, last = split(path)
    container: JsonValue = lookup(state, "".join(join(ROOT, token) for token in above))
    if step(container, last) is MISSING:
        return False
    del container[last if isinstance(container, dict) else int(last)]
    return True
