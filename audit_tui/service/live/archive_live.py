"""What the log shows of an archived tenant, asked through the service that any front end has."""

from collections.abc import Sequence

from audit_tui.core.archive.joint import LiveTenant
from audit_tui.core.archive.manifest import Manifest
from audit_tui.core.archive.plan import Stretch
from audit_tui.core.coverage import ARCHIVED_TYPE, ERASED_TYPE
from audit_tui.core.errors import UnknownEventError, UnknownTenantError
from audit_tui.core.filters import EventFilter
from audit_tui.core.model import Event
from audit_tui.service.api import AuditService, PageRequest
from audit_tui.service.live.archive_tenant import LiveSide


def look_at_log(
    service: AuditService, tenant_id: str, stretches: Sequence[Stretch], manifests: Sequence[Manifest]
) -> LiveSide:
    """The log's side of one tenant, with the hashes that stand where a stretch ends."""
    try:
        seen = service.get_tenant(tenant_id)
    except UnknownTenantError:
        return LiveSide(None, _excuse(service, manifests))
    first = service.list_events(PageRequest(tenant_id, seen.first_sequence, 1)).events
    return LiveSide(
        LiveTenant(
            first_sequence=seen.first_sequence,
            head_sequence=seen.last_sequence,
            first_previous_hash=first[0].event.previous_hash if first else None,
            authority=_authority(service, tenant_id),
            hashes={
                end: _hash_at(service, tenant_id, end)
                for end in {stretch.span[1] for stretch in stretches}
                if seen.first_sequence <= end
            },
        )
    )


def _authority(service: AuditService, tenant_id: str) -> tuple[Event, ...]:
    found: list[Event] = []
    for kind in (ERASED_TYPE, ARCHIVED_TYPE):
        found += [each.event for each in service.stream_events(tenant_id, EventFilter(event_type=kind))]
    return tuple(found)


def _hash_at(service: AuditService, tenant_id: str, sequence: int) -> str | None:
    try:
        return service.get_event(tenant_id, str(sequence)).event.event_hash
    except UnknownEventError:
        return None


def _excuse(service: AuditService, manifests: Sequence[Manifest]) -> str | None:
    """Why a tenant may be missing without having been removed."""
    connection = service.connection
    if not connection.sees_all:
        return "tenants that were not granted to this role are out of its sight"
    ids = {manifest.log_id for manifest in manifests if manifest.log_id is not None}
    if ids and connection.log_id is not None and connection.log_id not in ids:
        return "by their log ids this is another log than the one that was archived"
    return None
