"""What a front end can ask of archives on disk: which they are, and a proof of their files."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from audit_tui.core.excerpt import Excerpt
from audit_tui.core.findings import Report, VerifyStatus
from audit_tui.core.model import Event
from audit_tui.service.api import AuditService, Cancel


@dataclass(frozen=True, slots=True)
class ArchiveNote:
    """One archive as it was found. `events` and `tenants` are the manifest's, None where that is none.

    Every text but `place` comes from the manifest: untrusted until the chain vouches for it.
    """

    name: str
    place: str
    created_at: str | None
    database: str | None
    events: int | None
    tenants: int | None


@dataclass(frozen=True, slots=True)
class Opened:
    """What a service over a copy of archives has to know: `excerpts` by tenant are what the archives hold of
    each chain, `places` the folders that were opened, `notes` remarks for whoever looks at them.
    """

    excerpts: Mapping[str, Excerpt]
    places: tuple[str, ...]
    notes: tuple[str, ...] = ()


class ArchivedFiles(Protocol):
    """Archives that were found in the folders given. Only reads."""

    def list_archives(self) -> tuple[ArchiveNote, ...]:
        """What was found, in the order given."""
        ...

    def list_tenants(self) -> tuple[str, ...]:
        """Every tenant of which an archive holds events, by name."""
        ...

    def list_encodings(self) -> tuple[str, ...]:
        """The server's names of the encodings that the archived logs had, as the manifests say."""
        ...

    def stream_events(self) -> Iterator[Event]:
        """Every event that can be read, damaged archives included; what cannot be read is passed over."""
        ...

    def describe_opened(self, report: Report) -> Opened:
        """What a service over a copy of these archives has to know; `report` is the proof of the files."""
        ...

    def last_times(self) -> Mapping[str, str]:
        """By tenant, the time of the last event that any of the archives holds, as the manifests say it."""
        ...

    def verify(
        self,
        tenants: tuple[str, ...] | None = None,
        live: AuditService | None = None,
        on_status: Callable[[VerifyStatus], None] | None = None,
        cancel: Cancel | None = None,
    ) -> Report:
        """Proves the files: digests, lines, seals, links, trees, and that archives follow one another.

        With a `live` log also that its chain names each archive and goes on where the last one ends, and
        the report is about both. A run that was cancelled says how far it came. UnknownTenantError for a
        tenant of which no archive holds anything.
        """
        ...
