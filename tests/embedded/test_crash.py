"""An owner that dies without a word: the server follows, and the next start cleans up."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

OWNER = """
import sys
from audit_tui.embedded.server import EmbeddedServer
with EmbeddedServer.start() as server:
    print(server.folder, server.dsn(), sep="|", flush=True)
    sys.stdin.read()
"""
START = "from audit_tui.embedded.server import EmbeddedServer\nwith EmbeddedServer.start(): pass"
CLEAN = "from audit_tui.embedded.workspace import clean_leftovers\nprint(*clean_leftovers(), sep='|')"


@pytest.fixture
def temp() -> Iterator[Path]:
    """A temporary folder that no other test process cleans, short enough for sockets."""
    folder = Path(tempfile.mkdtemp(prefix="audit-test"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def python(script: str, temp: Path) -> "subprocess.Popen[str]":
    environment = {**os.environ, "TMPDIR": str(temp)}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", script], stdin=pipe, stdout=pipe, text=True, env=environment
    )


def start_owner(temp: Path) -> "tuple[subprocess.Popen[str], Path, str]":
    owner = python(OWNER, temp)
    assert owner.stdout is not None
    folder, dsn = owner.stdout.readline().strip().split("|")
    return owner, Path(folder), dsn


def test_after_kill_9_the_next_start_leaves_nothing(temp: Path) -> None:
    owner, folder, dsn = start_owner(temp)
    assert folder.parent == temp
    psycopg.connect(dsn).close()
    owner.kill()
    owner.communicate()
    assert folder.exists()
    assert python(START, temp).wait() == 0  # waits for the dying server before it removes its folder
    assert list(temp.iterdir()) == []
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn)


def test_a_stopped_server_that_nobody_told_is_ended_too(temp: Path) -> None:
    owner, folder, _dsn = start_owner(temp)
    server = int((folder / "server.pid").read_text())
    os.kill(server, signal.SIGSTOP)  # it cannot heed the word of its parent's death now
    owner.kill()
    owner.communicate()
    os.kill(server, signal.SIGCONT)
    assert str(folder) in python(CLEAN, temp).communicate()[0].strip().split("|")
    assert list(temp.iterdir()) == []


def test_the_living_are_left_alone(temp: Path) -> None:
    owner, folder, dsn = start_owner(temp)
    assert str(folder) not in python(CLEAN, temp).communicate()[0]
    psycopg.connect(dsn).close()
    owner.communicate("")
    assert owner.returncode == 0
    assert not folder.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_polite_end_cleans_up_at_once(temp: Path, number: signal.Signals) -> None:
    owner, _folder, dsn = start_owner(temp)
    owner.send_signal(number)
    owner.communicate()
    assert owner.returncode != 0
    assert list(temp.iterdir()) == []
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn)


def test_folders_of_others_are_not_touched(temp: Path) -> None:
    stranger = temp / "at12345678"
    stranger.mkdir()
    (stranger / "precious").touch()
    (temp / "atabcdefgh").symlink_to(stranger)
    assert str(temp) not in python(CLEAN, temp).communicate()[0]
    assert (stranger / "precious").exists()
    stranger_with_lock = temp / "at87654321"
    stranger_with_lock.mkdir()
    (stranger_with_lock / "owner.lock").symlink_to(stranger / "precious")
    assert str(temp) not in python(CLEAN, temp).communicate()[0]
    assert stranger_with_lock.exists()
