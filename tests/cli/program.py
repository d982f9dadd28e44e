"""The program as a user runs it: inside this process where that is enough, else as a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from audit_tui.cli.app import app

PASSWORD = "c0rrect-horse"
COMMAND = (sys.executable, "-m", "audit_tui")


@dataclass(frozen=True)
class Ran:
    """What a run left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        assert self.out.count("\n") == 1
        return json.loads(self.out)

    @property
    def documents(self) -> list[Any]:
        """The JSON documents on stdout, one per line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def complaint(self) -> str:
        """The one line on stderr."""
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith("audit-tui: ")
        assert "Traceback" not in self.err
        return self.err.rstrip("\n")


def call(dsn: str | None, *arguments: str) -> Ran:
    """Runs a command in this process; `dsn` goes before it."""
    before = () if dsn is None else ("--dsn", dsn)
    result = CliRunner().invoke(app, [*before, *arguments])
    return Ran(result.exit_code, result.stdout, result.stderr)


def run(*arguments: str, **environment: str) -> Ran:
    """Runs a command as a process of its own, without a terminal."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=120,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def assert_told(ran: Ran, code: int, *words: str) -> None:
    assert ran.code == code, ran.err
    assert ran.out == ""
    complaint = ran.complaint
    assert "(" in complaint, "how to mend it is missing"
    for word in words:
        assert word in complaint
