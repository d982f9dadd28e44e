"""Random chains of both versions, and what an intruder does to them, in memory."""

from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import strategies as st

from audit_tui.core.model import Event
from tests.verify.reference import fitting_hash

FORGED = "f" * 64
OFFSETS = (0, 19_800, 20_700, -12_600, 3_600)
"""Where writers of version 1 events sit: UTC, India, Nepal, Newfoundland, central Europe."""
LONGEST = 200

Act = tuple[str, int, int, Any]
"""Name, two places (as parts of a million of the chain's length), and what more the act needs."""


class Chain(NamedTuple):
    """`old` of the `events` are of version 1, by writers who take turns at `offsets`."""

    events: int
    old: int
    offsets: tuple[int, ...]


VALUES: dict[str, tuple[object, ...]] = {
    "event_type": ("user.deleted", "audit.erased", "audit.archived"),
    "timestamp": (
        "2020-01-01 00:00:00+00", "2024-01-15 10:35:00.500001+00", "infinity", "2030-02-03 04:05+00",
    ),
    "event_id": ("evt_forged",),
    "actor_id": ("usr_evil", 'a "quoted"\tone \\'),
    "actor_email": ("evil@example.com", ""),
    "actor_ip_address": ("203.0.113.9",),
    "changes": ("{}", "null", '{"a": 1.10}'),
    "resource_before": ("null", "{}"),
    "metadata": ("{}", "[]"),
    "endpoint": ("/x", ""),
    "event_hash": (FORGED, "", "A" * 64),
    "previous_hash": (FORGED, ""),
    "hash_version": (1, 2, 3),
    "part_salts": (bytes(64), bytes(63)),
    "erased_parts": ('{"details": "' + "0" * 64 + '"}', '{"changes": "unsealed"}', "{}", "[]", "null"),
}  # fmt: skip
_WEIGHTED = (
    *sorted(VALUES),
    *("event_hash", "previous_hash", "hash_version", "timestamp", "erased_parts") * 3,
)
_AT = st.integers(0, 999_999)
_MORE: dict[str, st.SearchStrategy[Any]] = {
    "edit": st.tuples(st.sampled_from(_WEIGHTED), st.integers(0, 4)),
    "null": st.sampled_from(_WEIGHTED),
    "rehash": st.none(),
    "delete": st.integers(1, 5),
    "swap": st.none(),
    "insert": st.booleans(),
    "renumber": st.integers(-2, 3),
    "cut": st.none(),
    "relink": st.one_of(st.integers(1, 20), st.just(LONGEST)),
}
ACTS: st.SearchStrategy[list[Act]] = st.lists(
    st.one_of(*(st.tuples(st.just(name), _AT, _AT, more) for name, more in _MORE.items())),
    min_size=1,
    max_size=5,
)
CHAINS: st.SearchStrategy[Chain] = st.builds(
    lambda events, part, offsets: Chain(events, events * part // 4, tuple(offsets)),
    st.integers(1, LONGEST),
    st.integers(0, 4),
    st.lists(st.sampled_from(OFFSETS), min_size=1, max_size=3),
)


def build(chain: Chain, tenant: str) -> list[Event]:
    """The untouched chain."""
    events: list[Event] = []
    for n in range(1, chain.events + 1):
        event = _event(tenant, n)._replace(previous_hash=events[-1].event_hash if events else None)
        if n <= chain.old:
            event = event._replace(hash_version=1, part_salts=None)
        offset = chain.offsets[n % len(chain.offsets)] if n <= chain.old else 0
        events.append(event._replace(event_hash=fitting_hash(event, offset)))
    return events


def _event(tenant: str, n: int) -> Event:
    filled: dict[str, Any] = {
        "id": n, "tenant_id": tenant, "sequence_number": n, "event_id": f"evt_{n:04d}",
        "timestamp": f"2024-01-15 {n // 60:02d}:{n % 60:02d}:00.5+00", "event_type": "user.updated",
        "actor_type": "user", "actor_id": f"usr_{n % 3}", "resource_type": "user", "resource_id": f"{n}",
        "hash_version": 2, "part_salts": bytes([n % 256]) * 64,
    }  # fmt: skip
    if n % 4:
        filled |= {
            "actor_email": "a@example.com", "actor_ip_address": "203.0.113.5", "endpoint": "/v1/x",
            "http_method": "PATCH", "changes": '{"r": {"new": "b\u00e9", "old": "a"}}',
            "resource_before": '{"r": "a", "rate": 1.10}', "resource_after": '{"r": "b\u00e9"}',
            "request_id": f"req_{n}", "session_id": "s", "user_agent": 'M "q" \\ b', "metadata": '{"n": 1}',
        }  # fmt: skip
    return Event(*(filled.get(column) for column in Event._fields))


def perform(events: list[Event], act: Act) -> None:
    """One act. One that would leave nothing of the chain does nothing."""
    name, a, b, more = act
    i, j = a * len(events) // 1_000_000, b * len(events) // 1_000_000
    doers: dict[str, Callable[[list[Event], int, int, Any], None]] = {
        "edit": _edit, "null": _null, "rehash": _rehash, "delete": _delete, "swap": _swap, "insert": _insert,
        "renumber": _renumber, "cut": _cut, "relink": _relink,
    }  # fmt: skip
    doers[name](events, i, j, more)
    events.sort(key=lambda e: (e.sequence_number or 0, e.id or 0))


def _edit(events: list[Event], i: int, _j: int, more: tuple[str, int]) -> None:
    column, choice = more
    values = VALUES[column]
    events[i] = events[i]._replace(**{column: values[choice % len(values)]})


def _null(events: list[Event], i: int, _j: int, column: str) -> None:
    events[i] = events[i]._replace(**{column: None})


def _rehash(events: list[Event], i: int, _j: int, _more: None) -> None:
    events[i] = events[i]._replace(event_hash=fitting_hash(events[i]) or events[i].event_hash)


def _delete(events: list[Event], i: int, _j: int, count: int) -> None:
    del events[max(i, 1 if len(events) <= count else i) : i + count]


def _swap(events: list[Event], i: int, j: int, _more: None) -> None:
    one, other = events[i].sequence_number, events[j].sequence_number
    events[i], events[j] = (
        events[i]._replace(sequence_number=other),
        events[j]._replace(sequence_number=one),
    )


def _insert(events: list[Event], i: int, j: int, make_room: bool) -> None:
    at = events[j].sequence_number or 0
    if make_room:
        _renumber(events, j, j, 1)
    new = 1 + max(e.id or 0 for e in events)
    events.append(events[i]._replace(id=new, event_id=f"evt_new{new}", sequence_number=at))


def _renumber(events: list[Event], i: int, _j: int, by: int) -> None:
    first = events[i].sequence_number or 0
    events[:] = [
        e._replace(sequence_number=n + by) if (n := e.sequence_number or 0) >= first else e for e in events
    ]


def _cut(events: list[Event], i: int, _j: int, _more: None) -> None:
    del events[max(i, 1) :]


def _relink(events: list[Event], i: int, _j: int, count: int) -> None:
    for at in range(i, min(i + count, len(events))):
        event = events[at]._replace(previous_hash=events[at - 1].event_hash if at else None)
        events[at] = event._replace(event_hash=fitting_hash(event) or event.event_hash)
