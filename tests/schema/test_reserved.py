"""Event types audit.* belong to the schema itself: a writer's are refused, whatever road they take."""

import pytest
from psycopg import errors, sql

from tests.schema.conftest import Connection, Login
from tests.schema.events import chain, insert, log

TYPES = ("audit.erased", "audit.archived", "AUDIT.Erased", "audit.", "audit.anything")
SETTINGS = (
    "SET timezone = 'Asia/Kolkata'",
    "SET search_path = w_reserved, pg_catalog",
    "SET standard_conforming_strings = off",
)


@pytest.fixture
def writer(db: Connection, login: Login) -> Connection:
    """A writer with a schema of their own to put functions in."""
    connection = login("w_reserved", "audit_writer")
    db.execute("CREATE SCHEMA w_reserved AUTHORIZATION w_reserved")
    return connection


@pytest.mark.parametrize("event_type", TYPES)
def test_a_writer_cannot_log_a_reserved_type(writer: Connection, event_type: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege, match="reserved"):
        log(writer, event_type=event_type)
    with pytest.raises(errors.InsufficientPrivilege, match="reserved"):
        insert(writer, event_type=event_type)
    with pytest.raises(errors.InsufficientPrivilege, match="reserved"):
        insert(writer, event_type=event_type, hash_version=0)


def test_neither_can_a_superuser_who_did_not_become_the_owner(db: Connection) -> None:
    with pytest.raises(errors.InsufficientPrivilege, match="reserved"):
        log(db, event_type="audit.erased")


def test_no_function_or_view_of_a_writer_helps(writer: Connection) -> None:
    columns = "event_id, event_type, tenant_id, actor_type, actor_id, resource_type, resource_id"
    values = "'evt_9', 'audit.erased', 't1', 'user', 'u', 'user', 'r'"
    writer.execute(f"CREATE VIEW w_reserved.v AS SELECT {columns} FROM audit.logs")
    writer.execute(
        sql.SQL(
            "CREATE FUNCTION w_reserved.f() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS"
            " $$ BEGIN INSERT INTO audit.logs ({}) VALUES ({}); END $$"
        ).format(sql.SQL(columns), sql.SQL(values))
    )
    with pytest.raises(errors.InsufficientPrivilege, match="reserved"):
        writer.execute(f"INSERT INTO w_reserved.v VALUES ({values})")
    with pytest.raises(errors.InsufficientPrivilege, match="reserved"):
        writer.execute("SELECT w_reserved.f()")


def test_nor_do_functions_that_shadow_the_servers(writer: Connection) -> None:
    for statement in (
        "CREATE FUNCTION w_reserved.lower(text) RETURNS text LANGUAGE sql AS 'SELECT $1 || chr(33)'",
        "CREATE FUNCTION w_reserved.never(name, text) RETURNS boolean LANGUAGE sql AS 'SELECT false'",
        "CREATE OPERATOR w_reserved.<> (LEFTARG = name, RIGHTARG = text, FUNCTION = w_reserved.never)",
        *SETTINGS,
    ):
        writer.execute(statement)
    with pytest.raises(errors.InsufficientPrivilege, match="reserved"):
        log(writer, event_type="audit.erased")


def test_a_writer_cannot_become_the_owner_nor_give_a_time(db: Connection, writer: Connection) -> None:
    for statement in ("SET ROLE audit_owner", "SELECT audit.import_events('t1', 's', '[]')"):
        with pytest.raises(errors.InsufficientPrivilege):
            writer.execute(statement)
    insert(writer, timestamp="2001-01-01 00:00:00+00", hash_version=0)
    assert db.execute("SELECT max(timestamp) > now() - interval '1 day' FROM audit.logs").fetchone() == (
        True,
    )


def test_the_owner_role_may(owner: Connection) -> None:
    insert(owner, event_type="audit.archived")
    assert chain(owner) == (1, True)


def test_types_that_only_look_alike_are_free(writer: Connection) -> None:
    for event_type in ("audits.erased", "auditor.hired", "user.audit.x"):
        log(writer, event_type=event_type)
