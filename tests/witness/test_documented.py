"""The day's work that docs/witnesses.md gives to cron, run as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

from audit_tui.embedded import tamper
from tests.service.conftest import log_events
from tests.shape.sources import ROOT
from tests.witness.conftest import TENANT, Key, attack

PAGE = (ROOT / "docs" / "witnesses.md").read_text(encoding="utf-8")
DAILY = next(block for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S) if "git push" in block)


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def run_daily(home: Path, folder: Path, dsn: str) -> subprocess.CompletedProcess[str]:
    programs = home / "bin"
    programs.mkdir(exist_ok=True)
    (programs / "audit-tui").write_text(f'#!/bin/sh\nexec {sys.executable} -m audit_tui "$@"\n')
    (programs / "audit-tui").chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "HOME": str(home),
        "AUDIT_TUI_DSN": dsn,
        "PYTHONPATH": str(ROOT),
    }
    script = DAILY.replace("/srv/witnesses", str(folder))
    return subprocess.run(
        ["sh", "-c", script], env=environment, capture_output=True, text=True, check=False, timeout=300
    )


def test_the_daily_work(log: str, tmp_path: Path, alice: Key, bob: Key) -> None:
    origin, folder = tmp_path / "origin", tmp_path / "witnesses"
    git(tmp_path, "init", "--quiet", "--bare", "-b", "main", str(origin))
    git(tmp_path, "clone", "--quiet", str(origin), str(folder))
    git(folder, "checkout", "--quiet", "-b", "main")
    for name, value in (("user.name", "alice"), ("user.email", "alice@example.com")):
        git(folder, "config", name, value)
    for key in (alice, bob):
        (folder / key.public.name).write_text(key.public.read_text())
    git(folder, "add", "-A")
    git(folder, "commit", "--quiet", "-m", "the keys")
    git(folder, "push", "--quiet", "-u", "origin", "main")

    def commits() -> int:
        return int(git(origin, "rev-list", "--count", "main"))

    first = run_daily(tmp_path, folder, log)
    assert (first.returncode, first.stderr) == (0, "")
    assert "All 4 witnesses fit the log" in first.stdout
    assert commits() == 2
    again = run_daily(tmp_path, folder, log)
    assert (again.returncode, commits()) == (0, 2), "a log that rests adds nothing"
    log_events(log, TENANT, 3)
    assert run_daily(tmp_path, folder, log).returncode == 0
    assert commits() == 3
    attack(log, lambda conn: tamper.cut_tail(conn, TENANT, 15))
    told = run_daily(tmp_path, folder, log)
    assert told.returncode == 1
    assert "rewound" in told.stdout
