"""`install` and `upgrade` at the command line: options, the printed script, refusals in one line."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from audit_tui.cli.streams import LINE_LIMIT
from audit_tui.embedded.server import EmbeddedServer
from tests.cli.program import assert_told, call, run
from tests.schema.scripts import catalogue, install_version_1, run_psql


@pytest.mark.parametrize("command", ["install", "upgrade"])
def test_a_dry_run_connects_to_nothing_and_prints_a_script(command: str) -> None:
    ran = run(command, "--dry-run", "--dsn", "host=/nonexistent")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"-- {command.capitalize()} of the audit schema, written by audit-tui ")
    assert "\\set ON_ERROR_STOP on" in ran.out
    assert ran.out.count("\nBEGIN ") == ran.out.count("\nCOMMIT;") == 1
    assert ran.out.isascii()


@pytest.mark.parametrize("command", ["install", "upgrade"])
def test_a_dry_run_as_json_is_one_document(command: str) -> None:
    ran = run(command, "--dry-run", "--json")
    assert ran.document["format"] == f"audit-tui/{command}/1"
    assert ran.document["dry_run"] is True
    assert ran.document["script"] == run(command, "--dry-run").out


def test_the_help_of_each_command_speaks_of_its_own_options() -> None:
    assert "--adopt" not in run("upgrade", "--help").out.split("Examples:")[0].split("Options:")[1]


def test_the_printed_script_is_what_install_does(empty_db: str, server: EmbeddedServer) -> None:
    options = ("--tenant-isolation", "--owner", "cli_keeper", "--no-ddl-trigger")
    assert run_psql(empty_db, run("install", *options, "--dry-run").out).returncode == 0
    other = server.create_database()
    try:
        assert call(other, "install", *options).code == 0
        assert catalogue(empty_db) == catalogue(other)
    finally:
        server.drop_database(other)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("--owner", "Robert'); DROP TABLE students;--"),
            ("an owner cannot be called", "lower-case letters"),
        ),
        (("--owner", ""), ("an owner cannot be called",)),
        (("--owner", "a" * 64), ("at most 63",)),
        (("--owner", "select"), ("keeps that word",)),
        (("--owner", "public"), ("keeps that word",)),
        (("--owner", "pg_monitor"), ("keeps that word",)),
        (("--owner", "audit_reader"), ("the role audit_reader cannot own the log",)),
        (("--owner", "evil\x1b[31m"), ("an owner cannot be called",)),
        (("--adopt-tampered",), ("it needs --adopt",)),
        (("--adopt", "--partitioned"), ("an adopted log keeps the layout that it has",)),
        (("--partitoned",), ("no such option",)),
    ],
)
@pytest.mark.parametrize("way", [(), ("--dry-run",), ("--json",)])
def test_wrong_usage_is_said_before_anything_is_connected(
    arguments: tuple[str, ...], words: tuple[str, ...], way: tuple[str, ...]
) -> None:
    ran = run("install", *arguments, *way, "--dsn", "host=/nonexistent")
    assert ran.code == 2
    assert ran.out == ""
    assert "\x1b" not in ran.err
    for word in words:
        assert word in ran.err


def test_options_are_recorded_and_said(empty_db: str) -> None:
    first = call(empty_db, "install", "--partitioned", "--json").document
    assert (first["changed"], first["version"], first["earlier_version"]) == (True, 2, None)
    assert len(first["catalogue"]) == 64
    assert_told(call(empty_db, "install", "--owner", "someone_else"), 4, "belongs to the role audit_owner")
    turned = call(empty_db, "install", "--tenant-isolation").out
    assert turned.startswith("Changed the audit schema as asked (tenant isolation on): version 2")
    assert "Nothing changed" in call(empty_db, "install").out


@pytest.fixture
def old_db(empty_db: str) -> str:
    install_version_1(empty_db)
    return empty_db


def test_an_older_schema_is_upgraded_by_its_own_command(old_db: str) -> None:
    assert_told(call(old_db, "install"), 4, "is version 1", "audit-tui upgrade")
    ran = call(old_db, "upgrade", "--json")
    assert ran.code == 0
    assert (ran.document["changed"], ran.document["earlier_version"], ran.document["version"]) == (True, 1, 2)
    assert ran.document["messages"][0].startswith("Upgraded the audit schema from version 1: version 2")
    again = call(old_db, "upgrade")
    assert (again.code, again.err) == (0, "")
    assert "Nothing changed" in again.out


def test_nothing_to_upgrade(empty_db: str, guide_db: str) -> None:
    assert_told(call(empty_db, "upgrade"), 4, "no audit schema to upgrade", "audit-tui install")
    assert_told(call(guide_db, "upgrade"), 4, "install --adopt")


@pytest.fixture
def long_names(server: EmbeddedServer) -> Iterator[str]:
    """A database and a login whose names are as long as they can be, and need quoting."""
    name = "Long " + "x" * 58
    with psycopg.connect(server.dsn(), autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
    dsn = server.create_database(name=name)
    yield make_conninfo(dsn, user=name)
    server.drop_database(name)
    with psycopg.connect(server.dsn(), autocommit=True) as conn:
        conn.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def test_every_statement_of_a_refusal_can_be_read_to_its_end(long_names: str) -> None:
    ran = call(long_names, "install", "--with-roles", "--owner", "o" * 63)
    assert ran.code == 4
    assert ran.complaint.rstrip().endswith(";)")
    assert f"CREATE ROLE {'o' * 63} NOLOGIN; GRANT {'o' * 63} TO " in ran.complaint
    assert len(ran.complaint) < LINE_LIMIT


def test_a_role_that_was_there_is_a_note_of_the_result(empty_db: str) -> None:
    with psycopg.connect(empty_db, autocommit=True) as conn:
        conn.execute("CREATE ROLE cli_odd_keeper NOLOGIN CREATEDB")
        try:
            ran = call(empty_db, "install", "--owner", "cli_odd_keeper")
            assert (ran.code, ran.err) == (0, "")
            assert "Note: the role cli_odd_keeper was there already and may create databases" in ran.out
        finally:
            conn.execute("DROP OWNED BY cli_odd_keeper CASCADE")
            conn.execute("DROP ROLE cli_odd_keeper")
