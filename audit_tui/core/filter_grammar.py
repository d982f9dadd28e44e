"""What is typed into the filter bar and after `timeline`, read into an EventFilter and written back.

`type:user.* actor:usr_1 resource:user/usr_456 ip:203.0.113.0/24 since:2d until:2024-01-15T10:00Z words`.
Words without a field are searched as text. Quotes hold a value together: `since:"yesterday 10:00"`.
"""

import difflib
import ipaddress
import re
from dataclasses import dataclass
from datetime import UTC, tzinfo

from audit_tui.core.clock import rfc3339
from audit_tui.core.errors import UsageError
from audit_tui.core.filters import EventFilter
from audit_tui.core.moments import parse_moment

FIELDS = ("type", "actor", "resource", "resource_type", "resource_id", "ip", "since", "until")
"""What can stand before a colon. `resource` is TYPE or TYPE/ID (the first slash ends TYPE)."""

_WORD = re.compile(r'(?:([A-Za-z_-]+):)?(?:"((?:[^"\\]|\\.)*)"|((?:[^\s"])*))(?=\s|\Z)', re.DOTALL)
_PLAIN = re.compile(r'[^\s":\\]+\Z')
_PLAIN_VALUE = re.compile(r'[^\s"]+\Z')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class FilterError(UsageError):
    """A word of the filter that can't be understood. `position` is its first character, from 0."""

    def __init__(self, problem: str, word: str, position: int, hint: str | None = None) -> None:
        super().__init__(f"{problem} (at character {position + 1}: {word})", hint)
        self.problem = problem
        self.word = word
        self.position = position


@dataclass(frozen=True, slots=True)
class _Word:
    field: str | None
    value: str
    text: str
    position: int


def parse_filter(text: str, now_us: int, zone: tzinfo = UTC) -> EventFilter:
    """The filter that was typed; an empty text is the empty filter.

    `now_us` and `zone` are what relative and local times refer to (see `moments.parse_moment`).
    FilterError, a UsageError, names the word that can't be understood and where it stands.
    """
    found: dict[str, _Word] = {}
    searched: list[str] = []
    for word in _words(text):
        if word.field is None:
            searched.append(word.value)
            continue
        _check_field(word, found)
        found[word.field] = word
    values: dict[str, str | int | None] = {"text": " ".join(searched) or None}
    for word in found.values():
        values |= _read(word, now_us, zone)
    made = EventFilter(**values)  # type: ignore[arg-type]  # _read gives each field its own type
    if made.since_us is not None and made.until_us is not None and made.since_us >= made.until_us:
        last = max(found["since"], found["until"], key=lambda word: word.position)
        raise FilterError("since is not before until", last.text, last.position, "no event could match")
    return made


def format_filter(event_filter: EventFilter) -> str:
    """The text that `parse_filter` reads back into the same filter; times are absolute, in UTC."""
    words = [
        *_format("type", event_filter.event_type),
        *_format("actor", event_filter.actor),
        *_format_resource(event_filter.resource_type, event_filter.resource_id),
        *_format("ip", event_filter.ip),
    ]
    if event_filter.since_us is not None:
        words.append(f"since:{rfc3339(event_filter.since_us)}")
    if event_filter.until_us is not None:
        words.append(f"until:{rfc3339(event_filter.until_us)}")
    if event_filter.text:
        words.append(_format_text(event_filter.text))
    return " ".join(words)


def _words(text: str) -> list[_Word]:
    words: list[_Word] = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        match = _WORD.match(text, position)
        if match is None or match.end() == position:
            rest = text[position:].split(maxsplit=1)[0]
            raise FilterError("a quotation mark without its partner", rest, position, 'write "two words"')
        field, quoted, bare = match.groups()
        value = _ESCAPED.sub(r"\1", quoted) if quoted is not None else bare
        words.append(_Word(field, value, match.group(), position))
        position = match.end()
    return words


def _check_field(word: _Word, found: dict[str, _Word]) -> None:
    if word.field not in FIELDS:
        near = difflib.get_close_matches(word.field or "", FIELDS, n=1)
        hint = f"did you mean {near[0]}:?" if near else f"fields are {', '.join(FIELDS)}"
        hint += f'; to search for the text, write "{word.text}"' if '"' not in word.text else ""
        raise FilterError(f"there is no field {word.field!r}", word.text, word.position, hint)
    if word.field in found:
        raise FilterError(f"{word.field} is given twice", word.text, word.position, "leave one out")
    if not word.value:
        raise FilterError(f"{word.field} has no value", word.text, word.position, "write it after the colon")
    clashing = {"resource"} if word.field.startswith("resource_") else {"resource_type", "resource_id"}
    if word.field.startswith("resource") and clashing & set(found):
        raise FilterError("the resource is given twice", word.text, word.position, "leave one out")


def _read(word: _Word, now_us: int, zone: tzinfo) -> dict[str, str | int | None]:
    match word.field:
        case "type":
            return {"event_type": word.value}
        case "resource":
            kind, slash, name = word.value.partition("/")
            if not kind or (slash and not name):
                raise FilterError(
                    "a resource is TYPE or TYPE/ID", word.text, word.position, "write resource:user/usr_456"
                )
            return {"resource_type": kind, "resource_id": name or None}
        case "ip":
            return {"ip": _read_ip(word)}
        case "since" | "until":
            return {f"{word.field}_us": _read_moment(word, now_us, zone)}
        case field:
            return {str(field): word.value}


def _read_moment(word: _Word, now_us: int, zone: tzinfo) -> int:
    try:
        return parse_moment(word.value, now_us, zone)
    except UsageError as problem:
        raise FilterError(problem.title, word.text, word.position, problem.hint) from None


def _read_ip(word: _Word) -> str:
    try:
        if "%" in word.value:
            raise ValueError(word.value)
        if "/" in word.value:
            return str(ipaddress.ip_network(word.value, strict=False))
        return str(ipaddress.ip_address(word.value))
    except ValueError:
        raise FilterError(
            f"{word.value!r} is neither an address nor a network",
            word.text,
            word.position,
            "write 203.0.113.7 or 203.0.113.0/24",
        ) from None


def _format(field: str, value: str | None) -> list[str]:
    if not value:
        return []
    return [f"{field}:{value if _PLAIN_VALUE.match(value) else _quoted(value)}"]


def _format_resource(kind: str | None, name: str | None) -> list[str]:
    # One word where it can be read back; a type with a slash in it needs the two long ones.
    if kind and "/" not in kind:
        return _format("resource", f"{kind}/{name}" if name else kind)
    return [*_format("resource_type", kind), *_format("resource_id", name)]


def _format_text(text: str) -> str:
    words = text.split(" ")
    return text if all(_PLAIN.match(word) for word in words) else _quoted(text)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
