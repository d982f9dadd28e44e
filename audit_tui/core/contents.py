"""What an event's own columns say about its resource, before anything is folded or compared."""

from audit_tui.core.jsontext import load
from audit_tui.core.model import Event, Part
from audit_tui.core.state import JsonValue

JSON_NULL = "null"


def read_json(text: str | None) -> JsonValue:
    """The value of a jsonb column; None for SQL NULL, JSON null and what is no JSON."""
    try:
        return None if text is None else load(text)
    except ValueError:
        return None


def erased_parts(event: Event) -> frozenset[Part]:
    """The parts that the event's own columns record as erased (whether with authority, a check says)."""
    recorded = read_json(event.erased_parts)
    return frozenset(part for part in Part if isinstance(recorded, dict) and part in recorded)


def ends(event: Event) -> bool:
    """Whether the resource is gone after it: a `.deleted` type, or a state before and JSON null after."""
    gone = event.resource_after == JSON_NULL and event.resource_before not in {None, JSON_NULL}
    return gone or (event.event_type or "").endswith(".deleted")


def is_creation(event: Event) -> bool:
    """Whether the event says that nothing was there before: a `.created` type, or JSON null before."""
    born = event.resource_before == JSON_NULL and event.resource_after not in {None, JSON_NULL}
    return born or (event.event_type or "").endswith(".created")
