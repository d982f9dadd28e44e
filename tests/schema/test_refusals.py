"""UPDATE, DELETE and TRUNCATE are refused for everyone, by whatever road."""

import pytest
from psycopg import errors

from tests.schema.conftest import Connection
from tests.schema.events import log, rows

COLUMNS = (
    "id", "event_id", "sequence_number", "timestamp", "event_type", "tenant_id", "actor_type", "actor_id",
    "actor_email", "actor_ip_address", "resource_type", "resource_id", "endpoint", "http_method", "changes",
    "resource_before", "resource_after", "previous_hash", "event_hash", "request_id", "session_id",
    "user_agent", "metadata", "hash_version", "part_salts", "erased_parts",
)  # fmt: skip
STATEMENTS = (
    "UPDATE audit.logs SET actor_email = NULL",
    "UPDATE audit.logs SET actor_email = actor_email",
    "DELETE FROM audit.logs",
    "DELETE FROM audit.logs WHERE sequence_number = 1",
    "TRUNCATE audit.logs",
    "TRUNCATE audit.logs CASCADE",
    "INSERT INTO audit.logs"
    " (event_id, event_type, tenant_id, actor_type, actor_id, resource_type, resource_id,"
    " sequence_number, event_hash)"
    " SELECT event_id, event_type, tenant_id, actor_type, actor_id, resource_type, resource_id,"
    " sequence_number, event_hash FROM audit.logs"
    " ON CONFLICT (tenant_id, event_id) DO UPDATE SET actor_email = 'x'",
)
WHO = ("SET ROLE audit_owner", "RESET ROLE", "SET session_replication_role = replica")


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_change_is_refused_for_everyone(db: Connection, statement: str) -> None:
    log(db)
    log(db)
    before = rows(db)
    for who in WHO:
        db.execute(who)
        with pytest.raises(errors.RestrictViolation, match="Audit logs are immutable"):
            db.execute(statement)
    assert rows(db) == before


def test_every_column_is_refused_by_itself(db: Connection) -> None:
    log(db)
    for column in COLUMNS:
        with pytest.raises(errors.RestrictViolation):
            db.execute(f"UPDATE audit.logs SET {column} = NULL")


def test_the_columns_above_are_all_there_are(db: Connection) -> None:
    found = db.execute(
        "SELECT attname FROM pg_attribute"
        " WHERE attrelid = 'audit.logs'::regclass AND attnum > 0 AND NOT attisdropped"
    )
    assert {name for (name,) in found} == set(COLUMNS)


def test_merge_is_refused(db: Connection) -> None:
    if db.info.server_version < 150000:
        pytest.skip("MERGE came with PostgreSQL 15")
    log(db)
    with pytest.raises(errors.RestrictViolation):
        db.execute("MERGE INTO audit.logs l USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE")


def test_sealing_fires_as_origin_and_protection_always(db: Connection) -> None:
    found = db.execute(
        "SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = 'audit.logs'::regclass AND NOT tgisinternal"
        " ORDER BY tgname"
    ).fetchall()
    assert found == [
        ("logs_10_guard_insert", "O"),
        ("logs_90_refuse_delete", "A"),
        ("logs_90_refuse_update", "A"),
        ("logs_90_seal_event", "O"),
        ("logs_91_prove_removal", "A"),
        ("logs_refuse_truncate", "A"),
    ]
