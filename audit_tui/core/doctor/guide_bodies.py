"""What the functions of a hand-made schema do, read from their text: comments and constants apart."""

import re
from collections.abc import Iterable

_CONSTANT = re.compile(r"(?P<s>'(?:[^']|'')*')|(?P<l>--[^\n]*)|(?P<b>/\*.*?\*/)", re.S)
_NEW = re.compile(r"\bnew\.\"?(\w+)\"?")
_ASSIGNED = re.compile(r"\bnew\.\"?(\w+)\"?\s*:?=(?!=)")
_LOOKS_BACK = re.compile(r"\b(?:lag|lead)\s*\(|\bsequence_number\s*[-+]\s*1|\bprev(?:ious)?_(?:seq|row|rec)")
_LOCKS = re.compile(
    r"\bfor\s+(?:no\s+key\s+)?update\b|\bpg_advisory\w*lock|\block\s+table\b|\bon\s+conflict\b"
)
_COMPARED = r"(?:=|<>|!=|\bis\s+(?:not\s+)?distinct\s+from\b)"


def code_of(body: str) -> str:
    """The text in lower case without comments; constants become ''."""

    def told(found: re.Match[str]) -> str:
        return "''" if found.group("s") is not None else " "

    return _CONSTANT.sub(told, body).lower()


def hashes(body: str) -> bool:
    """Whether a trigger function sets event_hash."""
    return re.search(r"\bnew\.event_hash\s*:?=", code_of(body)) is not None


def covered_columns(body: str) -> frozenset[str]:
    """The columns that a sealing function reads into what it hashes.

    A column that is only assigned is not covered; one that is assigned and read again is.
    """
    code = code_of(body)
    read = _NEW.findall(_ASSIGNED.sub(" ", code))
    return frozenset(read) - {"event_hash"}


def compares(body: str, column: str) -> bool:
    """Whether the code compares that column with something, a WHERE of a look-up apart."""
    code = code_of(body)
    name = rf"[\w.]*\b{column}\b"
    return re.search(rf"{name}\s*{_COMPARED}|{_COMPARED}\s*{name}", code) is not None


def looks_back(body: str) -> bool:
    """Whether the code sets an event beside the one before it."""
    code = code_of(body)
    return _LOOKS_BACK.search(code) is not None


def stops_at_the_first(body: str) -> bool:
    """Whether a loop is left with the first break that it finds."""
    code = code_of(body)
    return re.search(r"\bloop\b.*\breturn\s*;.*\bend\s+loop\b", code, re.S) is not None


def serialises(body: str) -> bool:
    """Whether the code takes a lock before it reads the last event."""
    code = code_of(body)
    return _LOCKS.search(code) is not None


def prints_time_by_session(body: str) -> bool:
    """Whether NEW.timestamp enters the hash as the session's time zone prints it."""
    code = code_of(body)
    if not re.search(r"\bnew\.\"?timestamp\b", _ASSIGNED.sub(" ", code)):
        return False
    return re.search(r"\bat\s+time\s+zone\b|\btimezone\s*\(|\bextract\s*\(|\bdate_part\s*\(", code) is None


def sets_time(body: str) -> bool:
    return re.search(r"\bnew\.\"?timestamp\"?\s*:?=", code_of(body)) is not None


def always_refuses(body: str) -> bool:
    """Whether a trigger function raises whatever the row."""
    code = code_of(body)
    return "raise exception" in code and re.search(r"\bif\b|\bcase\b|\breturn\b", code) is None


def calls_unpinned(body: str, names: Iterable[str]) -> list[str]:
    """Those of the functions that the code calls without naming their schema."""
    code = code_of(body)
    return [name for name in names if re.search(rf"(?<![\w.\"]){re.escape(name)}\s*\(", code)]


def uses_md5(body: str) -> bool:
    return re.search(r"\bmd5\s*\(", code_of(body)) is not None


def takes_the_last_snapshot(body: str) -> bool:
    """Whether a snapshot is taken as the state, later changes apart. A trigger function shows nothing."""
    code = code_of(body)
    return (
        "resource_after" in code
        and "new." not in code
        and re.search(r"\blimit\s+1\b|\brow_number\s*\(", code) is not None
    )
