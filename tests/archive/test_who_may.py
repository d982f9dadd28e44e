"""Who may archive, and one at a time."""

from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from audit_tui.core.errors import AuditError, PermissionMissingError
from audit_tui.service.archiving import ArchiveRequest, ArchivingService, Progress, Step
from tests.archive.conftest import Archivers, Connection
from tests.archive.state import HALF_US, check_accounts, untouched
from tests.cli.program import call

THROUGH, LAST = 60, 121
HALF = "2023-07-01"


def test_two_archivers_at_once_in_one_folder(
    archiver: ArchivingService, open_archiver: Archivers, year: str, folder: Path
) -> None:
    second = open_archiver(year)
    refusals: list[str] = []

    def on_progress(moment: Progress) -> None:
        with pytest.raises(AuditError, match="another archiver is at work") as refused:
            second.archive(ArchiveRequest(folder, HALF_US))
        refusals.append(refused.value.title)

    archiver.archive(ArchiveRequest(folder, HALF_US), on_progress=on_progress)
    assert len(refusals) > 5
    check_accounts(year, folder, THROUGH, LAST)


def test_two_archivers_at_once_in_two_folders(
    archiver: ArchivingService, open_archiver: Archivers, year: str, folder: Path, tmp_path: Path
) -> None:
    second, other = open_archiver(year), tmp_path / "other"

    def on_progress(moment: Progress) -> None:
        with pytest.raises(
            AuditError, match=r"another archiver is at work on this log \(process \d+, postgres"
        ):
            second.archive(ArchiveRequest(other, HALF_US))

    archiver.archive(ArchiveRequest(folder, HALF_US), on_progress=on_progress)
    check_accounts(year, folder, THROUGH, LAST)
    assert not other.exists()


def test_archivers_of_two_logs_in_one_folder_take_turns(
    archiver: ArchivingService, open_archiver: Archivers, audit_db: str, folder: Path
) -> None:
    second = open_archiver(audit_db)

    def on_progress(moment: Progress) -> None:
        with pytest.raises(AuditError, match="another archiver is at work in"):
            second.archive(ArchiveRequest(folder, HALF_US))

    archiver.archive(ArchiveRequest(folder, HALF_US), on_progress=on_progress)
    second.archive(ArchiveRequest(folder, HALF_US))


def test_a_second_archiver_past_the_lock_is_refused_by_the_chain(
    archiver: ArchivingService,
    open_archiver: Archivers,
    year: str,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As behind a pooler that loses the lock of a session."""
    from contextlib import nullcontext

    monkeypatch.setattr("audit_tui.store.archive_rows.alone", lambda conn: nullcontext())
    second, other = open_archiver(year), tmp_path / "other"

    def on_progress(moment: Progress) -> None:
        if moment.step is Step.CHECKED:
            second.archive(ArchiveRequest(other, HALF_US))

    refused = archiver.archive(ArchiveRequest(folder, HALF_US), on_progress=on_progress).refused
    assert ["the chain begins at 61, not at 1" in each for each in refused] == [True] * 3
    check_accounts(year, other, THROUGH, LAST)
    assert archiver.plan(ArchiveRequest(folder, HALF_US)).unfinished == ()


def test_a_role_without_the_right_is_told_which(year: str, db: Connection, folder: Path) -> None:
    db.execute("DO $$ BEGIN CREATE ROLE arch_reader LOGIN; EXCEPTION WHEN duplicate_object THEN END $$")
    db.execute("GRANT audit_reader TO arch_reader")
    try:
        for words in ([], ["--write"]):
            ran = call(
                make_conninfo(year, user="arch_reader"),
                "archive",
                "--before",
                HALF,
                "--to",
                str(folder),
                *words,
            )
            assert ran.code == PermissionMissingError.exit_code
            assert 'GRANT audit_archivist TO "arch_reader"' in ran.complaint
    finally:
        db.execute("REVOKE audit_reader FROM arch_reader")
    untouched(year, folder)


def test_an_archivist_needs_nothing_but_the_role(year: str, db: Connection, folder: Path) -> None:
    db.execute("DO $$ BEGIN CREATE ROLE arch_archivist LOGIN; EXCEPTION WHEN duplicate_object THEN END $$")
    db.execute("GRANT audit_archivist TO arch_archivist")
    try:
        dsn = make_conninfo(year, user="arch_archivist")
        assert call(dsn, "archive", "--before", HALF, "--to", str(folder), "--write").code == 0
    finally:
        db.execute("REVOKE audit_archivist FROM arch_archivist")
    check_accounts(year, folder, THROUGH, LAST)
