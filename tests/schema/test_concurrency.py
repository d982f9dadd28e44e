"""Writers of one tenant at once: nothing lost, nothing doubled, and only retryable errors."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import IsolationLevel, errors

from tests.schema.conftest import Connection
from tests.schema.events import chain, log

WRITERS, EVENTS = 16, 150


def _run_writers(dsn: str, work: Callable[[Connection], Counter[str]]) -> Counter[str]:
    """Run the work on 16 connections that start together; return the sum of what they counted."""
    together = threading.Barrier(WRITERS)

    def writer(_number: int) -> Counter[str]:
        with psycopg.connect(dsn, autocommit=True) as conn:
            together.wait()
            return work(conn)

    with ThreadPoolExecutor(WRITERS) as pool:
        return sum(pool.map(writer, range(WRITERS)), Counter[str]())


def test_sixteen_writers_wait_for_each_other(db: Connection, audit_db: str) -> None:
    def work(conn: Connection) -> Counter[str]:
        for _ in range(EVENTS):
            log(conn)
        return Counter(logged=EVENTS)

    assert _run_writers(audit_db, work) == Counter(logged=WRITERS * EVENTS)
    assert chain(db) == (WRITERS * EVENTS, True)


@pytest.mark.parametrize(
    "level", [IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE], ids=lambda x: x.name
)
def test_stale_snapshots_fail_retryably_and_double_nothing(
    db: Connection, audit_db: str, level: IsolationLevel
) -> None:
    def work(conn: Connection) -> Counter[str]:
        conn.isolation_level = level
        seen = Counter[str]()
        while seen["logged"] < 20:
            try:
                with conn.transaction():
                    conn.execute("SELECT count(*) FROM audit.logs")
                    log(conn, request_id=f"r{conn.info.backend_pid}_{seen['logged']}")
            except psycopg.Error as error:
                seen[str(error.sqlstate)] += 1
            else:
                seen["logged"] += 1
        return seen

    seen = _run_writers(audit_db, work)
    assert set(seen) <= {"logged", "40001"}
    assert chain(db) == (WRITERS * 20, True)
    doubled = db.execute("SELECT request_id FROM audit.logs GROUP BY 1 HAVING count(*) > 1").fetchall()
    assert doubled == []


def test_a_stale_snapshot_fails_with_40001(db: Connection, audit_db: str) -> None:
    with psycopg.connect(audit_db) as stale:
        stale.isolation_level = IsolationLevel.REPEATABLE_READ
        stale.execute("SELECT 1 FROM audit.logs")
        log(db)
        with pytest.raises(errors.SerializationFailure):
            log(stale)
        stale.rollback()
        log(stale)
    assert chain(db) == (2, True)


def test_tenants_in_opposite_order_deadlock_retryably(db: Connection, audit_db: str) -> None:
    with psycopg.connect(audit_db) as one, psycopg.connect(audit_db) as two, ThreadPoolExecutor(2) as pool:
        one.execute("SET deadlock_timeout = '50ms'")
        two.execute("SET deadlock_timeout = '50ms'")
        log(one, tenant="a")
        log(two, tenant="b")
        waits = [pool.submit(log, one, tenant="b"), pool.submit(log, two, tenant="a")]
        failures = []
        for wait, conn in zip(waits, (one, two), strict=True):
            error = wait.exception()
            failures.append(error)
            conn.rollback() if error else conn.commit()
    assert sum(isinstance(failure, errors.DeadlockDetected) for failure in failures) == 1
    assert sum(failure is None for failure in failures) == 1
    assert chain(db, "a") == chain(db, "b") == (1, True)


def test_a_writer_waits_for_the_tenant_only(db: Connection, audit_db: str) -> None:
    with psycopg.connect(audit_db) as holder:
        log(holder, tenant="a")
        db.execute("SET lock_timeout = '100ms'")
        log(db, tenant="b")
        with pytest.raises(errors.LockNotAvailable):
            log(db, tenant="a")


def test_a_recycled_transaction_number_is_not_taken_for_the_same_transaction(
    db: Connection, audit_db: str
) -> None:
    """A restored row may hold the very number that the next transaction gets; its time differs."""
    log(db)
    with psycopg.connect(audit_db) as first, psycopg.connect(audit_db) as stale:
        row = first.execute("SELECT pg_current_xact_id()::text").fetchone()
        assert row is not None
        db.execute("UPDATE audit.chains SET holder = %s::text::xid8", row)
        stale.isolation_level = IsolationLevel.REPEATABLE_READ
        stale.execute("SELECT 1 FROM audit.logs")
        log(first)
        db.execute("SET lock_timeout = '100ms'")
        with pytest.raises(errors.LockNotAvailable):
            log(db)
        first.commit()
        with pytest.raises(errors.SerializationFailure):
            log(stale)
    assert chain(db) == (2, True)
