"""The folder that holds archives: one sub-folder each, complete or not there; one archiver at a time.

A new archive grows in a hidden folder and appears by one rename, so whatever is killed leaves either nothing
that counts or a whole archive. Names come from the clock and from chance, never from data.
"""

import errno
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from audit_tui.core.archive.manifest import Manifest
from audit_tui.core.archive.manifest_text import ARCHIVE_ID
from audit_tui.core.errors import ArchiveMismatchError, AuditError
from audit_tui.store.archive_reader import find_archives

LOCK_NAME = ".audit-tui-archiving"
_GROWING = re.compile(r"\.growing-\d{8}T\d{6}Z-[0-9a-f]{8}\Z", re.ASCII)
_NOT_OURS_BUT_FINE = "lost+found"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class CompleteArchive:
    """An archive whose manifest could be read; nothing is known of its files yet."""

    path: Path
    manifest: Manifest
    digest: str


@dataclass(frozen=True, slots=True)
class ArchiveFolder:
    """A folder for archives. Every method raises AuditError with what the system said where it fails."""

    path: Path

    def check(self) -> None:
        """Refuses a folder that cannot be one: its parent missing, no folder, not ours to write to, or with
        other things in it.
        """
        with telling(self.path):
            if not self.path.exists():
                if not self.path.parent.is_dir():
                    title = f"there is no folder {self.path.parent} to make {self.path.name or self.path} in"
                    raise AuditError(title, "make it first, or mend the path after --to")
                _check_writable(self.path.parent)
                return
            if not self.path.is_dir():
                raise AuditError(f"{self.path} is no folder", "give a folder with --to")
            _check_writable(self.path)
            strangers = [name for name in self._names() if not _belongs(name)]
        if strangers:
            more = f" and {len(strangers) - 1} more" if len(strangers) > 1 else ""
            raise AuditError(
                f"{self.path} holds other things than archives: {strangers[0]}{more}",
                "give a folder of its own with --to",
            )

    def list_complete(self) -> tuple[CompleteArchive, ...]:
        """Every archive, oldest first. ArchiveMismatchError where a manifest is missing or malformed."""
        with telling(self.path):
            names = self._names() if self.path.exists() else []
        return tuple(self.read(name) for name in names if ARCHIVE_ID.match(name))

    def read(self, archive: str) -> CompleteArchive:
        """One archive by its name. ArchiveMismatchError where its manifest is missing or malformed."""
        path = self.path / archive
        found = find_archives((path,))[0]
        if found.manifest is None or found.digest is None or found.problem is not None:
            raise ArchiveMismatchError(f"the manifest of {path} {found.problem}", _RESTORE)
        if found.manifest.archive != archive:
            title = f"the manifest of {path} is that of archive {found.manifest.archive}"
            raise ArchiveMismatchError(title, _RESTORE)
        return CompleteArchive(path, found.manifest, found.digest)

    def clean(self) -> int:
        """Removes what an archiver left that was killed while it wrote; returns how many. Needs the lock."""
        with telling(self.path):
            left = [name for name in self._names() if _GROWING.match(name)]
            for name in left:
                shutil.rmtree(self.path / name)
            return len(left)

    def begin(self, archive: str) -> Path:
        """Makes and returns the hidden folder in which an archive grows."""
        growing = self.path / f".growing-{archive}"
        with telling(self.path):
            growing.mkdir(mode=0o700)
        return growing

    def complete(self, growing: Path, archive: str) -> None:
        """Makes the grown archive appear: all is on disk when this returns."""
        with telling(self.path):
            _sync(growing)
            growing.rename(self.path / archive)
            _sync(self.path)

    def discard(self, path: Path) -> None:
        """Removes a growing archive, or one that was never recorded. Needs the lock."""
        with telling(path):
            if not path.name.startswith("."):  # out of sight first: half an archive must never be seen
                hidden = path.with_name(f".growing-{path.name}")
                path.rename(hidden)
                path = hidden
            shutil.rmtree(path)

    def _names(self) -> list[str]:
        return sorted(entry.name for entry in self.path.iterdir())


_RESTORE = "bring it back from a copy or move it away; nothing was removed from the log"


@contextmanager
def locked_folder(path: Path) -> Iterator[ArchiveFolder]:
    """The folder, made where only it is missing, with its lock held: a second archiver is refused.

    The lock dies with the process that holds it.
    """
    folder = ArchiveFolder(path)
    folder.check()
    with telling(path):
        if not path.exists():
            path.mkdir(mode=0o700)
            _sync(path.parent)
        handle = os.open(path / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        with telling(path):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AuditError(
                    f"another archiver is at work in {path}", "wait until it ends, then run this again"
                ) from None
        yield folder
    finally:
        os.close(handle)


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Turns the system's errors into one line that says what is wrong with the place and how to mend it."""
    try:
        yield
    except OSError as error:
        said = error.strerror or str(error)
        if error.errno in _FULL:
            title = f"there is no room left in {path}: {said}"
            raise AuditError(
                title, "nothing was removed from the log; make room and run this again"
            ) from None
        hint = "mend that and run this again; no event is lost"
        raise AuditError(f"{path} cannot be used: {said}", hint) from None


def _check_writable(folder: Path) -> None:
    """A plan says that the same command would do it, so it has to see what would stop the first file."""
    if os.access(folder, os.W_OK | os.X_OK):
        return
    why = "Read-only file system" if os.statvfs(folder).f_flag & os.ST_RDONLY else "Permission denied"
    raise AuditError(
        f"{folder} cannot be written to: {why}",
        "mend that and run this again; nothing was removed from the log",
    )


def _belongs(name: str) -> bool:
    return name.startswith(".") or name == _NOT_OURS_BUT_FINE or ARCHIVE_ID.match(name) is not None


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
