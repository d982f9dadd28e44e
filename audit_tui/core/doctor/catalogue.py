"""The catalogue of an audit schema as one examination read it: objects by class and name, with properties."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

Object = tuple[str, ...]
Key = tuple[str, Object]
Properties = Mapping[str, str]
Row = tuple[str, Iterable[str], str, str | None]

LOG = ("audit", "logs")
BODY = "body"
TABLE_KINDS = frozenset("rp")
_NAMED_BY_RELATION = frozenset(("relation", "index", "column", "constraint", "trigger", "rule", "policy"))
_SEALS = re.compile(r"EXECUTE FUNCTION audit\.(seal_event|calculate_event_hash)\(")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The objects of the schema `audit`, and what belongs to them elsewhere.

    A relation's name begins with its schema. Where something else stands in the place of audit.logs and the
    log's table was found under another name, `real` is that name, and every object is told as if the table
    still bore its own; `front` is what stands there.
    """

    objects: Mapping[Key, Properties]
    front: Properties | None = None
    real: Object | None = None

    def of(self, class_: str) -> Iterator[tuple[Object, Properties]]:
        """Every object of a class, by name."""
        return ((key[1], found) for key, found in sorted(self.objects.items()) if key[0] == class_)

    def get(self, class_: str, *name: str) -> Properties | None:
        return self.objects.get((class_, name))

    @property
    def has_log(self) -> bool:
        """Whether the log's table was found, under whatever name."""
        return self.get("relation", *LOG) is not None

    @property
    def owner(self) -> str | None:
        """Who owns most of it: an object that was given to somebody else must not speak for the rest."""
        counted: dict[str, int] = {}
        for (class_, _), found in self.objects.items():
            if class_ in ("relation", "function", "schema") and "owner" in found:
                counted[found["owner"]] = counted.get(found["owner"], 0) + 1
        return max(counted, key=lambda name: (counted[name], name)) if counted else None


def build_catalogue(rows: Iterable[Row]) -> Catalogue:
    """The catalogue from rows (class, object, property, value). Of a body its digest is kept."""
    objects: dict[Key, dict[str, str]] = {}
    for class_, name, property_, value in rows:
        if value is not None:
            kept = digest(value) if property_ == BODY else value
            objects.setdefault((class_, tuple(name)), {})[property_] = kept
    return _as_if_in_place(objects)


def digest(body: str) -> str:
    """The SHA-256 of a function's text, in hex. Text that is no text (a lone surrogate) has one too."""
    return sha256(body.encode("utf-8", "surrogatepass")).hexdigest()


def relation_of(key: Key) -> Object | None:
    """The relation that an object belongs to, with its schema; None for what belongs to none."""
    class_, name = key
    if class_ in _NAMED_BY_RELATION:
        return name[:2]
    if class_ == "grant" and name[0] in ("table", "column", "sequence"):
        return name[1:3]
    return None


def _as_if_in_place(objects: Mapping[Key, Properties]) -> Catalogue:
    front = objects.get(("relation", LOG))
    if front is not None and front["kind"] in TABLE_KINDS:
        return Catalogue(objects, front)
    rest = {key: found for key, found in objects.items() if relation_of(key) != LOG}
    sealed = {
        name[:2]
        for (class_, name), found in rest.items()
        if class_ == "trigger" and _SEALS.search(found["definition"]) and found["cloned"] == "false"
    }
    if len(sealed) != 1:
        return Catalogue(rest, front)
    real = sealed.pop()
    return Catalogue(_renamed(rest, real), front, real)


def _renamed(objects: Mapping[Key, Properties], real: Object) -> dict[Key, Properties]:
    """The objects as if the table `real` were still called audit.logs."""
    printed = ".".join(_printed(part) for part in real)
    pattern = re.compile(rf'(?<![\w."]){re.escape(printed)}(?![\w$"])')

    def told(text: str) -> str:
        return pattern.sub(".".join(LOG), text)

    sequences = {name for (class_, name), found in objects.items() if _is_sequence(class_, found)}

    def in_place(key: Key) -> Key:
        class_, name = key
        if relation_of(key) in sequences:
            at = 1 if class_ == "grant" else 0
            return class_, (*name[:at], "audit", *name[at + 1 :])
        if relation_of(key) != real:
            return class_, tuple(told(part) for part in name)
        return class_, (name[0], *LOG, *name[3:]) if class_ == "grant" else (*LOG, *name[2:])

    return {in_place(key): {name: told(v) for name, v in found.items()} for key, found in objects.items()}


def _is_sequence(class_: str, found: Properties) -> bool:
    return class_ == "relation" and found["kind"] == "S"


def _printed(name: str) -> str:
    """As the server prints it (but for reserved words, which no log is called)."""
    return name if re.fullmatch(r"[a-z_][a-z0-9_$]*", name) else '"' + name.replace('"', '""') + '"'
