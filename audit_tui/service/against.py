"""What a front end can ask of a log and a second source of it: both checked, then compared."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from audit_tui.core.findings import Report, VerifyStatus
from audit_tui.core.second.model import Comparison
from audit_tui.service.api import AuditService, Cancel


@dataclass(frozen=True, slots=True)
class AgainstRequest:
    """As VerifyRequest has them; `tenants` None means every tenant of either source."""

    tenants: tuple[str, ...] | None = None
    jobs: int | None = None
    patience_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Compared:
    """`report` is the log's own, with what the comparison adds to it; `comparison` tells the rest."""

    report: Report
    comparison: Comparison


class Against(Protocol):
    """A log beside a second source: a replica, a restored backup, a copy, archives. Only reads."""

    @property
    def service(self) -> AuditService:
        """The log itself."""
        ...

    def list_tenants(self) -> tuple[str, ...]:
        """The tenants of which the second source holds events, by name."""
        ...

    def verify(
        self,
        request: AgainstRequest,
        on_status: Callable[[VerifyStatus], None] | None = None,
        cancel: Cancel | None = None,
    ) -> Compared:
        """Checks the log, then the second source by itself, then compares them.

        Heads are witnessed only where the second source does not contradict them, and of the second source
        never. Where it fails or is interrupted after the log was checked, that check stands and what was not
        compared is inconclusive. Raises the family of core.errors where nothing had been checked yet.
        """
        ...

    def close(self) -> None: ...
