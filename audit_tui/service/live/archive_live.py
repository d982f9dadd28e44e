"""What the log shows of archived tenants, asked through the service that any front end has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from audit_tui.core.archive.joint import LiveTenant
from audit_tui.core.archive.manifest import Manifest
from audit_tui.core.archive.plan import Stretch
from audit_tui.core.coverage import ARCHIVED_TYPE, ERASED_TYPE
from audit_tui.core.errors import UnknownEventError, UnknownTenantError
from audit_tui.core.filters import EventFilter
from audit_tui.core.model import Event
from audit_tui.service.api import AuditService, PageRequest
from audit_tui.service.live.archive_tenant import LiveSide

_PAGE = 500
_TRIES = 5


@dataclass(frozen=True, slots=True)
class LogView:
    """The log beside the archives. `witnessed` are the sequences that were witnessed, by tenant."""

    service: AuditService
    manifests: Sequence[Manifest]
    witnessed: Mapping[str, frozenset[int]]

    @classmethod
    def of(cls, service: AuditService, manifests: Sequence[Manifest]) -> "LogView":
        """Asks once for what does not depend on the tenant."""
        notes = service.list_witnesses()
        return cls(service, manifests, {note.tenant_id: frozenset({note.sequence}) for note in notes})

    def look(self, tenant_id: str, stretches: Sequence[Stretch]) -> LiveSide:
        """The log's side of one tenant, with the hashes that stand where a stretch ends.

        An archiver may be at work meanwhile. The beginning is read before the records, so that whatever is
        gone by then has its record among them; where it moved in between, all is read again.
        """
        try:
            for _ in range(_TRIES):
                found = self._read(tenant_id, {stretch.span[1] for stretch in stretches})
                if self.service.get_tenant(tenant_id).first_sequence == found.first_sequence:
                    break
        except UnknownTenantError:
            return LiveSide(None, self._excuse())
        return LiveSide(found)

    def _read(self, tenant_id: str, ends: set[int]) -> LiveTenant:
        seen = self.service.get_tenant(tenant_id)
        first = self.service.list_events(PageRequest(tenant_id, seen.first_sequence, 1)).events
        return LiveTenant(
            first_sequence=seen.first_sequence,
            head_sequence=seen.last_sequence,
            first_previous_hash=first[0].event.previous_hash if first else None,
            hashes={end: self._hash_at(tenant_id, end) for end in ends if seen.first_sequence <= end},
            authority=tuple(self._authority(tenant_id)),
        )

    def _authority(self, tenant_id: str) -> list[Event]:
        found: list[Event] = []
        for kind in (ERASED_TYPE, ARCHIVED_TYPE):
            anchor, more = 1, True
            while more:
                wanted = EventFilter(event_type=kind)
                page = self.service.list_events(PageRequest(tenant_id, anchor, _PAGE, filter=wanted))
                found += [each.event for each in page.events]
                more = page.more
                anchor = (found[-1].sequence_number or 0) + 1 if page.events else anchor
        return found

    def _hash_at(self, tenant_id: str, sequence: int) -> str | None:
        try:
            return self.service.get_event(tenant_id, str(sequence)).event.event_hash
        except UnknownEventError:
            return None

    def _excuse(self) -> str | None:
        """Why a tenant may be missing without having been removed."""
        connection = self.service.connection
        if not connection.sees_all:
            return "tenants that were not granted to this role are out of its sight"
        ids = {manifest.log_id for manifest in self.manifests if manifest.log_id is not None}
        if ids and connection.log_id is not None and connection.log_id not in ids:
            return "by their log ids this is another log than the one that was archived"
        return None
