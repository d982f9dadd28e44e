"""The private folder of one throwaway server, and the cleaning of folders that a crash left behind.

Layout: `<temp>/at????????/` with `owner.lock` (held by the process that started the server, as long as
it lives), `server.lock` (held by the server's own processes, which inherit it), `server.pid`, `log`,
`data/` and `s/` (the socket). Locks tell the living from the dead; a process number alone may be
somebody else's by now.
"""

import fcntl
import os
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from audit_tui.core.errors import AuditError

PREFIX = "at"
MEMORY = Path("/dev/shm")  # noqa: S108 - only mkdtemp in it
_ROOM = 4 * 1024**3
_OWNER_LOCK = "owner.lock"
_SERVER_LOCK = "server.lock"
_SERVER_PID = "server.pid"
_LONGEST_SOCKET_PATH = 103  # macOS; Linux allows 107
_FOLDER_ROOM = len("/at12345678/s/.s.PGSQL.5432")


@dataclass(frozen=True, slots=True)
class Workspace:
    """One server's folder. `owner_fd` holds the owner's lock; `server_fd` is handed to the server."""

    root: Path
    owner_fd: int
    server_fd: int

    @property
    def data(self) -> Path:
        """The server's data folder."""
        return self.root / "data"

    @property
    def sockets(self) -> Path:
        """The folder of the server's socket: short, private."""
        return self.root / "s"

    @property
    def log(self) -> Path:
        """The file that takes what the server prints."""
        return self.root / "log"

    def note_pid(self, pid: int) -> None:
        """Remember the server's process for whoever cleans up after a crash."""
        (self.root / _SERVER_PID).write_text(str(pid), encoding="ascii")

    def remove(self) -> None:
        """Remove the folder and let go of the locks; the server must have ended."""
        shutil.rmtree(self.root, ignore_errors=True)
        os.close(self.server_fd)
        os.close(self.owner_fd)


def make_workspace(*, in_memory: bool = False) -> Workspace:
    """Make a locked folder in the first temporary folder that suits; AuditError where none does.

    `in_memory` prefers one whose files never reach a disk, where there is plenty of room.
    """
    for place in [*([MEMORY] if in_memory and _has_room(MEMORY) else []), *temp_roots()]:
        try:
            root = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        except OSError:
            continue
        # The lock exists under its final name only once it is held: a cleaner never sees it free.
        unborn = root / (_OWNER_LOCK + ".new")
        owner_fd = os.open(unborn, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(owner_fd, fcntl.LOCK_EX)
        server_fd = os.open(root / _SERVER_LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(server_fd, fcntl.LOCK_EX)
        unborn.rename(root / _OWNER_LOCK)
        workspace = Workspace(root, owner_fd, server_fd)
        workspace.data.mkdir(mode=0o700)
        workspace.sockets.mkdir(mode=0o700)
        return workspace
    raise AuditError(
        "no temporary folder for a throwaway PostgreSQL",
        "TMPDIR, /tmp or /var/tmp must be writable, and the path short enough for a socket",
    )


def temp_roots() -> list[Path]:
    """Return the temporary folders whose path leaves room for a socket, those best suited first."""
    places = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]  # noqa: S108 - only mkdtemp in it
    roots = [root for root in dict.fromkeys(places) if root.is_dir() and _suits_a_socket(root)]
    # A copy of the programs may have to run from there, and by another user than root.
    roots.sort(key=lambda root: (_no_programs(root), os.geteuid() == 0 and not open_to_others(root)))
    return roots


def _has_room(place: Path) -> bool:
    try:
        about = os.statvfs(place)
    except OSError:
        return False
    return about.f_bavail * about.f_frsize >= _ROOM


def _suits_a_socket(root: Path) -> bool:
    short = len(os.fsencode(root)) + _FOLDER_ROOM <= _LONGEST_SOCKET_PATH
    return short and not set(str(root)) & set(',"')  # the server reads a list, with quotes


def _no_programs(root: Path) -> bool:
    return bool(os.statvfs(root).f_flag & os.ST_NOEXEC)


def open_to_others(path: Path) -> bool:
    """Return whether every folder on the way to `path`, itself included, lets any user through."""
    place = path.resolve()
    folders = [place, *place.parents] if place.is_dir() else list(place.parents)
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in folders)


def clean_leftovers() -> tuple[Path, ...]:
    """Stop and remove what crashed owners left behind; return the folders that are gone.

    Only folders of this user whose owner no longer lives are touched.
    """
    return tuple(root for root in _folders() if _clean(root))


def _folders() -> Iterator[Path]:
    for place in {*temp_roots(), MEMORY}:
        with suppress(OSError):
            yield from sorted(place.glob(PREFIX + "????????"))


def _clean(root: Path) -> bool:
    try:
        about = root.lstat()
        if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.geteuid():
            return False
        owner_fd = os.open(root / _OWNER_LOCK, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        if not _try_lock(owner_fd):
            return False
        _stop_orphan(root)
        shutil.rmtree(root, ignore_errors=True)
        return not root.exists()
    finally:
        os.close(owner_fd)


def _stop_orphan(root: Path) -> None:
    """Wait for a dying server; one that nobody told of its owner's death is told now."""
    try:
        server_fd = os.open(root / _SERVER_LOCK, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        for word in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if _try_lock(server_fd):
                return
            # The lock is held, so the server lives, and its number cannot have passed to another.
            with suppress(OSError, ValueError):
                os.kill(int((root / _SERVER_PID).read_text(encoding="ascii")), word)
            _wait_for_lock(server_fd, seconds=5.0)
    finally:
        os.close(server_fd)


def _wait_for_lock(fd: int, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not _try_lock(fd):
        time.sleep(0.02)


def _try_lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
