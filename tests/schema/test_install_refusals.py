"""What an install refuses to touch, and that it leaves such a database as it was."""

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from audit_tui.core.errors import PermissionMissingError, UnsupportedSchemaError
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.store.install import install
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
