"""What a front end can ask of a log: a Protocol with its request and result types.

Everything is synchronous and may block on the database; screens call it from thread workers. Every call
may raise the family of `core.errors`. A method may be called from any thread; calls on one service are
serialised, except `verify`, which works on connections of its own, and `cancel`, which is always free.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, Self

from audit_tui.core.doctor.model import DoctorReport
from audit_tui.core.evidence import Evidence
from audit_tui.core.filters import EventFilter
from audit_tui.core.findings import Finding, Report, VerifyStatus
from audit_tui.core.model import CheckedEvent, SchemaKind, TenantSummary
from audit_tui.core.state import Reconstruction


@dataclass(frozen=True, slots=True)
class Capability:
    """One thing the connected role may or may not do; `reason` says what is missing where it may not."""

    name: str
    allowed: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """Who and where we are, as the header shows it. Never holds a password.

    `name` is what the user called the target (profile or database name), `target` is
    `user@host:port/database`. `encrypted` is None for a local socket. `notes` are one-line remarks about
    the schema (columns that are missing or unknown). `log_id` names the log wherever it is restored (None:
    nothing tells it); `sees_all` is False where tenant isolation hides tenants from the role.
    """

    name: str
    target: str
    user: str
    database: str
    server_version: str
    encrypted: bool | None
    schema: SchemaKind
    schema_version: int | None
    capabilities: tuple[Capability, ...] = ()
    notes: tuple[str, ...] = ()
    log_id: str | None = None
    sees_all: bool = True

    def can(self, name: str) -> Capability:
        """The capability of that name (allowed where it was never probed)."""
        return next((c for c in self.capabilities if c.name == name), Capability(name, allowed=True))


class Direction(StrEnum):
    FORWARD = "forward"
    BACKWARD = "backward"


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page of one tenant's events in sequence order.

    FORWARD: the first `limit` matching events with sequence >= `anchor`, ascending. BACKWARD: the last
    `limit` with sequence <= `anchor`, still returned ascending. No OFFSET is ever used.
    """

    tenant_id: str
    anchor: int
    limit: int = 200
    direction: Direction = Direction.FORWARD
    filter: EventFilter = field(default_factory=EventFilter)


@dataclass(frozen=True, slots=True)
class EventPage:
    """`events` ascend by sequence. `more` is True where the direction holds further matches."""

    events: tuple[CheckedEvent, ...]
    more: bool
    milliseconds: float


@dataclass(frozen=True, slots=True)
class MatchCount:
    """How many events match, counted up to a limit: `complete` is False where counting stopped there."""

    matched: int
    complete: bool
    milliseconds: float


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """`tenants` None means every tenant, witnessed ones that vanished included.

    `incremental` begins at the newest witness of each tenant, after a look whether it still stands; older
    events are looked at where a later erasure names them. `continuity` compares snapshots and changes along
    each resource's history (None: in chains short enough that nobody waits for it), `attest` examines the
    log's protection. `go_on` takes up the newest run of the same tenants where that was stopped (a new one
    where there is none to take up). `jobs` is how many connections read side by side
    (None: as many as pay). After a lost connection another one is tried, for `patience_seconds` since the
    last event that was checked. `archived` are hashes (tenant -> sequence -> hash) that proven archives hold
    below each boundary: a witness that old is compared with them.
    """

    tenants: tuple[str, ...] | None = None
    record_witness: bool = True
    archived: Mapping[str, Mapping[int, str | None]] = field(default_factory=dict)
    incremental: bool = False
    go_on: bool = False
    continuity: bool | None = None
    attest: bool = True
    jobs: int | None = None
    patience_seconds: float = 30.0

    @classmethod
    def of_chains(cls, tenants: tuple[str, ...] | None = None, *, record_witness: bool = True) -> Self:
        """The chains alone, for what rests on them: nothing about histories or the log's protection."""
        return cls(tenants, record_witness, continuity=False, attest=False)


