"""The turn of a month, and a clock that steps back over it: nothing lost, doubled or refused."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import IsolationLevel, errors

from tests.schema.clocks import give_clock, set_clock, turn_of_next_month
from tests.schema.conftest import Connection
from tests.schema.events import chain, event, insert, log, rows, value

WRITERS, EVENTS = 16, 40
# A tick is 5 ms; every 50 ticks the clock falls back by a quarter of a second: it passes the turn many times.
SAW = "-0.5 + n * 0.005 - floor(n / 50) * 0.23"
# Now and then by a minute and a half: more than the log waits for.
LONG_SAW = "-0.5 + n * 0.005 - floor(n / 50) * 0.23 - 90 * (floor(n / 211) % 2)"
FOUND = "SELECT DISTINCT kind, severity FROM audit.verify_chain('t1') WHERE kind IS NOT NULL"


def _write(conn: Connection, number: int, level: IsolationLevel, *, direct: bool) -> Counter[str]:
    """Log EVENTS events, trying again what may be tried again; count them and those refusals."""
    conn.isolation_level = level
    seen = Counter[str]()
    while seen["logged"] < EVENTS and seen.total() < 100 * EVENTS:
        try:
            with conn.transaction():
                if level is not IsolationLevel.READ_COMMITTED:
                    conn.execute("SELECT count(*) FROM audit.logs")
                request = f"r{number}_{seen['logged']}"
                if direct:
                    insert(conn, event_id=f"evt_{number}x{seen['logged']}", request_id=request)
                else:
                    log(conn, request_id=request)
        except (errors.SerializationFailure, errors.DeadlockDetected) as error:
            seen[str(error.sqlstate)] += 1
        else:
            seen["logged"] += 1
    return seen


def _run(dsn: str, level: IsolationLevel, *, direct: bool = False) -> Counter[str]:
    together = threading.Barrier(WRITERS)

    def writer(number: int) -> Counter[str]:
        with psycopg.connect(dsn, autocommit=True) as conn:
            together.wait()
            return _write(conn, number, level, direct=direct)

    with ThreadPoolExecutor(WRITERS) as pool:
        return sum(pool.map(writer, range(WRITERS)), Counter[str]())


def _whole(db: Connection) -> None:
    """Every event once, in both months, in one chain without a gap, and both verifiers' rules content."""
    assert chain(db) == (WRITERS * EVENTS, True)
    events = rows(db)
    assert len({event["request_id"] for event in events}) == len(events)
    assert len({event["event_id"] for event in events}) == len(events)
    assert len({event["id"] for event in events}) == len(events)
    assert len({event["timestamp"].month for event in events}) == 2


@pytest.mark.parametrize("level", list(IsolationLevel)[1:], ids=lambda x: x.name)
def test_sixteen_writers_at_the_turn(
    partitioned: Connection, partitioned_db: str, level: IsolationLevel
) -> None:
    give_clock(partitioned, turn_of_next_month(partitioned), SAW)
    seen = _run(partitioned_db, level)
    allowed = set() if level is IsolationLevel.READ_COMMITTED else {"40001", "40P01"}
    assert set(seen) - {"logged"} <= allowed
    _whole(partitioned)
    assert partitioned.execute(FOUND).fetchall() == []  # not even a time that runs back


@pytest.mark.parametrize("level", list(IsolationLevel)[1:], ids=lambda x: x.name)
def test_a_clock_that_steps_back_far_leaves_a_notice_and_no_harm(
    partitioned: Connection, partitioned_db: str, level: IsolationLevel
) -> None:
    """Such a step between routing and sealing, microseconds apart, is what log_event cannot bend."""
    give_clock(partitioned, turn_of_next_month(partitioned), LONG_SAW)
    seen = _run(partitioned_db, level)
    assert set(seen) - {"logged"} <= {"40001", "40P01"}
    _whole(partitioned)
    assert partitioned.execute(FOUND).fetchall() == [("time_disorder", "notice")]


