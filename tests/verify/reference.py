"""The rules of the list once more, plain and slow, written from docs/verification.md: shares no code with the
verifiers but the Event type. Erasure records and archive boundaries are left out: no chain here has any.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone

from audit_tui.core.model import Event
from tests.verify.verifiers import Named

QUARTERS = [minutes * 60 for minutes in range(-945, 946, 15) if minutes]
TAMPERED, NOTICE = "tampered", "notice"
PARTS: dict[str, tuple[str, ...]] = {
    "identity": ("actor_id", "actor_email", "actor_ip_address", "session_id", "user_agent"),
    "changes": ("changes",),
    "snapshots": ("resource_before", "resource_after"),
    "details": ("metadata", "endpoint"),
}
UNCOVERED = (
    "actor_type", "actor_email", "actor_ip_address", "endpoint", "http_method", "resource_before",
    "resource_after", "request_id", "session_id", "user_agent", "metadata",
)  # fmt: skip


def looks_like_a_hash(text: str | None) -> bool:
    return text is not None and re.fullmatch("[0-9a-f]{64}", text) is not None


def digest(text: str, salt: bytes = b"") -> str:
    return hashlib.sha256(salt + text.encode()).hexdigest()


def array(values: Sequence[str | int | None]) -> str:
    return json.dumps(list(values), ensure_ascii=False, separators=(", ", ": "))


def moment(event: Event) -> datetime | None:
    try:
        return datetime.fromisoformat(event.timestamp or "")
    except ValueError:
        return None


def erased(event: Event, value: str) -> dict[str, str] | None:
    """The marks of erased parts, {} for none, None where they are not as an erasure leaves them."""
    if event.erased_parts is None:
        return {}
    marks = json.loads(event.erased_parts)
    if not isinstance(marks, dict) or not marks:
        return None
    fits = all(
        name in PARTS and isinstance(mark, str) and re.fullmatch(value, mark) for name, mark in marks.items()
    )
    return marks if fits else None


def part(event: Event, name: str) -> str | None:
    """What a part's digest is over."""
    columns = [getattr(event, column) for column in PARTS[name]]
    if all(value is None for value in columns):
        return None
    if name == "identity":
        return array(columns)
    if name == "changes":
        return event.changes
    if name == "snapshots":
        return (event.resource_before or "") + "\n" + (event.resource_after or "")
    return (event.metadata or "") + ("" if event.endpoint is None else "\n" + event.endpoint)


def hash_of_version_2(event: Event) -> str | None:
    when, salts, marks = moment(event), event.part_salts, erased(event, "[0-9a-f]{64}")
    if when is None or salts is None or len(salts) != 64 or marks is None:
        return None
    digests: list[str | None] = []
    for number, name in enumerate(PARTS):
        text = part(event, name)
        salt = salts[16 * number : 16 * number + 16]
        digests.append(marks[name] if name in marks else None if text is None else digest(text, salt))
    since = when - datetime(1970, 1, 1, tzinfo=UTC)
    return digest(
        array(
            [
                "audit/2", event.tenant_id, event.sequence_number, event.previous_hash, event.event_id,
                since.days * 86_400_000_000 + since.seconds * 1_000_000 + since.microseconds,
                event.event_type, event.actor_type, event.resource_type, event.resource_id,
                event.http_method, event.request_id, *digests,
            ]
        )
    )  # fmt: skip


def hash_of_version_1(event: Event, offset: int = 0) -> str | None:
    when = moment(event)
    if when is None or event.part_salts is not None or erased(event, "unsealed") is None:
        return None
    local = when.astimezone(timezone(timedelta(seconds=offset))).isoformat()
    if "." in local:  # PostgreSQL prints no zeros at the end of a fraction
        local = re.sub(r"0*(?=[+-]\d\d:\d\d)", "", local, count=1)
    fields = {
        "event_id": event.event_id, "sequence_number": event.sequence_number, "timestamp": local,
        "event_type": event.event_type, "tenant_id": event.tenant_id, "actor_id": event.actor_id,
        "resource_type": event.resource_type, "resource_id": event.resource_id, "changes": None,
        "previous_hash": event.previous_hash,
    }  # fmt: skip
    text = json.dumps(fields, ensure_ascii=False, separators=(", ", " : "))
    changes = event.changes or "null"
    return digest(text.replace('"changes" : null, "previous', f'"changes" : {changes}, "previous'))


def fitting_hash(event: Event, offset: int = 0) -> str | None:
    """The hash that the columns give (version 1: for a writer at that offset)."""
    if event.hash_version == 1:
        return hash_of_version_1(event, offset)
    return hash_of_version_2(event) if event.hash_version == 2 else None


def zone_of(event: Event) -> int | None:
    """The offset at which the stored hash fits: 0 for version 2; None where it fits nowhere."""
    for offset in [0, *QUARTERS] if event.hash_version == 1 else [0]:
        if event.event_hash is not None and fitting_hash(event, offset) == event.event_hash:
            return offset
    return None


def before(event: Event, events: Sequence[Event]) -> Event | None:
    """The row before, in order of sequence and id."""
    place = (event.sequence_number or 0, event.id or 0)
    earlier = [e for e in events if (e.sequence_number or 0, e.id or 0) < place]
    return max(earlier, key=lambda e: (e.sequence_number or 0, e.id or 0), default=None)


