"""The two seals, rebuilt from an event's columns without asking the server.

Version 2 is a salted commitment per part under one hash (as SD-JWT, RFC 9901, commits to claims), so that
a part can be erased while the rest stays proven. Version 1 is the guide's `json_build_object` text.
Both are hashed over text exactly as PostgreSQL prints it; `tests/vectors/seal-v2.json` holds the vectors.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from hashlib import sha256
from json.encoder import encode_basestring as _quote  # writes strings as PostgreSQL's escape_json does

from audit_tui.core.clock import microseconds, to_datetime
from audit_tui.core.model import PARTS, Event, Part
from audit_tui.core.oldzones import OLD_OFFSETS, OLD_UNTIL_US

SALT_BYTES = 16
ZERO_SALT = bytes(SALT_BYTES)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_UNSEALED = "unsealed"
_NOTHING_ERASED: dict[Part, str] = {}


def is_hash(value: object) -> bool:
    """True for 64 lower-case hex digits."""
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def json_text(value: str | int | None) -> str:
    """One element as PostgreSQL's `json_build_array` writes it."""
    if value is None:
        return "null"
    return str(value) if isinstance(value, int) else _quote(value)


def part_text(event: Event, part: Part) -> str | None:
    """The text that the part's digest is over; None when every column of the part is NULL.

    A SQL NULL is the empty text, so it differs from JSON null; jsonb's text never holds a raw line feed.
    """
    return _TEXT_OF[part](event)


def _identity_text(event: Event) -> str | None:
    values = (event.actor_id, event.actor_email, event.actor_ip_address, event.session_id, event.user_agent)
    if values == _NO_IDENTITY:
        return None
    return "[" + ", ".join(["null" if value is None else _quote(value) for value in values]) + "]"


def _snapshots_text(event: Event) -> str | None:
    before, after = event.resource_before, event.resource_after
    return None if before is None and after is None else f"{before or ''}\n{after or ''}"


def _details_text(event: Event) -> str | None:
    metadata, endpoint = event.metadata, event.endpoint
    if endpoint is None:
        return metadata
    return f"{metadata or ''}\n{endpoint}"


_NO_IDENTITY = (None,) * 5
_TEXT_OF: dict[Part, Callable[[Event], str | None]] = {
    Part.IDENTITY: _identity_text,
    Part.CHANGES: lambda event: event.changes,
    Part.SNAPSHOTS: _snapshots_text,
    Part.DETAILS: _details_text,
}
_IN_ORDER = tuple((part, _TEXT_OF[part], PARTS.index(part) * SALT_BYTES) for part in PARTS)


def part_digest(event: Event, part: Part) -> str | None:
    """Lower-case hex SHA-256 of the part's salt and text; None for an absent part. Needs 64 salt bytes."""
    text = part_text(event, part)
    if text is None or event.part_salts is None:
        return None
    return sha256(salt_slice(event, part) + text.encode()).hexdigest()


def _digests(event: Event, salts: bytes, recorded: dict[Part, str]) -> list[str]:
    """The four part digests as the preimage writes them; an erased part's is the recorded one."""
    found = []
    for part, text_of, start in _IN_ORDER:
        text = text_of(event)
        if part in recorded:
            found.append(f'"{recorded[part]}"')
        elif text is None:
            found.append("null")
        else:
            digest = sha256(salts[start : start + SALT_BYTES] + text.encode()).hexdigest()
            found.append(f'"{digest}"')
    return found


def salt_slice(event: Event, part: Part) -> bytes:
    """The part's 16 bytes of `part_salts` (fewer where the column holds fewer)."""
    start = PARTS.index(part) * SALT_BYTES
    return (event.part_salts or b"")[start : start + SALT_BYTES]


def erased_parts(event: Event) -> dict[Part, str] | None:
    """The recorded digests of erased parts ("unsealed" on version 1), {} for none, None if malformed."""
    if event.erased_parts is None:
        return {}
    try:
        recorded = json.loads(event.erased_parts)
    except (ValueError, RecursionError):
        return None
    if not isinstance(recorded, dict) or not recorded:
        return None
    version_1 = event.hash_version == 1
    found: dict[Part, str] = {}
    for name, digest in recorded.items():
        if name not in PARTS or not (digest == _UNSEALED if version_1 else is_hash(digest)):
            return None
        found[Part(name)] = digest
    return found


def preimage_v2(event: Event) -> str | None:
    """The JSON array that version 2 hashes, or None where the event is not well-formed."""
    salts = event.part_salts
    if salts is None or len(salts) != len(PARTS) * SALT_BYTES:
        return None
    occurred_us = microseconds(event.timestamp)
    recorded = _NOTHING_ERASED if event.erased_parts is None else erased_parts(event)
    if occurred_us is None or recorded is None:
        return None
    digests = ", ".join(_digests(event, salts, recorded))
    texts = (
        event.event_type, event.actor_type, event.resource_type,
        event.resource_id, event.http_method, event.request_id,
    )  # fmt: skip
    plain = ", ".join(["null" if text is None else _quote(text) for text in texts])
    return (
        f'["audit/2", {json_text(event.tenant_id)}, {json_text(event.sequence_number)}, '
        f"{json_text(event.previous_hash)}, {json_text(event.event_id)}, {occurred_us}, {plain}, {digests}]"
    )


