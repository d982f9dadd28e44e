"""What a front end can ask about keeping: what is due, what is held, and the few changes people make."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from audit_tui.core.periods import Period
from audit_tui.core.retention import Rule


@dataclass(frozen=True, slots=True)
class Kept:
    """The events of one tenant that one rule is about (`rule` None: no rule is).

    `hot`, `warm` and `cold` add up to `events`; the cold are due for an archive, the oldest of them since
    `due_since`. `expired` are older than the rule keeps them, since `expired_since`. Times are RFC 3339 UTC.
    Ages are told by sequence: where clocks jumped, an event counts with its neighbours.
    """

    tenant_id: str
    rule: Rule | None
    event_types: int
    events: int
    hot: int
    warm: int
    cold: int
    expired: int
    oldest: str | None
    due_since: str | None
    expired_since: str | None


@dataclass(frozen=True, slots=True)
class HeldEvents:
    """How many events of its tenant an active hold covers, and how many of those that could be archived."""

    hold: str
    reason: str
    events: int
    due: int


@dataclass(frozen=True, slots=True)
class TenantRetention:
    """One tenant. `due_through` is the last sequence such that everything up to it is cold: what an archive
    may take, since a chain is only ever taken from its beginning (None: nothing); `archive_before` is the
    time to say to it. `problem` is why the tenant was not counted (None: it was).
    """

    tenant_id: str
    kept: tuple[Kept, ...] = ()
    held: tuple[HeldEvents, ...] = ()
    due: int = 0
    due_through: int | None = None
    archive_before: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """What is due and what is held, tenant by tenant. `checked_at` is RFC 3339 UTC."""

    checked_at: str
    rules: tuple[Rule, ...]
    tenants: tuple[TenantRetention, ...]


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold on a tenant, or on one actor or resource of it. Times are RFC 3339 UTC."""

    hold: str
    tenant_id: str
    actor_id: str | None
    resource_type: str | None
    resource_id: str | None
    reason: str
    placed_by: str
    placed_at: str
    placed_sequence: int
    active: bool
    released_by: str | None = None
    released_at: str | None = None
    release_reason: str | None = None


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """What to hold: a whole tenant, or one actor or one resource of it."""

    tenant_id: str
    reason: str
    actor_id: str | None = None
    resource_type: str | None = None
    resource_id: str | None = None


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule as somebody wants it. `keep` None: permanent; `hot`, `warm` None: 1 and 3 years, or as long as
    the events are kept.
    """

    name: str
    pattern: str
    keep: Period | None
    tenant_id: str | None = None
    hot: Period | None = None
    warm: Period | None = None


OnTenant = Callable[[str, int, int], None]
"""Told before a tenant is counted: its name, how many are done, how many there are."""


class RetentionService(Protocol):
    """One connected log. Everything may raise the family of core.errors; writing needs audit_archivist."""

    def report(
        self, tenants: tuple[str, ...] | None, seconds: int, on_tenant: OnTenant | None = None
    ) -> RetentionReport:
        """Counts by index, for each tenant (None: all) at most `seconds` per query. Only reads."""
        ...

    def list_rules(self) -> tuple[Rule, ...]:
        """Every rule, the most specific first."""
        ...

    def set_rule(self, change: RuleChange) -> bool:
        """Makes or changes a rule; False where it was so already. AuditError where another rule is about the
        same events and neither is more specific.
        """
        ...

    def remove_rule(self, name: str) -> None:
        """AuditError where there is none of that name."""
        ...

    def list_holds(self, tenants: tuple[str, ...] | None = None) -> tuple[Hold, ...]:
        """Every hold that was ever placed, oldest first; of these tenants. UnknownTenantError."""
        ...

    def place_hold(self, request: HoldRequest) -> Hold:
        """UnknownTenantError for a tenant without events."""
        ...

    def release_hold(self, hold: str, reason: str) -> Hold:
        """AuditError for a hold that does not exist or has ended."""
        ...

    def close(self) -> None: ...