def test_inserting_directly_may_have_to_be_tried_again(partitioned: Connection, partitioned_db: str) -> None:
    give_clock(partitioned, turn_of_next_month(partitioned), SAW)
    seen = _run(partitioned_db, IsolationLevel.READ_COMMITTED, direct=True)
    assert set(seen) <= {"logged", "40001"}
    _whole(partitioned)
    assert partitioned.execute(FOUND).fetchall() == []


def test_waiting_over_the_turn_is_harmless(partitioned: Connection, partitioned_db: str) -> None:
    turn = turn_of_next_month(partitioned)
    give_clock(partitioned, turn, "-1")
    with (
        psycopg.connect(partitioned_db) as first,
        psycopg.connect(partitioned_db) as second,
        ThreadPoolExecutor(1) as pool,
    ):
        log(first)
        waiting = pool.submit(log, second)
        _until_somebody_waits(partitioned)
        set_clock(partitioned, turn, 1)
        first.commit()
        waiting.result()
        second.commit()
    assert [event["timestamp"].day for event in rows(partitioned)][1:] == [1]
    assert chain(partitioned) == (2, True)


def test_a_direct_insert_that_waited_over_the_turn_is_told_to_try_again(
    partitioned: Connection, partitioned_db: str
) -> None:
    turn = turn_of_next_month(partitioned)
    give_clock(partitioned, turn, "-1")
    with (
        psycopg.connect(partitioned_db) as first,
        psycopg.connect(partitioned_db) as second,
        ThreadPoolExecutor(1) as pool,
    ):
        second.execute(f"SET test.began = '{turn}'")
        log(first)
        waiting = pool.submit(insert, second)
        _until_somebody_waits(partitioned)
        set_clock(partitioned, turn, 120)
        first.commit()
        with pytest.raises(errors.SerializationFailure, match="ended while it waited"):
            waiting.result()
        second.rollback()
        insert(second)
        second.commit()
    assert chain(partitioned) == (2, True)


def test_a_minute_is_bent_where_nothing_followed_yet(partitioned: Connection, partitioned_db: str) -> None:
    """Routed a moment before the turn, sealed a moment after: the last instant of the old month."""
    turn = turn_of_next_month(partitioned)
    give_clock(partitioned, turn, "-1")
    with (
        psycopg.connect(partitioned_db) as first,
        psycopg.connect(partitioned_db) as second,
        ThreadPoolExecutor(1) as pool,
    ):
        log(first)
        waiting = pool.submit(insert, second)
        _until_somebody_waits(partitioned)
        set_clock(partitioned, turn, 59)
        first.commit()
        waiting.result()
        second.commit()
    last = value(partitioned, f"SELECT '{turn}'::timestamptz - interval '1 microsecond'")
    assert event(partitioned, 2)["timestamp"] == last
    assert chain(partitioned) == (2, True)


def test_a_clock_back_in_the_old_month_follows_the_head(partitioned: Connection) -> None:
    """Within a minute the head's time is kept, and log_event routes the event to where that lies."""
    turn = turn_of_next_month(partitioned)
    give_clock(partitioned, turn, "10")
    log(partitioned)
    set_clock(partitioned, turn, -20)
    log(partitioned)
    with pytest.raises(errors.SerializationFailure):
        insert(partitioned)
    set_clock(partitioned, turn, -80)
    log(partitioned)
    set_clock(partitioned, turn, 11)
    log(partitioned)
    moment = value(partitioned, f"SELECT '{turn}'::timestamptz")
    assert [row["timestamp"] >= moment for row in rows(partitioned)] == [True, True, False, True]
    places = "SELECT tableoid::regclass::text FROM audit.logs WHERE tenant_id = 't1' ORDER BY sequence_number"
    found = [name for (name,) in partitioned.execute(places).fetchall()]
    assert found[0] == found[1] == found[3] > found[2]
    assert chain(partitioned) == (4, True)


def _until_somebody_waits(conn: Connection) -> None:
    """Return once another session waits for a lock; a test that never gets there is stopped from outside."""
    waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while not conn.execute(waiting).rowcount:
        pass
