"""`python -m tests.archive [EVENTS] [RANDOM]`: kill -9 after every step of an archive, and at random moments.

A year of EVENTS events (100,000) of three tenants, of which the first six months are archived. For each step
a fresh copy of the log: the archiver is killed there, everything is counted, the same command runs again,
and everything is counted once more. Prints one line per kill; exits 1 where any account is wrong.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from audit_tui.bootstrap import open_service
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.service.api import VerifyRequest
from audit_tui.store.install import install
from tests.archive.killed import KILLED, command
from tests.archive.logs import fill
from tests.archive.state import HALF_US, TENANTS, account

LINE = "{:>16}  {:>22}  {:>22}  {:>8}  {:>8}  {}"


class Show:
    """The log, and what every account of it has to come to."""

    def __init__(self, server: EmbeddedServer, events: int) -> None:
        self._server = server
        self._original = server.create_database(name="original")
        with psycopg.connect(self._original) as conn:
            install(conn)
            fill(conn, tenants=len(TENANTS), events=events)
        with psycopg.connect(self._original) as conn:
            row = conn.execute(
                "SELECT max(sequence_number), max(sequence_number) FILTER (WHERE timestamp < '2023-07-01Z')"
                " FROM audit.logs WHERE tenant_id = 't1'"
            ).fetchone()
        self.last, self.through = row or (0, 0)
        self.failed = False

    def steps(self) -> tuple[list[str], float]:
        """What an undisturbed run tells, and how long it takes."""
        with self._copy() as (dsn, folder):
            began = time.monotonic()
            done = subprocess.run(
                command(dsn, folder, HALF_US, 0), capture_output=True, text=True, check=True
            )
            seconds = time.monotonic() - began
            self._report("nothing", dsn, folder, "", seconds, killed=False)
            return done.stdout.splitlines(), seconds

    def kill_at(self, number: int, name: str) -> None:
        with self._copy() as (dsn, folder):
            done = subprocess.run(command(dsn, folder, HALF_US, number), capture_output=True, check=False)
            self._again(name.lower(), dsn, folder, killed=done.returncode == KILLED)

    def kill_after(self, seconds: float) -> None:
        with self._copy() as (dsn, folder):
            running = subprocess.Popen(command(dsn, folder, HALF_US, 0), stdout=subprocess.DEVNULL)
            try:
                running.wait(seconds)
            except subprocess.TimeoutExpired:
                os.kill(running.pid, signal.SIGKILL)
            self._again(f"after {seconds:.2f} s", dsn, folder, killed=running.wait() == KILLED)

    def _again(self, what: str, dsn: str, folder: Path, *, killed: bool) -> None:
        between = self._count(dsn, folder)
        began = time.monotonic()
        subprocess.run(command(dsn, folder, HALF_US, 0), capture_output=True, check=True)
        self._report(what, dsn, folder, between, time.monotonic() - began, killed=killed)

    def _count(self, dsn: str, folder: Path) -> str:
        """`log+files` of all tenants; notes a lost or doubled event."""
        log = filed = 0
        for tenant in TENANTS:
            found = account(dsn, folder, tenant)
            log, filed = log + len(found.table), filed + found.filed.total()
            lost = set(range(1, self.last + 1)) - found.everything
            gone = set(range(1, self.last + 1)) - set(found.table)
            doubled = [number for number, times in found.filed.items() if times > 1]
            unrecorded = gone and found.records != [(1, self.through)]
            if lost or doubled or unrecorded or len(found.records) > 1:
                self.failed = True
        return f"{log}+{filed}"

    def _report(
        self, what: str, dsn: str, folder: Path, between: str, seconds: float, *, killed: bool
    ) -> None:
        after = self._count(dsn, folder)
        records = len(TENANTS)
        expected = f"{len(TENANTS) * (self.last - self.through) + records}+{len(TENANTS) * self.through}"
        service = open_service(dsn, state_dir=folder.parent / "state")
        report = service.verify(VerifyRequest())
        service.close()
        bounded = all(t.boundary and t.boundary.last_sequence == self.through for t in report.tenants)
        right = after == expected and report.verdict == "intact" and bounded
        self.failed = self.failed or not right
        verdict = f"{report.verdict}, boundary {'explained' if bounded else 'NOT EXPLAINED'}"
        row = (what, between, after, "killed" if killed else "ended", f"{seconds:.1f} s", verdict)
        print(LINE.format(*row) + ("" if right else "  WRONG"), flush=True)

    def _copy(self) -> "_Copy":
        return _Copy(self._server)


class _Copy:
    def __init__(self, server: EmbeddedServer) -> None:
        self._server = server

    def __enter__(self) -> tuple[str, Path]:
        self._dsn = self._server.create_database(template="original")
        self._folder = tempfile.TemporaryDirectory()
        os.environ["AUDIT_TUI_STATE_DIR"] = str(Path(self._folder.name) / "state")
        return self._dsn, Path(self._folder.name) / "archives"

    def __exit__(self, *_: object) -> None:
        self._server.drop_database(self._dsn)
        self._folder.cleanup()


def main() -> int:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    times = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    with EmbeddedServer.start(in_memory=True) as server:
        show = Show(server, events)
        print(f"{events} events of {len(TENANTS)} tenants; 1 to {show.through} of each are archived")
        print(LINE.format("killed", "log+files then", "log+files at the end", "", "again", "verification"))
        told, seconds = show.steps()
        named: dict[str, int] = {}
        for number, line in enumerate(told, 1):
            named.setdefault(line.rstrip(), number)
        for name, number in named.items():
            show.kill_at(number, name)
        chance = random.Random(4)
        for _ in range(times):
            show.kill_after(chance.uniform(0.3, seconds))
        print("every account is right" if not show.failed else "AN ACCOUNT IS WRONG")
        return int(show.failed)


if __name__ == "__main__":
    sys.exit(main())
