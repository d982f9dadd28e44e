"""The sentences of continuity: who told what, who tells otherwise, and what that can mean."""

from audit_tui.core.findings import SEVERITY, Finding, Kind
from audit_tui.core.habits import Check, Place, Record
from audit_tui.core.jsontext import dump
from audit_tui.core.pointer import ROOT, Missing
from audit_tui.core.safe import safe_line
from audit_tui.core.state import JsonValue

PLACES_SHOWN = 3
VALUE_CAP = 80
PATH_CAP = 80
NAME_CAP = 60
_COLUMNS = {
    Check.BEFORE: ("resource_before",),
    Check.OLD: ("changes",),
    Check.OWN_OLD: ("changes", "resource_before"),
    Check.OWN_NEW: ("changes", "resource_after"),
    Check.UNNAMED: ("changes", "resource_before", "resource_after"),
}


def brief_value(value: JsonValue | Missing) -> str:
    """A JSON value in the few safe characters that a sentence has room for."""
    if isinstance(value, dict):
        return "{" + f"{len(value):,} field{'' if len(value) == 1 else 's'}" + "}"
    if isinstance(value, list) and len(value) > 8:
        return f"[{len(value):,} items]"
    if isinstance(value, str):
        return safe_line(f'"{value}"', VALUE_CAP)
    return safe_line(dump(value), VALUE_CAP)


def brief_path(path: str) -> str:
    """A JSON pointer, safe and bounded; the root has no name of its own."""
    return safe_line(path, PATH_CAP) if path != ROOT else "the whole state"


def snapshot_discontinuity(tenant_id: str, record: Record) -> Finding:
    """The event's account of the state before it is not what earlier events left behind."""
    first = record.places[0]
    earlier = f"event {first.source}" if first.source is not None else "an earlier event"
    told = "; ".join(
        f"{brief_path(place.path)} was {place.expected}, and is {place.found} here"
        for place in record.places[:PLACES_SHOWN]
    )
    message = (
        f"Event {record.sequence} finds {_resource(record)} otherwise than {earlier} left it: "
        f"{told}{_more(record)}. {_meaning(record)}"
    )
    return _finding(Kind.SNAPSHOT_DISCONTINUITY, tenant_id, record, message)


def change_disagreement(tenant_id: str, record: Record) -> Finding:
    """The event's `changes` do not lead from its `resource_before` to its `resource_after`."""
    told = "; ".join(_clash(place) for place in record.places[:PLACES_SHOWN])
    message = (
        f"Event {record.sequence} contradicts itself about {_resource(record)}: {told}{_more(record)}. "
        f"{_own_meaning(record)}"
    )
    return _finding(Kind.CHANGE_DISAGREEMENT, tenant_id, record, message)


def _finding(kind: Kind, tenant_id: str, record: Record, message: str) -> Finding:
    first = record.places[0]
    where = "" if first.path == ROOT else f"{brief_path(first.path)}: "
    columns = dict.fromkeys(name for place in record.places for name in _COLUMNS[place.key.check])
    return Finding(
        kind, SEVERITY[kind], tenant_id, record.sequence, record.sequence, record.event_id, message,
        where + first.expected, where + first.found, tuple(columns),
    )  # fmt: skip


def _clash(place: Place) -> str:
    path = brief_path(place.path)
    if place.key.check is Check.OWN_OLD:
        return f"changes say that {path} was {place.expected}, resource_before says {place.found}"
    if place.key.check is Check.OWN_NEW:
        return f"changes say that {path} became {place.expected}, resource_after says {place.found}"
    return f"{path} went from {place.expected} to {place.found}, and changes do not name it"


def _resource(record: Record) -> str:
    return f"{safe_line(record.resource_type, NAME_CAP)} {safe_line(record.resource_id, NAME_CAP)}"


def _more(record: Record) -> str:
    left = len(record.places) - PLACES_SHOWN
    return f"; and {left} more" if left > 0 else ""


def _meaning(record: Record) -> str:
    versions = {record.version, *(place.source_version for place in record.places)}
    if 1 in versions:
        return (
            "Version 1 seals leave snapshots open: one of them was edited, or the resource changed without "
            "an event."
        )
    return "Both are as they were sealed: the resource changed without an event, or two writers met at once."


def _own_meaning(record: Record) -> str:
    if record.version == 1:
        return "Version 1 seals cover changes and leave snapshots open: a snapshot was edited, or logged so."
    return "All of it is as it was sealed: the application logged it so."
