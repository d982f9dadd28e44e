"""Pieces of an event as people read them: its mark, its actor, its resource, what it changed."""

from rich.text import Text

from audit_tui.cli.paper import role
from audit_tui.core.model import CheckedEvent, Event
from audit_tui.core.summary import summarise

UNKNOWN = "–"


def sequence_text(event: Event) -> Text:
    return Text(UNKNOWN if event.sequence_number is None else str(event.sequence_number))


def resource_text(event: Event) -> Text:
    return role(f"{event.resource_type or UNKNOWN}/{event.resource_id or UNKNOWN}")


def change_text(checked: CheckedEvent) -> Text:
    """What the event changed in a few words; a removed part says so."""
    return role(summarise(checked.event), limit=120)


def short_hash(value: str | None) -> str:
    """`9b02…77c1`; the whole text where it is no hash."""
    if value is None:
        return "none"
    return f"{value[:4]}…{value[-4:]}" if len(value) == 64 else value
