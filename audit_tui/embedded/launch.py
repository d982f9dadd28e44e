"""How to run PostgreSQL's programs: they refuse to run as root, so root steps aside for them.

Three ways, tried in this order: as the user nobody; in a user namespace that calls root nobody (also
reaches programs below /root); as nobody from a readable copy of the programs. No user is created, and
the mode of no existing folder is changed.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from audit_tui.embedded.binaries import PostgresBinaries
from audit_tui.embedded.workspace import Workspace, open_to_others

NOBODY = 65534  # initdb wants a uid with a passwd entry; this one exists everywhere
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Launcher:
    """One way of running programs of `bin_dir`: a command put before them, or another user."""

    name: str
    bin_dir: Path
    wrapper: tuple[str, ...] = ()
    user: int | None = None

    def spawn(self, program: str, arguments: Sequence[str], space: Workspace) -> "subprocess.Popen[bytes]":
        """Start `program` as a direct child that ends with this process, its output in the log.

        It gets a session of its own: Ctrl-C in the terminal is for the owner, who then ends the server.
        """
        with os.fdopen(os.open(space.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as log:
            return subprocess.Popen(  # noqa: S603 - programs of the chosen folder, no shell
                [*self.wrapper, str(self.bin_dir / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=space.data,
                env=_environment(),
                user=self.user,
                group=self.user,
                extra_groups=[] if self.user is not None else None,
                start_new_session=True,
                pass_fds=(space.server_fd,),
                preexec_fn=_die_with_parent(),  # noqa: PLW1509 - one prctl call, library loaded before
            )


def launchers(binaries: PostgresBinaries, space: Workspace) -> Iterator[Launcher]:
    """Yield the ways worth trying, the workspace prepared for each as it is asked for."""
    if os.geteuid() != 0:
        yield Launcher("direct", binaries.bin_dir)
        yield from _in_namespace(binaries)  # for a user number that no passwd entry names
        return
    if _hand_over(space, NOBODY):
        yield Launcher("nobody", binaries.bin_dir, user=NOBODY)
    if _hand_over(space, 0):
        yield from _in_namespace(binaries)
    if not open_to_others(binaries.bin_dir) and _hand_over(space, NOBODY):
        yield Launcher("copy", _readable_copy(binaries.bin_dir, space.root), user=NOBODY)


def _in_namespace(binaries: PostgresBinaries) -> Iterator[Launcher]:
    unshare = shutil.which("unshare")
    if unshare:
        mapped = (unshare, "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--")
        yield Launcher("namespace", binaries.bin_dir, wrapper=mapped)


def _hand_over(space: Workspace, user: int) -> bool:
    """Give the server's two folders to `user`, who may pass the outer one but not list it.

    Return False where that is not allowed: root of some containers may not give files away.
    """
    try:
        space.root.chmod(0o711 if user else 0o700)
        for folder in (space.data, space.sockets):
            os.chown(folder, user, user)
    except OSError:
        return False
    return True


def _readable_copy(bin_dir: Path, root: Path) -> Path:
    """Copy the installation (bin, lib, share) into the workspace and return its bin folder."""
    home = bin_dir.parent
    target = root / "pg" / home.name
    shutil.copytree(home, target, symlinks=True, ignore=shutil.ignore_patterns("include"))
    # Wheels keep the client library in a folder beside the package, found by a relative path.
    for libraries in home.parent.parent.glob(f"{home.parent.name}.libs"):
        shutil.copytree(libraries, root / libraries.name)
    for path in root.rglob("*"):
        if path.is_relative_to(root / "pg") or f"{home.parent.name}.libs" in path.parts:
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or path.parent.name == "bin" else 0o044))
    return target / "bin"


def _environment() -> dict[str, str]:
    """Return what the programs may know: no locale and no PG* variable of the caller's."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {"PATH": os.defpath, **kept, "LC_ALL": "C", "TZ": "UTC"}


def _die_with_parent() -> Callable[[], None] | None:
    """Return what the child does before it becomes the program, on Linux: ask to be told of our end.

    The kernel watches the thread that spawned, not the process: in a worker thread it would mean too
    early an end, and elsewhere than on Linux there is no such call. Then the next start cleans up.
    """
    if not sys.platform.startswith("linux") or threading.current_thread() is not threading.main_thread():
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)  # the parent was gone before we asked

    return ask
