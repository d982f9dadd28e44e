"""Objects that a writer plants in front of the server's own never run with rights that the writer lacks."""

from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.matrix.attempts import Connection
from tests.schema.events import chain, log

# Every name that the schema's code calls, with the types it calls it by. Whoever runs one, says so.
FUNCTIONS = (
    ("sha256", "bytea", "bytea"),
    ("sha512", "bytea", "bytea"),
    ("encode", "bytea, text", "text"),
    ("convert_to", "text, name", "bytea"),
    ("substr", "bytea, int, int", "bytea"),
    ("substr", "text, int, int", "text"),
    ("octet_length", "text", "int"),
    ("octet_length", "bytea", "int"),
    ("json_build_array", "VARIADIC text[]", "json"),
    ("gen_random_uuid", "", "uuid"),
    ("uuid_send", "uuid", "bytea"),
    ("clock_timestamp", "", "timestamptz"),
    ("transaction_timestamp", "", "timestamptz"),
    ("now", "", "timestamptz"),
    ("pg_current_xact_id", "", "xid8"),
    ("make_interval", "secs double precision", "interval"),
    ("lower", "text", "text"),
    ("replace", "text, text, text", "text"),
    ("concat", "VARIADIC text[]", "text"),
    ("concat_ws", "text, VARIADIC text[]", "text"),
    ("jsonb_typeof", "jsonb", "text"),
    ("timezone", "text, timestamptz", "timestamp"),
    ("inet_client_addr", "", "inet"),
)
OPERATORS = (
    ("=", "text", "text", "boolean"),
    ("=", "varchar", "varchar", "boolean"),
    ("<>", "name", "name", "boolean"),
    ("=", "bigint", "bigint", "boolean"),
    ("=", "smallint", "int", "boolean"),
    ("||", "bytea", "bytea", "bytea"),
    ("||", "text", "text", "text"),
    ("~~", "text", "text", "boolean"),
    ("!~", "text", "text", "boolean"),
    ("!~", "varchar", "text", "boolean"),
    (">", "timestamptz", "timestamptz", "boolean"),
    ("+", "bigint", "int", "bigint"),
    ("->>", "jsonb", "text", "text"),
)
SPY = "BEGIN RAISE EXCEPTION 'planted code ran as %', current_user; END"
LOGIN = "matrix_planter"


@pytest.fixture
def planter(audit_db: str) -> Iterator[Connection]:
    """A writer in a database whose `public` anybody may write to, with traps set there."""
    with ExitStack() as stack:
        db = stack.enter_context(psycopg.connect(audit_db, autocommit=True))
        db.execute(f"CREATE ROLE {LOGIN} LOGIN")
        stack.callback(db.execute, f"DROP OWNED BY {LOGIN}; DROP ROLE {LOGIN}")
        db.execute(f"GRANT audit_writer TO {LOGIN}; GRANT ALL ON SCHEMA public TO {LOGIN}")
        db.execute(f"GRANT TEMPORARY ON DATABASE {db.info.dbname} TO {LOGIN}")
        own = stack.enter_context(psycopg.connect(make_conninfo(audit_db, user=LOGIN), autocommit=True))
        _plant(own)
        own.execute("SET search_path = public, audit, pg_temp, pg_catalog")
        yield own


def _plant(conn: Connection) -> None:
    for name, arguments, result in FUNCTIONS:
        conn.execute(
            f"CREATE FUNCTION public.{name}({arguments}) RETURNS {result} LANGUAGE plpgsql AS $${SPY}$$"
        )
    for number, (operator, left, right, result) in enumerate(OPERATORS):
        trap = f"public.trap_{number}"
        conn.execute(
            f"CREATE FUNCTION {trap}({left}, {right}) RETURNS {result} LANGUAGE plpgsql AS $${SPY}$$"
        )
        conn.execute(
            f"CREATE OPERATOR public.{operator} (LEFTARG = {left}, RIGHTARG = {right}, FUNCTION = {trap})"
        )
    for table in ("logs", "chains", "schema_info"):
        conn.execute(f"CREATE TEMP TABLE {table} (tenant_id text, sequence_number bigint, event_hash text)")
        conn.execute(f"INSERT INTO pg_temp.{table} VALUES ('t1', 41, 'planted')")


def test_a_writers_events_are_sealed_by_the_servers_own_functions(planter: Connection, audit_db: str) -> None:
    log(planter, changes={"a": 1}, resource_after={"b": 2}, session_id="s", user_agent="curl")
    log(planter, metadata={"c": 3})
    # The test's own questions would run into the traps: an exact match on varchar wins from any schema.
    with psycopg.connect(audit_db, autocommit=True, options="-c search_path=pg_catalog") as db:
        assert chain(db) == (2, True)


def test_a_verifier_looks_past_them_as_well(planter: Connection, audit_db: str) -> None:
    log(planter)
    with psycopg.connect(audit_db, autocommit=True) as db:
        db.execute("SET search_path = public, audit, pg_temp, pg_catalog")
        valid = pg_verify(db)
    assert valid is True


def pg_verify(conn: Connection) -> object:
    """What audit.verify_chain says in a session whose search path leads through the traps."""
    row = conn.execute("SELECT is_valid FROM audit.verify_chain('t1')").fetchone()
    return row and row[0]


def test_the_traps_are_set(planter: Connection) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="planted code ran"):
        planter.execute("SELECT sha256('a'::bytea)")
    with pytest.raises(psycopg.errors.RaiseException, match="planted code ran"):
        planter.execute("SELECT 'a'::text = 'b'::text")
