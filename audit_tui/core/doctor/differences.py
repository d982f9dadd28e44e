"""What differs between the catalogue that was found and the one that was installed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from audit_tui.core.doctor.catalogue import Catalogue, Key, Object, Properties, relation_of
from audit_tui.core.doctor.expected import UNJUDGED


@dataclass(frozen=True, slots=True)
class Changed:
    """One property of an object; None stands for a property that is not there."""

    key: Key
    name: str
    expected: str | None
    found: str | None


@dataclass(frozen=True, slots=True)
class Differences:
    """Objects that are missing or extra, and properties that differ; grants are another matter.

    What belongs to a relation that is itself missing or extra is not told again.
    """

    expected: Mapping[Key, Properties]
    found: Mapping[Key, Properties]
    missing: frozenset[Key]
    extra: frozenset[Key]
    changed: tuple[Changed, ...]

    def missing_of(self, class_: str) -> Iterator[tuple[Object, Properties]]:
        return ((key[1], self.expected[key]) for key in sorted(self.missing) if key[0] == class_)

    def extra_of(self, class_: str) -> Iterator[tuple[Object, Properties]]:
        return ((key[1], self.found[key]) for key in sorted(self.extra) if key[0] == class_)

    def changed_of(self, class_: str, *names: str) -> Iterator[Changed]:
        return (c for c in self.changed if c.key[0] == class_ and (not names or c.name in names))


def compare(expected: Mapping[Key, Properties], catalogue: Catalogue) -> Differences:
    """The differences of the catalogue from what is expected."""
    found = catalogue.objects
    strange = _relations(found) - _relations(expected)
    lacking = _relations(expected) - _relations(found)
    extra = {key for key in found if key not in expected and not _belongs(key, strange)}
    missing = {key for key in expected if key not in found and not _belongs(key, lacking)}
    both = sorted(key for key in expected if key in found)
    changed = tuple(change for key in both for change in _changes(key, expected[key], found[key]))
    return Differences(expected, found, frozenset(missing), frozenset(extra), changed)


def _relations(objects: Mapping[Key, Properties]) -> set[Object]:
    return {name for class_, name in objects if class_ == "relation"}


def _belongs(key: Key, relations: set[Object]) -> bool:
    return key[0] != "relation" and relation_of(key) in relations


def _changes(key: Key, expected: Properties, found: Properties) -> Iterator[Changed]:
    for name in sorted((expected.keys() | found.keys()) - UNJUDGED):
        if expected.get(name) != found.get(name):
            yield Changed(key, name, expected.get(name), found.get(name))
