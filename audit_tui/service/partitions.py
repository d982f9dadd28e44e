"""What a front end can ask about the partitions of a log that is laid out by time range."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition. Times are RFC 3339 UTC: `range_from` inclusive, `range_to` exclusive (None: open).

    `events` is PostgreSQL's estimate, `bytes` the size on disk with indexes, `oldest` and `newest` the times
    of its events (None: it is empty). `missing_guards` are triggers that it lacks or has in another mode.
    """

    name: str
    range_from: str | None
    range_to: str | None
    is_default: bool
    events: int
    bytes: int
    oldest: str | None
    newest: str | None
    missing_guards: tuple[str, ...]
    takes_now: bool


class PartitionService(Protocol):
    """One log by time range, at one connection."""

    def list_partitions(self) -> tuple[Partition, ...]:
        """Every partition by time, the default one last. PermissionMissingError without the right."""
        ...

    def create_months(self, months: int, first_us: int | None = None) -> tuple[str, ...]:
        """Adds what is missing of so many months of UTC, from that of `first_us` (None: now) on.

        Returns the names of what was added. Events that lie in the default partition move along; logging
        waits while they do. AuditError where the log was in use at every attempt.
        """
        ...

    def settle_default(self) -> tuple[str, ...]:
        """Gives every month whose events lie in the default partition one of its own; returns their names."""
        ...

    def close(self) -> None: ...
