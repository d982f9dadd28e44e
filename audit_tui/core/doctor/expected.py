"""What this version installs: the catalogue of a fresh installation, shipped as data, in every choice of it.

`parts` of the data: "base" is a plain log with everything optional left out; the others ("partitioned",
"adopted", "tenant_isolation", "ddl_trigger") name what differs from it, property by property, so that
several can be chosen at once; an object or a property set to None is not there.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from audit_tui.core.doctor.catalogue import BODY, Key, Properties, digest

FORMAT = 1
BASE = "base"
TEXT = "body text"
UNJUDGED = frozenset(
    ("comment", TEXT, "marks", "compression", "cost", "rows", "replica identity", "attributes")
)
"""Properties that tell nothing about protection, or that are judged by themselves (a role's attributes)."""
_OWNER = re.compile(r"\baudit_owner\b")
_FIT = re.compile(r"[a-z_][a-z0-9_]{0,62}")

Part = dict[Key, Mapping[str, str | None] | None]


@dataclass(frozen=True, slots=True)
class Expected:
    """A fresh installation. `builtins` are the server's own functions that its code calls: signature to
    what they are made of; `names` all names of functions, operators and types that it looks up.
    """

    schema_version: int
    objects: Mapping[Key, Properties]
    builtins: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shipped:
    """The whole of the data, as `parse_shipped` reads it."""

    schema_version: int
    parts: Mapping[str, Part]
    builtins: Mapping[str, str]

    def choose(self, options: Iterable[str], owner: str) -> Expected:
        """What stands there for these options (parts that the data does not know are passed over)."""
        objects: dict[Key, Properties] = {}
        for name in (BASE, *options):
            for key, found in self.parts.get(name, {}).items():
                if found is None:
                    objects.pop(key, None)
                else:
                    objects[key] = _present({**objects.get(key, {}), **found})
        return Expected(self.schema_version, _owned(objects, owner), self.builtins)

    def part(self, name: str, owner: str) -> dict[Key, Properties]:
        """One part by itself: what it adds."""
        rows = self.parts.get(name, {}).items()
        return _owned({key: _present(found) for key, found in rows if found is not None}, owner)


def parse_shipped(text: str) -> Shipped:
    """The shipped data. ValueError where it is of another format."""
    data = json.loads(text)
    if data.get("format") != FORMAT:
        raise ValueError("the expected catalogue is of another format")
    parts = {
        name: {(class_, tuple(where)): found for class_, where, found in rows}
        for name, rows in data["parts"].items()
    }
    return Shipped(data["schema_version"], parts, data["builtins"])


def print_shipped(shipped: Shipped) -> str:
    """The data as text: an object a line, so that a change of the schema reads well as a difference."""
    lines = [f'{{"format": {FORMAT}, "schema_version": {shipped.schema_version},', '"parts": {']
    for number, (name, part) in enumerate(shipped.parts.items()):
        rows = [_line([key[0], list(key[1]), found]) for key, found in sorted(part.items())]
        closing = "]," if number + 1 < len(shipped.parts) else "]"
        lines += [f"{_line(name)}: [", ",\n".join(rows), closing]
    lines += ["},", f'"builtins": {json.dumps(dict(sorted(shipped.builtins.items())), indent=1)}', "}"]
    return "\n".join(line for line in lines if line) + "\n"


def difference(base: Mapping[Key, Properties], other: Mapping[Key, Properties]) -> Part:
    """The part that makes `other` of `base`."""
    part: Part = {key: None for key in base if key not in other}
    for key, found in other.items():
        was = base.get(key)
        if was is None:
            part[key] = found
        elif was != found:
            names = sorted(was.keys() | found.keys())
            part[key] = {name: found.get(name) for name in names if was.get(name) != found.get(name)}
    return part


def judged(objects: Mapping[Key, Properties]) -> dict[Key, Properties]:
    """The objects with what an examination compares: no comments, and nothing of a grant to the owner."""
    kept: dict[Key, Properties] = {}
    for key, found in objects.items():
        kept[key] = {name: value for name, value in sorted(found.items()) if name not in UNJUDGED}
    return kept


def _present(found: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in found.items() if value is not None}


def _owned(objects: Mapping[Key, Properties], owner: str) -> dict[Key, Properties]:
    # A name that no install accepts did not get there by one: then the default stands for what was.
    name = owner if _FIT.fullmatch(owner) else "audit_owner"

    def told(text: str) -> str:
        return _OWNER.sub(name, text)

    owned: dict[Key, Properties] = {}
    for (class_, where), found in objects.items():
        values = {property_: told(value) for property_, value in found.items() if property_ != TEXT}
        if TEXT in found:
            values[BODY] = digest(told(found[TEXT]))
        owned[class_, tuple(told(part) for part in where)] = values
    return owned


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
