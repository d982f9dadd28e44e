"""One change to a row: of a column's value, or of a byte as it travels."""

from random import Random

from audit_tui.core.model import Event
from tests.fast.random_events import json_text, text

_JSON = ("changes", "resource_before", "resource_after", "metadata")
_NULLABLE = (*_JSON, "actor_email", "actor_ip_address", "endpoint", "http_method", "request_id", "session_id",
             "user_agent")  # fmt: skip
_TEXT = ("tenant_id", "event_id", "event_type", "actor_type", "actor_id", "resource_type", "resource_id",
         "previous_hash", "event_hash")  # fmt: skip


def mutate_column(random: Random, event: Event) -> Event:
    """Another value in one column; now and then the very same one."""
    name = random.choice([c for c in Event._fields if c not in {"id", "erased_parts"}])
    old = getattr(event, name)
    new: object
    if name == "sequence_number":
        new = old + random.choice([-1, 0, 1])
    elif name == "hash_version":
        new = random.choice([1, 2, 3, 0, -2])
    elif name == "part_salts":
        new = random.choice([None, b"", old[:-1], old + b"\0", bytes(64), _flip(random, old)])
    elif name == "timestamp":
        new = random.choice(["infinity", "2024-01-01 00:00:00+00", old.replace("1", "2", 1)])
    elif name in _JSON:
        new = random.choice([None, json_text(random), old])
    elif name in _NULLABLE:
        new = random.choice([None, text(random), (old or "") + "x", old])
    else:
        new = random.choice([text(random), old[:-1], old + "x", old.upper(), old])
    return event._replace(**{name: new})


def mutate_bytes(random: Random, row: bytes) -> bytes:
    """A byte changed, taken out or put in."""
    at = random.randrange(len(row))
    kind = random.randrange(3)
    if kind == 0:
        return row[:at] + bytes([row[at] ^ random.randrange(1, 256)]) + row[at + 1 :]
    if kind == 1:
        return row[:at] + row[at + 1 :]
    return row[:at] + bytes([random.choice([row[at] ^ 1, 0, 1, 0xFF])]) + row[at:]


def _flip(random: Random, value: bytes) -> bytes:
    at = random.randrange(len(value))
    return value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]
