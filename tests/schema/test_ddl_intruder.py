"""What the owner of the log can do against the event triggers: nothing that leaves no trace."""

import psycopg
import pytest
from psycopg import errors

from audit_tui.store.install import install
from tests.schema.conftest import Connection, Login
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


COMMAND = "FUNCTION audit.record_ddl_command(p_event text, p_tag text)"
ESCALATE = (
    "BEGIN PERFORM set_config('role', 'none', true); EXECUTE 'ALTER ROLE ddl_climber SUPERUSER';"
    " EXCEPTION WHEN OTHERS THEN BEGIN EXECUTE 'ALTER ROLE ddl_climber SUPERUSER';"
    " EXCEPTION WHEN OTHERS THEN NULL; END; END"
)


@pytest.mark.parametrize(
    "statement",
    [
        f"CREATE OR REPLACE {COMMAND} RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN END'",
        "CREATE OR REPLACE FUNCTION audit.record_recorder_command(p_event text, p_tag text) RETURNS void"
        " LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN END'",
    ],
)
def test_the_recorder_cannot_be_replaced_unrecorded(
    db: Connection, intruder: Connection, statement: str
) -> None:
    known = len(recorded(db))
    intruder.execute(statement)
    assert len(recorded(db)) == known + 1


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("CREATE OR REPLACE FUNCTION audit.record_ddl() RETURNS event_trigger"
         " LANGUAGE plpgsql AS 'BEGIN END'", "must be owner"),
        ("ALTER FUNCTION audit.record_ddl() SECURITY INVOKER", "must be owner"),
        ("ALTER FUNCTION audit.record_recorder() SET SCHEMA public", "must be owner"),
        (f"CREATE OR REPLACE {COMMAND} RETURNS void LANGUAGE plpgsql AS 'BEGIN END'", "does not run with"),
        ("ALTER FUNCTION audit.record_ddl_command SECURITY INVOKER", "does not run with"),
        ("ALTER FUNCTION audit.record_recorder_command SECURITY INVOKER", "does not run with"),
        ("ALTER FUNCTION audit.record_ddl_command RENAME TO innocent", "does not run with"),
        ("ALTER FUNCTION audit.record_ddl_command SET SCHEMA public", "does not run with"),
        ("DROP FUNCTION audit.record_ddl_command", "does not run with"),
        ("ALTER SCHEMA audit RENAME TO elsewhere", "no longer be called audit"),
    ],
)  # fmt: skip
def test_what_every_command_runs_cannot_be_made_to_run_as_anyone_else(
    db: Connection, intruder: Connection, statement: str, refusal: str
) -> None:
    db.execute("GRANT CREATE ON SCHEMA public TO audit_owner")
    db.execute(f"GRANT CREATE ON DATABASE {db.info.dbname} TO audit_owner")
    with pytest.raises(psycopg.Error, match=refusal):
        intruder.execute(statement)
    intruder.execute("CREATE INDEX extra ON audit.logs (id)")
    assert recorded(db)[-1] == ("CREATE INDEX", "audit.extra")


def test_the_owner_does_not_become_superuser_by_a_superusers_command(
    db: Connection, intruder: Connection, login: Login
) -> None:
    login("ddl_climber")
    intruder.execute(
        f"CREATE OR REPLACE {COMMAND} RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $${ESCALATE}$$"
    )
    db.execute("CREATE TABLE public.harmless (x int)")
    # Not even by its own hands in a superuser's session.
    again = "ALTER FUNCTION audit.record_ddl_command SECURITY INVOKER"
    body = f"BEGIN EXECUTE '{again}'; EXCEPTION WHEN OTHERS THEN NULL; END"
    intruder.execute(
        f"CREATE OR REPLACE {COMMAND} RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $${body}$$"
    )
    db.execute("CREATE TABLE public.harmless_too (x int)")
    assert value(db, "SELECT prosecdef FROM pg_proc WHERE proname = 'record_ddl_command'") is True
    assert value(db, "SELECT rolsuper FROM pg_roles WHERE rolname = 'ddl_climber'") is False
    assert install(db).changed
    assert recorded(db)[-1] == ("INSTALL", "audit")


def test_what_a_stranger_names_audit_is_not_the_schemas(db: Connection, login: Login) -> None:
    stranger = login("ddl_namesake")
    db.execute(f"GRANT CREATE ON DATABASE {db.info.dbname} TO ddl_namesake")
    stranger.execute("CREATE PUBLICATION audit")
    stranger.execute("DROP PUBLICATION audit")
    stranger.execute("CREATE SCHEMA audit_owner")
    stranger.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA audit_owner GRANT SELECT ON TABLES TO PUBLIC")
    stranger.execute("DROP SCHEMA audit_owner CASCADE")
    assert recorded(db) == []


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