def fell_back(event: Event, p: Event | None) -> bool:
    if event.hash_version not in (1, 2):
        return True
    return p is not None and p.hash_version == 2 and event.hash_version == 1


def judge_row(event: Event, p: Event | None) -> Iterator[Named]:
    """What a row by itself gives."""
    given = fitting_hash(event)
    fallen = fell_back(event, p)
    at = (event.sequence_number or 0, event.sequence_number or 0, event.event_id)
    if fallen:
        due = str(p.hash_version) if p is not None and p.hash_version in (1, 2) else "1 or 2"
        found = None if event.hash_version is None else str(event.hash_version)
        yield Named("version_downgrade", TAMPERED, *at, due, found, ("hash_version",))
    if not looks_like_a_hash(event.event_hash):
        expected = given or "64 lower-case hex digits"
        yield Named("malformed_hash", TAMPERED, *at, expected, event.event_hash, ())
    elif not fallen and zone_of(event) is None:
        yield Named("content_mismatch", TAMPERED, *at, given, event.event_hash, ())
    marks = erased(event, "unsealed" if event.hash_version == 1 else "[0-9a-f]{64}")
    if marks and event.hash_version in (1, 2):
        columns = tuple(column for name in marks for column in PARTS[name])
        yield Named("unauthorised_erasure", TAMPERED, *at, None, None, columns)


def judge_place(event: Event, p: Event | None) -> Iterator[Named]:
    """What a row gives against the row before it."""
    n, linked = event.sequence_number or 0, event.previous_hash
    if p is None:
        if n != 1 or linked is not None:
            yield Named("genesis_mismatch", TAMPERED, n, n, event.event_id, None, linked, ())
        return
    last = p.sequence_number or 0
    if n == last:
        yield Named("duplicate_sequence", TAMPERED, n, n, event.event_id, None, None, ())
    elif n > last + 1:
        yield Named("sequence_gap", TAMPERED, last + 1, n - 1, event.event_id, None, None, ())
    elif linked != p.event_hash and looks_like_a_hash(p.event_hash):
        columns = ("previous_hash",)
        yield Named("link_mismatch", TAMPERED, n, n, event.event_id, p.event_hash, linked, columns)


def judge_order(events: Sequence[Event], broken: set[int | None]) -> Iterator[Named]:
    for event in events:
        p = before(event, events)
        if p is None or event.id in broken or p.id in broken:
            continue
        now, then = moment(event), moment(p)
        if now is not None and then is not None and now < then:
            n = event.sequence_number or 0
            told = (p.timestamp, event.timestamp, ("timestamp",))
            yield Named("time_disorder", NOTICE, n, n, event.event_id, *told)


def runs(
    events: Sequence[Event], key_of: Callable[[Event], int | None]
) -> Iterator[tuple[Event, Event, int]]:
    """First and last event of each run of consecutive numbers with one key."""
    ordered = sorted(events, key=lambda e: (e.sequence_number or 0, e.id or 0))
    keys = [key_of(event) for event in ordered]
    starts = [
        at
        for at, key in enumerate(keys)
        if key is not None and not (at and keys[at - 1] == key and _follows(ordered[at - 1], ordered[at]))
    ]
    for start in starts:
        end = start
        while (
            end + 1 < len(keys) and keys[end + 1] == keys[start] and _follows(ordered[end], ordered[end + 1])
        ):
            end += 1
        yield ordered[start], ordered[end], keys[start] or 0


def _follows(a: Event, b: Event) -> bool:
    return (b.sequence_number or 0) - (a.sequence_number or 0) <= 1


def judge_coverage(events: Sequence[Event]) -> Iterator[Named]:
    def zone(event: Event) -> int | None:
        if event.hash_version != 1 or fell_back(event, before(event, events)):
            return None
        return zone_of(event) or None

    def version_1(event: Event) -> int | None:
        return 1 if event.hash_version == 1 else None

    for first, last, offset in runs(events, zone):
        sign, minutes = "-" if offset < 0 else "+", abs(offset) // 60
        found = f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"
        span = (first.sequence_number or 0, last.sequence_number or 0, first.event_id)
        yield Named("foreign_zone", NOTICE, *span, "+00:00", found, ("timestamp",))
    for first, last, _ in runs(events, version_1):
        span = (first.sequence_number or 0, last.sequence_number or 0, first.event_id)
        yield Named("uncovered_columns", NOTICE, *span, None, None, UNCOVERED)


def verify(events: Sequence[Event]) -> tuple[bool, tuple[Named, ...]]:
    """Whether nothing was tampered with, and the findings in the list's order."""
    found: list[Named] = []
    broken: set[int | None] = set()
    for event in events:
        p = before(event, events)
        here = [*judge_row(event, p), *judge_place(event, p)]
        found += here
        if here:
            broken.add(event.id)
    valid = not found
    found += [*judge_order(events, broken), *judge_coverage(events)]
    return valid, tuple(sorted(found, key=lambda f: (f.first, f.last, f.kind, f.event_id or "")))
