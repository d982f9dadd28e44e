"""Installing: once, twice, at once, without rights, and into what is not ours."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from audit_tui import __version__
from audit_tui.bootstrap import install_schema, write_script
from audit_tui.core.errors import AuditError
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.store import script
from audit_tui.store.install import InstallResult, install
from audit_tui.store.sql_files import list_schema_files, read_sql
from tests.schema.conftest import Connection
from tests.schema.events import chain, log, value
from tests.schema.scripts import catalogue, run_psql

OBJECTS = (
    "SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('audit'))"
    " + (SELECT count(*) FROM pg_proc WHERE pronamespace = to_regnamespace('audit'))"
    " + (SELECT count(*) FROM pg_namespace WHERE nspname = 'audit')"
)
INFO = "SELECT version, tool_version, log_id, installed_at FROM audit.schema_info"


def test_the_files_are_found_in_order_and_are_plain_ascii() -> None:
    files = list_schema_files()
    assert files == tuple(sorted(files))
    assert files[0] == "schema/0005_server.sql"
    assert files[-1] == "schema/0095_leave.sql"
    for file in files:
        assert read_sql(file).isascii(), file


def test_a_first_install_says_so_and_works(empty: Connection) -> None:
    result = install(empty)
    assert result.changed
    assert result.version == script.SCHEMA_VERSION
    assert "Installed the audit schema: version 2" in result.messages[0]
    assert value(empty, "SELECT version, tool_version FROM audit.schema_info") == (
        result.version,
        __version__,
    )
    log(empty)
    assert chain(empty) == (1, True)


def test_a_second_install_changes_nothing_and_says_so(empty: Connection) -> None:
    first = install(empty)
    info = value(empty, INFO)
    log(empty)
    xmins = (
        "SELECT array_agg(xmin::text || oid ORDER BY oid) FROM pg_proc"
        " WHERE pronamespace = 'audit'::regnamespace"
    )
    before = value(empty, xmins)
    second = install(empty)
    assert second == InstallResult(False, second.messages, version=2, digest=first.digest, earlier=2)
    assert "Nothing changed" in second.messages[0]
    assert first.digest[:16] in second.messages[0]
    assert value(empty, xmins) == before
    assert value(empty, INFO) == info
    assert chain(empty) == (1, True)


@pytest.mark.parametrize(
    "damage",
    [
        "ALTER TABLE audit.logs ENABLE TRIGGER logs_90_refuse_update",
        "ALTER TABLE audit.logs DISABLE TRIGGER USER",
        "DROP TRIGGER logs_90_seal_event ON audit.logs",
        "CREATE OR REPLACE FUNCTION audit.refuse_truncate() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NULL; END'",
        "DELETE FROM audit.schema_info",
        "GRANT UPDATE ON audit.logs TO audit_writer",
        "GRANT EXECUTE ON FUNCTION audit.erase TO PUBLIC",
        "COMMENT ON TABLE audit.logs IS NULL",
        "DROP INDEX audit.logs_tenant_type_idx",
        "ALTER FUNCTION audit.seal_event() RESET search_path",
    ],
)
def test_an_install_puts_back_what_differs(db: Connection, damage: str) -> None:
    log_id = value(db, "SELECT log_id FROM audit.schema_info")
    sound = install(db).digest
    db.execute(damage)
    result = install(db)
    assert result.changed
    assert result.digest == sound
    assert "back in order" in result.messages[0]
    assert not install(db).changed
    if "schema_info" not in damage:
        assert value(db, "SELECT log_id FROM audit.schema_info") == log_id


def test_a_failure_leaves_nothing_behind(empty: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    files = list_schema_files()

    def broken(name: str) -> str:
        return read_sql(name) + ("SELECT 1 / 0;" if name == files[-2] else "")

    monkeypatch.setattr(script, "read_sql", broken)
    with pytest.raises(AuditError, match="left nothing behind: division by zero"):
        install(empty)
    assert value(empty, OBJECTS) == 0
    assert value(empty, "SELECT current_user::text") == "postgres"


def test_within_a_transaction_the_caller_commits(empty_db: str) -> None:
    with psycopg.connect(empty_db) as conn:
        conn.execute("SELECT 1")
        assert install(conn).changed
        conn.rollback()
        assert value(conn, OBJECTS) == 0
        conn.rollback()
        assert install(conn).changed
        conn.commit()
        assert not install(conn).changed


def test_it_is_patient_only_until_a_table_is_locked(empty: Connection) -> None:
    seen = {}
    with empty.transaction(force_rollback=True):
        for piece in script.build_script():
            empty.execute(piece.text.encode())
            seen[piece.name] = value(empty, "SHOW lock_timeout")
    assert seen["options"] == seen["schema/0020_roles.sql"] == "1min"
    assert {seen[name] for name in seen if name > "schema/0025"} == {script.LOCK_TIMEOUT}


def test_two_installs_at_once(empty_db: str) -> None:
    def run(_number: int) -> bool:
        with psycopg.connect(empty_db) as conn:
            return install(conn).changed

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(run, range(4))) == [False, False, False, True]


def test_a_lock_that_does_not_come_is_one_line(
    db: Connection, audit_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script, "LOCK_TIMEOUT", "50ms")
    with psycopg.connect(audit_db, application_name="the busy app") as busy:
        log(busy)
        with pytest.raises(AuditError, match="holds a lock") as caught:
            install(db)
        (pid,) = busy.execute("SELECT pg_backend_pid()").fetchone() or (None,)
    assert f"held by {pid} (postgres, the busy app, idle in transaction for 00:00:" in str(caught.value.hint)


@pytest.fixture
def landlord(empty_db: str, empty: Connection) -> Iterator[Connection]:
    """A role without superuser that may create roles, and things in this database."""
    if not empty.execute("SELECT FROM pg_roles WHERE rolname = 'landlord'").rowcount:
        empty.execute("CREATE ROLE landlord LOGIN CREATEROLE")
    if not empty.execute("SELECT FROM pg_roles WHERE rolname = 'audit_owner'").rowcount:
        empty.execute("CREATE ROLE audit_owner NOLOGIN")
    if empty.info.server_version >= 160000:
        empty.execute("GRANT audit_owner TO landlord WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")
    empty.execute(
        sql.SQL("GRANT CREATE ON DATABASE {} TO landlord").format(sql.Identifier(empty.info.dbname))
    )
    with psycopg.connect(make_conninfo(empty_db, user="landlord"), autocommit=True) as connection:
        yield connection


def test_a_role_that_is_no_superuser_can_install(empty: Connection, landlord: Connection) -> None:
    assert install(landlord).changed
    assert not install(landlord).changed
    assert (
        value(empty, "SELECT relowner::regrole::text FROM pg_class WHERE oid = 'audit.logs'::regclass")
        == "audit_owner"
    )
    assert value(empty, "SELECT pg_has_role('landlord', 'audit_owner', 'USAGE')") is False
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        log(landlord)
    log(empty)
    assert chain(empty) == (1, True)


def test_a_role_that_is_no_superuser_can_install_into_a_cluster_that_never_sawvalue() -> None:
    with EmbeddedServer.start() as fresh:
        with psycopg.connect(fresh.dsn(), autocommit=True) as conn:
            conn.execute("CREATE ROLE landlord LOGIN CREATEROLE CREATEDB")
        with psycopg.connect(make_conninfo(fresh.dsn(), user="landlord"), autocommit=True) as conn:
            conn.execute("CREATE DATABASE mine")
        with psycopg.connect(make_conninfo(fresh.dsn("mine"), user="landlord"), autocommit=True) as conn:
            assert install(conn).changed
            assert not install(conn).changed
            assert value(conn, "SELECT pg_has_role('landlord', 'audit_owner', 'USAGE')") is False
            conn.execute("GRANT audit_writer TO landlord")
            log(conn)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute("SELECT * FROM audit.logs")


SETTINGS = (
    "standard_conforming_strings=off", "search_path=public", "datestyle=German,DMY",
    "quote_all_identifiers=on", "timezone=Asia/Kolkata", "client_min_messages=error",
    "default_transaction_isolation=serializable",
    "default_transaction_read_only=on", "check_function_bodies=on", "bytea_output=escape",
    "statement_timeout=60000",
)  # fmt: skip


@pytest.mark.parametrize("road", ["install", "psql"])
def test_the_settings_of_a_database_do_not_reach_the_schema(empty_db: str, audit_db: str, road: str) -> None:
    options = " ".join(f"-c {setting}" for setting in SETTINGS)
    dsn = make_conninfo(empty_db, options=options)
    if road == "install":
        assert install_schema(dsn).changed
        assert not install_schema(dsn).changed
    else:
        ran = run_psql(dsn, write_script())
        assert ran.returncode == 0, ran.stderr
    assert catalogue(empty_db) == catalogue(audit_db)


def test_an_install_that_had_to_wait_sees_what_the_other_made(empty_db: str) -> None:
    options = "-c default_transaction_isolation=serializable"
    dsn = make_conninfo(empty_db, options=options)
    with ThreadPoolExecutor(3) as pool:
        assert sorted(result.changed for result in pool.map(install_schema, [dsn] * 3)) == [
            False,
            False,
            True,
        ]


def test_nobody_else_may_create_in_the_schema(empty: Connection) -> None:
    empty.execute("CREATE ROLE install_planter NOLOGIN")
    try:
        empty.execute("CREATE SCHEMA audit")
        empty.execute("GRANT USAGE, CREATE ON SCHEMA audit TO install_planter WITH GRANT OPTION")
        empty.execute("GRANT CREATE ON SCHEMA audit TO PUBLIC")
        result = install(empty)
        assert {message for message in result.messages if "right to create" in message} == {
            "Note: the right to create in the schema audit was taken from PUBLIC.",
            "Note: the right to create in the schema audit was taken from install_planter.",
        }
        has = "SELECT has_schema_privilege('install_planter', 'audit', '{}')"
        assert value(empty, has.format("CREATE")) is False
        assert value(empty, has.format("USAGE")) is True
        assert not any("right to create" in message for message in install(empty).messages)
    finally:
        empty.execute("DROP OWNED BY install_planter")
        empty.execute("DROP ROLE install_planter")