def preimage_v1(event: Event, offset_seconds: int = 0) -> str | None:
    """The guide's JSON object with the time as a session at that UTC offset printed it.

    None where the event is not well-formed as version 1, or its time at that offset leaves the years 1-9999.
    """
    frame = _frame_v1(event)
    stamp = _timestamp_v1(microseconds(event.timestamp), offset_seconds)
    return None if frame is None or stamp is None else f'{frame[0]}"{stamp}"{frame[1]}'


def _frame_v1(event: Event) -> tuple[str, str] | None:
    """What stands before and after the timestamp, so that a search over offsets builds the rest once."""
    if event.part_salts is not None or erased_parts(event) is None:
        return None
    head = (
        f'{{"event_id" : {json_text(event.event_id)}, '
        f'"sequence_number" : {json_text(event.sequence_number)}, "timestamp" : '
    )
    tail = (
        f', "event_type" : {json_text(event.event_type)}, "tenant_id" : {json_text(event.tenant_id)}, '
        f'"actor_id" : {json_text(event.actor_id)}, "resource_type" : {json_text(event.resource_type)}, '
        f'"resource_id" : {json_text(event.resource_id)}, '
        f'"changes" : {"null" if event.changes is None else event.changes}, '
        f'"previous_hash" : {json_text(event.previous_hash)}}}'
    )
    return head, tail


def _timestamp_v1(occurred_us: int | None, offset_seconds: int) -> str | None:
    if occurred_us is None:
        return None
    try:
        local = to_datetime(occurred_us) + timedelta(seconds=offset_seconds)
    except OverflowError:
        return None
    text = f"{local.year:04d}-{local.month:02d}-{local.day:02d}T{local:%H:%M:%S}"
    if local.microsecond:
        text += f".{local.microsecond:06d}".rstrip("0")
    sign = "-" if offset_seconds < 0 else "+"
    hours, rest = divmod(abs(offset_seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{text}{sign}{hours:02d}:{minutes:02d}" + (f":{seconds:02d}" if seconds else "")


def hash_v1(event: Event, offset_seconds: int = 0, encoding: str = "utf-8") -> str | None:
    """The guide's hash for a writer at that UTC offset; None where preimage_v1 is.

    The guide hashes the bytes of the database's own encoding: `encoding` is Python's name for that.
    """
    text = preimage_v1(event, offset_seconds)
    return None if text is None else sha256(text.encode(encoding)).hexdigest()


SEARCHED_OFFSETS: tuple[int, ...] = tuple(
    sorted((quarter * 900 for quarter in range(-63, 64) if quarter), key=abs)
)
"""Every quarter of an hour within the 16 hours that PostgreSQL allows, UTC itself excepted."""


def find_offset(event: Event, likely: Iterable[int] = (), encoding: str = "utf-8") -> int | None:
    """The writer's UTC offset in seconds, other than UTC, under which the stored hash fits, or None.

    A version 1 hash holds the time as the writer's session printed it, so the offset is part of the seal
    though no column holds it. `likely` are tried first. Every offset that a time zone has, or had at that
    time, is tried before an event is given up: a rare zone is never taken for tampering.
    """
    frame = _frame_v1(event)
    occurred_us = microseconds(event.timestamp)
    if frame is None or occurred_us is None or not is_hash(event.event_hash):
        return None
    for offset in _offsets(occurred_us, tuple(likely)):
        stamp = _timestamp_v1(occurred_us, offset)
        if stamp is None:
            continue
        if sha256(f'{frame[0]}"{stamp}"{frame[1]}'.encode(encoding)).hexdigest() == event.event_hash:
            return offset
    return None


def _offsets(occurred_us: int, likely: tuple[int, ...]) -> Iterator[int]:
    """Each offset to try, once: the likely ones, then every quarter, then those of the time before 1980."""
    yield from likely
    for offset in SEARCHED_OFFSETS:
        if offset not in likely:
            yield offset
    if occurred_us < OLD_UNTIL_US:
        for offset in OLD_OFFSETS:
            if offset not in likely:
                yield offset


def sealed_hash(event: Event, encoding: str = "utf-8") -> str | None:
    """The hash that the event's columns give (version 1: for a writer in UTC, in the database's encoding).

    None where the event is not well-formed or its version is unknown.
    """
    if event.hash_version == 2:
        text = preimage_v2(event)
        return None if text is None else sha256(text.encode()).hexdigest()
    return hash_v1(event, encoding=encoding) if event.hash_version == 1 else None


def is_well_formed(event: Event) -> bool:
    """Whether the event can be hashed at all: salts, time and erasure marks as the trigger writes them."""
    return sealed_hash(event) is not None
