"""The guide's permission matrix, tested as people who hold the roles."""

import pytest
from psycopg import errors

from tests.schema.conftest import Connection, Login
from tests.schema.events import insert, log

READ = "SELECT count(*) FROM audit.logs"
UPDATE = "UPDATE audit.logs SET actor_email = NULL"
DELETE = "DELETE FROM audit.logs"
TRUNCATE = "TRUNCATE audit.logs"
VERIFY = "SELECT count(*) FROM audit.verify_chain('t1')"
APPROVE = "SELECT audit.approve_erasure('t1', repeat('a', 64), 'reason', 'basis', 'someone')"
ERASE = (
    'SELECT audit.erase(\'t1\', \'[{"sequences": [[1, 1]], "parts": ["details"]}]\','
    " 'reason', 'basis', 'someone', NULL, true)"
)
IMPORT = "SELECT audit.import_events('t1', 'source', '[]')"
CHAINS = "SELECT count(*) FROM audit.chains"
INFO = "SELECT count(*) FROM audit.schema_info"

MATRIX = {
    "audit_writer": set[str](),
    "audit_reader": {READ, INFO},
    "audit_admin": {READ, INFO, VERIFY},
    "audit_eraser": {READ, INFO, APPROVE, ERASE},
    "audit_archivist": {READ, INFO},
}
EVERYTHING = (READ, UPDATE, DELETE, TRUNCATE, VERIFY, APPROVE, ERASE, IMPORT, CHAINS, INFO)


def _may(conn: Connection, statement: str) -> bool:
    try:
        conn.execute(statement)
    except errors.InsufficientPrivilege:
        return False
    return True


@pytest.mark.parametrize("role", MATRIX)
def test_a_role_may_what_the_matrix_says(db: Connection, login: Login, role: str) -> None:
    log(db)
    person = login(f"person_{role}", role)
    assert {statement for statement in EVERYTHING if _may(person, statement)} == MATRIX[role]


@pytest.mark.parametrize("role", MATRIX)
def test_only_writers_log(login: Login, role: str) -> None:
    person = login(f"person_{role}", role)
    if role == "audit_writer":
        assert log(person).startswith("evt_")
        insert(person)
        return
    with pytest.raises(errors.InsufficientPrivilege):
        log(person)
    with pytest.raises(errors.InsufficientPrivilege):
        insert(person)


def test_a_writer_reads_nothing_back(login: Login) -> None:
    writer = login("person_audit_writer", "audit_writer")
    with pytest.raises(errors.InsufficientPrivilege):
        writer.execute(
            "INSERT INTO audit.logs"
            " (event_id, event_type, tenant_id, actor_type, actor_id, resource_type, resource_id)"
            " VALUES ('evt_1', 'a.b', 't1', 'user', 'u', 'user', 'r') RETURNING event_hash"
        )


def test_a_stranger_may_nothing(login: Login) -> None:
    stranger = login("stranger")
    assert not [statement for statement in EVERYTHING if _may(stranger, statement)]


def test_public_holds_nothing(db: Connection) -> None:
    found = db.execute(
        "SELECT 'function', p.oid::regprocedure::text FROM pg_proc p, aclexplode(coalesce(p.proacl,"
        "  acldefault('f', p.proowner))) a WHERE p.pronamespace = 'audit'::regnamespace AND a.grantee = 0"
        " UNION ALL SELECT 'relation', c.relname FROM pg_class c, aclexplode(c.relacl) a"
        "  WHERE c.relnamespace = 'audit'::regnamespace AND a.grantee = 0"
        " UNION ALL SELECT 'schema', n.nspname FROM pg_namespace n, aclexplode(n.nspacl) a"
        "  WHERE n.nspname = 'audit' AND a.grantee = 0"
    ).fetchall()
    assert found == []


def test_everything_belongs_to_a_role_that_cannot_log_in(db: Connection) -> None:
    owners = db.execute(
        "SELECT DISTINCT pg_get_userbyid(o) FROM"
        " (SELECT relowner FROM pg_class WHERE relnamespace = 'audit'::regnamespace"
        " UNION SELECT proowner FROM pg_proc WHERE pronamespace = 'audit'::regnamespace"
        " AND proname NOT IN ('record_ddl', 'record_recorder')"  # a superuser's commands run these
        " UNION SELECT nspowner FROM pg_namespace WHERE nspname = 'audit') x(o)"
    ).fetchall()
    assert owners == [("audit_owner",)]
    assert db.execute(
        "SELECT rolcanlogin, rolsuper FROM pg_roles WHERE rolname = 'audit_owner'"
    ).fetchone() == (
        False,
        False,
    )


def test_every_definer_function_pins_its_search_path(db: Connection) -> None:
    loose = db.execute(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'audit'::regnamespace AND prosecdef"
        " AND (proconfig IS NULL OR NOT proconfig @> ARRAY['search_path=pg_catalog, pg_temp'])"
    ).fetchall()
    assert loose == []
