"""What the chain and the files together say of archives: which are finished, which a killed run left."""

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass

import psycopg

from audit_tui.core.archive.manifest import ArchivedTenant
from audit_tui.core.archive.records import ArchiveRecord, parse_records
from audit_tui.core.errors import ArchiveMismatchError, AuditError
from audit_tui.core.merkle import Frontier
from audit_tui.core.model import MAX_SEQUENCE, Event, Head
from audit_tui.service.archiving import PlannedTenant, Unfinished, UnfinishedTenant
from audit_tui.store.archive_folder import CompleteArchive
from audit_tui.store.archive_rows import read_facts
from audit_tui.store.chain import Unreadable, list_authority, stream_chain
from audit_tui.store.probe import Probe
from audit_tui.store.tenants import get_head


@dataclass(frozen=True, slots=True)
class ChainState:
    """One tenant as one snapshot saw it: its edges, and the events that vouch for removals and erasures."""

    head: Head
    authority: tuple[Event, ...]
    records: tuple[ArchiveRecord, ...]

    @property
    def pending(self) -> ArchiveRecord | None:
        """The record whose events are still in the log (the newest, where one replaces another)."""
        replaced = {record.replaces for record in self.records}
        open_ = [
            record
            for record in self.records
            if record.last_sequence >= self.head.first_sequence and record.event_id not in replaced
        ]
        return max(open_, key=lambda record: record.sequence, default=None)

    @property
    def waiting(self) -> str | None:
        """Why nothing more can go now: what was recorded before was not removed yet."""
        pending = self.pending
        if pending is None:
            return None
        span = f"{pending.first_sequence} to {pending.last_sequence}"
        return f"events {span} wait for their removal already, as archived in {pending.archive}"


def measure(conn: psycopg.Connection, state: ChainState, first: int, last: int) -> tuple[PlannedTenant, bool]:
    """These sequences as a plan shows them, and whether they are nothing but records of archives."""
    facts = read_facts(conn, state.head.tenant_id, first, last)
    events = last - first + 1
    planned = PlannedTenant(
        state.head.tenant_id, first, last, events, state.head.sequence - last, facts.first_time,
        facts.last_time, facts.row_bytes * events,
    )  # fmt: skip
    return planned, facts.only_records


def read_state(conn: psycopg.Connection, seen: Probe, tenant_id: str) -> ChainState | None:
    """The state of one chain, inside the caller's transaction; None where it has no events."""
    head = get_head(conn, tenant_id)
    if head is None:
        return None
    authority = tuple(list_authority(conn, seen.layout, Head(tenant_id, 1, MAX_SEQUENCE, None)))
    return ChainState(head, authority, parse_records(authority))


def stream_rows(
    conn: psycopg.Connection, seen: Probe, stretch: Head
) -> Generator[Event | Unreadable, None, None]:
    """The rows of a stretch in order. To be closed before the transaction ends: it holds the connection."""
    yield from stream_chain(conn, seen.layout, stretch)


def find_unfinished(
    conn: psycopg.Connection, seen: Probe, archive: CompleteArchive, heads: Mapping[str, Head]
) -> Unfinished | None:
    """The tenants of an archive whose events are still in this log; None where none are, or it is of another.
    `heads` are those of all tenants: what is finished costs no look at its chain.

    ArchiveMismatchError where the log has another event at an archive's end: one of both was changed.
    """
    log_id = seen.identity.log_id
    if archive.manifest.log_id is not None and log_id is not None and archive.manifest.log_id != log_id:
        return None
    found = []
    for tenant in archive.manifest.tenants:
        head = heads.get(tenant.tenant_id)
        if head is None or head.first_sequence > tenant.last_sequence:
            continue
        state = read_state(conn, seen, tenant.tenant_id)
        if state is None:
            continue
        record = _record_of(archive, tenant, state)
        if record is None and not _same_end(conn, seen, tenant):
            raise ArchiveMismatchError(
                f"event {tenant.last_sequence} of {tenant.tenant_id} has another hash in the log than in "
                f"archive {archive.manifest.archive}",
                "verify the log and the archive; nothing was removed",
            )
        superseded = record is None and state.pending is not None
        if not superseded:
            found.append(_unfinished(tenant, record))
    return Unfinished(archive.manifest.archive, tuple(found)) if found else None


def describe_missing(states: Mapping[str, ChainState], present: Iterable[CompleteArchive]) -> tuple[str, ...]:
    """Recorded archives whose events are still in the log but whose files are not in the folder."""
    digests = {archive.digest for archive in present}
    lines = []
    for tenant_id, state in sorted(states.items()):
        pending = state.pending
        if pending is not None and pending.manifest not in digests:
            lines.append(
                f"events {pending.first_sequence} to {pending.last_sequence} of {tenant_id} are recorded as "
                f"archived in {pending.archive}, which lay in {pending.place} and is not in this folder"
            )
    return tuple(lines)


def tree_before(state: ChainState, first_previous_hash: str | None) -> Frontier:
    """The tree over everything below the chain's first event, as the record of it says.

    AuditError where that record names none: then no archive can continue it.
    """
    first = state.head.first_sequence
    if first == 1:
        return Frontier()
    for record in reversed(state.records):
        if record.last_sequence == first - 1 and record.last_hash == first_previous_hash and record.tree:
            try:
                return Frontier.from_hashes(record.tree.size, list(record.tree.hashes))
            except ValueError:
                continue
    raise AuditError(
        f"no sealed record of {state.head.tenant_id} holds the tree over events 1 to {first - 1}",
        "an archive has to continue that tree; verify says what became of the beginning",
    )


def _record_of(archive: CompleteArchive, tenant: ArchivedTenant, state: ChainState) -> ArchiveRecord | None:
    """The record of this very archive; ArchiveMismatchError where it names other files than lie there."""
    for record in state.records:
        if record.archive != archive.manifest.archive:
            continue
        if record.manifest != archive.digest or not record.names(tenant):
            raise ArchiveMismatchError(
                f"the manifest of {archive.path} is not the one that event {record.sequence} of "
                f"{tenant.tenant_id} records",
                "bring it back from a copy; nothing was removed from the log",
            )
        return record
    return None


def _same_end(conn: psycopg.Connection, seen: Probe, tenant: ArchivedTenant) -> bool:
    last = tenant.last_sequence
    rows = list(stream_chain(conn, seen.layout, Head(tenant.tenant_id, last, last, None)))
    return len(rows) == 1 and isinstance(rows[0], Event) and rows[0].event_hash == tenant.last_hash


def _unfinished(tenant: ArchivedTenant, record: ArchiveRecord | None) -> UnfinishedTenant:
    event_id = record.event_id if record is not None else None
    return UnfinishedTenant(
        tenant.tenant_id, tenant.first_sequence, tenant.last_sequence, tenant.events, event_id
    )
