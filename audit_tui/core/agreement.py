"""When two accounts of one value agree: what no honest application means by a difference is none.

Used for continuity alone, where a false alarm costs more than a missed trifle; a reconstruction shows every
difference (`core.blame`).
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache

from audit_tui.core.jsontext import Deep, Number
from audit_tui.core.pointer import MISSING, ROOT, Missing, join
from audit_tui.core.state import JsonValue

BOOKKEEPING = frozenset(
    (
        "changedat", "currentsigninat", "currentsigninip", "etag", "lastaccess", "lastaccessat",
        "lastaccessed", "lastaccessedat", "lastactiveat", "lastactivity", "lastactivityat", "lastlogin",
        "lastloginat", "lastmodified", "lastmodifiedat", "lastseen", "lastseenat", "lastsigninat",
        "lastsigninip", "lastupdated", "lastupdatedat", "lockversion", "logincount", "modified", "modifiedat",
        "modifiedon", "mtime", "revision", "rowversion", "signincount", "updated", "updatedat", "updatedon",
        "v", "version", "xmin",
    )
)  # fmt: skip
"""Field names (lower case, without `_` and `-`) that applications and triggers change without an event."""

DISAGREEMENTS_CAP = 20
"""Places told of one comparison."""

Disagreement = tuple[str, JsonValue, JsonValue]
"""(JSON pointer, what one account holds there, what the other holds)."""

_MASK = re.compile(
    r"[*\u2022\u25cfxX#]{3,}|[*\u2022\u25cf]{3,}\w{1,4}"
    r"|[\[<({*]+(?:filtered|redacted|masked|hidden|secret|removed|protected|encrypted)[\]>)}*]+",
    re.IGNORECASE,
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_LONGEST = 64
"""Characters that a mask, a moment or a number in quotes can have."""


def disagreements(
    ours: JsonValue | Missing, theirs: JsonValue | Missing, path: str = ROOT
) -> list[Disagreement]:
    """Where two accounts of a state disagree, in the order of ours, at most DISAGREEMENTS_CAP places.

    Objects are compared in the members that both have: one that a side lacks says nothing (snapshots of
    changed fields only, columns added by a migration, nulls that a serialiser leaves out).
    """
    found: list[Disagreement] = []
    for each in _differing(ours, theirs, path):
        found.append(each)
        if len(found) == DISAGREEMENTS_CAP:
            break
    return found


def agree(ours: JsonValue | Missing, theirs: JsonValue | Missing) -> bool:
    """Whether two accounts of one value can be the same value told twice."""
    return next(_differing(ours, theirs, ROOT), None) is None


@lru_cache(4096)
def is_bookkeeping(name: str) -> bool:
    """Whether a field of that name is kept by machinery rather than told by events."""
    return name.lower().replace("_", "").replace("-", "") in BOOKKEEPING


def _differing(ours: JsonValue | Missing, theirs: JsonValue | Missing, path: str) -> Iterator[Disagreement]:
    if ours is MISSING or theirs is MISSING:
        return
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key, value in ours.items():
            other = theirs.get(key, MISSING)
            if other is not MISSING and value != other and not is_bookkeeping(key):
                yield from _differing(value, other, join(path, key))
    elif not _same(ours, theirs):
        yield path, ours, theirs


def _same(a: JsonValue, b: JsonValue) -> bool:
    """Two values, of which not both are objects."""
    if a == b or _is_mask(a) or _is_mask(b):
        return True
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and Counter(map(_key, a)) == Counter(map(_key, b))
    if _is_empty(a) and _is_empty(b):
        return True
    if isinstance(a, str) and isinstance(b, str):
        return _same_moment(a, b)
    return _is_scalar(a) and _is_scalar(b) and None not in (a, b) and _plain(a) == _plain(b)


def _is_scalar(value: JsonValue) -> bool:
    return value is None or isinstance(value, str | bool | Number)


def _is_empty(value: JsonValue) -> bool:
    """Nothing, however it is written: serialisers differ in null, "", [] and {}."""
    return value is None or (isinstance(value, str | list | dict) and not value)


def _is_mask(value: JsonValue) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST and _MASK.fullmatch(value) is not None


def _plain(value: JsonValue) -> object:
    """A scalar as what it says: "1.50", 1.5 and "1.5" are one, so are true, "True" and 1."""
    if isinstance(value, bool):
        return Number("1" if value else "0")
    if isinstance(value, str) and len(value) <= _LONGEST:
        word = value.strip().lower()
        if word in {"true", "false"}:
            return Number("1" if word == "true" else "0")
        number = Number(word)
        return number if number.key[1] != word or word.isdigit() else value
    return value


def _same_moment(a: str, b: str) -> bool:
    """One moment printed twice: other zone, other separator, fewer digits of the second."""
    if not (len(a) <= _LONGEST and len(b) <= _LONGEST and _MOMENT.match(a) and _MOMENT.match(b)):
        return False
    try:
        first, second = (_utc(datetime.fromisoformat(text)) for text in (a, b))
    except (ValueError, OverflowError):
        return False
    coarse = not (first.microsecond and second.microsecond)
    step = 1_000_000 if coarse else 1_000
    return first.replace(microsecond=0) == second.replace(microsecond=0) and (
        first.microsecond // step == second.microsecond // step
    )


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _key(value: JsonValue) -> object:
    """An item of an array, hashable: the order of items and of members is no difference, nor is emptiness."""
    if isinstance(value, dict):
        members = ((name, _key(item)) for name, item in value.items() if not _is_silent(name, item))
        return ("object", frozenset(members))
    if isinstance(value, list):
        return ("array", frozenset(Counter(map(_key, value)).items()))
    if isinstance(value, Deep):
        return value
    return ("null",) if _is_empty(value) else ("scalar", _plain(value))


def _is_silent(name: str, item: JsonValue) -> bool:
    return is_bookkeeping(name) or _is_empty(item)