class Cancel(Protocol):
    """What `threading.Event` offers: set from any thread, asked between batches."""

    def is_set(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class ResourceHistory:
    """Events of one resource, ascending; `more` is True where older ones exist before the first."""

    events: tuple[CheckedEvent, ...]
    more: bool
    milliseconds: float


@dataclass(frozen=True, slots=True)
class WitnessNote:
    """What is remembered about a tenant from an earlier complete check. `taken_at` is RFC 3339 UTC, and so is
    `full_at`: when every event up to there was last hashed again (None: then).
    """

    tenant_id: str
    sequence: int
    event_hash: str
    taken_at: str
    full_at: str | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """A tenant that usually logs and has stopped. `since` is its last event's time, RFC 3339 UTC."""

    tenant_id: str
    since: str


class AuditService(Protocol):
    """One connected audit log, read-only."""

    @property
    def connection(self) -> Connection:
        """Probed once at connect."""
        ...

    def list_tenants(self) -> tuple[TenantSummary, ...]:
        """Every tenant that has events, by name, in one round trip (a loose index scan)."""
        ...

    def list_witnesses(self) -> tuple[WitnessNote, ...]:
        """The newest witness of each tenant of this target."""
        ...

    def compare_witnesses(self) -> tuple[Finding, ...]:
        """The quick look at connect: heads below, rewritten or missing. Reads one event per tenant."""
        ...

    def get_tenant(self, tenant_id: str) -> TenantSummary:
        """One tenant. UnknownTenantError where it has no events (the message suggests near names)."""
        ...

    def list_events(self, request: PageRequest) -> EventPage:
        """A page; each event is checked as it is read (content, and link to the row before it)."""
        ...

    def count_events(self, tenant_id: str, event_filter: EventFilter, limit: int = 10_000) -> MatchCount:
        """How many events match, up to `limit`."""
        ...

    def stream_events(
        self, tenant_id: str, event_filter: EventFilter, limit: int | None = None
    ) -> Iterator[CheckedEvent]:
        """All matching events ascending, in constant memory."""
        ...

    def get_event(self, tenant_id: str | None, key: str) -> CheckedEvent:
        """By event_id, or by sequence (then `tenant_id` is needed). UnknownEventError where there is none."""
        ...

    def list_neighbours(self, tenant_id: str, sequence: int, around: int = 1) -> tuple[CheckedEvent, ...]:
        """The events around a sequence by order of the chain, itself included: what the link view shows."""
        ...

    def find_sequence_at(self, tenant_id: str, at_us: int) -> int | None:
        """The first sequence whose timestamp (microseconds since 1970 UTC) is at or after; None if none."""
        ...

    def list_resource_events(
        self,
        tenant_id: str,
        resource_type: str,
        resource_id: str,
        before: int | None = None,
        limit: int = 1000,
    ) -> ResourceHistory:
        """The newest `limit` events of a resource with sequence < `before` (None: no bound), ascending."""
        ...

    def reconstruct(
        self,
        tenant_id: str,
        resource_type: str,
        resource_id: str,
        at_us: int | None = None,
        through: int | None = None,
    ) -> Reconstruction:
        """The state at a moment (microseconds since 1970 UTC; None: now), or through a sequence."""
        ...

    def verify(
        self,
        request: VerifyRequest,
        on_status: Callable[[VerifyStatus], None] | None = None,
        cancel: Cancel | None = None,
    ) -> Report:
        """Checks everything the request names; a cancelled run returns what was proven, inconclusive."""
        ...

    def doctor(self) -> DoctorReport:
        """Examines schema, roles and server against what this version installs; reads the catalogue alone."""
        ...

    def list_evidence(self, tenant_id: str, sequence: int, *, compare_paths: bool = False) -> Evidence:
        """What the server itself keeps about an event's row and its neighbours; the event may be missing.

        `compare_paths` counts the tenant's rows by table and by index as well: it reads the whole table.
        UnknownTenantError where the tenant has no events.
        """
        ...

    def list_silent(self, tenants: tuple[str, ...] | None, seconds: int) -> tuple[Silence, ...]:
        """Of these tenants (None: all), those that usually log and have not for longer than `seconds`.

        Usually: at least five of the ten spans of that length that ended with the last event saw an event.
        """
        ...

    def reproduce_command(self, tenant_id: str | None) -> str:
        """The shell command that repeats a verification, quoted, without any password."""
        ...

    def cancel(self) -> None:
        """Ends the query that runs now on the browsing connection; it raises in the thread that waits."""
        ...

    def reconnect(self) -> None:
        """Opens a new connection to the same target after the old one was lost."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Target:
    """A database that the TUI can open: its palette switches between those of a session.

    `open` connects and may raise ConnectError; `auto_verify` starts a check at once when it is small.
    """

    name: str
    open: Callable[[], AuditService]
    auto_verify_below: int = 200_000
