"""Files from others and files for others: bounded, never overwritten, whole or not there."""

import os
import stat
import threading
from pathlib import Path

import pytest

from audit_tui.core.errors import AuditError, UsageError
from audit_tui.store.small_files import read_secret, read_small, write_new


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    write_new(tmp_path / "f", b"one", mode=0o600)
    assert read_small(tmp_path / "f", "file", 3) == b"one"
    assert read_secret(tmp_path / "f", "file", 3) == b"one"
    assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_nothing_is_overwritten_nor_written_through_a_link(tmp_path: Path) -> None:
    write_new(tmp_path / "f", b"one")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("f", "link"):
        with pytest.raises(UsageError, match="there already"):
            write_new(tmp_path / name, b"two")
    assert (tmp_path / "f").read_bytes() == b"one"
    assert not (tmp_path / "elsewhere").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f", "link"]


def test_of_many_writers_of_one_name_one_wins(tmp_path: Path) -> None:
    won: list[int] = []

    def write(number: int) -> None:
        try:
            write_new(tmp_path / "f", str(number).encode() * 1000)
            won.append(number)
        except UsageError:
            pass

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert (tmp_path / "f").read_bytes() == str(won[0]).encode() * 1000
    assert len(won) == 1


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="can't be written"):
        write_new(tmp_path / "nowhere" / "f", b"one")


def test_what_is_no_small_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 11)
    (tmp_path / "link").symlink_to(tmp_path / "big")
    os.mkfifo(tmp_path / "pipe")
    for name, why in (("big", "larger"), ("pipe", "no file"), ("absent", "read"), (".", "no file")):
        with pytest.raises(AuditError, match=why) as refused:
            read_small(tmp_path / name, "checkpoint", 10)
        assert refused.value.hint
    with pytest.raises(AuditError, match="link"):
        read_small(tmp_path / "link", "checkpoint", 100, follow=False)
    with pytest.raises(AuditError, match="no file"):
        read_small(Path("/dev/zero"), "checkpoint", 10)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_secret_that_others_can_read_is_none(tmp_path: Path, mode: int) -> None:
    write_new(tmp_path / "f", b"one", mode=0o600)
    (tmp_path / "f").chmod(mode)
    with pytest.raises(AuditError, match="others can read"):
        read_secret(tmp_path / "f", "key file", 10)
