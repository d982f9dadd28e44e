"""Chains made in memory with the real seal, and the tamperings of an intruder, for tests without a server."""

from collections.abc import Sequence
from hashlib import sha256

from audit_tui.core.clock import to_datetime
from audit_tui.core.model import Event
from audit_tui.core.seal import sealed_hash

START_US = 1_704_067_200_000_000
"""2024-01-01 00:00:00 UTC."""
STEP_US = 3_600_000_000 + 204_000

_EMPTY = Event(*(None,) * len(Event._fields))


def server_text(us: int) -> str:
    """A moment as the server prints it under TimeZone UTC."""
    moment = to_datetime(us)
    text = moment.strftime("%Y-%m-%d %H:%M:%S")
    if moment.microsecond:
        text += f".{moment.microsecond:06d}".rstrip("0")
    return text + "+00"


def make_event(tenant_id: str, sequence: int, **columns: object) -> Event:
    """An event of version 2, not yet sealed; salts follow from tenant and sequence."""
    salts = sha256(f"{tenant_id}/{sequence}".encode()).digest() * 2
    plain: dict[str, object] = {
        "id": sequence,
        "tenant_id": tenant_id,
        "sequence_number": sequence,
        "event_id": "evt_" + sha256(f"{tenant_id}:{sequence}".encode()).hexdigest()[:16],
        "timestamp": server_text(START_US + sequence * STEP_US),
        "event_type": ("user.created", "user.updated", "invoice.viewed")[sequence % 3],
        "actor_type": "user",
        "actor_id": f"usr_{sequence % 5}",
        "actor_email": f"usr_{sequence % 5}@example.com",
        "actor_ip_address": "203.0.113.77",
        "resource_type": "user",
        "resource_id": f"usr_{100 + sequence % 7}",
        "changes": '{"role": {"new": "admin", "old": "member"}}',
        "metadata": '{"source": "test"}',
        "hash_version": 2,
        "part_salts": salts,
    }
    return _EMPTY._replace(**(plain | columns))


def make_chain(tenant_id: str, count: int, **columns: object) -> list[Event]:
    """`count` sealed and linked events from sequence 1 on."""
    return seal_chain([make_event(tenant_id, sequence, **columns) for sequence in range(1, count + 1)])


def seal_chain(events: Sequence[Event], before: Event | None = None) -> list[Event]:
    """The events with links and hashes as the sealing trigger would have set them."""
    sealed: list[Event] = []
    for event in events:
        linked = event._replace(previous_hash=before.event_hash if before is not None else None)
        before = linked._replace(event_hash=sealed_hash(linked))
        sealed.append(before)
    return sealed


def edit(events: list[Event], sequence: int, **columns: object) -> None:
    """An edit in place: the hash stays as it was."""
    at = _index(events, sequence)
    events[at] = events[at]._replace(**columns)


def rehash(events: list[Event], sequence: int) -> None:
    """The event gets the hash that its columns give now; its successor still names the old one."""
    at = _index(events, sequence)
    events[at] = events[at]._replace(event_hash=sealed_hash(events[at]))


def drop(events: list[Event], first: int, last: int) -> None:
    """Deletes first..last."""
    events[:] = [e for e in events if not first <= (e.sequence_number or 0) <= last]


def _index(events: Sequence[Event], sequence: int) -> int:
    return next(i for i, event in enumerate(events) if event.sequence_number == sequence)
