"""An archiver as a process of its own that is killed, by itself at a step or by whoever started it.

`python -m tests.archive.killed DSN FOLDER BEFORE_US AT` sends itself SIGKILL at the AT-th thing it tells
(0: never), so that no test has to hit a moment by waiting for it.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

from audit_tui.bootstrap import open_archiving
from audit_tui.service.archiving import ArchiveRequest, Progress

KILLED = -signal.SIGKILL


def command(dsn: str, folder: Path, before_us: int, at: int) -> list[str]:
    return [sys.executable, "-m", "tests.archive.killed", dsn, str(folder), str(before_us), str(at)]


def run(dsn: str, folder: Path, before_us: int, at: int = 0) -> "subprocess.CompletedProcess[str]":
    """Runs such a process to its end. Its output is what it told, a line each."""
    done = subprocess.run(
        command(dsn, folder, before_us, at), capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode in (0, KILLED), done.stderr
    return done


def main() -> None:
    dsn, folder, before_us, at = sys.argv[1:]
    told = 0

    def on_progress(moment: Progress) -> None:
        nonlocal told
        told += 1
        print(moment.step.name, moment.tenant_id or "", flush=True)
        if told == int(at):
            os.kill(os.getpid(), signal.SIGKILL)

    archiver = open_archiving(dsn)
    archiver.archive(ArchiveRequest(Path(folder), int(before_us)), on_progress=on_progress)
    archiver.close()


if __name__ == "__main__":
    main()
