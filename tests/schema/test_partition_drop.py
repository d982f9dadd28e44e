"""Dropping an archived partition: exactly what committed, intact records name, for every tenant in it."""

import psycopg
import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from tests.schema.conftest import Connection
from tests.schema.erasing import erase, group
from tests.schema.events import chain, log, rows, value
from tests.schema.importing import import_month
from tests.schema.test_archive_record import record, tree

OLD = "logs_2024_01"
TENANTS = ("t1", "t2")


@pytest.fixture
def aged(partitioned: Connection) -> Connection:
    """Two tenants with four events of January 2024, three of February, one of today."""
    partitioned.execute("SELECT audit.add_partitions(audit.missing_months('2024-01-01 00:00:00+00', 2))")
    partitioned.execute("SET ROLE audit_owner")
    for tenant in TENANTS:
        import_month(partitioned, tenant, "2024-01", 3)  # and the event that closes an import
        import_month(partitioned, tenant, "2024-02", 2)
        log(partitioned, tenant=tenant)
    partitioned.execute("RESET ROLE")
    return partitioned


def drop(conn: Connection, partition: str = OLD) -> int:
    row = conn.execute("SELECT audit.drop_archived_partition(%s)", [partition]).fetchone()
    assert row is not None
    return int(row[0])


def record_both(conn: Connection, last: int = 4) -> None:
    for tenant in TENANTS:
        record(conn, last, tenant_id=tenant, read_at=8)


def test_an_archived_month_goes_and_the_chains_stay_whole(aged: Connection) -> None:
    kept = {tenant: rows(aged, tenant)[4:] for tenant in TENANTS}
    record_both(aged)
    assert drop(aged) == 8
    assert value(aged, f"SELECT to_regclass('audit.{OLD}') IS NULL") is True
    for tenant in TENANTS:
        log(aged, tenant=tenant)
        now = rows(aged, tenant)
        assert now[: len(kept[tenant])] == kept[tenant]
        assert [row["sequence_number"] for row in now] == list(range(5, 11))
        assert value(aged, f"SELECT DISTINCT is_valid FROM audit.verify_chain('{tenant}')") is True
    # and the month that follows, as the next step
    for tenant in TENANTS:
        record(aged, 7, first=5, tenant_id=tenant, read_at=10, archive="20260101T040000Z-0123abcd")
    assert drop(aged, "logs_2024_02") == 6
    assert value(aged, "SELECT DISTINCT is_valid FROM audit.verify_chain('t1')") is True


def test_every_tenant_of_it_needs_a_record(aged: Connection) -> None:
    record(aged, 4, tenant_id="t1", read_at=8)
    with pytest.raises(errors.RestrictViolation, match="tenant 't2': no intact"):
        drop(aged)
    assert len(rows(aged, "t1")) == 9


@pytest.mark.parametrize("last", [3, 5, 7])
def test_the_record_names_exactly_the_partition(aged: Connection, last: int) -> None:
    record_both(aged, last)
    with pytest.raises(errors.RestrictViolation, match="names exactly its events 1 to 4"):
        drop(aged)


def test_the_record_is_committed_before(aged: Connection, partitioned_db: str) -> None:
    with psycopg.connect(partitioned_db) as one:
        record_both(one)
        with pytest.raises(errors.RestrictViolation, match="not committed yet"), one.transaction():
            drop(one)
        one.rollback()
        with one.transaction():
            with one.transaction():
                record_both(one)
            with pytest.raises(errors.RestrictViolation, match="not committed yet"), one.transaction():
                drop(one)
            raise psycopg.Rollback
    with pytest.raises(errors.RestrictViolation, match="no intact"):
        drop(aged)


@pytest.mark.parametrize(
    "forgery",
    ["metadata = jsonb_set(metadata, '{last_sequence}', '4')", "http_method = 'X'", "hash_version = 1"],
)
def test_the_record_is_intact(aged: Connection, forgery: str) -> None:
    record(aged, 4, tenant_id="t2", read_at=8)
    record(aged, 3 if "metadata" in forgery else 4, tenant_id="t1", read_at=8)
    aged.execute("ALTER TABLE audit.logs DISABLE TRIGGER logs_90_refuse_update")
    aged.execute(
        f"UPDATE audit.logs SET {forgery} WHERE tenant_id = 't1' AND event_type = 'audit.archived'".encode()
    )
    aged.execute("ALTER TABLE audit.logs ENABLE ALWAYS TRIGGER logs_90_refuse_update")
    with pytest.raises(errors.RestrictViolation, match="tenant 't1': no intact"):
        drop(aged)


