"""Events as the store would read them, with plain defaults; jsonb columns are given as Python values."""

import json
from collections.abc import Sequence

from audit_tui.core.fold import fold
from audit_tui.core.jsontext import dump
from audit_tui.core.model import Event
from audit_tui.core.state import Reconstruction

UNSET = object()
"""SQL NULL in a jsonb column (None is JSON null)."""


def jsonb(value: object) -> str | None:
    """The text the server would print; a str is taken as JSON text already."""
    if value is UNSET:
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def make_event(
    sequence: int | None,
    event_type: str | None = "user.updated",
    *,
    changes: object = UNSET,
    before: object = UNSET,
    after: object = UNSET,
    metadata: object = UNSET,
    erased: object = UNSET,
    timestamp: str | None = None,
    hash_version: int | None = 2,
    actor_id: str | None = "usr_admin",
    resource: tuple[str, str] = ("user", "usr_456"),
    tenant_id: str = "org_xyz789",
) -> Event:
    """One event; its time is the `sequence`-th minute of 2024 unless given."""
    minute = (sequence or 0) % 60
    hour = (sequence or 0) // 60
    return Event(
        id=sequence, tenant_id=tenant_id, sequence_number=sequence, event_id=f"evt_{sequence}",
        timestamp=timestamp or f"2024-01-01 {hour:02}:{minute:02}:00+00", event_type=event_type,
        actor_type="user", actor_id=actor_id, actor_email=None, actor_ip_address=None,
        resource_type=resource[0], resource_id=resource[1], endpoint=None, http_method=None,
        changes=jsonb(changes), resource_before=jsonb(before), resource_after=jsonb(after),
        previous_hash=None, event_hash=None, request_id=None, session_id=None, user_agent=None,
        metadata=jsonb(metadata), hash_version=hash_version, part_salts=None, erased_parts=jsonb(erased),
    )  # fmt: skip


def fold_of(
    events: Sequence[Event], until_us: int | None = None, through: int | None = None
) -> Reconstruction:
    """The reconstruction of the builder's own resource."""
    return fold(
        events, tenant_id="org_xyz789", resource_type="user", resource_id="usr_456",
        at="2024-01-02T00:00:00.000000Z", until_us=until_us, through=through,
    )  # fmt: skip


def state_of(made: Reconstruction) -> object:
    return None if made.state is None else json.loads(dump(made.state))


def setters(made: Reconstruction) -> dict[str, int]:
    return {path: who.sequence for path, who in made.provenance.items()}


def conflicts(made: Reconstruction) -> list[tuple[int, str, str | None, str | None]]:
    return [(c.sequence, c.path, c.folded, c.claimed) for c in made.conflicts]
