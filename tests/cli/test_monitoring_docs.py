"""The schedules of docs/monitoring.md: their command lines are run as cron and systemd run them."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path

import psycopg
import pytest

from audit_tui.embedded import tamper
from tests.cli.program import Ran
from tests.cli.test_metrics import read, sample
from tests.shape.sources import ROOT

PAGE = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
PROGRAM = "/usr/local/bin/audit-tui"
FOLDER = "/var/lib/prometheus/node-exporter"
METRICS = "audit_tui.prom"


def blocks(kind: str) -> list[str]:
    """The fenced blocks of one kind, in the order of the page."""
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.M | re.S)


def unit(number: int) -> RawConfigParser:
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign] # systemd minds the case
    parser.read_string(blocks("ini")[number])
    return parser


def here(command: str, folder: Path) -> str:
    """The command of the page with this checkout's program and a folder of the test."""
    assert command.count(PROGRAM) == 1
    assert command.count(FOLDER) == 1
    program = shlex.join([sys.executable, "-m", "audit_tui"])
    return command.replace(PROGRAM, program).replace(FOLDER, str(folder))


def ran(command: list[str], dsn: str, folder: Path) -> Ran:
    """Runs it with next to nothing in the environment, as a scheduler does."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    done = subprocess.run(
        command,
        env={**kept, "AUDIT_TUI_DSN": dsn, "AUDIT_TUI_STATE_DIR": str(folder / "state"), "HOME": str(folder)},
        cwd=ROOT,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=120,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def cron_command() -> str:
    """The line of the crontab behind its five times and the user; a percent sign would end it there."""
    lines = blocks("cron")[0].splitlines()
    assert {line.partition("=")[0] for line in lines[:-1]} == {"AUDIT_TUI_DSN", "AUDIT_TUI_STATE_DIR"}
    *times, user, command = lines[-1].split(maxsplit=6)
    assert all(re.fullmatch(r"\d+|\*", each) for each in times)
    assert (len(times), user) == (5, "audit-tui")
    assert "%" not in command
    return command


def exec_start() -> str:
    return unit(0)["Service"]["ExecStart"]


def break_acme(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        tamper.edit_field(connection, "org_acme", 12, "actor_id", "usr_intruder")


def test_the_line_for_cron(log: str, tmp_path: Path) -> None:
    command = ["/bin/sh", "-c", here(cron_command(), tmp_path)]
    intact = ran(command, log, tmp_path)
    assert (intact.code, intact.out, intact.err) == (0, "", ""), "cron mails whatever is printed"
    assert sample(read((tmp_path / METRICS).read_text()), "audit_tui_verify_verdict", verdict="intact") == 1
    break_acme(log)
    assert ran(command, log, tmp_path).out == "audit-tui verify ended with exit code 1\n"
    assert sample(read((tmp_path / METRICS).read_text()), "audit_tui_verify_verdict", verdict="tampered") == 1


def test_the_command_of_the_systemd_unit(log: str, tmp_path: Path) -> None:
    words = shlex.split(here(exec_start(), tmp_path))
    assert ran(words, log, tmp_path).code == 0
    assert (tmp_path / "state").is_dir(), "the heads are remembered between two runs"
    break_acme(log)
    broken = ran(words, log, tmp_path)
    assert (broken.code, broken.out, broken.err) == (1, "", "")


def test_the_unit_may_write_where_its_command_writes() -> None:
    service = unit(0)["Service"]
    assert service["ReadWritePaths"] == FOLDER
    assert service["StateDirectory"] == "audit-tui"
    assert "AUDIT_TUI_STATE_DIR=/var/lib/audit-tui" in blocks("ini")[0]
    assert unit(1)["Timer"]["Persistent"] == "yes" or unit(1)["Timer"]["Persistent"] == "true"


def test_systemd_takes_both_units(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd on this machine")
    program = tmp_path / "audit-tui"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for number, name in enumerate(("audit-tui-verify.service", "audit-tui-verify.timer")):
        (tmp_path / name).write_text(blocks("ini")[number].replace(PROGRAM, str(program)))
    both = [str(tmp_path / f"audit-tui-verify.{kind}") for kind in ("service", "timer")]
    done = subprocess.run(
        [analyze, "verify", *both],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    told = [line for line in done.stderr.splitlines() if "audit-tui-verify" in line]
    assert (done.returncode, told) == (0, [])


def test_what_pg_cron_is_told_to_run_runs(audit_db: str) -> None:
    """The statements between the dollar signs, by a login with the rights that the page grants."""
    block = next(each for each in blocks("sql") if "cron.schedule" in each)
    jobs = re.findall(r"cron\.schedule\('[a-z-]+', '[0-9* ]+', \$\$(.*?)\$\$\)", block)
    assert len(jobs) == 2
    assert "GRANT audit_admin TO audit_monitor" in block
    with psycopg.connect(audit_db) as conn:
        conn.execute("SET ROLE audit_admin")
        for job in jobs:
            conn.execute(job)


def test_the_page_names_every_metric(log: str, tmp_path: Path) -> None:
    words = shlex.split(here(exec_start(), tmp_path))
    break_acme(log)
    assert ran(words, log, tmp_path).code == 1
    names = {name for name, _ in read((tmp_path / METRICS).read_text())}
    assert names == set(re.findall(r"audit_tui_(?:verify|tenant|build)_[a-z_]+", PAGE))
