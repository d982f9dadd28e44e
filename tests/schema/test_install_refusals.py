"""What an install refuses to touch, and that it leaves such a database as it was."""

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from audit_tui.core.errors import AuditError, PermissionMissingError, UnsupportedSchemaError
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.store.install import install
from audit_tui.store.script import InstallOptions
from tests.schema.conftest import Connection
from tests.schema.events import value

OBJECTS = (
    "SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('audit'))"
    " + (SELECT count(*) FROM pg_proc WHERE pronamespace = to_regnamespace('audit'))"
    " + (SELECT count(*) FROM pg_namespace WHERE nspname = 'audit')"
)


def test_a_guide_table_is_left_as_it_is(guide_db: str) -> None:
    with psycopg.connect(guide_db, autocommit=True) as conn:
        before = value(conn, OBJECTS)
        with pytest.raises(UnsupportedSchemaError, match="built from the guide") as caught:
            install(conn)
        assert "adopt" in str(caught.value.hint)
        assert value(conn, OBJECTS) == before


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("CREATE TABLE audit.logs (id int, message text)", "does not know .missing columns: event_id, "),
        ("CREATE VIEW audit.logs AS SELECT 1 AS id", "is not a table"),
        ("CREATE TABLE audit.other (id int)", "did not make: other"),
        (
            "CREATE FUNCTION audit.log_event() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            r"did not make: log_event\(\)",
        ),
        ("CREATE TABLE audit.schema_info (version int)", "did not make: schema_info"),
    ],
)
def test_what_is_not_ours_is_refused(empty: Connection, statement: str, sentence: str) -> None:
    empty.execute("CREATE SCHEMA audit")
    empty.execute(statement)
    before = value(empty, OBJECTS)
    with pytest.raises(UnsupportedSchemaError, match=sentence):
        install(empty)
    assert value(empty, OBJECTS) == before


def test_an_empty_schema_of_that_name_is_taken(empty: Connection) -> None:
    empty.execute("CREATE SCHEMA audit")
    assert install(empty).changed
    assert (
        value(empty, "SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'audit'")
        == "audit_owner"
    )


def test_a_newer_schema_is_refused(db: Connection) -> None:
    db.execute("UPDATE audit.schema_info SET version = 99")
    with pytest.raises(UnsupportedSchemaError, match="version 99"):
        install(db)


def test_a_view_in_the_tables_place_is_refused(db: Connection) -> None:
    db.execute("ALTER TABLE audit.logs RENAME TO logs_hidden")
    db.execute("CREATE VIEW audit.logs AS SELECT * FROM audit.logs_hidden")
    with pytest.raises(UnsupportedSchemaError, match="not a table"):
        install(db)


def test_sql_ascii_is_refused(server: EmbeddedServer) -> None:
    with psycopg.connect(server.dsn(), autocommit=True) as conn:
        conn.execute(
            "CREATE DATABASE ascii_db TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
        )
    try:
        with (
            psycopg.connect(server.dsn("ascii_db"), client_encoding="UTF8") as conn,
            pytest.raises(UnsupportedSchemaError, match="SQL_ASCII"),
        ):
            install(conn)
    finally:
        server.drop_database("ascii_db")


def test_without_rights_it_is_one_line(empty: Connection, empty_db: str) -> None:
    if not empty.execute("SELECT FROM pg_roles WHERE rolname = 'nobody_special'").rowcount:
        empty.execute("CREATE ROLE nobody_special LOGIN")
    with (
        psycopg.connect(make_conninfo(empty_db, user="nobody_special"), autocommit=True) as conn,
        pytest.raises(PermissionMissingError, match="no right to install"),
    ):
        install(conn)
    assert value(empty, OBJECTS) == 0


def test_an_owner_that_can_log_in_is_refused(empty: Connection) -> None:
    with empty.transaction(force_rollback=True):
        if not empty.execute("SELECT FROM pg_roles WHERE rolname = 'audit_owner'").rowcount:
            empty.execute("CREATE ROLE audit_owner")
        empty.execute("ALTER ROLE audit_owner LOGIN")
        with pytest.raises(UnsupportedSchemaError, match="audit_owner can log in"):
            install(empty)


