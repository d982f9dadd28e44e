"""The demo leaves nothing behind: no server, no folder, nothing among the user's own witnesses."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit_tui.bootstrap import open_service, state_directory
from audit_tui.embedded.demo import open_demo

COMMAND = [sys.executable, "-m", "audit_tui", "demo"]


@pytest.fixture
def temp_root() -> Iterator[Path]:
    """A temporary folder of its own, short enough for a socket, that the server's user may pass."""
    with tempfile.TemporaryDirectory(prefix="d") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def _environment(temp_root: Path, home: Path) -> dict[str, str]:
    return os.environ | {"TMPDIR": str(temp_root), "HOME": str(home)}


def test_the_demo_is_gone_when_it_ends(temp_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(temp_root))
    steps: list[str] = []
    with open_demo(open_service, steps.append) as demo:
        assert list(demo.state_dir.rglob("*"))
        assert [target.name for target in demo.targets] == ["incident", "legacy"]
        assert list(temp_root.iterdir())
    assert list(temp_root.iterdir()) == []
    assert not state_directory().exists()
    assert steps


def test_without_a_terminal_it_tells_the_verdicts_and_exits_0(temp_root: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        COMMAND, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120,
        env=_environment(temp_root, tmp_path),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "4 of 6 tenants are tampered with." in done.stdout
    assert "1 of 2 tenants is tampered with." in done.stdout
    lines = [line.split() for line in done.stdout.splitlines()]
    marked = {words[1]: words[0] for words in lines if len(words) > 1 and words[1].startswith("org_")}
    assert {name for name, mark in marked.items() if mark == "✗"} == {
        "org_acme", "org_borealis", "org_cobalt", "org_delta", "org_lumen",
    }  # fmt: skip
    assert {name for name, mark in marked.items() if mark == "✓"} == {
        "org_xyz789", "org_zenith", "org_harbor",
    }  # fmt: skip
    for what in ("edited in place at 812", "edited and rehashed at 455", "301 to 303", "28 events"):
        assert what in done.stdout
    assert list(temp_root.iterdir()) == []
    assert not list(tmp_path.rglob("witness*"))


def test_after_kill_9_in_the_middle_the_next_start_cleans_up(temp_root: Path, tmp_path: Path) -> None:
    environment = _environment(temp_root, tmp_path)
    served = subprocess.Popen(
        [*COMMAND, "--serve"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, env=environment,
    )  # fmt: skip
    with served:
        assert served.stdout is not None
        assert served.stdout.readline().startswith("incident: --dsn")
        served.send_signal(signal.SIGKILL)
    left = list(temp_root.iterdir())
    assert left
    subprocess.run(COMMAND, stdin=subprocess.DEVNULL, capture_output=True, check=True, env=environment)
    assert list(temp_root.iterdir()) == []


def test_serving_ends_politely(temp_root: Path, tmp_path: Path) -> None:
    served = subprocess.Popen(
        [*COMMAND, "--serve"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, env=_environment(temp_root, tmp_path),
    )  # fmt: skip
    with served:
        assert served.stdout is not None
        assert served.stdout.readline().startswith("incident: --dsn")
        served.send_signal(signal.SIGINT)
        assert served.wait(60) == 0
    assert list(temp_root.iterdir()) == []
