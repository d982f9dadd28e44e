"""JSON as evidence: numbers keep the text that the server printed, and no document can break the reader.

`load` gives None, bool, str, list and dict as Python's own, and three things of this module's: `Number`
for every number, and `Deep` for whatever is nested deeper than MAX_DEPTH. So everything that walks a
loaded value may recurse.
"""

import json
import re
from collections.abc import Iterator
from json.encoder import encode_basestring

from audit_tui.core.state import JsonValue

MAX_DEPTH = 100
"""Levels of arrays and objects that are opened; deeper ones stay text (`Deep`)."""

_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_NUMBER = re.compile(r"(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d{1,18}))?\Z", re.ASCII)


class Number:
    """A JSON number: shown as printed, equal to another of the same value (1.10 and 1.1, 1e2 and 100).

    Never equal to a bool or a Python number. Any count of digits is fine: values are compared as text,
    never converted.
    """

    __slots__ = ("_key", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._key: tuple[str, str, int] | None = None

    @property
    def key(self) -> tuple[str, str, int]:
        """(sign, digits without outer zeros, exponent of the last digit): the same for the same value."""
        if self._key is None:
            self._key = _key_of(self.text)
        return self._key

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Number):
            return NotImplemented
        return self.text == other.text or self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return f"Number({self.text!r})"

    def __str__(self) -> str:
        return self.text


def _key_of(text: str) -> tuple[str, str, int]:
    match = _NUMBER.match(text)
    if match is None:  # an exponent beyond 18 digits: equal to its own text alone
        return ("", text, 0)
    sign, whole, fraction, exponent = match.groups(default="")
    digits = (whole + fraction).lstrip("0")
    if not digits:
        return ("", "0", 0)
    stripped = digits.rstrip("0")
    return (sign, stripped, int(exponent or 0) - len(fraction) + len(digits) - len(stripped))


class Deep:
    """An array or object below MAX_DEPTH, kept as its text and equal to the same text alone."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, Deep) else NotImplemented

    def __hash__(self) -> int:
        return hash((Deep, self.text))

    def __repr__(self) -> str:
        return f"Deep({self.text[:40]!r})"


def load(text: str, levels: int = MAX_DEPTH) -> JsonValue:
    """The value of a JSON text. ValueError where it is none (NaN included).

    Of a repeated key the last value stays, as in jsonb. What lies below `levels` is not looked into.
    """
    if text.count("[") + text.count("{") <= levels:
        return _SHALLOW.decode(text)
    shallow, deep = _split_deep(text, levels)
    # The reader meets the stand-ins in the order in which they were put in.
    waiting = iter(deep)
    return json.loads(
        shallow, parse_int=Number, parse_float=Number, parse_constant=lambda name: _next(waiting, name)
    )


def _refuse(name: str) -> JsonValue:
    msg = f"{name} is not JSON"
    raise ValueError(msg)


_SHALLOW = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=_refuse)


def _next(waiting: Iterator[Deep], name: str) -> JsonValue:
    found = next(waiting, None)
    return _refuse(name) if found is None else found


def _split_deep(text: str, levels: int) -> tuple[str, list[Deep]]:
    """The text with `NaN` (which JSON has not) for every part below that level, and those parts."""
    kept: list[str] = []
    deep: list[Deep] = []
    level = start = resumed = 0
    for match in _STRUCTURE.finditer(text):
        character = match.group()
        if character in "[{":
            level += 1
            if level == levels + 1:
                start = match.start()
        elif character in "]}":
            if level == levels + 1:
                kept += (text[resumed:start], "NaN")
                deep.append(Deep(text[start : match.end()]))
                resumed = match.end()
            level -= 1
    return "".join((*kept, text[resumed:])), deep


def dump(value: JsonValue) -> str:
    """The value as compact JSON on one line, spaced as PostgreSQL spaces jsonb: `{"a": 1, "b": [2]}`.

    Keys keep their order, numbers their text, half surrogates are escaped. Python's own int and float
    are accepted (commands build documents of them); TypeError for anything else.
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quote(str(key))}: {dump(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(dump, value)) + "]"
    return _scalar(value)


def pretty(value: JsonValue, indent: int = 2) -> str:
    """The value as indented JSON, one item a line; empty arrays and objects stay on their line."""
    return "\n".join(_lines(value, "", " " * indent))


def copy_value(value: JsonValue) -> JsonValue:
    """The same value with arrays and objects of its own."""
    if isinstance(value, dict):
        return {key: copy_value(item) for key, item in value.items()}
    return [copy_value(item) for item in value] if isinstance(value, list) else value


def _lines(value: JsonValue, margin: str, step: str) -> list[str]:
    if isinstance(value, dict) and value:
        pairs = [(f"{_quote(str(key))}: ", item) for key, item in value.items()]
        opening, closing = "{", "}"
    elif isinstance(value, list | tuple) and value:
        pairs = [("", item) for item in value]
        opening, closing = "[", "]"
    else:
        return [dump(value)]
    lines = [opening]
    for position, (label, item) in enumerate(pairs):
        first, *rest = _lines(item, margin, step)
        block = [f"{step}{label}{first}", *(step + line for line in rest)]
        if position < len(pairs) - 1:
            block[-1] += ","
        lines += block
    lines.append(closing)
    return lines


def _scalar(value: JsonValue) -> str:
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, Number | Deep):
        return value.text
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value, allow_nan=False)
    msg = f"{type(value).__name__} is not a JSON value"
    raise TypeError(msg)


def _quote(text: str) -> str:
    quoted = encode_basestring(text)
    if quoted.isascii():
        return quoted
    return _SURROGATE.sub(lambda match: f"\\u{ord(match.group()):04x}", quoted)
