"""What the history of one resource implies about its state, as far as it can be known for certain.

Unlike `core.folding`, which shows the likeliest state, this forgets whatever an event leaves open.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from audit_tui.core.continuity_event import Telling
from audit_tui.core.edits import Pair
from audit_tui.core.jsontext import MAX_DEPTH, copy_value, dump, load
from audit_tui.core.placing import place, remove, resolve
from audit_tui.core.pointer import MISSING, ROOT, Missing
from audit_tui.core.state import JsonValue


class Source(NamedTuple):
    """The event that last told a field, and the version of its seal."""

    sequence: int
    version: int | None


@dataclass(slots=True)
class Known:
    """`value` is MISSING where nothing is known; `sources` name who told each top-level field."""

    value: JsonValue | Missing = MISSING
    sources: dict[str, Source] = field(default_factory=dict)
    text: str | None = None
    """The JSON text that `value` was read from, where it is exactly that: equal text needs no comparison."""

    def forget(self) -> None:
        self.value, self.text = MISSING, None
        self.sources = {}

    def source(self, path: str) -> Source | None:
        """Who told what stands at the pointer."""
        return self.sources.get(first_of(path)) or self.sources.get(ROOT)

    def follow(self, told: Telling) -> None:
        """Takes over what the event leaves behind."""
        if told.ends or told.oversized:
            self.forget()  # what was deleted softly may live on: nothing is known about that
        elif told.is_erased:
            self.forget()
            self._set(told.after, told)
            if told.after is MISSING:
                self._apply(told.pairs, told)
        elif told.after is not MISSING:
            self._replace(told)
        elif told.is_riddle:
            self.forget()
        elif told.pairs:
            self._meet(told)
            self._apply(told.pairs, told)
        elif told.only_reads:
            self._meet(told)
        else:
            self.forget()  # it changed something and does not say what

    def _meet(self, told: Telling) -> None:
        """The event's own account of the state before it stands; fields it lacks stay as they were."""
        if told.before is not MISSING:
            self._merge(told.before, told)

    def _replace(self, told: Telling) -> None:
        """A snapshot. Fields that neither it nor the one before it has were not its business: they stay."""
        new, kept = told.after, self._kept_beside(told)
        sources = {name: self.sources[name] for name in kept if name in self.sources}
        self._set(new, told)
        if kept and isinstance(new, dict):
            self.value, self.text = {**kept, **new}, None
            self.sources = {**sources, **self.sources}

    def _kept_beside(self, told: Telling) -> dict[str, JsonValue]:
        old, new, before = self.value, told.after, told.before
        if not (isinstance(old, dict) and isinstance(new, dict) and isinstance(before, dict)):
            return {}
        if told.is_riddle:
            return {}
        gone = new.keys() | before.keys() | {name for pair in told.pairs for name in _names_of(pair[0])}
        return {name: value for name, value in old.items() if name not in gone}

    def _merge(self, value: JsonValue, told: Telling) -> None:
        if isinstance(self.value, dict) and isinstance(value, dict):
            sources = {**self.sources, **_sources(value, told)}
            self.value, self.text = {**self.value, **value}, None
            self.sources = sources
        else:
            self._set(value, told)

    def _set(self, value: JsonValue | Missing, told: Telling) -> None:
        self.value = value
        self.text = told.event.resource_after if value is told.after and value is not MISSING else None
        self.sources = {} if value is MISSING else _sources(value, told)

    def _apply(self, pairs: list[Pair], told: Telling) -> None:
        """Edits of fields; where one finds no certain place, what it touches is forgotten."""
        if not isinstance(self.value, dict):
            self.value, self.sources = {}, {}
        touched = {name for path, _, _ in pairs for name in _names_of(path)}
        state = {k: copy_value(v) if k in touched else v for k, v in self.value.items()}
        self.value, self.text = state, None
        for told_path, _, new in pairs:
            path = where(state, told_path)
            name = first_of(path)
            if new is MISSING or new is None:
                remove(state, path)  # null is how some say that they do not know
            elif place(state, path, _shallow(new, told_path)) is not None:
                state.pop(name, None)
            self.sources[name] = Source(told.event.sequence_number or 0, told.event.hash_version)


def where(state: JsonValue, path: str) -> str:
    """The pointer that a delta's path means in a state (`placing.resolve`, quick where it is plain)."""
    name = path[1:]
    if isinstance(state, dict) and name in state and "/" not in name and "~" not in name:
        return path
    return resolve(state, path)


def first_of(path: str) -> str:
    """The top-level field that a pointer leads into; the root's is empty."""
    first = path[1:].partition("/")[0]
    return first.replace("~1", "/").replace("~0", "~") if "~" in first else first


def _sources(value: JsonValue, told: Telling) -> dict[str, Source]:
    source = Source(told.event.sequence_number or 0, told.event.hash_version)
    return dict.fromkeys(value, source) if isinstance(value, dict) else {ROOT: source}


def _names_of(path: str) -> tuple[str, str]:
    name = first_of(path)
    return name, name.partition(".")[0]


def _shallow(value: JsonValue, path: str) -> JsonValue:
    """The value, a copy that is no deeper than everything that walks a state can go."""
    if not isinstance(value, dict | list):
        return value
    return load(dump(value), levels=max(0, MAX_DEPTH - path.count("/") - path.count(".")))
