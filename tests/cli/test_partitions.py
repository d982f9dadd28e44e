"""`partitions`: what it lists, what it adds, and what it says where it cannot."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from audit_tui.cli.paper import Paper
from audit_tui.cli.partitions import _print
from audit_tui.service.partitions import Partition
from tests.cli.program import call, run
from tests.schema.events import log as log_one
from tests.schema.importing import import_month


@pytest.fixture
def strayed(partitioned_db: str) -> str:
    """An event of now, and four of two months that have no partition."""
    with psycopg.connect(partitioned_db, autocommit=True) as conn:
        conn.execute("SET ROLE audit_owner")
        import_month(conn, "t1", "2024-01", 2)
        import_month(conn, "t1", "2024-03", 1)
        log_one(conn)
    return partitioned_db


@pytest.fixture
def archivist(partitioned_db: str) -> Iterator[str]:
    """A login that was granted audit_archivist, and nothing else."""
    with psycopg.connect(partitioned_db, autocommit=True) as conn:
        conn.execute("CREATE ROLE partitions_archivist LOGIN IN ROLE audit_archivist")
        conn.execute("CREATE ROLE partitions_reader LOGIN IN ROLE audit_reader")
        yield make_conninfo(partitioned_db, user="partitions_archivist")
        conn.execute("DROP ROLE partitions_archivist")
        conn.execute("DROP ROLE partitions_reader")


def test_it_lists_without_writing(strayed: str) -> None:
    ran = call(strayed, "partitions")
    assert ran.code == 0
    assert ran.out.startswith("5 partitions; events of now go to logs_2")
    assert "Events lie in the default partition: audit-tui partitions --settle" in ran.out
    assert "logs_default" in ran.out
    assert call(strayed, "partitions").out == ran.out


def test_its_document(strayed: str) -> None:
    document = call(strayed, "partitions", "--json").document
    assert document["format"] == "audit-tui/partitions/1"
    assert document["added"] == []
    first, *_, default = document["partitions"]
    assert first["takes_now"] is True
    assert first["from"].endswith("-01T00:00:00.000000Z")
    assert first["missing_guards"] == []
    assert default == {
        **default,
        "partition": "logs_default",
        "default": True,
        "from": None,
        "to": None,
        "oldest": "2024-01-02T12:00:00.000000Z",
    }


def test_it_adds_months_ahead_and_before(archivist: str) -> None:
    document = call(archivist, "partitions", "--create", "5", "--json").document
    assert len(document["added"]) == 2
    ran = call(archivist, "partitions", "--create", "5")
    assert ran.out.startswith("None was missing.")
    document = call(archivist, "partitions", "--create", "1", "--from", "2023-11", "--json").document
    assert document["added"] == ["logs_2023_11", "logs_2023_12"]
    assert [each["partition"] for each in document["partitions"]][:2] == document["added"]


def test_it_settles_the_default_partition(strayed: str) -> None:
    ran = call(strayed, "partitions", "--settle")
    assert ran.code == 0
    assert ran.out.startswith("Added 2 partitions: logs_2024_01, logs_2024_03.")
    assert "--settle" not in ran.out
    assert call(strayed, "verify", "--tenant", "t1").code == 0


def test_a_month_that_is_missing_for_now_is_said(partitioned_db: str) -> None:
    with psycopg.connect(partitioned_db, autocommit=True) as conn:
        conn.execute(
            "DO $$ DECLARE p name; BEGIN"
            " FOR p IN SELECT partition FROM audit.list_partitions() WHERE NOT is_default"
            " LOOP EXECUTE format('DROP TABLE audit.%I', p); END LOOP; END $$"
        )
        log_one(conn)
    ran = call(partitioned_db, "partitions")
    assert ran.out.startswith("1 partition; events of now go to the default partition.")
    assert "There is no partition for now: audit-tui partitions --create 3" in ran.out
    ran = call(partitioned_db, "partitions", "--create", "3")
    assert ran.out.startswith("Added 4 partitions: ")
    assert "no partition for now" not in ran.out
    assert "lie in the default" not in ran.out
    assert call(partitioned_db, "verify").code == 0


def test_a_month_that_is_missing_between_is_said(partitioned_db: str) -> None:
    assert call(partitioned_db, "partitions", "--create", "6").code == 0
    *_, fourth, third, second, _ = [
        each["partition"] for each in call(partitioned_db, "partitions", "--json").document["partitions"][:-1]
    ]
    with psycopg.connect(partitioned_db, autocommit=True) as conn:
        for name in (third, second):
            conn.execute(sql.SQL("DROP TABLE audit.{}").format(sql.Identifier(name)))
    ran = call(partitioned_db, "partitions")
    start = third.removeprefix("logs_").replace("_", "-")[:7]
    assert f"one for every time up to {start}-01." in " ".join(ran.out.split())
    assert f"There is no partition from {start}-01 to " in ran.out
    command = f"partitions --create 1 --from {start}"
    assert command in " ".join(ran.out.split())
    ran = call(partitioned_db, *command.split())
    assert ran.out.startswith("Added 2 partitions")
    assert "There is no partition from" not in ran.out
    assert fourth in ran.out


def test_a_plain_log_has_none(audit_db: str, guide_db: str, empty_db: str) -> None:
    for dsn, said in (
        (audit_db, "this log is one plain table"),
        (guide_db, "this log is one plain table"),
        (empty_db, "there is no audit schema here"),
    ):
        ran = call(dsn, "partitions", "--create", "1")
        assert ran.code == 4
        assert said in ran.complaint


@pytest.mark.parametrize(
    "arguments",
    [
        ("--create", "121"),
        ("--create", "-1"),
        ("--create", "x"),
        ("--from", "2024-01"),
        ("--create", "1", "--from", "2024-13"),
        ("--create", "1", "--from", "0000-01"),
        ("--create", "1", "--from", "last month"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_told_before_anything_is_asked(arguments: tuple[str, ...]) -> None:
    ran = run("partitions", *arguments, "--dsn", "postgresql://nobody@127.0.0.1:1/none")
    assert ran.code == 2
    assert ran.complaint


def test_the_end_of_time_is_told(partitioned_db: str) -> None:
    ran = call(partitioned_db, "partitions", "--create", "3", "--from", "9999-11")
    assert ran.code == 4
    assert "cannot add a partition" in ran.complaint


def test_others_are_told_which_right_is_missing(archivist: str) -> None:
    reader = make_conninfo(archivist, user="partitions_reader")
    ran = call(reader, "partitions", "--create", "1")
    assert ran.code == 4
    assert "GRANT audit_archivist" in ran.complaint


def test_a_log_in_use_changes_nothing(partitioned_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from audit_tui.store import partitions as store

    monkeypatch.setattr(store, "PAUSES", (0.0,))
    with psycopg.connect(partitioned_db) as other:
        other.execute("ALTER FUNCTION audit.add_partitions SET lock_timeout = '50ms'")
        other.commit()
        other.execute("SELECT count(*) FROM audit.logs")
        ran = call(partitioned_db, "partitions", "--create", "1", "--from", "2020-01")
    assert ran.code == 4
    assert "in use at each of 2 attempts; nothing was changed" in ran.complaint
    assert "logs_2020" not in call(partitioned_db, "partitions").out


def test_hostile_names_are_drawn_as_what_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    name = "logs_\x1b[31m[bold]\u202e"
    _print(Paper(), (), (Partition(name, None, None, False, 1, 1, None, None, (name,), False),), asked=False)
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert "\u202e" not in printed
    assert "[bold]" in printed
