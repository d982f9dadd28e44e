"""What stands in an archiver's way: each time one clear line, exit code 4, and nothing half done."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from audit_tui.core.errors import UnsupportedSchemaError
from audit_tui.service.archiving import ArchiveRequest, ArchivingService, Progress, Step
from audit_tui.store.archive_folder import LOCK_NAME
from tests.archive.state import HALF_US, account, check_accounts, untouched
from tests.cli.program import COMMAND, Ran, call, run

THROUGH, LAST = 60, 121
HALF = "2023-07-01"


def limited(dsn: str, folder: Path, file_bytes: int) -> Ran:
    """The command in a process that may write no longer files than that."""
    done = subprocess.run(
        [*COMMAND, "--dsn", dsn, "archive", "--before", HALF, "--to", str(folder), "--write"],
        capture_output=True,
        check=False,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes)),
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.parametrize("file_bytes", [0, 1000, 8000], ids=["nothing", "in a file", "in a later file"])
def test_no_room_left(year: str, folder: Path, file_bytes: int) -> None:
    folder.mkdir()
    ran = limited(year, folder, file_bytes)
    assert ran.code == 4
    assert "no room left" in ran.complaint
    assert str(folder) in ran.complaint
    untouched(year, folder)
    assert call(year, "archive", "--before", HALF, "--to", str(folder), "--write").code == 0
    check_accounts(year, folder, THROUGH, LAST)


def test_a_full_disk(year: str, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("only root can mount a small disk")
    try:
        folder = disk / "archives"
        ran = call(year, "archive", "--before", HALF, "--to", str(folder), "--write")
        assert ran.code == 4
        assert "No space left" in ran.complaint
        untouched(year, folder)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        for target in (folder, disk / "another"):  # a plan promises nothing that cannot be done
            ran = call(year, "archive", "--before", HALF, "--to", str(target))
            assert (ran.code, ran.out) == (4, "")
            assert "cannot be written to: Read-only file system" in ran.complaint
        ran = call(year, "archive", "--before", HALF, "--to", str(folder), "--write")
        assert ran.code == 4
        assert "Read-only file system" in ran.complaint
        untouched(year, folder)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def _stranger(folder: Path) -> None:
    folder.mkdir()
    (folder / "holiday.jpg").touch()


def _file(folder: Path) -> None:
    folder.write_text("x")


def _dangling(folder: Path) -> None:
    folder.symlink_to(folder.parent / "nowhere" / "at" / "all")


def _lock_is_a_link(folder: Path) -> None:
    folder.mkdir()
    (folder / LOCK_NAME).symlink_to(folder.parent / "elsewhere")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (_stranger, "holds other things than archives: holiday.jpg"),
        (_file, "is no folder"),
        (_dangling, "cannot be used"),
        (_lock_is_a_link, "cannot be used"),
    ],
)
def test_a_target_that_is_none(year: str, folder: Path, make: Callable[[Path], None], says: str) -> None:
    make(folder)
    before = sorted(folder.parent.rglob("*"))
    ran = call(year, "archive", "--before", HALF, "--to", str(folder), "--write")
    assert ran.code == 4
    assert says in ran.complaint
    assert sorted(folder.parent.rglob("*")) == before
    assert account(year, Path("/nowhere"), "t1").table == list(range(1, LAST + 1))


def test_a_missing_parent(year: str, folder: Path) -> None:
    for words in ([], ["--write"]):
        ran = call(year, "archive", "--before", HALF, "--to", str(folder / "deeper"), *words)
        assert ran.code == 4
        assert f"there is no folder {folder}" in ran.complaint
    assert not folder.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user to be")
def test_a_folder_of_somebody_else(year: str, tmp_path: Path) -> None:
    """Root may write anywhere, so the program runs as nobody in a folder that nobody may not write to."""
    folder = tmp_path / "archives"
    folder.mkdir(mode=0o755)
    script = (
        "import os, sys; from pathlib import Path; from audit_tui.core.errors import AuditError;"
        "from audit_tui.store.archive_folder import locked_folder;"
        "os.setuid(65534)\n"
        "try:\n    with locked_folder(Path(sys.argv[1])): pass\n"
        "except AuditError as error: print(error)"
    )
    for path in (tmp_path, *tmp_path.parents):
        if path.stat().st_mode & 0o001 == 0 and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o011)
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=False
    )
    assert "Permission denied" in done.stdout, done.stderr


def test_a_hand_made_log_cannot_be_archived(guide_db: str, folder: Path) -> None:
    with psycopg.connect(guide_db) as conn:
        conn.execute("SELECT audit.log_event('a.b', 't', 'u', 'u', NULL, NULL, 'r', 'i', '/', 'GET')")
    ran = call(guide_db, "archive", "--before", HALF, "--to", str(folder))
    assert ran.code == UnsupportedSchemaError.exit_code
    assert "install --adopt" in ran.complaint


@pytest.mark.parametrize("step", [Step.WRITING, Step.CHECKING])
@pytest.mark.parametrize("done", [0, 28])
def test_ctrl_c_leaves_nothing_half_done(
    archiver: ArchivingService,
    year: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: Step,
    done: int,
) -> None:
    """Also in the middle of a stream of rows."""
    monkeypatch.setattr("audit_tui.service.live.archive_steps.TELL_EVERY", 7)

    def on_progress(moment: Progress) -> None:
        if moment.step is step and moment.done == done and moment.tenant_id == "t2":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        archiver.archive(ArchiveRequest(folder, HALF_US), on_progress=on_progress)
    if step is Step.WRITING:
        untouched(year, folder)
    assert account(year, folder, "t2").table == list(range(1, LAST + 1))
    archiver.archive(ArchiveRequest(folder, HALF_US))
    check_accounts(year, folder, THROUGH, LAST)


def test_the_password_is_in_no_line(year: str, folder: Path) -> None:
    ran = run(
        "--dsn",
        f"{year} password=c0rrect-horse",
        "archive",
        "--before",
        HALF,
        "--to",
        str(folder / "a" / "b"),
    )
    assert ran.code == 4
    assert "c0rrect-horse" not in ran.err
