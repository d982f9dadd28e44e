"""Bad input and faults: one clear line, how to mend it, the documented code, never a trace or a password."""

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from audit_tui.embedded.server import EmbeddedServer
from tests.cli.program import PASSWORD, assert_told, call, run


def test_no_server() -> None:
    ran = run("verify", "--dsn", f"host=/nonexistent user=analyst dbname=app password={PASSWORD}")
    assert_told(ran, 4, "no server answers at analyst@/nonexistent/app")
    refused = run("tenants", "--dsn", f"postgresql://analyst:{PASSWORD}@127.0.0.1:1/app")
    assert_told(refused, 4, "no server answers at analyst@127.0.0.1:1/app")
    assert PASSWORD not in ran.err + refused.err


def test_unknown_database(server: EmbeddedServer) -> None:
    assert_told(run("verify", "--dsn", server.dsn("no_such_database")), 4, "no_such_database")


def test_no_audit_schema(empty_db: str) -> None:
    assert_told(call(empty_db, "verify"), 4, "audit-tui install")


def test_no_right_to_read(either_log: str) -> None:
    with psycopg.connect(either_log, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS cli_nobody")
        connection.execute("CREATE ROLE cli_nobody LOGIN")
    dsn = make_conninfo(either_log, user="cli_nobody")
    for command in (("verify",), ("timeline", "--tenant", "org_acme"), ("tenants", "--json")):
        assert_told(call(dsn, *command), 4, "GRANT")


def test_no_right_to_install(empty_db: str) -> None:
    with psycopg.connect(empty_db, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS cli_nobody")
        connection.execute("CREATE ROLE cli_nobody LOGIN")
    assert_told(call(make_conninfo(empty_db, user="cli_nobody"), "install"), 4, "right")


@pytest.mark.parametrize(
    "command",
    [
        ("verify", "--tenant", "org_acne"),
        ("timeline", "--tenant", "org_acne"),
        ("timeline", "--tenant", "org_acne", "--json"),
        ("show", "1", "--tenant", "org_acne"),
        ("show", "evt_1", "--tenant", "org_acne"),
        ("history", "user/usr_1", "--tenant", "org_acne"),
        ("reconstruct", "user/usr_1", "--tenant", "org_acne"),
    ],
)
def test_no_such_tenant_suggests_a_near_one(log: str, command: tuple[str, ...]) -> None:
    assert_told(call(log, *command), 4, "there is no tenant org_acne", "org_acme")


def test_several_tenants_are_listed(log: str) -> None:
    ran = call(log, "timeline")
    assert (ran.code, ran.out) == (2, "")
    assert "--tenant: org_acme, org_xyz789" in ran.complaint


def test_a_log_without_events_has_no_tenant_to_choose(audit_db: str) -> None:
    assert_told(call(audit_db, "timeline"), 4, "the log holds no events")


@pytest.mark.parametrize(
    "key", ["31", "9223372036854775807", "evt_nothing", "evt_'; DROP TABLE audit.logs; --"]
)
def test_no_such_event(log: str, key: str) -> None:
    assert_told(call(log, "show", key, "--tenant", "org_acme"), 4, "there is no event")


@pytest.mark.parametrize("key", ["0", "9223372036854775808", "9" * 5000])
def test_a_sequence_out_of_range(log: str, key: str) -> None:
    assert_told(call(log, "show", key, "--tenant", "org_acme"), 2, "out of range")


@pytest.mark.parametrize(
    ("time", "word"),
    [
        ("2024-02-30", "is not a date"),
        ("01/02/2024", "ambiguous"),
        ("noon", "is not a time"),
        ("", "is not a time"),
        ("99999-01-01", "is not a time"),
    ],
)
def test_a_time_that_cannot_be_read(log: str, time: str, word: str) -> None:
    told = call(log, "reconstruct", "user/usr_456", "--tenant", "org_xyz789", "--at", time)
    assert_told(told, 2, word)


@pytest.mark.parametrize("time", ["2024-02-30", "01/02/2024"])
def test_a_time_in_a_filter_that_cannot_be_read(log: str, time: str) -> None:
    assert_told(call(log, "timeline", f"since:{time}", "--tenant", "org_acme"), 2, time)


@pytest.mark.parametrize(
    "command", [("tenants",), ("verify",), ("timeline",), ("show", "1"), ("history", "a/b")]
)
def test_a_zone_that_does_not_exist(log: str, command: tuple[str, ...]) -> None:
    assert_told(
        call(log, *command, "--zone", "Europe/Atlantis"), 2, "there is no time zone 'Europe/Atlantis'"
    )


@pytest.mark.parametrize(
    "dsn", ["postgresql://[oops", "nonsense", f"host=x password=two {PASSWORD}", "host=x port"]
)
@pytest.mark.parametrize("command", ["verify", "install", "tenants"])
def test_a_malformed_dsn(dsn: str, command: str) -> None:
    ran = call(dsn, command)
    assert_told(ran, 2, "the DSN cannot be read")
    assert PASSWORD not in ran.err


@pytest.mark.parametrize("resource", ["user", "user/", "/usr_1"])
@pytest.mark.parametrize("command", ["history", "reconstruct"])
def test_a_resource_without_a_slash(log: str, command: str, resource: str) -> None:
    assert_told(call(log, command, resource), 2, "TYPE/ID", "user/usr_456")


def test_two_ways_to_say_when(log: str) -> None:
    ran = call(log, "reconstruct", "user/usr_456", "--at", "now", "--through", "2")
    assert (ran.code, ran.out) == (2, "")
    assert "--through" in ran.complaint


@pytest.mark.parametrize(
    "arguments",
    [
        ("no-such-command",),
        ("verify", "--no-such-option"),
        ("show",),
        ("timeline", "-n", "0"),
        ("timeline", "-n", "many"),
        ("history", "a/b", "--before", "9223372036854775808"),
        ("timeline", "colour:red"),
        ("timeline", "ip:999.1.1.1"),
    ],
)
def test_wrong_usage(log: str, arguments: tuple[str, ...]) -> None:
    assert_told(call(log, *arguments), 2)


def test_a_state_folder_that_cannot_be(log: str) -> None:
    ran = run("verify", "--dsn", log, AUDIT_TUI_STATE_DIR="/dev/null/state")
    assert_told(ran, 4, "/dev/null/state/witnesses")
    assert "unexpected" not in ran.err


def test_the_words_of_a_server_cannot_act_on_the_terminal(empty_db: str) -> None:
    with psycopg.connect(empty_db, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA audit")
        connection.execute(
            "CREATE FUNCTION audit.shout() RETURNS text LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION E'\\x1b[2Jboo\\n\\x1b]0;owned\\x07'; END $$"
        )
        connection.execute("CREATE VIEW audit.logs AS SELECT audit.shout() AS tenant_id")
    ran = call(empty_db, "verify")
    assert ran.code == 4
    assert ran.complaint.isprintable()
