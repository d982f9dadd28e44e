"""Archiving on a real log: what goes, what stays, what the files and the chain say of it afterwards."""

import gzip
import platform
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from audit_tui.bootstrap import open_service
from audit_tui.core.archive.lines import line_to_event
from audit_tui.core.errors import AuditError, UnknownTenantError, UsageError
from audit_tui.core.findings import Verdict
from audit_tui.core.merkle import Frontier
from audit_tui.service.api import VerifyRequest
from audit_tui.service.archiving import ArchiveRequest, ArchivingService, Progress, Step
from tests.archive.conftest import Connection
from tests.archive.state import HALF_US, TENANTS, account, check_accounts, filed_events, intact, manifests
from tests.schema.events import event, log

THROUGH = 60
LAST = 121
"""120 events, and the record of their import."""


def rows_of(conn: Connection, tenant: str, last: int) -> list[tuple[object, ...]]:
    return conn.execute(
        "SELECT id, tenant_id, sequence_number, event_id, changes::text, metadata::text, event_hash,"
        " encode(part_salts, 'hex'), resource_after::text, user_agent FROM audit.logs"
        " WHERE tenant_id = %s AND sequence_number <= %s ORDER BY sequence_number",
        [tenant, last],
    ).fetchall()


def test_a_plan_says_what_would_go_and_writes_nothing(
    archiver: ArchivingService, year: str, folder: Path
) -> None:
    plan = archiver.plan(ArchiveRequest(folder, HALF_US))
    (step,) = plan.steps
    assert [each.tenant_id for each in step.going] == list(TENANTS)
    first = step.going[0]
    assert (first.first_sequence, first.last_sequence, first.events, first.stay) == (1, THROUGH, 60, 61)
    assert (first.first_time, first.last_time) == ("2023-01-01 00:00:00+00", "2023-06-29 11:00:00+00")
    assert 300 < first.bytes / first.events < 3000
    assert (plan.obstacles, plan.unfinished, plan.missing, plan.events) == ((), (), (), 180)
    assert not folder.exists()
    assert account(year, folder, "t1").table == list(range(1, LAST + 1))


def test_old_events_leave_for_files_and_the_chain_says_where(
    archiver: ArchivingService, year: str, db: Connection, folder: Path
) -> None:
    before = {tenant: rows_of(db, tenant, THROUGH) for tenant in TENANTS}
    told: list[Progress] = []
    result = archiver.archive(
        ArchiveRequest(folder, HALF_US, requester="Ada", reason="yearly"), on_progress=told.append
    )
    check_accounts(year, folder, THROUGH, LAST)
    (archived,) = result.finished
    (manifest,) = manifests(folder)
    assert (archived.events, archived.resumed) == (180, False)
    assert archived.manifest == sha256((folder / archived.archive / "manifest.json").read_bytes()).hexdigest()
    assert (manifest["requester"], manifest["reason"], manifest["before"]) == (
        "Ada",
        "yearly",
        "2023-07-01T00:00:00.000000Z",
    )
    for tenant in TENANTS:
        record = event(db, LAST + 1, tenant)
        assert record["event_type"] == "audit.archived"
        assert record["metadata"]["manifest"] == archived.manifest
        assert record["metadata"]["archive"] == archived.archive
        assert record["metadata"]["place"] == f"{platform.node()}:{folder}"
        filed = [each for each in filed_events(folder) if each["tenant_id"] == tenant]
        assert [
            (e["id"], e["tenant_id"], e["sequence_number"], e["event_id"], e["changes"], e["metadata"],
             e["event_hash"], e["part_salts"], e["resource_after"], e["user_agent"])
            for e in filed
        ] == before[tenant]  # fmt: skip
    steps = [moment.step for moment in told if not moment.done or moment.step is not Step.WRITING]
    assert steps[0] is Step.VERIFYING
    assert steps[-1] is Step.FINISHED
    assert steps.index(Step.RECORDED) < steps.index(Step.REMOVING)


def test_the_tree_is_over_all_hashes_and_the_next_archive_continues_it(
    archiver: ArchivingService, db: Connection, year: str, folder: Path
) -> None:
    hashes = [row["event_hash"] for row in (event(db, n) for n in range(1, 91))]
    archiver.archive(ArchiveRequest(folder, HALF_US))
    archiver.archive(ArchiveRequest(folder, HALF_US + 91 * 86_400_000_000))
    tree = Frontier()
    for text in hashes[:THROUGH]:
        tree.append(bytes.fromhex(text))
    record = event(db, LAST + 1)["metadata"]
    assert record["tree"] == {"size": THROUGH, "hashes": list(tree.hashes)}
    second = event(db, LAST + 2)["metadata"]
    for text in hashes[THROUGH : second["last_sequence"]]:
        tree.append(bytes.fromhex(text))
    assert second["first_sequence"] == THROUGH + 1
    assert second["tree"] == {"size": tree.size, "hashes": list(tree.hashes)}
    assert account(year, folder, "t1").table == list(range(second["last_sequence"] + 1, LAST + 3))
    assert intact(year)


