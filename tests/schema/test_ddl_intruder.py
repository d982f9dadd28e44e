"""What the owner of the log can do against the event triggers: nothing that leaves no trace."""

import psycopg
import pytest
from psycopg import errors

from audit_tui.store.install import install
from tests.schema.conftest import Connection
from tests.schema.ddl import ALL, RECORDERS, recorded
from tests.schema.events import chain, log, value


@pytest.fixture
def intruder(owner: Connection) -> Connection:
    """Somebody with the owner's rights and no more."""
    owner.execute("SET application_name = 'intruder'")
    return owner


@pytest.mark.parametrize(
    "attempts",
    [
        ["CREATE FUNCTION public.eat() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
         "CREATE TRIGGER a_first BEFORE INSERT ON audit.logs FOR EACH ROW EXECUTE FUNCTION public.eat()"],
        ["CREATE RULE swallow AS ON INSERT TO audit.logs DO INSTEAD NOTHING"],
        ["ALTER TABLE audit.logs RENAME TO kept"],
        ["ALTER TABLE audit.logs RENAME COLUMN metadata TO kept"],
        ["ALTER TABLE audit.logs SET SCHEMA public"],
        ["DROP TABLE audit.logs CASCADE"],
        ["DROP FUNCTION audit.write_ddl_event(text, jsonb)"],
        ["CREATE OR REPLACE FUNCTION audit.write_ddl_event(p_identity text, p_metadata jsonb) RETURNS varchar"
         " LANGUAGE sql AS $$ SELECT 'evt_1'::varchar $$"],
        ["DROP FUNCTION audit.is_of_the_schema(oid, oid, text)"],
        ["ALTER TABLE audit.logs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"],
    ],
)  # fmt: skip
def test_the_owner_cannot_change_the_schema_unrecorded(
    db: Connection, intruder: Connection, attempts: list[str]
) -> None:
    db.execute("GRANT CREATE ON SCHEMA public TO audit_owner")
    *before, last = attempts
    for statement in before:
        intruder.execute(statement)
    known = recorded(db)
    with pytest.raises(psycopg.Error, match="cannot be recorded, so it is refused"):
        intruder.execute(last)
    assert recorded(db) == known
    log(db)
    assert chain(db) == (1, True)
    intruder.execute("CREATE INDEX extra ON audit.logs (id)")  # the same session, which may have kept plans
    assert recorded(db) == [*known, ("CREATE INDEX", "audit.extra")]


def test_an_intruder_with_the_owners_rights_leaves_a_trace(db: Connection, intruder: Connection) -> None:
    log(db)
    intruder.execute("ALTER TABLE audit.logs DISABLE TRIGGER USER")
    intruder.execute("UPDATE audit.logs SET actor_id = 'somebody' WHERE tenant_id = 't1'")
    intruder.execute("ALTER TABLE audit.logs ENABLE TRIGGER USER")
    assert recorded(db) == [("ALTER TABLE", "audit.logs")] * 2
    assert (
        value(db, "SELECT metadata ->> 'role' FROM audit.logs WHERE tenant_id = '_audit' LIMIT 1")
        == "audit_owner"
    )
    assert chain(db, "_audit") == (2, True)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE OR REPLACE FUNCTION audit.record_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "ALTER FUNCTION audit.record_ddl() RENAME TO innocent",
        "ALTER FUNCTION audit.record_ddl() SET SCHEMA public",
        "CREATE OR REPLACE FUNCTION audit.record_recorder() RETURNS event_trigger"
        " LANGUAGE plpgsql AS 'BEGIN END'",
    ],
)
def test_the_recorder_cannot_be_replaced_unrecorded(
    db: Connection, intruder: Connection, statement: str
) -> None:
    db.execute("GRANT CREATE ON SCHEMA public TO audit_owner")
    known = len(recorded(db))
    intruder.execute(statement)
    assert len(recorded(db)) == known + 1


def test_the_owner_cannot_make_the_triggers_again(db: Connection, intruder: Connection) -> None:
    intruder.execute("DROP FUNCTION audit.record_ddl(), audit.record_recorder() CASCADE")
    assert db.execute(RECORDERS).fetchall() == []
    with pytest.raises(errors.InsufficientPrivilege):
        intruder.execute(
            "CREATE EVENT TRIGGER audit_record_ddl ON sql_drop EXECUTE FUNCTION audit.refuse_truncate()"
        )
    assert install(db).changed
    assert db.execute(RECORDERS).fetchall() == ALL


def test_partitions_are_watched_as_well(partitioned_db: str) -> None:
    with psycopg.connect(partitioned_db, autocommit=True) as conn:
        conn.execute("SET ROLE audit_owner")
        conn.execute("ALTER TABLE audit.logs DISABLE TRIGGER USER")
        conn.execute("ALTER TABLE audit.logs ENABLE TRIGGER USER")
        conn.execute("ALTER TABLE audit.logs_default DISABLE TRIGGER ALL")
        conn.execute("ALTER TABLE audit.logs DETACH PARTITION audit.logs_default")
        assert recorded(conn) == [
            *[("ALTER TABLE", "audit.logs")] * 2,
            ("ALTER TABLE", "audit.logs_default"),
            ("ALTER TABLE", "audit.logs"),
        ]
        assert chain(conn, "_audit") == (4, True)
