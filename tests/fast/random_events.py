"""Random events: hostile texts, NULLs wherever a column may be NULL, numbers of any form in jsonb.

A seeded generator instead of strategies: ten thousand rows of 26 columns would take those many minutes.
"""

import json
from dataclasses import dataclass
from datetime import UTC
from random import Random

from audit_tui.core.clock import to_datetime
from audit_tui.core.model import Event
from audit_tui.core.seal import hash_v1
from tests.builders import make_event, seal_chain

TENANT = 'org é"\\'
FIRST_US, LAST_US = -62_135_596_800_000_000, 253_402_300_799_999_999
_PIECES = (
    '"', "\\", "\n", "\r\n", "\t", "\b\f", "\x01", "\x0b", "\x1f", " ", "\x7f", "\x80", "\u2028", "é",
    "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0001f512", "\U0010ffff", "[/x]",
    '", null, "',
    "'", "%s", "{}", "usr_123", "evt_" + "0" * 32, "a" * 70, "\\u0000",
)  # fmt: skip
_NUMBERS = (
    "0",
    "-0.0",
    "1.10",
    "1" + "0" * 400,
    "0." + "0" * 300 + "1",
    "-12345678901234567890",
    "null",
    "true",
)
_ADDRESSES = ("203.0.113.7", "10.0.0.0/8", "2001:db8::/32", "::ffff:1.2.3.4", "::", "fe80::1")
_TEXTS = ("event_id", "event_type", "actor_type", "actor_id", "resource_type", "resource_id")
_TEXTS_OR_NULL = ("actor_email", "endpoint", "http_method", "request_id", "session_id", "user_agent")
_JSON_OR_NULL = ("changes", "resource_before", "resource_after", "metadata")
_MOMENTS = (FIRST_US, LAST_US, 0, -1, 951_782_400_000_000, 951_868_800_000_000, 4_107_542_399_999_990)


@dataclass(frozen=True)
class Chain:
    """Sealed events in order: the first is the row before, the others are judged."""

    before: Event
    rows: list[Event]


def make_chain(random: Random, rows: int) -> Chain:
    """A row before, of either version, and intact rows of version 2 after it."""
    first = random.choice([1, 2, 99, 9_999_999, 2**53, 2**62])
    moments = sorted(moment(random) for _ in range(rows + 1))
    unsealed = [event(random, first + number, us, 2) for number, us in enumerate(moments)]
    if random.random() < 0.3:
        unsealed[0] = unsealed[0]._replace(hash_version=1, part_salts=None)
    sealed = seal_chain(unsealed)
    return Chain(sealed[0], sealed[1:])


def make_chain_of_version_1(random: Random, rows: int, offset: int) -> Chain:
    """Version 1 rows that a session at that UTC offset sealed, as in an adopted log."""
    margin = abs(offset) * 1_000_000
    moments = sorted(min(max(moment(random), FIRST_US + margin), LAST_US - margin) for _ in range(rows + 1))
    sealed: list[Event] = []
    for number, us in enumerate(moments):
        made = event(random, 7 + number, us, 1)._replace(
            previous_hash=sealed[-1].event_hash if sealed else None
        )
        sealed.append(made._replace(event_hash=hash_v1(made, offset)))
    return Chain(sealed[0], sealed[1:])


def event(random: Random, sequence: int, us: int, version: int) -> Event:
    """One event, not sealed yet."""
    columns: dict[str, object] = {name: text(random) for name in _TEXTS}
    columns |= {name: _or_null(random, text(random)) for name in _TEXTS_OR_NULL}
    columns |= {name: _or_null(random, json_text(random)) for name in _JSON_OR_NULL}
    columns["actor_ip_address"] = _or_null(random, random.choice(_ADDRESSES))
    columns["part_salts"] = random.randbytes(64) if version == 2 else None
    plain = make_event(TENANT, 1, timestamp=server_text(us), hash_version=version, **columns)
    return plain._replace(id=random.randrange(2**40), sequence_number=sequence)


def text(random: Random) -> str:
    """Any text that a column may hold: most of them short, some beyond what the kernel keeps back."""
    kind = random.random()
    if kind < 0.3:
        return "x" * random.randrange(0, 90)
    if kind < 0.4:
        return "".join(chr(random.choice([random.randrange(1, 0xD800), random.randrange(0xE000, 0x110000)]))
                       for _ in range(random.randrange(20)))  # fmt: skip
    made = "".join(random.choice(_PIECES) for _ in range(random.randrange(8)))
    return made * random.choice([1, 7, 40]) if kind > 0.95 else made


def json_text(random: Random) -> str:
    """The text of a jsonb value: its strings hold no raw control characters."""
    if random.random() < 0.2:
        return random.choice(_NUMBERS)
    values = {text(random): random.choice([None, True, 7, text(random), [text(random)]]) for _ in range(2)}
    return json.dumps(values, ensure_ascii=False)


def moment(random: Random) -> int:
    """Microseconds of a moment in the years 1 to 9999."""
    kind = random.random()
    if kind < 0.2:
        return random.choice(_MOMENTS)
    us = random.randint(FIRST_US, LAST_US)
    return us if kind < 0.6 else us - us % random.choice([10, 1000, 100_000, 1_000_000])


def server_text(us: int) -> str:
    """A moment as the server prints it under TimeZone UTC."""
    at = to_datetime(us).astimezone(UTC)
    fraction = f".{at.microsecond:06d}".rstrip("0") if at.microsecond else ""
    return f"{at.year:04d}-{at:%m-%d %H:%M:%S}{fraction}+00"


def _or_null(random: Random, value: str) -> str | None:
    return None if random.random() < 0.3 else value