@pytest.mark.parametrize("table", ["logs", "schema_info", "chains"])
def test_a_trigger_that_would_run_with_the_installers_rights_is_refused(db: Connection, table: str) -> None:
    """Whoever was granted TRIGGER could else become a superuser by waiting for the next install."""
    db.execute("CREATE ROLE install_trap NOLOGIN")
    try:
        db.execute("CREATE SCHEMA trap AUTHORIZATION install_trap")
        db.execute("GRANT USAGE ON SCHEMA audit TO install_trap")
        db.execute(f"GRANT TRIGGER ON audit.{table} TO install_trap")
        db.execute("SET ROLE install_trap")
        db.execute(
            "CREATE FUNCTION trap.rise() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN RESET ROLE; ALTER ROLE install_trap SUPERUSER; RETURN NULL; END'"
        )
        db.execute(
            f"CREATE TRIGGER waiting AFTER INSERT OR UPDATE ON audit.{table} EXECUTE FUNCTION trap.rise()"
        )
        db.execute("RESET ROLE")
        for options in (InstallOptions(), InstallOptions(tenant_isolation=True)):
            with pytest.raises(
                UnsupportedSchemaError, match=rf"waiting on audit.{table} calls trap.rise\(\), a function of"
            ) as caught:
                install(db, options)
            assert f"DROP TRIGGER waiting ON audit.{table}" in str(caught.value.hint)
        assert value(db, "SELECT rolsuper FROM pg_roles WHERE rolname = 'install_trap'") is False
        db.execute(f"DROP TRIGGER waiting ON audit.{table}")
        install(db, InstallOptions(tenant_isolation=True))
        assert value(db, "SELECT rolsuper FROM pg_roles WHERE rolname = 'install_trap'") is False
    finally:
        db.execute("RESET ROLE")
        db.execute("DROP OWNED BY install_trap CASCADE")
        db.execute("DROP ROLE install_trap")


def test_so_is_one_on_a_log_that_is_to_be_adopted(guide_db: str) -> None:
    with psycopg.connect(guide_db, autocommit=True) as conn:
        conn.execute("CREATE ROLE install_app_team NOLOGIN")
        try:
            conn.execute("ALTER TABLE audit.logs OWNER TO install_app_team")
            conn.execute("ALTER FUNCTION audit.calculate_event_hash OWNER TO install_app_team")
            conn.execute("CREATE SCHEMA team AUTHORIZATION install_app_team")
            conn.execute(
                "CREATE FUNCTION team.notify() RETURNS trigger LANGUAGE plpgsql"
                " AS 'BEGIN NOTIFY events; RETURN NULL; END'"
            )
            conn.execute(
                "CREATE TRIGGER team_notify AFTER INSERT ON audit.logs EXECUTE FUNCTION team.notify()"
            )
            adoption = InstallOptions(adopt=True)
            conn.execute("ALTER FUNCTION team.notify() OWNER TO install_app_team")
            with pytest.raises(
                UnsupportedSchemaError, match=r"calls team.notify\(\), a function of install_app_team"
            ):
                install(conn, adoption)
            conn.execute("ALTER FUNCTION team.notify() OWNER TO postgres")
            with pytest.raises(AuditError) as caught:
                install(conn, adoption)
            assert "team_notify" not in str(caught.value)
        finally:
            conn.execute("DROP OWNED BY install_app_team CASCADE")
            conn.execute("DROP ROLE install_app_team")


def test_a_function_of_another_owner_is_not_taken_over(db: Connection) -> None:
    """It may do as its owner what the owner of the log should not do, so nobody gives it away unseen."""
    db.execute("CREATE ROLE install_thief NOLOGIN")
    try:
        db.execute("ALTER FUNCTION audit.log_event OWNER TO install_thief")
        with pytest.raises(PermissionMissingError, match="must be owner of function log_event") as caught:
            install(db)
        assert "audit-tui doctor" in str(caught.value.hint)
        db.execute("ALTER FUNCTION audit.log_event OWNER TO audit_owner")
        install(db)
    finally:
        db.execute("DROP OWNED BY install_thief")
        db.execute("DROP ROLE install_thief")


def test_where_nothing_can_be_written_the_primary_is_named(empty: Connection) -> None:
    empty.execute("SET default_transaction_read_only = on")
    with pytest.raises(
        AuditError, match=r"cannot install here: cannot execute .* read-only transaction"
    ) as caught:
        install(empty)
    assert "connect to the primary" in str(caught.value.hint)


def test_settings_of_the_database_cannot_fill_in_for_the_script(empty: Connection, empty_db: str) -> None:
    empty.execute("CREATE ROLE install_quiet NOLOGIN CREATEDB")
    try:
        for setting in ("made = 'install_quiet'", "steps = '0002_never'", "roles = 'off'", "joined = 'yes'"):
            empty.execute(f"ALTER DATABASE {empty.info.dbname} SET audit_install.{setting}")
        with psycopg.connect(empty_db, autocommit=True) as conn:
            result = install(conn, InstallOptions(owner="install_quiet"))
            assert any("may create databases" in message for message in result.messages)
            assert value(conn, "SELECT history -> 0 ->> 'steps' FROM audit.schema_info") == '["install"]'
            assert value(conn, "SELECT options ->> 'roles' FROM audit.schema_info") == "true"
    finally:
        empty.execute("DROP OWNED BY install_quiet CASCADE")
        empty.execute("DROP ROLE install_quiet")
