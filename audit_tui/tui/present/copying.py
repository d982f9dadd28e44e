"""What lands on the clipboard."""

from audit_tui.core.jsontext import dump, load
from audit_tui.core.model import Event
from audit_tui.core.state import JsonValue

JSON_COLUMNS = frozenset({"changes", "resource_before", "resource_after", "metadata", "erased_parts"})


def event_json(event: Event) -> str:
    """Every column of the event as one JSON object: jsonb as JSON, bytes as hex, the rest as printed."""
    return dump({name: _value(name, value) for name, value in zip(event._fields, event, strict=True)})


def _value(name: str, value: str | int | bytes | None) -> JsonValue:
    if isinstance(value, bytes):
        return value.hex()
    if name in JSON_COLUMNS and isinstance(value, str):
        try:
            return load(value)
        except ValueError:
            return value
    return value
