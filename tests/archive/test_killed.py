"""kill -9 after every step in turn: never a lost event, never a doubled one, never two records of a range."""

import json
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from audit_tui.core.errors import ArchiveMismatchError
from audit_tui.service.archiving import ArchiveRequest
from tests.archive.conftest import Archivers
from tests.archive.killed import KILLED, run
from tests.archive.state import HALF_US, TENANTS, account, check_accounts, intact, manifests
from tests.archive_files.build import write_document

THROUGH, LAST = 60, 121
STEPS = 22
"""What a run on three tenants tells; the last test of the kind checks that there is no more."""


def check_in_between(dsn: str, folder: Path) -> None:
    """What must be true at any moment: every event is in the log, or in files that the log records."""
    for tenant in TENANTS:
        found = account(dsn, folder, tenant)
        assert set(found.table) >= set(range(THROUGH + 1, LAST + 1))
        gone = set(range(1, LAST + 1)) - set(found.table)
        assert gone in (set(), set(range(1, THROUGH + 1)))
        assert gone <= set(found.filed)
        assert not gone or found.records == [(1, THROUGH)]
        assert len(found.records) <= 1
        assert all(times == 1 for times in found.filed.values())
    assert intact(dsn)


@pytest.mark.parametrize("at", range(1, STEPS + 1))
def test_killed_at_a_step_and_run_again(year: str, folder: Path, at: int) -> None:
    first = run(year, folder, HALF_US, at)
    assert first.returncode == KILLED
    check_in_between(year, folder)
    assert run(year, folder, HALF_US).returncode == 0
    check_accounts(year, folder, THROUGH, LAST)
    assert len(manifests(folder)) == 1


def test_there_are_no_more_steps_than_those(year: str, folder: Path) -> None:
    whole = run(year, folder, HALF_US, STEPS + 1)
    assert whole.returncode == 0
    assert len(whole.stdout.splitlines()) == STEPS
    kinds = Counter(line[:-3] if line[-3:-1] == " t" else line.rstrip() for line in whole.stdout.splitlines())
    assert sorted(kinds.values()) == [1, 1, 1, 1, 3, 3, 3, 3, 3, 3]


def test_killed_again_and_again(year: str, folder: Path) -> None:
    """Every run gets a little further than the one before it was killed."""
    for at in (2, 4, 6, 8, 4, 10, 5, 7, 9):
        if run(year, folder, HALF_US, at).returncode == 0:
            break
        check_in_between(year, folder)
    run(year, folder, HALF_US)
    check_accounts(year, folder, THROUGH, LAST)


@pytest.mark.parametrize("at", [6, 10, 14, 18])
def test_resuming_needs_no_time(year: str, folder: Path, at: int, open_archiver: Archivers) -> None:
    run(year, folder, HALF_US, at)
    archiver = open_archiver(year)
    plan = archiver.plan(ArchiveRequest(folder))
    (unfinished,) = plan.unfinished
    assert {each.tenant_id for each in unfinished.tenants} <= set(TENANTS)
    result = archiver.archive(ArchiveRequest(folder))
    assert [archived.resumed for archived in result.finished] == [True]
    check_accounts(year, folder, THROUGH, LAST)


def test_resuming_what_never_became_whole_starts_clean(
    year: str, folder: Path, open_archiver: Archivers
) -> None:
    run(year, folder, HALF_US, 2)
    assert list(folder.glob(".growing-*"))
    result = open_archiver(year).archive(ArchiveRequest(folder))
    assert result.finished == ()
    assert not list(folder.glob(".growing-*"))
    assert account(year, folder, "t1").table == list(range(1, LAST + 1))


def test_damaged_files_are_found_before_anything_is_removed(
    year: str, folder: Path, open_archiver: Archivers
) -> None:
    from audit_tui.core.errors import ArchiveMismatchError

    run(year, folder, HALF_US, 16)
    (path,) = folder.glob("[0-9]*/0002-0001.ndjson.gz")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)
    with pytest.raises(ArchiveMismatchError, match=r"0002-0001\.ndjson\.gz.*SHA-256 differs"):
        open_archiver(year).archive(ArchiveRequest(folder))
    for tenant in TENANTS:
        assert account(year, Path("/nowhere"), tenant).table[:LAST] == list(range(1, LAST + 1))


def test_a_manifest_that_the_chain_does_not_name_removes_nothing(
    year: str, folder: Path, open_archiver: Archivers
) -> None:
    run(year, folder, HALF_US, 16)
    (path,) = folder.glob("[0-9]*/manifest.json")
    path.chmod(0o600)
    write_document(path, json.loads(path.read_bytes()) | {"requester": "somebody"})
    with pytest.raises(ArchiveMismatchError, match="is not the one that event 122 of t1 records"):
        open_archiver(year).archive(ArchiveRequest(folder))
    assert account(year, folder, "t1").table[0] == 1


def test_a_manifest_that_was_damaged_before_its_record_is_never_recorded(
    year: str, folder: Path, open_archiver: Archivers
) -> None:
    run(year, folder, HALF_US, 5)
    (path,) = folder.glob("[0-9]*/manifest.json")
    path.chmod(0o600)
    path.write_text(path.read_text().replace('"requester":"postgres"', '"requester":"postgrez"'))
    with pytest.raises(ArchiveMismatchError, match="does not give its own checksum"):
        open_archiver(year).archive(ArchiveRequest(folder))
    assert account(year, folder, "t1").table[0] == 1
    assert account(year, folder, "t1").records == []


def test_a_server_that_dies_between_is_no_different(
    year: str, folder: Path, open_archiver: Archivers
) -> None:
    """The other side is cut off instead: its backend is gone in the middle of a step."""
    from audit_tui.core.errors import AuditError
    from audit_tui.service.archiving import Progress, Step

    def on_progress(moment: Progress) -> None:
        if moment.step is Step.REMOVING and moment.tenant_id == "t2":
            with psycopg.connect(year, autocommit=True) as conn:
                conn.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )

    with pytest.raises(AuditError, match="lost"):
        open_archiver(year).archive(ArchiveRequest(folder, HALF_US), on_progress=on_progress)
    check_in_between(year, folder)
    open_archiver(year).archive(ArchiveRequest(folder, HALF_US))
    check_accounts(year, folder, THROUGH, LAST)
