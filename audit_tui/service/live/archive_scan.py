"""A first look at an archive's files: their digests, and the events that vouch for others."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from audit_tui.core.archive.lines import ArchiveFormatError, line_to_event
from audit_tui.core.archive.manifest import ArchivedTenant, ArchiveFile
from audit_tui.core.coverage import ARCHIVED_TYPE, ERASED_TYPE
from audit_tui.core.model import Event
from audit_tui.store.archive_reader import FileDigest, digest_file, read_lines

_MARKS = tuple(f'"event_type":"{kind}"'.encode() for kind in (ERASED_TYPE, ARCHIVED_TYPE))


@dataclass(frozen=True, slots=True)
class Scanned:
    """What one file is. `digest` is None where `problem` says why it is none of the archive's files, or
    `unreadable` why it could not be read at all.
    """

    digest: FileDigest | None
    problem: str | None = None
    unreadable: str | None = None


def scan(folder: Path, tenant: ArchivedTenant) -> tuple[dict[str, Scanned], list[Event]]:
    """Each file of a tenant by name, and the tenant's `audit.erased` and `audit.archived` events in them.

    Lines that cannot be read are passed over here: the check proper names them.
    """
    files: dict[str, Scanned] = {}
    authority: list[Event] = []
    for file in tenant.files:
        seen = files[file.name] = _look(folder / file.name)
        if seen.digest is not None:
            authority += _authority(folder / file.name, tenant.tenant_id, file)
    return files, authority


def _look(path: Path) -> Scanned:
    try:
        return Scanned(digest_file(path))
    except FileNotFoundError:
        return Scanned(None, problem="is missing")
    except ArchiveFormatError as error:
        return Scanned(None, problem=str(error))
    except OSError as error:
        return Scanned(None, unreadable=error.strerror or str(error))


def _authority(path: Path, tenant_id: str, file: ArchiveFile) -> list[Event]:
    found = []
    try:
        for line in read_lines(path):
            if not any(mark in line for mark in _MARKS):
                continue
            event = _event(line)
            if event is not None and event.tenant_id == tenant_id and _within(event, file):
                found.append(event)
    except (ArchiveFormatError, OSError):
        pass
    return found


def _event(line: bytes) -> Event | None:
    try:
        event = line_to_event(line)
    except ArchiveFormatError:
        return None
    return event if event.event_type in (ERASED_TYPE, ARCHIVED_TYPE) else None


def _within(event: Event, file: ArchiveFile) -> bool:
    return file.first_sequence <= (event.sequence_number or 0) <= file.last_sequence


def owner_of(digest: FileDigest, tenants: tuple[ArchivedTenant, ...]) -> str | None:
    """The name under which the manifest lists this very file, so that files that changed places are named."""
    by_digest: Mapping[str, str] = {
        file.sha256: file.name for tenant in tenants for file in tenant.files if file.bytes == digest.bytes
    }
    return by_digest.get(digest.sha256)
