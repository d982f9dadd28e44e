"""Writing an archive's files: compressed lines, a new file every so many events, all of it on disk."""

import gzip
import hashlib
import io
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from audit_tui.core.archive.lines import ArchiveFormatError, event_to_line
from audit_tui.core.archive.manifest import (
    MANIFEST_NAME,
    MAX_FILE_EVENTS,
    MAX_MANIFEST_BYTES,
    ArchivedTenant,
    ArchiveFile,
    Manifest,
    TreeState,
    file_name,
    manifest_digest,
)
from audit_tui.core.archive.manifest_text import dump_manifest
from audit_tui.core.errors import ArchiveMismatchError, AuditError
from audit_tui.core.merkle import Frontier
from audit_tui.core.model import Event
from audit_tui.core.seal import is_hash
from audit_tui.store.archive_folder import telling

MAX_FILE_TEXT = 256 * 1024 * 1024
"""Bytes of lines after which a new file begins, however few events: what is damaged is damaged by file."""

LEVEL = 6


class _Digesting(io.RawIOBase):
    """A file on its way to disk, counted and hashed. Nothing is overwritten: the name must be free."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
        )
        self.sha = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        view = memoryview(data)  # type: ignore[arg-type] # the io module hands over any buffer
        written = os.write(self._handle, view)
        self.sha.update(view[:written])
        self.size += written
        return written

    def finish(self) -> None:
        """All of it is on disk, and nobody changes it by accident."""
        with suppress(OSError):  # some file systems know no modes
            os.fchmod(self._handle, 0o400)
        os.fsync(self._handle)

    def close(self) -> None:
        if not self.closed:
            os.close(self._handle)
        super().close()


class _EventFile:
    """One file of lines while it is written."""

    def __init__(self, folder: Path, name: str, first_sequence: int) -> None:
        self.name = name
        self.first_sequence = first_sequence
        self.events = 0
        self.text_bytes = 0
        self._raw = _Digesting(folder / name)
        self._buffer = io.BufferedWriter(self._raw, 256 * 1024)
        # Neither a name nor a time goes into the file: the same events give the same bytes.
        self._gzip = gzip.GzipFile("", "wb", LEVEL, self._buffer, mtime=0)

    def add(self, line: bytes) -> None:
        self._gzip.write(line)
        self.events += 1
        self.text_bytes += len(line)

    @property
    def is_full(self) -> bool:
        return self.events >= MAX_FILE_EVENTS or self.text_bytes >= MAX_FILE_TEXT

    def end(self) -> ArchiveFile:
        self._gzip.close()
        self._buffer.flush()
        self._raw.finish()
        self._buffer.close()
        return ArchiveFile(
            name=self.name,
            events=self.events,
            first_sequence=self.first_sequence,
            last_sequence=self.first_sequence + self.events - 1,
            bytes=self._raw.size,
            sha256=self._raw.sha.hexdigest(),
        )

    def abandon(self) -> None:
        self._raw.close()


@dataclass(slots=True)
class TenantWriter:
    """Writes one tenant's stretch, which has to come in order and without gaps. `tree` is the tree over
    everything before it and grows with it; `number` counts the archive's tenants from 1.
    """

    folder: Path
    number: int
    tenant_id: str
    tree: Frontier
    _files: list[ArchiveFile] = field(default_factory=list)
    _open: _EventFile | None = None
    _first: Event | None = None
    _last: Event | None = None

    def add(self, event: Event) -> None:
        """Writes one event. ArchiveMismatchError where it is not the next one, AuditError where it cannot."""
        if event.tenant_id != self.tenant_id or event.sequence_number != self.tree.size + 1:
            raise ArchiveMismatchError(
                f"event {self.tree.size + 1} of {self.tenant_id} is not there", "verify names what is missing"
            )
        if not is_hash(event.event_hash) or event.event_hash is None:
            raise ArchiveMismatchError(
                f"event {event.sequence_number} of {self.tenant_id} has no proper hash"
            )
        try:
            line = event_to_line(event)
        except ArchiveFormatError as error:
            raise AuditError(f"it cannot be archived: {error}", "nothing was removed from the log") from None
        with telling(self.folder.parent):
            if self._open is None:
                name = file_name(self.number, len(self._files) + 1)
                self._open = _EventFile(self.folder, name, event.sequence_number)
            self._open.add(line)
            if self._open.is_full:
                self._end_file()
        self.tree.append(bytes.fromhex(event.event_hash))
        self._first, self._last = self._first or event, event

    def end(self) -> ArchivedTenant:
        """Closes the last file and tells what was written."""
        with telling(self.folder.parent):
            if self._open is not None:
                self._end_file()
        first, last = self._first, self._last
        if first is None or last is None or first.sequence_number is None:
            raise ArchiveMismatchError(f"no event of {self.tenant_id} is there any more")
        return ArchivedTenant(
            tenant_id=self.tenant_id,
            first_sequence=first.sequence_number,
            last_sequence=self.tree.size,
            events=self.tree.size - first.sequence_number + 1,
            first_previous_hash=first.previous_hash,
            first_hash=first.event_hash or "",
            last_hash=last.event_hash or "",
            first_time=first.timestamp or "",
            last_time=last.timestamp or "",
            tree=TreeState(self.tree.size, self.tree.hashes),
            files=tuple(self._files),
        )

    def abandon(self) -> None:
        """Lets go of an open file; what was written is left for `ArchiveFolder.discard`."""
        if self._open is not None:
            self._open.abandon()

    def _end_file(self) -> None:
        if self._open is not None:
            self._files.append(self._open.end())
            self._open = None


def write_manifest(folder: Path, manifest: Manifest) -> str:
    """Writes the manifest, last of all; returns the SHA-256 that the chain records. AuditError."""
    try:
        content = dump_manifest(manifest)
    except ArchiveFormatError as error:
        raise AuditError(f"the manifest {error}", "write reason and requester in UTF-8") from None
    if len(content) > MAX_MANIFEST_BYTES:
        raise AuditError("one archive would hold too many tenants", "archive them in parts, with --tenant")
    with telling(folder.parent):
        raw = _Digesting(folder / MANIFEST_NAME)
        try:
            with io.BufferedWriter(raw) as buffer:
                buffer.write(content)
                buffer.flush()
                raw.finish()
        finally:
            raw.close()
    return manifest_digest(content)


def size_of(tenants: Iterable[ArchivedTenant]) -> int:
    """Bytes of all files of these tenants."""
    return sum(file.bytes for tenant in tenants for file in tenant.files)
