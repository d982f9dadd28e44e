"""One event as one line of an archive's file, and back: exactly one line stands for an event.

A line is a JSON object with the 26 columns in their order, no spaces, UTF-8. Values are the server's text
(jsonb as a JSON string that holds it, so that nothing is ever printed anew), SQL NULL is null, the numbers
are numbers, `part_salts` is hex.
"""

import json
import re
from json.encoder import encode_basestring as _quote

from audit_tui.core.model import COLUMNS, Event

MAX_LINE_BYTES = 256 * 1024 * 1024
"""Of one line, its line feed included: what a reader must be ready to hold at once."""

_NUMBERS = frozenset({"id", "sequence_number", "hash_version"})
_LARGEST = 2**63 - 1
_HEX = re.compile(r"(?:[0-9a-f]{2})*\Z", re.ASCII)
_HEADS = tuple(
    ("{" if not at else ",") + f'"{column}":' for at, column in enumerate(COLUMNS)
)  # what stands before each value


class ArchiveFormatError(ValueError):
    """Bytes that are no archive, or no line of one; the message is half a sentence that says why.

    It may quote what was read: untrusted text.
    """


def event_to_line(event: Event) -> bytes:
    """The event's line with its line feed.

    ArchiveFormatError where it cannot be written: text that is not valid UTF-8, or a line that is too long.
    """
    parts = [head + _value(value) for head, value in zip(_HEADS, event, strict=True)]
    try:
        line = ("".join(parts) + "}\n").encode()
    except UnicodeEncodeError:
        msg = f"event {event.sequence_number} holds text that is not valid in the database's encoding"
        raise ArchiveFormatError(msg) from None
    if len(line) > MAX_LINE_BYTES:
        msg = f"event {event.sequence_number} takes {len(line):,} bytes, and a line holds {MAX_LINE_BYTES:,}"
        raise ArchiveFormatError(msg)
    return line


def line_to_event(line: bytes) -> Event:
    """The event of one line (with or without its line feed). ArchiveFormatError for anything else.

    The event is written again and must give the same bytes, so that no two files hold the same events:
    repeated keys, other spellings of a value, spaces and another order of columns are all refused.
    """
    body = line if line.endswith(b"\n") else line + b"\n"
    if len(body) > MAX_LINE_BYTES:
        msg = f"is longer than {MAX_LINE_BYTES:,} bytes"
        raise ArchiveFormatError(msg)
    try:
        loaded = json.loads(body.decode())
    except (ValueError, RecursionError):
        msg = "is not JSON"
        raise ArchiveFormatError(msg) from None
    if not isinstance(loaded, dict) or tuple(loaded) != COLUMNS:
        msg = f"is not an object of the {len(COLUMNS)} columns in their order"
        raise ArchiveFormatError(msg)
    event = Event._make(_checked(column, value) for column, value in loaded.items())
    if _written(event) != body:
        msg = "is not written as an archive writes it"
        raise ArchiveFormatError(msg)
    return event


def _value(value: str | int | bytes | None) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return _quote(value)
    return f'"{value.hex()}"' if isinstance(value, bytes) else str(value)


def _checked(column: str, value: object) -> str | int | bytes | None:
    """The column's value of the right type, or ArchiveFormatError."""
    if value is None and column != "sequence_number":
        return None
    if column in _NUMBERS:
        if type(value) is int and -_LARGEST <= value <= _LARGEST:
            return value
    elif column == "part_salts":
        if isinstance(value, str) and _HEX.match(value):
            return bytes.fromhex(value)
    elif isinstance(value, str) and "\0" not in value:
        return value
    msg = f"holds no {column} that a row could hold"
    raise ArchiveFormatError(msg)


def _written(event: Event) -> bytes | None:
    try:
        return event_to_line(event)
    except ArchiveFormatError:
        return None
