"""A log by time range: a partition is one archive, recorded for every tenant in it, and dropped."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from audit_tui.core.errors import AuditError, UsageError
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.service.archiving import ArchiveRequest, ArchivingService, Progress, Step
from audit_tui.store.install import install
from audit_tui.store.script import InstallOptions
from tests.archive.conftest import Archivers, Connection
from tests.archive.killed import KILLED, run
from tests.archive.logs import fill, make_months
from tests.archive.state import HALF_US, TENANTS, account, intact, manifests
from tests.cli.program import call
from tests.conftest import Templates, _lend
from tests.schema.erasing import erase, group
from tests.schema.events import log

LAST = 121
END_OF_MARCH_US = 1_680_307_200_000_000
MARCH = 30
"""The first quarter's events of each tenant: a year has 120."""


def _by_month(connection: psycopg.Connection) -> None:
    connection.execute("SET TIME ZONE 'UTC'")
    install(connection, InstallOptions(layout="partitioned"))
    make_months(connection)
    fill(connection, tenants=3, events=360)


@pytest.fixture
def months(server: EmbeddedServer, templates: Templates) -> Iterator[str]:
    """The DSN of a log with a partition for each month of 2023: t1 to t3, 120 events each."""
    yield from _lend(server, templates.copy("archive_months", _by_month))


@pytest.fixture
def db(months: str) -> Iterator[Connection]:
    with psycopg.connect(months, autocommit=True) as connection:
        yield connection


@pytest.fixture
def archiver(months: str, open_archiver: Archivers) -> ArchivingService:
    return open_archiver(months)


def partitions(conn: Connection) -> list[str]:
    return [
        name
        for (name,) in conn.execute("SELECT partition FROM audit.list_partitions() ORDER BY 1")
        if name.startswith("logs_2023")
    ]


def check(dsn: str, folder: Path, through: int, archives: int, last: int = LAST) -> None:
    for tenant in TENANTS:
        found = account(dsn, folder, tenant)
        assert found.filed == Counter(range(1, through + 1)), tenant
        assert found.table == list(range(through + 1, last + archives + 1)), tenant
        assert len(found.records) == archives
        assert found.records[0][0] == 1
        assert found.records[-1][1] == through
    assert len(manifests(folder)) == archives
    assert intact(dsn)


def test_each_partition_becomes_an_archive_and_is_dropped(
    archiver: ArchivingService, months: str, db: Connection, folder: Path
) -> None:
    plan = archiver.plan(ArchiveRequest(folder, END_OF_MARCH_US))
    assert (plan.layout, plan.before) == ("partitioned", "2023-04-01T00:00:00.000000Z")
    assert [step.partition for step in plan.steps] == ["logs_2023_01", "logs_2023_02", "logs_2023_03"]
    result = archiver.archive(ArchiveRequest(folder, END_OF_MARCH_US))
    assert [archived.events for archived in result.finished] == [
        sum(each.events for each in step.going) for step in plan.steps
    ]
    assert partitions(db) == [f"logs_2023_{month:02}" for month in range(4, 13)]
    check(months, folder, MARCH, 3)


def test_a_time_within_a_partition_leaves_that_partition(
    archiver: ArchivingService, db: Connection, folder: Path
) -> None:
    plan = archiver.plan(ArchiveRequest(folder, END_OF_MARCH_US + 20 * 86_400_000_000))
    assert plan.before == "2023-04-01T00:00:00.000000Z"
    assert len(plan.steps) == 3
    assert archiver.plan(ArchiveRequest(folder, END_OF_MARCH_US - 1)).steps[-1].partition == "logs_2023_02"


@pytest.mark.parametrize("at", [3, 10, 17, 18, 20, 25])
def test_killed_and_run_again(months: str, folder: Path, at: int) -> None:
    first = run(months, folder, END_OF_MARCH_US, at)
    assert first.returncode == KILLED
    for tenant in TENANTS:
        found = account(months, folder, tenant)
        assert found.everything >= set(range(1, LAST + 1))
        assert all(times == 1 for times in found.filed.values())
    assert intact(months)
    assert run(months, folder, END_OF_MARCH_US).returncode == 0
    check(months, folder, MARCH, 3)


def test_a_hold_keeps_the_partition_and_all_after_it(
    archiver: ArchivingService, months: str, db: Connection, folder: Path
) -> None:
    db.execute("SELECT audit.place_hold('t2', 'a law suit', 'usr_14')")
    plan = archiver.plan(ArchiveRequest(folder, END_OF_MARCH_US))
    assert [step.partition for step in plan.steps] == ["logs_2023_01", "logs_2023_02"]
    assert [bool(step.going) for step in plan.steps] == [True, False]
    with pytest.raises(AuditError, match="held by hld_"):
        archiver.archive(ArchiveRequest(folder, END_OF_MARCH_US))
    result = archiver.archive(ArchiveRequest(folder, END_OF_MARCH_US, skip=True))
    assert len(result.finished) == 1
    assert partitions(db)[0] == "logs_2023_02"
    assert intact(months)


