"""JSON pointers (RFC 6901): the names of places in a JSON value, e.g. `/settings/theme`, `/tags/0`."""

import re

from audit_tui.core.state import JsonValue

ROOT = ""
_INDEX = re.compile(r"(?:0|[1-9]\d{0,8})\Z", re.ASCII)


class Missing:
    """The type of MISSING: nothing stands at a pointer (a JSON null does stand there)."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()


def escape(token: str) -> str:
    """One reference token as it is written in a pointer."""
    return token.replace("~", "~0").replace("/", "~1")


def join(parent: str, token: str | int) -> str:
    """The pointer of a member or item of what `parent` names."""
    return f"{parent}/{escape(str(token))}"


def split(pointer: str) -> tuple[str, ...]:
    """The reference tokens, unescaped. ValueError for a text that is no pointer."""
    if pointer == ROOT:
        return ()
    if not pointer.startswith("/"):
        msg = f"a JSON pointer starts with a slash: {pointer!r}"
        raise ValueError(msg)
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/"))


def parent(pointer: str) -> str:
    """The pointer one level up; the root is its own parent."""
    return pointer.rpartition("/")[0]


def index_of(token: str) -> int | None:
    """The array index that a token names: digits without leading zeros, else None."""
    return int(token) if _INDEX.match(token) else None


def lookup(value: JsonValue, pointer: str) -> JsonValue | Missing:
    """What stands at the pointer, or MISSING. Raises nothing for a pointer that leads nowhere."""
    for token in split(pointer):
        value = step(value, token)
        if value is MISSING:
            return MISSING
    return value


def step(value: JsonValue, token: str) -> JsonValue | Missing:
    """One level down: the member or item that an unescaped token names, or MISSING."""
    if isinstance(value, dict):
        return value.get(token, MISSING)
    if isinstance(value, list):
        index = index_of(token)
        return value[index] if index is not None and index < len(value) else MISSING
    return MISSING


def display(pointer: str) -> str:
    """The pointer as people write paths: `settings.theme`, `tags[0]`; the root is `(whole)`."""
    shown = ""
    for token in split(pointer):
        if index_of(token) is not None and shown:
            shown += f"[{token}]"
        else:
            shown += f".{token}" if shown else token
    return shown or "(whole)"
