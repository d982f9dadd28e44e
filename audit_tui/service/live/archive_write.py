"""Writing one archive: every tenant's stretch in one snapshot, in a hidden folder that then appears whole."""

import secrets
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import psycopg

from audit_tui import __version__
from audit_tui.core.archive.manifest import ArchivedTenant, Manifest
from audit_tui.core.clock import rfc3339, to_datetime
from audit_tui.core.errors import AuditError
from audit_tui.core.model import Event, Head
from audit_tui.service.archiving import ArchivePlan, ArchiveRequest, PlannedStep, PlannedTenant, Step
from audit_tui.service.live.archive_state import read_state, stream_rows, tree_before
from audit_tui.service.live.archive_steps import Teller
from audit_tui.store.archive_folder import ArchiveFolder, CompleteArchive
from audit_tui.store.archive_writer import TenantWriter, write_manifest
from audit_tui.store.probe import Probe
from audit_tui.store.session import NO_TIMEOUT, reading


def new_archive_id(now_us: int) -> str:
    """The name of a new archive: UTC to the second and eight random hex digits."""
    return f"{to_datetime(now_us):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


@dataclass(frozen=True, slots=True)
class Draft:
    """What an archive is going to be: who asked for what, which step of the plan, and when."""

    request: ArchiveRequest
    plan: ArchivePlan
    step: PlannedStep
    now_us: int


def write_archive(
    conn: psycopg.Connection, seen: Probe, folder: ArchiveFolder, draft: Draft, tell: Teller
) -> CompleteArchive:
    """Writes what the step names; when this returns the archive is whole and on disk.

    Whatever fails, nothing is left behind. Raises the family of core.errors.
    """
    archive = new_archive_id(draft.now_us)
    tell.archive = archive
    growing = folder.begin(archive)
    with ExitStack() as undo:
        undo.callback(folder.discard, growing)
        with reading(conn, timeout=NO_TIMEOUT, snapshot=True):
            tenants = tuple(
                _write_tenant(conn, seen, growing, number, planned, tell)
                for number, planned in enumerate(draft.step.going, 1)
            )
        manifest = _manifest(conn, seen, archive, draft, tenants)
        digest = write_manifest(growing, manifest)
        folder.complete(growing, archive)
        undo.pop_all()
    tell(Step.WRITTEN)
    return CompleteArchive(folder.path / archive, manifest, digest)


def _manifest(
    conn: psycopg.Connection, seen: Probe, archive: str, draft: Draft, tenants: tuple[ArchivedTenant, ...]
) -> Manifest:
    return Manifest(
        archive=archive,
        created_at=rfc3339(draft.now_us),
        tool_version=__version__,
        log_id=seen.identity.log_id,
        system_identifier=seen.identity.system_identifier,
        database=seen.database,
        schema_version=seen.schema_version,
        layout=draft.plan.layout,
        before=draft.plan.before,
        requester=draft.request.requester or seen.username,
        reason=draft.request.reason,
        tenants=tenants,
        encoding=conn.info.parameter_status("server_encoding"),
    )


def _write_tenant(
    conn: psycopg.Connection,
    seen: Probe,
    growing: Path,
    number: int,
    planned: PlannedTenant,
    tell: Teller,
) -> ArchivedTenant:
    state = read_state(conn, seen, planned.tenant_id)
    if state is None:
        raise AuditError(f"{planned.tenant_id} has no events any more", "plan again")
    stretch = Head(planned.tenant_id, planned.first_sequence, planned.last_sequence, None)
    writer: TenantWriter | None = None
    tell(Step.WRITING, planned.tenant_id, 0, planned.events)
    try:
        with closing(stream_rows(conn, seen, stretch)) as found:
            for done, row in enumerate(found, 1):
                if not isinstance(row, Event):
                    title = f"event {row.sequence} of {planned.tenant_id} cannot be read: {row.reason}"
                    raise AuditError(title, "nothing was written or removed")
                if writer is None:
                    tree = tree_before(state, row.previous_hash)
                    writer = TenantWriter(growing, number, planned.tenant_id, tree)
                writer.add(row)
                tell.count(Step.WRITING, planned.tenant_id, done, planned.events)
        if writer is None:
            raise AuditError(f"{planned.tenant_id} has no events any more", "plan again")
        return writer.end()
    except BaseException:
        if writer is not None:
            writer.abandon()
        raise