def test_a_hold_at_the_last_moment_keeps_the_partition(
    archiver: ArchivingService, months: str, db: Connection, folder: Path
) -> None:
    def on_progress(moment: Progress) -> None:
        if moment.step is Step.REMOVING:
            db.execute("SELECT audit.place_hold('t2', 'a law suit', 'usr_1')")

    (refused,) = archiver.archive(ArchiveRequest(folder, END_OF_MARCH_US), on_progress=on_progress).refused
    assert "held by hld_" in refused
    assert partitions(db)[0] == "logs_2023_01"
    row = db.execute("SELECT hold FROM audit.list_holds()").fetchone()
    assert row is not None
    db.execute("SELECT audit.release_hold(%s, 'settled')", [row[0]])
    archiver.archive(ArchiveRequest(folder, END_OF_MARCH_US))
    assert partitions(db)[0] == "logs_2023_04"
    assert intact(months)


def test_an_erasure_at_the_last_moment_keeps_the_partition(
    archiver: ArchivingService, months: str, db: Connection, folder: Path
) -> None:
    def on_progress(moment: Progress) -> None:
        if moment.step is Step.REMOVING:
            erase(db, group([3, 3]))

    (refused,) = archiver.archive(ArchiveRequest(folder, END_OF_MARCH_US), on_progress=on_progress).refused
    assert "erased parts of these events" in refused
    name = manifests(folder)[0]["archive"]
    archiver.archive(ArchiveRequest(folder, replace=name))
    assert partitions(db)[0] == "logs_2023_02"
    assert [len(account(months, folder, tenant).records) for tenant in TENANTS] == [2, 2, 2]
    assert intact(months)


def test_single_tenants_cannot_be_archived(archiver: ArchivingService, folder: Path) -> None:
    with pytest.raises(UsageError, match="by whole partitions"):
        archiver.plan(ArchiveRequest(folder, HALF_US, tenants=("t1",)))


def test_a_dormant_tenant_keeps_nothing_in_its_place(
    archiver: ArchivingService, months: str, db: Connection, folder: Path
) -> None:
    """Its head goes too: the record becomes the head."""
    archiver.archive(ArchiveRequest(folder, HALF_US + 200 * 86_400_000_000))
    assert partitions(db) == []
    assert account(months, folder, "t1").table[0] == LAST + 1
    log(db, "t1")
    assert intact(months)


def test_a_reader_that_does_not_let_go_is_named(
    archiver: ArchivingService, months: str, folder: Path
) -> None:
    with psycopg.connect(months) as reading:
        reading.execute("SELECT count(*) FROM audit.logs")
        (refused,) = archiver.archive(ArchiveRequest(folder, END_OF_MARCH_US)).refused
        assert "somebody else holds partition logs_2023_01" in refused
        reading.rollback()
    archiver.archive(ArchiveRequest(folder, END_OF_MARCH_US))
    check(months, folder, MARCH, 3)


def test_the_command_says_which_partitions(months: str, folder: Path) -> None:
    ran = call(months, "archive", "--before", "2023-04-10", "--to", str(folder))
    assert "by whole partitions: those that end by 2023-04-01T00:00:00Z" in ran.out
    assert "logs_2023_02" in ran.out
    document = call(
        months, "archive", "--before", "2023-04-10", "--to", str(folder), "--write", "--json"
    ).document
    assert len(document["archives"]) == 3


def test_the_command_says_what_a_hold_keeps_in_its_place(months: str, db: Connection, folder: Path) -> None:
    db.execute("SELECT audit.place_hold('t2', 'a law suit', 'usr_14')")
    asked = ("archive", "--before", "2023-04-10", "--to", str(folder), "--skip")
    ran = call(months, *asked)
    assert "logs_2023_02 stays, with all partitions after it: t2: " in ran.out
    rows = [line.split() for line in ran.out.splitlines() if line.startswith("logs_2023_0") and " t" in line]
    marks = {(name, tenant): mark for name, mark, tenant, *_ in rows if mark in "✓?–"}
    assert {mark for (name, _), mark in marks.items() if name == "logs_2023_01"} == {"✓"}
    assert marks["logs_2023_02", "t1"] == "–"
    assert marks["logs_2023_02", "t2"] == "?"
    ran = call(months, *asked, "--write")
    assert "logs_2023_02 stays, with all partitions after it: t2: " in ran.out
