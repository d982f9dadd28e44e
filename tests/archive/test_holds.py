"""Held events do not leave the log, whenever the hold was placed."""

from pathlib import Path

import pytest

from audit_tui.core.errors import AuditError
from audit_tui.service.archiving import ArchiveRequest, ArchivingService, Progress, Step
from tests.archive.conftest import Connection
from tests.archive.state import HALF_US, account, check_accounts, intact, manifests

THROUGH, LAST = 60, 121


def place(conn: Connection, tenant: str = "t2", actor: str | None = "usr_3") -> str:
    row = conn.execute("SELECT audit.place_hold(%s, 'a law suit', %s)", [tenant, actor]).fetchone()
    assert row is not None
    return str(row[0])


def release(conn: Connection, hold: str) -> None:
    conn.execute("SELECT audit.release_hold(%s, 'settled')", [hold])


def test_a_hold_stops_the_archive_and_is_named(
    archiver: ArchivingService, year: str, db: Connection, folder: Path
) -> None:
    hold = place(db)
    (refused,) = archiver.plan(ArchiveRequest(folder, HALF_US)).obstacles
    assert refused.tenant_id == "t2"
    assert refused.obstacle == f"4 of these events are held by {hold}: a law suit"
    with pytest.raises(AuditError, match=f"held by {hold}: a law suit"):
        archiver.archive(ArchiveRequest(folder, HALF_US))
    assert manifests(folder) == []
    archiver.archive(ArchiveRequest(folder, HALF_US, skip=True))
    check_accounts(year, folder, THROUGH, LAST, ("t1", "t3"))
    assert account(year, folder, "t2").table == list(range(1, LAST + 2))
    release(db, hold)
    archiver.archive(ArchiveRequest(folder, HALF_US))
    assert account(year, folder, "t2").table == list(range(THROUGH + 1, LAST + 4))
    assert intact(year)


def test_the_event_that_placed_a_hold_is_held_itself(
    archiver: ArchivingService, db: Connection, folder: Path
) -> None:
    hold = place(db, actor="usr_nobody")
    row = db.execute("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8").fetchone()
    assert row is not None
    db.execute("SELECT audit.log_event('a.b', 't2', 'u', 'u', NULL, NULL, 'r', 'i', '/', 'GET')")
    (refused,) = archiver.plan(ArchiveRequest(folder, row[0])).obstacles
    assert refused.obstacle == f"1 of these events is held by {hold}: a law suit"


@pytest.mark.parametrize("step", [Step.VERIFYING, Step.WRITTEN, Step.CHECKED, Step.RECORDING])
def test_a_hold_that_is_placed_meanwhile_stops_the_record(
    archiver: ArchivingService, year: str, db: Connection, folder: Path, step: Step
) -> None:
    holds: list[str] = []

    def on_progress(moment: Progress) -> None:
        if moment.step is step and not holds:
            holds.append(place(db))

    (refused,) = archiver.archive(ArchiveRequest(folder, HALF_US), on_progress=on_progress).refused
    assert "the chain of t2: cannot archive: 4 of these events are held by hld_" in refused
    assert account(year, folder, "t2").table == list(range(1, LAST + 2))
    assert account(year, folder, "t2").records == []
    assert "held by hld_" in archiver.archive(ArchiveRequest(folder, HALF_US)).refused[0]
    release(db, holds[0])
    archiver.archive(ArchiveRequest(folder, HALF_US))
    assert account(year, folder, "t2").table == list(range(THROUGH + 1, LAST + 4))
    check_accounts(year, folder, THROUGH, LAST, ("t1", "t3"))
    assert len(manifests(folder)) == 1


def test_a_hold_that_is_placed_after_the_record_stops_the_removal(
    archiver: ArchivingService, year: str, db: Connection, folder: Path
) -> None:
    holds: list[str] = []

    def on_progress(moment: Progress) -> None:
        if moment.step is Step.REMOVING and not holds:
            holds.append(place(db))

    (refused,) = archiver.archive(ArchiveRequest(folder, HALF_US), on_progress=on_progress).refused
    assert "the chain of t2: cannot remove: 4 of these events are held by hld_" in refused
    assert account(year, folder, "t2").table == list(range(1, LAST + 3))
    release(db, holds[0])
    archiver.archive(ArchiveRequest(folder))
    assert account(year, folder, "t2").table == list(range(THROUGH + 1, LAST + 4))
    assert account(year, folder, "t2").records == [(1, THROUGH)]
    assert intact(year)


def test_one_tenant_that_is_held_does_not_keep_the_others_from_their_end(
    archiver: ArchivingService, year: str, db: Connection, folder: Path
) -> None:
    """The archive was written for all three; the hold came before the second was recorded."""

    def on_progress(moment: Progress) -> None:
        if moment.step is Step.CHECKED:
            place(db)

    first = archiver.archive(ArchiveRequest(folder, HALF_US), on_progress=on_progress)
    assert [each.tenant_id for each in first.finished[0].tenants] == ["t1", "t3"]
    assert "held by hld_" in first.refused[0]
    check_accounts(year, folder, THROUGH, LAST, ("t1", "t3"))
    result = archiver.archive(ArchiveRequest(folder, HALF_US, skip=True))
    assert any("t2" in note and "held by hld_" in note for note in result.notes)
    assert archiver.plan(ArchiveRequest(folder)).unfinished[0].tenants[0].tenant_id == "t2"
    assert account(year, folder, "t2").records == []
