"""One archive brought to its end: read back, recorded in each chain, removed from the log."""

import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

from audit_tui.core.archive.manifest import ArchivedTenant as Filed
from audit_tui.core.errors import ArchiveMismatchError, AuditError
from audit_tui.service.archiving import Archived, ArchivedTenant, Step
from audit_tui.service.live.archive_check import ErasedSince, FilesHold, check_tenant
from audit_tui.service.live.archive_steps import Teller
from audit_tui.store import archive_rows as rows
from audit_tui.store.archive_folder import ArchiveFolder, CompleteArchive
from audit_tui.store.archive_partitions import PARTITIONED, drop_partition, find_partition
from audit_tui.store.archive_writer import size_of
from audit_tui.store.probe import Probe
from audit_tui.store.session import NO_TIMEOUT, reading


@dataclass(slots=True)
class Finisher:
    """Finishes archives, one after another, and keeps what came of it.

    What the log refuses of one tenant keeps no other from its end: it goes to `refused`, with `skip` to
    `notes`.
    """

    conn: psycopg.Connection
    seen: Probe
    tell: Teller
    skip: bool
    finished: list[Archived] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def finish(
        self,
        folder: ArchiveFolder,
        archive: CompleteArchive,
        recorded: Mapping[str, str | None],
        replaces: Mapping[str, str | None],
        *,
        resumed: bool,
    ) -> None:
        """Reads back, records, removes: the tenants in `recorded`, with the record's event_id if known."""
        self.tell.archive = archive.manifest.archive
        concerned = [tenant for tenant in archive.manifest.tenants if tenant.tenant_id in recorded]
        read_at = self._read_back(archive, concerned, recorded)
        going = [tenant for tenant in concerned if tenant.tenant_id in read_at]
        known_to_none = len(concerned) == len(archive.manifest.tenants) and not any(recorded.values())
        if len(going) < len(concerned) and known_to_none:
            self._let_go(folder, archive)
            return
        events = self._record_all(archive, going, read_at, recorded, replaces)
        kept = [tenant for tenant in going if tenant.tenant_id in events]
        if self._layout() == PARTITIONED:
            gone = self._drop(kept) if len(kept) == len(concerned) else []
        else:
            gone = self._remove(kept, events)
        if gone:
            self.finished.append(_archived(folder, archive, gone, events, resumed=resumed))
        if not self.refused:
            self.tell(Step.FINISHED)

    def _record_all(
        self,
        archive: CompleteArchive,
        tenants: list[Filed],
        read_at: Mapping[str, int],
        recorded: Mapping[str, str | None],
        replaces: Mapping[str, str | None],
    ) -> dict[str, str]:
        """The event_id of each tenant's record, committed; a tenant that was refused is not among them."""
        events: dict[str, str] = {}
        for tenant in tenants:
            name = tenant.tenant_id
            with self._going_on():
                self.tell(Step.RECORDING, name, 0, tenant.events)
                known = recorded[name]
                events[name] = known or self._record(archive, tenant, read_at[name], replaces.get(name))
                self.tell(Step.RECORDED, name, tenant.events, tenant.events)
        return events

    def _remove(self, tenants: list[Filed], events: Mapping[str, str]) -> list[Filed]:
        """Removes what each record names; returns the tenants of which it went."""
        gone = []
        for tenant in tenants:
            with self._going_on():
                self.tell(Step.REMOVING, tenant.tenant_id, 0, tenant.events)
                rows.remove(self.conn, tenant.tenant_id, events[tenant.tenant_id])
                gone.append(tenant)
                self.tell(Step.REMOVED, tenant.tenant_id, tenant.events, tenant.events)
        return gone

    def _drop(self, tenants: list[Filed]) -> list[Filed]:
        """Drops the partition in which all of it lies; returns the tenants if it went."""
        with reading(self.conn):
            places = {find_partition(self.conn, t.tenant_id, t.last_sequence) for t in tenants}
        self.tell(Step.REMOVING)
        gone: list[Filed] = []
        with self._going_on():
            for partition in places - {None}:
                drop_partition(self.conn, str(partition))
            gone = tenants
            self.tell(Step.REMOVED)
        return gone

    def _layout(self) -> str:
        with reading(self.conn):
            return rows.read_layout(self.conn)

    @contextmanager
    def _going_on(self) -> Iterator[None]:
        """What the log refuses of one tenant (a hold, say) keeps no other one from its end."""
        try:
            yield
        except rows.RefusedError as refused:
            if self.skip:
                self.notes.append(f"left out: {refused.title}")
            else:
                self.refused.append(str(refused))

    def _read_back(
        self, archive: CompleteArchive, tenants: list[Filed], recorded: Mapping[str, str | None]
    ) -> dict[str, int]:
        """The chain's head at which each tenant's files were found to hold the log's rows."""
        found: dict[str, int] = {}
        for tenant in tenants:
            self.tell(Step.CHECKING, tenant.tenant_id, 0, tenant.events)
            try:
                with reading(self.conn, timeout=NO_TIMEOUT, snapshot=True):
                    outcome = check_tenant(self.conn, self.seen, archive, tenant, self.tell)
            except ArchiveMismatchError as found_out:
                hint = _how_to_mend(archive, recorded=any(recorded.values()))
                raise ArchiveMismatchError(found_out.title, hint) from None
            if isinstance(outcome, FilesHold):
                found[tenant.tenant_id] = outcome.read_at
            else:
                self._outdated(archive, tenant, outcome, recorded=recorded[tenant.tenant_id] is not None)
        self.tell(Step.CHECKED)
        return found

    def _outdated(
        self, archive: CompleteArchive, tenant: Filed, outcome: ErasedSince, *, recorded: bool
    ) -> None:
        name = archive.manifest.archive
        told = (
            f"archive {name} still holds what was erased since from event {outcome.sequence} of "
            f"{tenant.tenant_id}"
        )
        if recorded:
            raise AuditError(f"{told}; nothing of it was removed", f"archive it anew with --replace {name}")
        self.notes.append(f"{told}; it was not recorded for that tenant")

    def _let_go(self, folder: ArchiveFolder, archive: CompleteArchive) -> None:
        """An archive that no chain knows and an erasure outran: it would keep what the law had removed."""
        folder.discard(archive.path)
        self.notes.append(
            f"archive {archive.manifest.archive} was removed: no chain records it, and the log still holds "
            "every event"
        )

    def _record(self, archive: CompleteArchive, tenant: Filed, read_at: int, replaces: str | None) -> str:
        manifest = archive.manifest
        written = rows.Written(
            archive=manifest.archive,
            digest=archive.digest,
            place=f"{platform.node()}:{archive.path.parent}",
            requester=manifest.requester or self.seen.username,
            reason=manifest.reason,
        )
        return rows.record(self.conn, tenant, written, read_at=read_at, replaces=replaces)


def _how_to_mend(archive: CompleteArchive, *, recorded: bool) -> str:
    name = archive.manifest.archive
    if recorded:
        return (
            f"nothing more was removed; bring {archive.path} back from a copy, or archive those events anew "
            f"with --replace {name}"
        )
    return (
        f"nothing was removed, and no chain records this archive: move {archive.path} away and run this again"
    )


def _archived(
    folder: ArchiveFolder,
    archive: CompleteArchive,
    going: list[Filed],
    events: dict[str, str],
    *,
    resumed: bool,
) -> Archived:
    tenants = tuple(
        ArchivedTenant(t.tenant_id, t.first_sequence, t.last_sequence, t.events, events[t.tenant_id])
        for t in going
    )
    size = size_of(archive.manifest.tenants)
    return Archived(archive.manifest.archive, str(folder.path), archive.digest, size, tenants, resumed)