def test_the_chain_has_to_go_on_behind_it(aged: Connection) -> None:
    record_both(aged)
    aged.execute("ALTER TABLE audit.logs DISABLE TRIGGER logs_90_refuse_update")
    aged.execute(
        "UPDATE audit.logs SET previous_hash = repeat('a', 64) WHERE tenant_id = 't1' AND sequence_number = 5"
    )
    aged.execute("ALTER TABLE audit.logs ENABLE ALWAYS TRIGGER logs_90_refuse_update")
    with pytest.raises(errors.RestrictViolation, match="does not go on behind event 4"):
        drop(aged)


def test_an_event_that_is_missing_is_not_dropped_along(aged: Connection) -> None:
    """Who removed an event from it by force must not have it forgotten."""
    record_both(aged)
    aged.execute(f"ALTER TABLE audit.{OLD} DISABLE TRIGGER USER")
    aged.execute(f"DELETE FROM audit.{OLD} WHERE tenant_id = 't1' AND sequence_number = 2")
    aged.execute(f"ALTER TABLE audit.{OLD} ENABLE TRIGGER USER")
    with pytest.raises(errors.RestrictViolation, match="3 events have the sequences 1 to 4"):
        drop(aged)


def test_a_double_elsewhere_stops_it(aged: Connection) -> None:
    record_both(aged)
    aged.execute("ALTER TABLE audit.logs_2024_02 DISABLE TRIGGER USER")
    aged.execute(
        'INSERT INTO audit.logs_2024_02 SELECT (jsonb_populate_record(l, \'{"timestamp": "2024-02-20"}\')).*'
        f" FROM audit.{OLD} l WHERE tenant_id = 't1' AND sequence_number = 4"
    )
    with pytest.raises(errors.RestrictViolation, match="lie in other partitions"):
        drop(aged)


def test_an_erasure_after_the_record_stops_it(aged: Connection) -> None:
    record_both(aged)
    erase(aged, group([2, 2]))
    with pytest.raises(errors.RestrictViolation, match="erased parts of these events"):
        drop(aged)


def test_earlier_events_elsewhere_stop_it(aged: Connection) -> None:
    """February cannot go while January is there."""
    for tenant in TENANTS:
        record(aged, 7, tenant_id=tenant, read_at=8, tree=Jsonb(tree(7)))
    with pytest.raises(errors.RestrictViolation, match="names exactly its events 5 to 7"):
        drop(aged, "logs_2024_02")


@pytest.mark.parametrize("name", ["logs_default", "logs", "chains", "no such", "logs_2024_01; DROP", ""])
def test_only_a_partition_of_the_log_can_go(aged: Connection, name: str) -> None:
    with pytest.raises(errors.InvalidParameterValue, match="cannot drop"):
        drop(aged, name)


def test_an_empty_partition_goes_when_its_time_is_over(aged: Connection) -> None:
    aged.execute("SELECT audit.add_partitions(audit.missing_months('2023-01-01 00:00:00+00', 1))")
    assert drop(aged, "logs_2023_01") == 0
    coming = value(
        aged, "SELECT partition FROM audit.list_partitions() WHERE NOT is_default ORDER BY 1 DESC LIMIT 1"
    )
    with pytest.raises(errors.InvalidParameterValue, match="its time is not over"):
        drop(aged, str(coming))


def test_a_log_that_is_in_use_is_waited_for_briefly(aged: Connection, partitioned_db: str) -> None:
    record_both(aged)
    aged.execute("ALTER FUNCTION audit.drop_archived_partition SET lock_timeout = '100ms'")
    with psycopg.connect(partitioned_db) as reader:
        reader.execute("SELECT count(*) FROM audit.logs")
        with pytest.raises(errors.LockNotAvailable):
            drop(aged)
    assert drop(aged) == 8


def test_writers_of_an_older_snapshot_go_on_rightly(aged: Connection, partitioned_db: str) -> None:
    record_both(aged)
    with psycopg.connect(partitioned_db) as stale:
        stale.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        stale.execute("SELECT 1")
        drop(aged)
        log(stale)
    assert [row["sequence_number"] for row in rows(aged)] == list(range(5, 11))


def test_deleting_rows_still_has_to_prove_itself(aged: Connection) -> None:
    for statement in (
        "DELETE FROM audit.logs WHERE tenant_id = 't1'",
        f"DELETE FROM audit.{OLD}",
        f"DELETE FROM audit.{OLD} WHERE tenant_id = 't1' AND sequence_number <= 4",
    ):
        with pytest.raises(errors.RestrictViolation, match="immutable"):
            aged.execute(statement)
    record(aged, 4, tenant_id="t1", read_at=8)
    with pytest.raises(errors.RestrictViolation, match="immutable"):
        aged.execute(f"DELETE FROM audit.{OLD}")
    with pytest.raises(errors.RestrictViolation, match="immutable"):
        aged.execute(f"DELETE FROM audit.{OLD} WHERE tenant_id = 't1' AND sequence_number <= 3")
    assert aged.execute(f"DELETE FROM audit.{OLD} WHERE tenant_id = 't1'").rowcount == 4
    assert chain(aged, "t2")[0] == 8
