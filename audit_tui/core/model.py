"""The vocabulary as types: an event, its parts, a tenant's summary, a log's layout.

An Event holds what the server printed (sessions read with TimeZone UTC, DateStyle ISO, client_encoding
UTF8), because the seal is over that text: parsing a value and printing it again would change the evidence.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

MAX_SEQUENCE = 2**63 - 1
"""The highest that PostgreSQL's bigint holds."""


class SchemaKind(StrEnum):
    """Who built the `audit` schema that is connected."""

    GUIDE = "guide"
    OURS = "audit-tui"


class Part(StrEnum):
    """A sealed group of columns that can be erased as a whole (version 2)."""

    IDENTITY = "identity"
    CHANGES = "changes"
    SNAPSHOTS = "snapshots"
    DETAILS = "details"


PARTS: tuple[Part, ...] = tuple(Part)
"""In the order of their 16-byte slices in `part_salts`."""

PART_COLUMNS: dict[Part, tuple[str, ...]] = {
    Part.IDENTITY: ("actor_id", "actor_email", "actor_ip_address", "session_id", "user_agent"),
    Part.CHANGES: ("changes",),
    Part.SNAPSHOTS: ("resource_before", "resource_after"),
    Part.DETAILS: ("metadata", "endpoint"),
}


class Event(NamedTuple):
    """One row of `audit.logs`: field names are the column names, values are the server's text.

    `id`, `sequence_number` and `hash_version` are ints (None where the row holds NULL), `part_salts` is
    bytes. `timestamp` is the ISO text in UTC, e.g. `2024-01-15 10:30:00.5+00`; `core.clock.microseconds`
    reads it. The jsonb columns (`changes`, `resource_before`, `resource_after`, `metadata`,
    `erased_parts`) are the JSON text as printed: a SQL NULL is None, a JSON null is the text `null`.
    A guide schema has no `hash_version` (read as 1), `part_salts` or `erased_parts` (read as None).
    """

    id: int | None
    tenant_id: str | None
    sequence_number: int | None
    event_id: str | None
    timestamp: str | None
    event_type: str | None
    actor_type: str | None
    actor_id: str | None
    actor_email: str | None
    actor_ip_address: str | None
    resource_type: str | None
    resource_id: str | None
    endpoint: str | None
    http_method: str | None
    changes: str | None
    resource_before: str | None
    resource_after: str | None
    previous_hash: str | None
    event_hash: str | None
    request_id: str | None
    session_id: str | None
    user_agent: str | None
    metadata: str | None
    hash_version: int | None
    part_salts: bytes | None
    erased_parts: str | None


COLUMNS: tuple[str, ...] = Event._fields
GUIDE_COLUMNS: tuple[str, ...] = COLUMNS[:23]
"""The 23 columns of the guide's table; ours adds the last three of COLUMNS."""

V1_SEALED_COLUMNS = frozenset(
    {
        "event_id", "sequence_number", "timestamp", "event_type", "tenant_id", "actor_id",
        "resource_type", "resource_id", "changes", "previous_hash",
    }
)  # fmt: skip
"""What the guide's hash covers."""

V1_UNCOVERED_COLUMNS: tuple[str, ...] = tuple(
    column
    for column in GUIDE_COLUMNS
    if column not in V1_SEALED_COLUMNS and column not in {"id", "event_hash"}
)


class State(StrEnum):
    """What became of one check."""

    OK = "ok"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True)
class EventCheck:
    """What looking at one event (and the row before it) proved: drawn beside every event on screen.

    `expected_hash` is the hash recomputed from the columns (None where the event is not well-formed or its
    version is unknown). `link` is NOT_RUN where the row before was not at hand or a gap lies between.
    `zone_offset_seconds` is the writer's UTC offset of a version 1 event once found (None for version 2).
    `erased` are the parts recorded as erased; `covered` tells whether an intact `audit.erased` event covers
    all of them (None: not looked at). `uncovered_columns` lie outside the seal.
    """

    content: State
    link: State
    expected_hash: str | None
    zone_offset_seconds: int | None = None
    erased: tuple[Part, ...] = ()
    covered: bool | None = None
    uncovered_columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedEvent:
    """An event together with what was proved about it at the moment it was read."""

    event: Event
    check: EventCheck


@dataclass(frozen=True, slots=True)
class Head:
    """The last event of a tenant's chain, as one snapshot saw it, and the chain's first sequence."""

    tenant_id: str
    first_sequence: int
    sequence: int
    event_hash: str | None

    @property
    def span(self) -> int:
        """How many events the chain should hold: sequences are gapless."""
        return self.sequence - self.first_sequence + 1


@dataclass(frozen=True, slots=True)
class TenantSummary:
    """A line of the tenants screen, before any check. Times are the server's UTC text.

    `events` is last - first + 1: sequences are gapless, so nothing needs counting (a gap is a finding).
    `activity` are event counts of equal slices of the `activity_days` before the newest event of the whole
    log, oldest first; None where counting would have read too much.
    """

    tenant_id: str
    first_sequence: int
    last_sequence: int
    first_time: str | None
    last_time: str | None
    head_hash: str | None
    activity: tuple[int, ...] | None = None
    activity_days: int = 60

    @property
    def events(self) -> int:
        return self.last_sequence - self.first_sequence + 1
