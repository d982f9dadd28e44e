"""Which versions of PostgreSQL are found, what a missing one is called, and that two run side by side."""

from pathlib import Path

import psycopg
import pytest

from audit_tui.core.errors import AuditError
from audit_tui.embedded.binaries import PostgresBinaries, find_binaries, find_versions
from audit_tui.embedded.server import EmbeddedServer
from tools import versions


def fake_programs(folder: Path, version: str) -> str:
    """Put programs into `folder` that answer as that version would."""
    folder.mkdir()
    for name in ("initdb", "postgres"):
        (folder / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
    return str(folder)


def test_each_major_is_found_once_and_oldest_first() -> None:
    majors = [one.major for one in find_versions()]
    assert majors == sorted(set(majors))
    assert find_binaries().major in majors


def test_a_folder_named_by_hand_is_among_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = fake_programs(tmp_path / "bin", "99.3")
    monkeypatch.setenv("AUDIT_TUI_PG_MORE", f"{place}:")
    assert find_versions()[-1] == PostgresBinaries(Path(place), 99, "99.3")


def test_a_folder_named_by_hand_is_never_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIT_TUI_PG_MORE", fake_programs(tmp_path / "bin", "9.6"))
    with pytest.raises(AuditError, match="AUDIT_TUI_PG_MORE names no usable PostgreSQL"):
        find_versions()


def test_a_server_runs_the_programs_it_is_given(server: EmbeddedServer) -> None:
    given = PostgresBinaries(server.binaries.bin_dir, server.binaries.major, "given")
    with EmbeddedServer.start(binaries=given) as other, psycopg.connect(other.dsn()) as connection:
        assert other.binaries is given
        assert connection.info.server_version // 10000 == given.major


def test_a_needed_version_that_is_missing_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = find_binaries().major
    for majors, code, says in (
        ("", 0, ""),
        (str(here), 0, ""),
        (f"{here} 77 78", 1, "PostgreSQL 77 and 78 needed, found "),
        ("fifteen", 2, "NEEDED_VERSIONS takes majors"),
    ):
        monkeypatch.setenv("NEEDED_VERSIONS", majors)
        assert versions.main(["needed"]) == code
        told = capsys.readouterr().err
        assert says in told
        assert len(told.splitlines()) == (1 if code else 0)


def test_a_new_folder_of_tests_is_repeated_on_every_version() -> None:
    assert {"tests/schema", "tests/verify", "tests/store", "tests/embedded"} <= set(versions.folders())
    assert "tests/core" not in versions.folders()


def test_a_failure_on_another_version_fails_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUDIT_TUI_PG_BIN", str(find_binaries().bin_dir))
    monkeypatch.setenv("AUDIT_TUI_PG_MORE", fake_programs(tmp_path / "bin", "99.3"))
    monkeypatch.setattr(versions, "find_versions", lambda: find_versions()[-1:])
    monkeypatch.setattr(versions, "folders", lambda: ["tests/no_such_folder"])
    assert versions.main(["run", "-q", "-p", "no:cacheprovider"]) == 1
    assert "the database's tests fail on PostgreSQL 99.3" in capfd.readouterr().err
    assert versions.main(["walk"]) == 2
