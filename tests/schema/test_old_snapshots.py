"""What removes or moves events has to see all that is committed: nobody calls it in an older snapshot."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import IsolationLevel, errors

from tests.schema.conftest import Connection
from tests.schema.events import chain, rows, value
from tests.schema.importing import import_month

OLD = (IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE)
MOVES = (
    "SELECT audit.settle_default()",
    "SELECT audit.ensure_partitions(3)",
    "SELECT audit.add_months('2023-12-15 00:00:00+00', 1)",
    "SELECT audit.add_partitions(audit.missing_months('2023-12-01 00:00:00+00', 1))",
    "SELECT audit.drop_archived_partition('logs_2024_01')",
)
REFUSED = errors.ObjectNotInPrerequisiteState


@pytest.fixture
def strayed(partitioned: Connection) -> Connection:
    """An empty partition of January 2024; in the default one t1's events of December."""
    partitioned.execute("SELECT audit.add_partitions(audit.missing_months('2024-01-01 00:00:00+00', 1))")
    _bring(partitioned, "t1", "2023-12")
    return partitioned


@pytest.fixture(params=OLD, ids=lambda level: level.name.lower())
def stale(strayed: Connection, partitioned_db: str, request: pytest.FixtureRequest) -> Iterator[Connection]:
    """A transaction that has read once, before a newcomer's events came."""
    with psycopg.connect(partitioned_db) as conn:
        conn.isolation_level = request.param
        conn.execute("SELECT count(*) FROM audit.logs")
        for month in ("2023-12", "2024-01"):
            _bring(strayed, "newcomer", month)
        yield conn


def _bring(conn: Connection, tenant: str, month: str) -> None:
    conn.execute("SET ROLE audit_owner")
    import_month(conn, tenant, month, 3)
    conn.execute("RESET ROLE")


@pytest.mark.parametrize("move", MOVES)
def test_what_came_since_is_not_lost(strayed: Connection, stale: Connection, move: str) -> None:
    before = rows(strayed, "newcomer")
    with pytest.raises(REFUSED, match="does not see what others commit") as refused:
        stale.execute(move.encode())
    assert "READ COMMITTED" in str(refused.value.diag.message_hint)
    stale.rollback()
    assert rows(strayed, "newcomer") == before
    assert len(before) == 8


@pytest.mark.parametrize("level", ["read committed", "read uncommitted"])
def test_what_commits_while_a_move_waits_is_moved(
    strayed: Connection, partitioned_db: str, level: str
) -> None:
    strayed.execute("ALTER FUNCTION audit.add_partitions SET lock_timeout = '60s'")
    with psycopg.connect(partitioned_db) as writer, psycopg.connect(partitioned_db) as mover:
        mover.execute(f"SET TRANSACTION ISOLATION LEVEL {level}".encode())
        _bring(writer, "newcomer", "2023-12")
        with ThreadPoolExecutor(1) as pool:
            moving = pool.submit(mover.execute, "SELECT audit.settle_default()")
            _wait_for(strayed, mover)
            writer.commit()
            assert moving.result().fetchall() == [("logs_2023_12",)]
        mover.commit()
    assert value(strayed, "SELECT count(*) FROM audit.logs_2023_12 WHERE tenant_id = 'newcomer'") == 4
    assert chain(strayed, "newcomer") == (4, True)


def test_what_commits_while_a_drop_waits_stops_it(strayed: Connection, partitioned_db: str) -> None:
    strayed.execute("ALTER FUNCTION audit.drop_archived_partition SET lock_timeout = '60s'")
    with psycopg.connect(partitioned_db) as writer, psycopg.connect(partitioned_db) as dropper:
        _bring(writer, "newcomer", "2024-01")
        with ThreadPoolExecutor(1) as pool:
            dropping = pool.submit(dropper.execute, "SELECT audit.drop_archived_partition('logs_2024_01')")
            _wait_for(strayed, dropper)
            writer.commit()
            with pytest.raises(errors.RestrictViolation, match="no intact"):
                dropping.result()
    assert chain(strayed, "newcomer") == (4, True)


def test_a_partition_of_the_present_stays(strayed: Connection) -> None:
    """Whatever is archived of it: the event that records the drop would be dropped along."""
    name = value(
        strayed,
        "SELECT partition FROM audit.list_partitions()"
        " WHERE tstzrange(range_from, range_to) @> clock_timestamp()",
    )
    assert value(strayed, f"SELECT count(*) > 0 FROM audit.{name}")
    with pytest.raises(errors.InvalidParameterValue, match="its time is not over"):
        strayed.execute("SELECT audit.drop_archived_partition(%s)", [name])


def _wait_for(conn: Connection, waiting: Connection) -> None:
    """Until that session waits for a lock."""
    query = "SELECT FROM pg_locks WHERE pid = %s AND NOT granted"
    while not conn.execute(query, [waiting.info.backend_pid]).rowcount:
        pass
