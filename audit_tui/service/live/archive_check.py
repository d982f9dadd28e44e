"""Reading an archive back: its files against their digests, the rules of the list, and the log's own rows."""

from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import psycopg

from audit_tui.core.archive.lines import ArchiveFormatError, line_to_event
from audit_tui.core.archive.manifest import ArchivedTenant, TreeState
from audit_tui.core.coverage import build_coverage, parse_boundaries
from audit_tui.core.errors import ArchiveMismatchError
from audit_tui.core.findings import Severity
from audit_tui.core.merkle import Frontier
from audit_tui.core.model import Event, Head
from audit_tui.core.seal import is_hash
from audit_tui.core.walk import Walk
from audit_tui.service.archiving import Step
from audit_tui.service.live.archive_state import ChainState, read_state, stream_rows, tree_before
from audit_tui.service.live.archive_steps import Teller
from audit_tui.store.archive_folder import CompleteArchive, telling
from audit_tui.store.archive_reader import digest_file, read_lines
from audit_tui.store.chain import Unreadable
from audit_tui.store.probe import Probe

_HINT = "nothing was removed from the log"


@dataclass(frozen=True, slots=True)
class FilesHold:
    """The files hold these very rows. `read_at` is the chain's head when they were compared."""

    read_at: int


@dataclass(frozen=True, slots=True)
class ErasedSince:
    """The files are sound, but this event was erased in the log after they were written."""

    sequence: int


def check_tenant(
    conn: psycopg.Connection, seen: Probe, archive: CompleteArchive, tenant: ArchivedTenant, tell: Teller
) -> FilesHold | ErasedSince:
    """Compares one tenant's files with everything there is, inside the caller's snapshot.

    ArchiveMismatchError names the file and what is wrong with it.
    """
    state = read_state(conn, seen, tenant.tenant_id)
    if state is None:
        raise ArchiveMismatchError(f"{tenant.tenant_id} has no events in the log", _HINT)
    for file in tenant.files:
        _check_digest(archive.path / file.name, file.bytes, file.sha256)
    stretch = Head(tenant.tenant_id, tenant.first_sequence, tenant.last_sequence, None)
    check = _Comparison(tenant, state, seen.encoding)
    # Closed before the transaction ends, whatever is found: a stream left open would hold the connection.
    with closing(_events(archive, tenant)) as events, closing(stream_rows(conn, seen, stretch)) as rows:
        _compare(archive, tenant, check, zip_longest(events, rows), tell)
    check.finish()
    return FilesHold(state.head.sequence) if check.erased is None else ErasedSince(check.erased)


def _compare(
    archive: CompleteArchive,
    tenant: ArchivedTenant,
    check: "_Comparison",
    pairs: Iterable[tuple[Event | None, Event | Unreadable | None]],
    tell: Teller,
) -> None:
    for done, (filed, row) in enumerate(pairs, 1):
        if filed is None or row is None or not isinstance(row, Event):
            what = "the log" if filed is not None else "the archive"
            raise ArchiveMismatchError(
                f"archive {archive.manifest.archive} and the log hold different events of "
                f"{tenant.tenant_id}: {what} lacks one", _HINT,
            )  # fmt: skip
        check.take(filed, row)
        tell.count(Step.CHECKING, tenant.tenant_id, done, tenant.events)


class _Comparison:
    """Walks the filed events by the rules of the list and holds each against the log's row."""

    def __init__(self, tenant: ArchivedTenant, state: ChainState, encoding: str) -> None:
        self._tenant = tenant
        self._walk = Walk(
            tenant.tenant_id,
            build_coverage(state.authority),
            parse_boundaries(state.authority),
            encoding=encoding,
        )
        self._tree: Frontier = tree_before(state, tenant.first_previous_hash)
        self._first: Event | None = None
        self.erased: int | None = None

    def take(self, filed: Event, row: Event) -> None:
        self._first = self._first or filed
        judged = self._walk.step(filed)
        # What an erasure did to the log since then may look unauthorised in no file: they hold what was.
        if any(finding.severity is Severity.TAMPERED for finding in judged.findings):
            message = judged.findings[0].message
            raise ArchiveMismatchError(f"the archived events do not verify: {message}", _HINT)
        if not is_hash(filed.event_hash) or filed.event_hash is None:
            raise ArchiveMismatchError(f"event {filed.sequence_number} has no proper hash", _HINT)
        self._tree.append(bytes.fromhex(filed.event_hash))
        if filed == row:
            return
        if filed.event_hash == row.event_hash and filed.erased_parts != row.erased_parts:
            self.erased = self.erased or filed.sequence_number
            return
        raise ArchiveMismatchError(
            f"event {filed.sequence_number} of {self._tenant.tenant_id} is not the same in the archive and "
            "in the log", _HINT,
        )  # fmt: skip

    def finish(self) -> None:
        tenant, first, last = self._tenant, self._first, self._walk.before
        if first is None or last is None:
            raise ArchiveMismatchError(f"no event of {tenant.tenant_id} is in the files", _HINT)
        said = (tenant.first_previous_hash, tenant.first_hash, tenant.last_hash, tenant.first_time,
                tenant.last_time, tenant.tree)  # fmt: skip
        found = (first.previous_hash, first.event_hash, last.event_hash, first.timestamp, last.timestamp,
                 TreeState(self._tree.size, self._tree.hashes))  # fmt: skip
        if said != found:
            title = f"the manifest does not say what the files of {tenant.tenant_id} hold"
            raise ArchiveMismatchError(title, _HINT)


def _events(archive: CompleteArchive, tenant: ArchivedTenant) -> Generator[Event, None, None]:
    """The events of a tenant's files in order, as many as the manifest says and not one more."""
    due = tenant.first_sequence
    for file in tenant.files:
        path = archive.path / file.name
        number = 0
        try:
            with telling(path):
                for number, line in enumerate(read_lines(path), 1):
                    event = line_to_event(line)
                    if event.sequence_number != due or event.tenant_id != tenant.tenant_id:
                        title = f"line {number} of {path} is not event {due} of {tenant.tenant_id}"
                        raise ArchiveMismatchError(title, _HINT)
                    due += 1
                    yield event
        except ArchiveFormatError as error:
            raise ArchiveMismatchError(f"line {number} of {path} {error}", _HINT) from None
        if due != file.last_sequence + 1:
            title = f"{path} holds {number} events and not the {file.events} of its manifest"
            raise ArchiveMismatchError(title, _HINT)


def _check_digest(path: Path, size: int, sha256: str) -> None:
    if not path.exists():
        raise ArchiveMismatchError(f"{path} is missing", _HINT)
    try:
        with telling(path):
            found = digest_file(path)
    except ArchiveFormatError as error:
        raise ArchiveMismatchError(f"{path} {error}", _HINT) from None
    if (found.bytes, found.sha256) != (size, sha256):
        raise ArchiveMismatchError(
            f"{path} is not the file that its manifest names: its SHA-256 differs", _HINT
        )
