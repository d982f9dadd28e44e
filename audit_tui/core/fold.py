"""What a resource looked like: its events folded in sequence order, with who set what.

docs/history.md tells the rules with an example each.
"""

from collections.abc import Iterable

from audit_tui.core.clock import microseconds
from audit_tui.core.folding import Folding
from audit_tui.core.model import Event
from audit_tui.core.state import Reconstruction

__all__ = ["Folding", "fold"]


def fold(
    events: Iterable[Event],
    *,
    tenant_id: str,
    resource_type: str,
    resource_id: str,
    at: str,
    until_us: int | None = None,
    through: int | None = None,
) -> Reconstruction:
    """The state of one resource after those of its events that count.

    An event counts when it is this resource's, has a sequence (at most `through`) and a timestamp at most
    `until_us` (microseconds since 1970 UTC). Events are folded in sequence order, whatever their times
    and the order they come in. `at` is only told on: the moment asked for, RFC 3339. Raises nothing for
    whatever an event holds.
    """
    folding = Folding()
    resource = (tenant_id, resource_type, resource_id)
    counted = [
        event
        for event in events
        if (event.tenant_id, event.resource_type, event.resource_id) == resource
        and event.sequence_number is not None
        and (through is None or event.sequence_number <= through)
    ]
    for event in sorted(counted, key=lambda event: (event.sequence_number or 0, event.id or 0)):
        if until_us is None or _is_until(event, until_us):
            folding.take(event)
    return folding.result(tenant_id, resource_type, resource_id, at)


def _is_until(event: Event, until_us: int) -> bool:
    # A time that no sealed event may hold (infinity, BC) lies at no moment that can be asked for.
    us = microseconds(event.timestamp)
    return us is not None and us <= until_us
