"""The row that writers of a chain lock stays: it is where a writer with an old snapshot fails."""

import psycopg
import pytest
from psycopg import IsolationLevel, errors

from tests.schema.conftest import Connection
from tests.schema.events import chain, log, value

STATEMENTS = (
    "DELETE FROM audit.chains",
    "DELETE FROM audit.chains WHERE tenant_id = 't1'",
    "TRUNCATE audit.chains",
    "UPDATE audit.chains SET tenant_id = 'other' WHERE tenant_id = 't1'",
)
WHO = ("SET ROLE audit_owner", "RESET ROLE", "SET session_replication_role = replica")


@pytest.mark.parametrize("statement", STATEMENTS)
def test_no_row_of_a_chain_goes(db: Connection, statement: str) -> None:
    log(db)
    log(db, tenant="t2")
    for who in WHO:
        db.execute(who)
        with pytest.raises(errors.RestrictViolation, match="The row of a chain stays"):
            db.execute(statement.encode())
    assert value(db, "SELECT array_agg(tenant_id ORDER BY tenant_id) FROM audit.chains") == ["t1", "t2"]


def test_nor_through_a_table_above_it(db: Connection) -> None:
    """A statement that names a parent table fires no statement triggers of its children."""
    log(db)
    db.execute("CREATE TABLE above (LIKE audit.chains)")
    db.execute("ALTER TABLE audit.chains INHERIT above")
    with pytest.raises(errors.RestrictViolation, match="The row of a chain stays"):
        db.execute("DELETE FROM above")


def test_an_old_snapshot_never_takes_a_sequence_twice(partitioned: Connection, partitioned_db: str) -> None:
    log(partitioned)
    with psycopg.connect(partitioned_db) as stale:
        stale.isolation_level = IsolationLevel.REPEATABLE_READ
        stale.execute("SELECT 1")
        log(partitioned)
        with pytest.raises(errors.RestrictViolation):
            partitioned.execute("SET ROLE audit_owner; DELETE FROM audit.chains WHERE tenant_id = 't1'")
        with pytest.raises(errors.SerializationFailure):
            log(stale)
    assert chain(partitioned) == (2, True)
