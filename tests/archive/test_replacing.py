"""Archives that an erasure outran, or whose files are lost: made anew, and the chain says so."""

import json
from pathlib import Path

import pytest

from audit_tui.bootstrap import open_service
from audit_tui.core.errors import ArchiveMismatchError, AuditError, UsageError
from audit_tui.core.findings import Verdict
from audit_tui.service.api import VerifyRequest
from audit_tui.service.archiving import ArchiveRequest, ArchivingService, Progress, Step
from tests.archive.conftest import Connection
from tests.archive.state import HALF_US, account, check_accounts, filed_events, intact, manifests
from tests.archive_files.build import write_document
from tests.schema.erasing import erase, group
from tests.schema.events import event

THROUGH = 60
LAST = 121
"""120 events, and the record of their import."""


def test_erased_events_go_as_they_are_and_stay_covered(
    archiver: ArchivingService, year: str, db: Connection, folder: Path
) -> None:
    erase(db, group([10, 20], [70, 75], parts=("identity", "details")))
    archiver.archive(ArchiveRequest(folder, HALF_US, tenants=("t1",)))
    filed = {each["sequence_number"]: each for each in filed_events(folder)}
    assert filed[10]["erased_parts"] is not None
    assert (filed[10]["actor_email"], filed[10]["metadata"]) == (None, None)
    assert filed[9]["erased_parts"] is None
    assert intact(year)
    service = open_service(year)
    report = service.verify(VerifyRequest(("t1",)))
    service.close()
    assert (report.verdict, report.tenants[0].findings) == (Verdict.INTACT, ())


def test_an_erasure_in_mid_archiving_is_not_undone_by_the_files(
    archiver: ArchivingService, year: str, db: Connection, folder: Path
) -> None:
    def on_progress(moment: Progress) -> None:
        if moment.step is Step.CHECKED and not account(year, folder, "t1").records:
            erase(db, group([5, 5]))

    request = ArchiveRequest(folder, HALF_US, tenants=("t1",))
    (refused,) = archiver.archive(request, on_progress=on_progress).refused
    assert "erased parts of these events after they were read" in refused
    result = archiver.archive(ArchiveRequest(folder, HALF_US, tenants=("t1",)))
    assert any("no chain records it" in note for note in result.notes)
    check_accounts(year, folder, THROUGH, LAST + 1, ("t1",))
    (filed,) = [each for each in filed_events(folder) if each["sequence_number"] == 5]
    assert filed["erased_parts"] is not None


def test_an_erasure_between_record_and_removal_asks_for_a_new_archive(
    archiver: ArchivingService, year: str, db: Connection, folder: Path
) -> None:
    def on_progress(moment: Progress) -> None:
        if moment.step is Step.REMOVING:
            erase(db, group([5, 5]))

    request = ArchiveRequest(folder, HALF_US, tenants=("t1",))
    (refused,) = archiver.archive(request, on_progress=on_progress).refused
    assert "erased parts of these events after they were read" in refused
    with pytest.raises(AuditError, match="still holds what was erased since from event 5") as refused:
        archiver.archive(ArchiveRequest(folder, HALF_US, tenants=("t1",)))
    name = manifests(folder)[0]["archive"]
    assert f"--replace {name}" in (refused.value.hint or "")
    result = archiver.archive(ArchiveRequest(folder, replace=name))
    assert [tenant.first_sequence for tenant in result.finished[0].tenants] == [1]
    found = account(year, folder, "t1")
    assert found.records == [(1, THROUGH)] * 2
    assert found.table == list(range(THROUGH + 1, LAST + 4))
    assert intact(year)
    assert archiver.archive(ArchiveRequest(folder, HALF_US, tenants=("t1",))).finished == ()


def test_a_lost_archive_is_replaced_and_the_chain_says_so(
    archiver: ArchivingService, year: str, db: Connection, folder: Path, tmp_path: Path
) -> None:
    class LostError(Exception):
        pass

    def on_progress(moment: Progress) -> None:
        if moment.step is Step.REMOVING:
            raise LostError

    with pytest.raises(LostError):
        archiver.archive(ArchiveRequest(folder, HALF_US), on_progress=on_progress)
    other = tmp_path / "other"
    name = manifests(folder)[0]["archive"]
    with pytest.raises(AuditError, match="recorded as archived in"):
        archiver.archive(ArchiveRequest(other, HALF_US))
    with pytest.raises(UsageError, match="no chain records"):
        archiver.archive(ArchiveRequest(other, replace="20200101T000000Z-00000000"))
    archiver.archive(ArchiveRequest(other, replace=name))
    assert event(db, LAST + 2)["metadata"]["replaces"] == event(db, LAST + 1)["event_id"]
    assert account(year, other, "t1").table == list(range(THROUGH + 1, LAST + 3))
    assert account(year, other, "t1").filed.total() == THROUGH
    service = open_service(year)
    boundary = service.verify(VerifyRequest(("t1",))).tenants[0].boundary
    service.close()
    assert boundary is not None
    assert boundary.event_id == event(db, LAST + 2)["event_id"]
    assert intact(year)


def test_the_archive_of_another_log_in_the_same_folder_is_left_alone(
    archiver: ArchivingService, year: str, folder: Path
) -> None:
    archiver.archive(ArchiveRequest(folder, HALF_US, tenants=("t1",)))
    (path,) = folder.glob("[0-9]*/manifest.json")
    path.chmod(0o600)
    other = {"log_id": "00000000-0000-0000-0000-000000000000"}
    write_document(path, json.loads(path.read_bytes()) | other)
    assert archiver.plan(ArchiveRequest(folder, HALF_US)).unfinished == ()
    archiver.archive(ArchiveRequest(folder, HALF_US))


@pytest.mark.parametrize(
    ("row", "says"), [(5, "event 5 of t2 is not the same"), (60, "event 60 of t2 is not")]
)
def test_a_row_that_changes_while_it_is_archived_is_found(
    archiver: ArchivingService, year: str, db: Connection, folder: Path, row: int, says: str
) -> None:
    """Between verification and record: the files hold what was, and nothing is removed."""

    def on_progress(moment: Progress) -> None:
        if moment.step is Step.WRITTEN:
            change(db, row)

    with pytest.raises(ArchiveMismatchError, match=says) as found:
        archiver.archive(ArchiveRequest(folder, HALF_US), on_progress=on_progress)
    assert "no chain records this archive: move" in (found.value.hint or "")
    assert account(year, folder, "t1").table == list(range(1, LAST + 1))
    assert archiver.archive(ArchiveRequest(folder, HALF_US)).report is not None


def change(conn: Connection, sequence: int, tenant: str = "t2", actor: str = "x") -> None:
    """What an intruder with the owner's rights does."""
    with conn.transaction():
        conn.execute("ALTER TABLE audit.logs DISABLE TRIGGER USER")
        conn.execute(
            "UPDATE audit.logs SET actor_id = %s WHERE tenant_id = %s AND sequence_number = %s",
            [actor, tenant, sequence],
        )
        conn.execute("ALTER TABLE audit.logs ENABLE TRIGGER USER")