def test_files_hold_every_line_as_the_format_says(archiver: ArchivingService, folder: Path) -> None:
    archiver.archive(ArchiveRequest(folder, HALF_US, tenants=("t2",)))
    (manifest,) = manifests(folder)
    (tenant,) = manifest["tenants"]
    (file,) = tenant["files"]
    path = folder / manifest["archive"] / file["name"]
    content = path.read_bytes()
    assert (file["bytes"], file["sha256"]) == (len(content), sha256(content).hexdigest())
    assert content[3:8] == b"\0\0\0\0\0"  # neither a name nor a time
    with gzip.open(path) as lines:
        events = [line_to_event(line) for line in lines]
    assert [each.sequence_number for each in events] == list(range(1, THROUGH + 1))
    assert path.stat().st_mode & 0o777 == 0o400
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_the_client_verifies_what_is_left_and_names_the_boundary(
    archiver: ArchivingService, year: str, folder: Path
) -> None:
    archiver.archive(ArchiveRequest(folder, HALF_US))
    service = open_service(year)
    report = service.verify(VerifyRequest())
    service.close()
    assert report.verdict is Verdict.INTACT
    assert [tenant.boundary and tenant.boundary.last_sequence for tenant in report.tenants] == [THROUGH] * 3


def test_nothing_to_do_is_no_error_and_writes_nothing(
    archiver: ArchivingService, year: str, folder: Path
) -> None:
    archiver.archive(ArchiveRequest(folder, HALF_US))
    again = archiver.archive(ArchiveRequest(folder, HALF_US))
    assert again.finished == ()
    check_accounts(year, folder, THROUGH, LAST)
    assert archiver.plan(ArchiveRequest(folder, 0)).events == 0


def test_the_head_stays_and_records_alone_are_not_archived(
    archiver: ArchivingService, year: str, folder: Path
) -> None:
    archiver.archive(ArchiveRequest(folder, _now(year)))
    assert account(year, folder, "t1").table == [LAST, LAST + 1]
    archiver.archive(ArchiveRequest(folder, _now(year)))
    assert account(year, folder, "t1").table == [LAST + 1, LAST + 2]
    for _ in range(3):
        archiver.archive(ArchiveRequest(folder, _now(year)))
    assert account(year, folder, "t1").table == [LAST + 1, LAST + 2]
    assert intact(year)


def _now(dsn: str) -> int:
    with psycopg.connect(dsn) as conn:
        row = conn.execute("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8").fetchone()
    assert row is not None
    return int(row[0]) - 1


def test_only_the_tenants_that_were_named(archiver: ArchivingService, year: str, folder: Path) -> None:
    archiver.archive(ArchiveRequest(folder, HALF_US, tenants=("t3", "t1")))
    assert account(year, folder, "t2").table == list(range(1, LAST + 1))
    assert [tenant["tenant_id"] for tenant in manifests(folder)[0]["tenants"]] == ["t1", "t3"]
    with pytest.raises(UnknownTenantError, match="t9"):
        archiver.archive(ArchiveRequest(folder, HALF_US, tenants=("t9",)))


def test_a_time_in_the_future_is_refused(archiver: ArchivingService, year: str, folder: Path) -> None:
    with pytest.raises(UsageError, match="future"):
        archiver.archive(ArchiveRequest(folder, _now(year) + 10**12))


def test_what_is_not_the_beginning_of_a_chain_is_refused_and_says_why(
    archiver: ArchivingService, year: str, db: Connection, folder: Path
) -> None:
    with db.transaction():
        db.execute("ALTER TABLE audit.logs DISABLE TRIGGER USER")
        db.execute(
            "UPDATE audit.logs SET timestamp = '2023-02-01 12:00Z'"
            " WHERE tenant_id = 't2' AND sequence_number = 80"
        )
        db.execute("ALTER TABLE audit.logs ENABLE TRIGGER USER")
    plan = archiver.plan(ArchiveRequest(folder, HALF_US))
    (refused,) = plan.obstacles
    assert refused.tenant_id == "t2"
    assert "event 61 is of 2023-07-02" in (refused.obstacle or "")
    assert "event 80 after it is of 2023-02-01 12:00:00" in (refused.obstacle or "")
    with pytest.raises(AuditError, match="t2 cannot be archived"):
        archiver.archive(ArchiveRequest(folder, HALF_US))
    assert manifests(folder) == []
    archiver.archive(ArchiveRequest(folder, HALF_US, skip=True))
    assert [tenant["tenant_id"] for tenant in manifests(folder)[0]["tenants"]] == ["t1", "t3"]
    assert account(year, folder, "t2").table == list(range(1, LAST + 1))


