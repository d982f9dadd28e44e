"""What the history of one resource implies about its state, as far as it can be known for certain.

Unlike `core.folding`, which shows the likeliest state, this forgets whatever an event leaves open.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from audit_tui.core.contents import JSON_NULL
from audit_tui.core.jsontext import MAX_DEPTH, copy_value, load
from audit_tui.core.placing import place, remove, resolve
from audit_tui.core.pointer import MISSING, ROOT, Missing, split
from audit_tui.core.state import Edit, JsonValue
from audit_tui.core.telling import Telling


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
                self._apply(told.edits, told)
        elif told.after is not MISSING:
            self._replace(told)
        elif told.is_riddle:
            self.forget()
        elif told.edits:
            self._meet(told)
            self._apply(told.edits, told)
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
        gone = new.keys() | before.keys() | {name for edit in told.edits for name in _names_of(edit)}
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

    def _apply(self, edits: tuple[Edit, ...], told: Telling) -> None:
        """Edits of fields; where one finds no certain place, what it touches is forgotten."""
        if not isinstance(self.value, dict):
            self.value, self.sources = {}, {}
        state = self.value
        self.value, self.text = state, None
        touched = {name for edit in edits for name in _names_of(edit)}
        self.value = {k: copy_value(v) if k in touched else v for k, v in state.items()}
        for edit in edits:
            path = resolve(self.value, edit.path)
            name = first_of(path)
            if edit.new is None or edit.new == JSON_NULL:
                remove(self.value, path)  # null is how some say that they do not know
            elif place(self.value, path, _value(edit)) is not None:
                self.value.pop(name, None)
            self.sources[name] = Source(told.event.sequence_number or 0, told.event.hash_version)


def first_of(path: str) -> str:
    """The top-level field that a pointer leads into; the root's is empty."""
    return split(path)[0] if path else ROOT


def _sources(value: JsonValue, told: Telling) -> dict[str, Source]:
    source = Source(told.event.sequence_number or 0, told.event.hash_version)
    return dict.fromkeys(value, source) if isinstance(value, dict) else {ROOT: source}


def _names_of(edit: Edit) -> tuple[str, str]:
    name = first_of(edit.path)
    return name, name.partition(".")[0]


def _value(edit: Edit) -> JsonValue:
    levels = max(0, MAX_DEPTH - edit.path.count("/") - edit.path.count("."))
    return load(edit.new or JSON_NULL, levels=levels)
