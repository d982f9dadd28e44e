"""Reading archives from disk: what is there, and each file's lines, with bounds on everything.

Whoever can tamper with an archive chooses its bytes: names are compared, never followed; only regular files
are opened; what a file unpacks to is read line by line and never longer than a line may be.
"""

import errno
import gzip
import hashlib
import io
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import psycopg
from psycopg._encodings import pg2pyenc

from audit_tui.core.archive.lines import MAX_LINE_BYTES, ArchiveFormatError
from audit_tui.core.archive.manifest import MANIFEST_NAME, MAX_MANIFEST_BYTES, Manifest, manifest_digest
from audit_tui.core.archive.manifest_text import ARCHIVE_ID, fits_checksum, parse_manifest
from audit_tui.core.errors import AuditError, UsageError

_CHUNK = 1024 * 1024
_LIKE_OURS = (".gz", ".ndjson", ".json")
"""Endings under which a file may pass for one of an archive's."""


@dataclass(frozen=True, slots=True)
class FoundArchive:
    """A folder that is, or should be, an archive. `problem` says what is wrong with its manifest, which is
    None where it cannot even be read.

    `digest` is the SHA-256 of the manifest's bytes (None where they could not be read). `extra` are files
    that no manifest lists though they pass for an archive's, `others` anything else that lies there.
    """

    path: Path
    name: str
    manifest: Manifest | None
    digest: str | None
    problem: str | None
    extra: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileDigest:
    """What a file is on disk."""

    bytes: int
    sha256: str


def find_archives(places: tuple[Path, ...]) -> tuple[FoundArchive, ...]:
    """The archives in the folders given: each is an archive itself or holds some; every archive once.

    UsageError where a folder is missing, unreadable, or holds none; AuditError where an archive in it cannot
    be read.
    """
    found: dict[Path, FoundArchive] = {}
    for place in places:
        folders = _archives_of(place)
        if not folders:
            title = f"there is no archive in {place}"
            raise UsageError(title, f"an archive is a folder with a {MANIFEST_NAME}")
        for folder in folders:
            found.setdefault(folder.resolve(), _look(folder))
    return tuple(found.values())


def _archives_of(place: Path) -> list[Path]:
    try:
        names = sorted(entry.name for entry in place.iterdir())
    except OSError as error:
        said = error.strerror or str(error)
        raise UsageError(f"{place} cannot be read: {said}", "give the folder of an archive") from None
    if MANIFEST_NAME in names or ARCHIVE_ID.match(place.resolve().name):
        return [place]
    return [place / name for name in names if ARCHIVE_ID.match(name) and (place / name).is_dir()]


def _look(folder: Path) -> FoundArchive:
    name = folder.resolve().name
    try:
        names = sorted(entry.name for entry in folder.iterdir())
        with _opened(folder / MANIFEST_NAME) as file:
            content = file.read(MAX_MANIFEST_BYTES + 1)
    except FileNotFoundError:
        return FoundArchive(folder, name, None, None, "is missing", (), ())
    except ArchiveFormatError as error:
        return FoundArchive(folder, name, None, None, str(error), (), ())
    except OSError as error:
        title = f"the archive {folder} cannot be read: {error.strerror or error}"
        raise AuditError(title, "let this user read the folder and its files") from None
    digest = manifest_digest(content)
    try:
        manifest = parse_manifest(content)
    except ArchiveFormatError as error:
        return FoundArchive(folder, name, None, digest, str(error), (), ())
    listed = {file.name for tenant in manifest.tenants for file in tenant.files} | {MANIFEST_NAME}
    rest = [each for each in names if each not in listed]
    extra = tuple(each for each in rest if each.endswith(_LIKE_OURS))
    others = tuple(each for each in rest if each not in extra and not each.startswith("."))
    problem = None if fits_checksum(manifest, content) else "was changed: it does not give its own checksum"
    return FoundArchive(folder, manifest.archive, manifest, digest, problem, extra, others)


def encoding_of(manifest: Manifest) -> str:
    """Python's name of the encoding in which the log's version 1 events were hashed; UTF-8 where unknown."""
    try:
        return pg2pyenc((manifest.encoding or "UTF8").encode())
    except (psycopg.NotSupportedError, UnicodeEncodeError):
        return "utf-8"


def digest_file(path: Path) -> FileDigest:
    """Size and SHA-256 of a file. OSError where it cannot be read, ArchiveFormatError where it is no file."""
    sha, size = hashlib.sha256(), 0
    with _opened(path) as file:
        while chunk := file.read(_CHUNK):
            sha.update(chunk)
            size += len(chunk)
    return FileDigest(size, sha.hexdigest())


@dataclass(slots=True)
class FileLines:
    """The lines of a compressed file, each with its line feed, in constant memory; to be iterated once.

    ArchiveFormatError, after the lines before it, where the file is cut short, damaged, or a line longer than
    MAX_LINE_BYTES or without end; OSError where it cannot be read. After the last line `digest` is that of
    the very bytes which were unpacked, whatever lies at the path by then.
    """

    path: Path
    digest: FileDigest | None = None

    def __iter__(self) -> Iterator[bytes]:
        with _opened(self.path) as file:
            hashed = _Hashed(file)
            with gzip.GzipFile(fileobj=cast("BinaryIO", hashed), mode="rb") as unpacked:
                lines = cast("BinaryIO", io.BufferedReader(unpacked, _CHUNK))
                while line := _next_line(lines):
                    yield line
            self.digest = FileDigest(hashed.size, hashed.sha.hexdigest())


class _Hashed:
    """A file that hashes what is read of it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.sha, self.size = file, hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        found = self._file.read(size)
        self.sha.update(found)
        self.size += len(found)
        return found


def read_lines(path: Path) -> Iterator[bytes]:
    """The lines of a compressed file, as FileLines gives them."""
    return iter(FileLines(path))


def _next_line(lines: BinaryIO) -> bytes:
    try:
        line = lines.readline(MAX_LINE_BYTES + 1)
    except EOFError:
        msg = "is cut short"
        raise ArchiveFormatError(msg) from None
    except (zlib.error, gzip.BadGzipFile):
        msg = "is damaged and cannot be unpacked"
        raise ArchiveFormatError(msg) from None
    if len(line) > MAX_LINE_BYTES:
        msg = f"holds a line of more than {MAX_LINE_BYTES:,} bytes"
        raise ArchiveFormatError(msg)
    if line and not line.endswith(b"\n"):
        msg = "ends in the middle of a line"
        raise ArchiveFormatError(msg)
    return line


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """A regular file. A link, a pipe or a device is none: reading one could hang, or lead elsewhere."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.ENXIO):
            raise
        msg = "is no regular file"
        raise ArchiveFormatError(msg) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        msg = "is no regular file"
        raise ArchiveFormatError(msg)
    with os.fdopen(handle, "rb") as file:
        yield file