@pytest.mark.parametrize("place", [30, 100])
def test_nothing_is_taken_from_a_chain_that_is_not_intact(
    archiver: ArchivingService, year: str, db: Connection, folder: Path, place: int
) -> None:
    with db.transaction():
        db.execute("ALTER TABLE audit.logs DISABLE TRIGGER USER")
        db.execute(
            "UPDATE audit.logs SET actor_id = 'x' WHERE tenant_id = 't2' AND sequence_number = %s", [place]
        )
        db.execute("ALTER TABLE audit.logs ENABLE TRIGGER USER")
    result = archiver.archive(ArchiveRequest(folder, HALF_US))
    assert result.report is not None
    assert result.report.verdict is Verdict.TAMPERED
    assert result.finished == ()
    assert manifests(folder) == []
    assert account(year, folder, "t1").table == list(range(1, LAST + 1))


def test_writers_go_on_meanwhile(archiver: ArchivingService, year: str, folder: Path) -> None:
    """At every step a writer logs, and none waits for longer than a record takes."""
    logged = 0
    with psycopg.connect(year, autocommit=True) as writing:
        writing.execute("SET lock_timeout = '2s'")

        def on_progress(moment: Progress) -> None:
            nonlocal logged
            log(writing, "t1")
            logged += 1

        archiver.archive(ArchiveRequest(folder, HALF_US), on_progress=on_progress)
    found = account(year, folder, "t1")
    assert logged > 10
    assert found.table == list(range(THROUGH + 1, LAST + logged + 2))
    assert found.records == [(1, THROUGH)]
    assert intact(year)


def test_a_writer_that_holds_the_chain_is_waited_for_not_for_ever(
    archiver: ArchivingService, year: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit_tui.store.archive_rows.LOCK_TIMEOUT", "50ms")
    with psycopg.connect(year) as writing:
        log(writing, "t2")
        (refused,) = archiver.archive(ArchiveRequest(folder, HALF_US)).refused
        assert "somebody else holds the chain of t2 for more than 50ms" in refused
        writing.rollback()
    result = archiver.archive(ArchiveRequest(folder, HALF_US))
    assert [archived.resumed for archived in result.finished] == [True]
    check_accounts(year, folder, THROUGH, LAST)


@pytest.mark.parametrize(
    "wrong",
    [
        {"requester": " "},
        {"requester": "x" * 201},
        {"reason": "x" * 2001},
        {"reason": "\udcff"},
        {"reason": "a\0b"},
    ],
    ids=lambda wrong: ascii(wrong)[:30],
)
def test_what_the_log_would_not_record_is_refused_before_anything_is_written(
    archiver: ArchivingService, year: str, folder: Path, wrong: dict[str, str]
) -> None:
    with pytest.raises(UsageError, match="--re"):
        archiver.archive(ArchiveRequest(folder, HALF_US, **wrong))
    assert not folder.exists()


def test_a_log_with_thousands_of_tenants_becomes_several_archives(
    archiver: ArchivingService, year: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit_tui.service.live.archive_plan.MAX_TENANTS", 2)
    result = archiver.archive(ArchiveRequest(folder, HALF_US))
    assert [len(archived.tenants) for archived in result.finished] == [2, 1]
    check_accounts(year, folder, THROUGH, LAST)


def test_files_hold_no_more_events_than_one_may(
    archiver: ArchivingService, year: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit_tui.store.archive_writer.MAX_FILE_EVENTS", 25)
    archiver.archive(ArchiveRequest(folder, HALF_US))
    files = [file for tenant in manifests(folder)[0]["tenants"] for file in tenant["files"]]
    assert [file["events"] for file in files] == [25, 25, 10] * 3
    assert [file["name"] for file in files[:4]] == [
        "0001-0001.ndjson.gz",
        "0001-0002.ndjson.gz",
        "0001-0003.ndjson.gz",
        "0002-0001.ndjson.gz",
    ]
    check_accounts(year, folder, THROUGH, LAST)
