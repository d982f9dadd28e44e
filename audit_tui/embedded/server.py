"""A throwaway PostgreSQL: made in a private folder, reached over a socket in it, gone without trace."""

import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from audit_tui.core.errors import AuditError
from audit_tui.embedded.binaries import PostgresBinaries, find_binaries
from audit_tui.embedded.launch import Launcher, launchers
from audit_tui.embedded.surroundings import orderly_end, without_libpq_variables
from audit_tui.embedded.workspace import Workspace, clean_leftovers, make_workspace

SUPERUSER = "postgres"
PORT = 5432
_START_SECONDS = 60.0
_STOP_SECONDS = 10.0
_INITDB_TAKES_SETTINGS = 16
_ROOMY_SHM = 64 * 1024 * 1024
_INITDB = ("-E", "UTF8", "--locale=C", "--no-sync", "--auth=trust", "-U", SUPERUSER)
# Nothing here has to outlive a power cut.
_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class EmbeddedServer:
    """A running throwaway server; leaving its `with` block stops it and removes its folder."""

    def __init__(self, binaries: PostgresBinaries, space: Workspace) -> None:
        """Prepare, start nothing: use `start`."""
        self.binaries = binaries
        self._space = space
        self._process: subprocess.Popen[bytes] | None = None
        self._launcher: Launcher | None = None
        self._words: list[str] = []
        self._names = itertools.count(1)
        self._surroundings = ExitStack()

    @classmethod
    def start(
        cls,
        settings: Mapping[str, str] | None = None,
        *,
        binaries: PostgresBinaries | None = None,
        in_memory: bool = False,
    ) -> Self:
        """Clean left-overs, make a cluster, start it and return it ready for connections.

        `settings` are server settings that go before ours; `binaries` are the programs to use, by default
        those of `find_binaries`; `in_memory` keeps the files off the disk where memory is plentiful, which
        suits many small databases. Start from the main thread: then the server
        also ends with a process that is killed. AuditError says in one line what stood in the way.
        """
        if sys.platform == "win32":
            raise AuditError("no throwaway PostgreSQL on Windows", "use --dsn with a database of your own")
        programs = binaries or find_binaries()
        clean_leftovers()
        server = cls(programs, make_workspace(in_memory=in_memory))
        try:
            server._surroundings.enter_context(without_libpq_variables())
            server._surroundings.enter_context(orderly_end())
            server._run({**_SETTINGS, **shared_memory(), **(settings or {})})
        except OSError as error:
            server.close()
            raise AuditError(f"the throwaway PostgreSQL could not be made: {error}") from error
        except BaseException:
            server.close()
            raise
        return server

    @property
    def folder(self) -> Path:
        """The private folder, gone after `close`."""
        return self._space.root

    @property
    def pid(self) -> int | None:
        """The process number of the server, None when it is stopped."""
        return self._process.pid if self._process else None

    def dsn(self, dbname: str = "postgres") -> str:
        """Return the libpq DSN of one of its databases, as superuser over the socket."""
        return make_conninfo(host=str(self._space.sockets), port=PORT, user=SUPERUSER, dbname=dbname)

    def create_database(self, template: str | None = None, name: str | None = None) -> str:
        """Create a database, a copy of `template` where given, and return its DSN."""
        name = name or f"db_{next(self._names)}"
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._command(create.format(sql.Identifier(name), sql.Identifier(template or "template1")))
        return self.dsn(name)

    def drop_database(self, name_or_dsn: str) -> None:
        """Drop a database by name or DSN, with whoever is connected to it; a missing one is fine."""
        is_dsn = "=" in name_or_dsn
        name = conninfo_to_dict(name_or_dsn)["dbname"] if is_dsn else name_or_dsn
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self._command(drop.format(sql.Identifier(str(name))))

    def close(self) -> None:
        """Stop the server and remove its folder; a second call does nothing."""
        process, self._process = self._process, None
        try:
            if process is not None:
                _stop(process)
        finally:
            if self._space.root.exists():
                self._space.remove()
            self._surroundings.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, settings: Mapping[str, str]) -> None:
        self._launcher = self._initialise()
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self._words = ["-D", str(self._space.data), "-k", str(self._space.sockets), *options]
        self._spawn(self._launcher)
        self._wait_until_ready()

    def _spawn(self, launcher: Launcher) -> None:
        self._process = launcher.spawn("postgres", self._words, self._space)
        self._space.note_pid(self._process.pid)

    def crash(self) -> None:
        """Kill the server at once, as the kernel would for want of memory: nothing of it is tidied up."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def recover(self) -> None:
        """Start it again over the files that a crash left. AuditError where it does not come up."""
        if self._launcher is None:
            raise AuditError("the throwaway PostgreSQL was never started")
        deadline = time.monotonic() + _START_SECONDS
        while True:
            self._spawn(self._launcher)
            try:
                self._wait_until_ready()
            except AuditError:
                # What the killed server had started goes on for a moment and keeps its shared memory.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def _initialise(self) -> Launcher:
        """Return the first way of running programs that made a cluster."""
        for launcher in launchers(self.binaries, self._space):
            try:
                arguments = ["-D", str(self._space.data), *_INITDB, *self._initdb_settings()]
                self._process = launcher.spawn("initdb", arguments, self._space)
            except OSError as error:
                self._note(f"FATAL: {launcher.name}: {error}")
                continue
            code = self._process.wait()
            self._process = None
            if code == 0:
                return launcher
            _empty(self._space.data)
        raise AuditError(
            f"the throwaway PostgreSQL could not be made: {self._last_complaint()}", self._hint()
        )

    def _initdb_settings(self) -> list[str]:
        settings = shared_memory() if self.binaries.major >= _INITDB_TAKES_SETTINGS else {}
        return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process is not None and self._process.poll() is not None:
                break
            try:
                psycopg.connect(self.dsn(), connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.005)
            else:
                return
        raise AuditError(f"the throwaway PostgreSQL did not start: {self._last_complaint()}", self._hint())

    def _command(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            connection.execute(statement)

    def _note(self, line: str) -> None:
        with self._space.log.open("a", encoding="utf-8") as log:
            log.write(line + "\n")

    def _last_complaint(self) -> str:
        try:
            lines = self._space.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        complaints = [line for line in lines if "FATAL" in line or "error:" in line.lower()]
        return (complaints or [line for line in lines if line.strip()] or ["it said nothing"])[-1].strip()

    def _hint(self) -> str:
        return f"programs: {self.binaries.bin_dir}; AUDIT_TUI_PG_BIN names another folder of them"


def _stop(process: "subprocess.Popen[bytes]") -> None:
    for word in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if process.poll() is None:
            process.send_signal(word)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return


def shared_memory() -> dict[str, str]:
    """Return the setting for containers that leave next to nothing in /dev/shm."""
    try:
        about = os.statvfs("/dev/shm")  # noqa: S108 - only measured
    except OSError:
        return {"dynamic_shared_memory_type": "mmap"} if sys.platform.startswith("linux") else {}
    roomy = about.f_bavail * about.f_frsize >= _ROOMY_SHM
    return {} if roomy else {"dynamic_shared_memory_type": "mmap"}


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() else entry.unlink(missing_ok=True)
