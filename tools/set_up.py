"""Make or refresh `.venv` for one of the Makefile's needs:  set_up.py EXTRA...

Two of it at the same time take turns; one that was cut off starts anew; one that finds everything ready
changes nothing. On success `.venv/.ready-EXTRA` is newer than pyproject.toml and the compiled filter's
sources, which is what make looks at.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
UNFINISHED = VENV / ".unfinished"
PROJECT = ROOT / "pyproject.toml"
COMPILED = ("hatch_build.py", "audit_tui/fast/kernel.c", "audit_tui/fast/sha256.h")
"""What the optional compiled filter is made from, when the project itself is installed."""


def main(extras: list[str]) -> int:
    """Return 0 when the environment holds the project and `extras`, else 1 after one line."""
    with (ROOT / ".setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if all(_is_ready(extra) for extra in extras):
            return 0
        say("setting up .venv (the first time takes about a minute)")
        try:
            _make_environment()
            _install(extras)
        except (subprocess.CalledProcessError, OSError) as error:
            say(f"error: could not set up .venv: {_reason(error)}; mend it and run make again")
            return 1
    return 0


def _is_ready(extra: str) -> bool:
    stamp = _stamp(extra)
    inputs = [PROJECT, *(path for path in map(ROOT.joinpath, COMPILED) if path.exists())]
    newest = max(path.stat().st_mtime_ns for path in inputs)
    return stamp.exists() and stamp.stat().st_mtime_ns >= newest


def _stamp(extra: str) -> Path:
    return VENV / f".ready-{extra}"


def _make_environment() -> None:
    python = VENV / "bin" / "python"
    broken = VENV.exists() and (UNFINISHED.exists() or not _runs(python))
    if broken:
        shutil.rmtree(VENV)
    if not VENV.exists():
        VENV.mkdir()
        UNFINISHED.touch()
        _run([sys.executable, "-m", "venv", str(VENV)])
        UNFINISHED.unlink()


def _runs(python: Path) -> bool:
    probe = [str(python), "-c", "import pip, sys; sys.exit(sys.version_info < (3, 11))"]
    try:
        return subprocess.run(probe, check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def _install(extras: list[str]) -> None:
    """Install requirements first and the project itself only where needed: one may be running from it."""
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    _run([*pip, "install", *_requirements(project, extras)])
    if not _is_ready("project"):
        _run([*pip, "install", "--no-deps", "--editable", str(ROOT)])
    for extra in ("project", *extras):
        _stamp(extra).touch()


def _requirements(project: dict, extras: list[str]) -> list[str]:
    """Return the dependencies of the project with `extras`, those that name the project itself followed."""
    found = list(project["dependencies"])
    for extra in extras:
        for requirement in project["optional-dependencies"][extra]:
            own = re.fullmatch(rf"{project['name']}\[([\w,]+)\]", requirement)
            found += _requirements(project, own[1].split(",")) if own else [requirement]
    return list(dict.fromkeys(found))


def _run(command: list[str]) -> None:
    environment = {**os.environ, "PIP_USER": "0"}  # a user's pip.conf may say otherwise; here it fails
    if not environment.get("HOME"):
        environment.pop("HOME", None)  # empty would mean the root folder; without it pip asks the system
    subprocess.run(command, check=True, env=environment, stdin=subprocess.DEVNULL)


def _reason(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return f"'{' '.join(error.cmd[1:4])}' failed, its own words stand above"
    return str(error)


def say(line: str) -> None:
    """Print a line for the person who waits."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
