"""What comes while archived events are being removed: a hold, an erasure, another record."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import IsolationLevel, errors

from audit_tui.store import archive_rows
from tests.schema.conftest import Connection, Login
from tests.schema.erasing import erase, group
from tests.schema.events import chain, log, rows, value
from tests.schema.test_archive_record import record, remove
from tests.schema.test_holds import place, release

REFUSED = errors.RestrictViolation
DELETE = "DELETE FROM audit.logs WHERE tenant_id = 't1' AND sequence_number <= 4"


@pytest.fixture
def ten(db: Connection) -> Connection:
    for number in range(10):
        log(db, actor_id=f"usr_{number % 3}", resource_type="invoice", resource_id=str(number))
    return db


def until_it_waits(conn: Connection, session: Connection) -> None:
    """Return once that session waits for a lock; a test that never gets there is stopped from outside."""
    waiting = "SELECT FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"
    while not conn.execute(waiting, [session.info.backend_pid]).rowcount:
        pass


@contextmanager
def removing(ten: Connection, dsn: str, archived: str) -> Iterator[Callable[[], "Future[int]"]]:
    """A removal that has looked at the chain and waits for one row; yields what lets it go on."""
    with (
        psycopg.connect(dsn) as holder,
        psycopg.connect(dsn, autocommit=True) as remover,
        ThreadPoolExecutor(1) as pool,
    ):
        holder.execute("SELECT FROM audit.logs WHERE tenant_id = 't1' AND sequence_number = 2 FOR UPDATE")
        gone = pool.submit(remove, remover, archived)
        until_it_waits(ten, remover)

        def go_on() -> "Future[int]":
            holder.rollback()
            return gone

        yield go_on


@pytest.mark.parametrize(
    "named", [{}, {"actor_id": "usr_2"}, {"resource_type": "invoice", "resource_id": "3"}], ids=str
)
def test_a_hold_that_is_placed_during_the_delete_counts(
    ten: Connection, audit_db: str, named: dict[str, str]
) -> None:
    archived = record(ten)
    with removing(ten, audit_db, archived) as go_on:
        hold = place(ten, **named)
        with pytest.raises(REFUSED, match=f"are held by {hold}: the court asked"):
            go_on().result()
    assert chain(ten) == (12, True)
    release(ten, hold)
    assert remove(ten, archived) == 4


def test_a_hold_on_something_else_does_not_hinder(ten: Connection, audit_db: str) -> None:
    archived = record(ten)
    with removing(ten, audit_db, archived) as go_on:
        place(ten, actor_id="usr_9")
        place(ten, resource_type="invoice", resource_id="5")
        release(ten, place(ten))
        assert go_on().result() == 4


def test_an_erasure_that_commits_during_the_delete_counts(ten: Connection, audit_db: str) -> None:
    archived = record(ten)
    with (
        psycopg.connect(audit_db) as eraser,
        psycopg.connect(audit_db, autocommit=True) as remover,
        ThreadPoolExecutor(1) as pool,
    ):
        erase(eraser, group([1, 3]))
        gone = pool.submit(remove, remover, archived)
        until_it_waits(ten, remover)
        eraser.commit()
        with pytest.raises(REFUSED, match="event 12 erased parts of them after they were read"):
            gone.result()
    assert chain(ten) == (12, True)
    assert remove(ten, record(ten, read_at=12, replaces=archived)) == 4


def test_a_record_that_replaces_it_during_the_delete_counts(ten: Connection, audit_db: str) -> None:
    for last, refusal in ((4, errors.InvalidParameterValue), (5, REFUSED)):
        pending = value(ten, "SELECT event_id FROM audit.pending_archive('t1')")
        archived = record(ten) if pending is None else str(pending)
        with removing(ten, audit_db, archived) as go_on:
            record(ten, last, read_at=11, replaces=archived)
            with pytest.raises(refusal, match=r"replaces this one|not the removal of an archived prefix"):
                go_on().result()
    assert chain(ten) == (13, True)


def test_writers_wait_for_the_proof_alone(ten: Connection, audit_db: str) -> None:
    archived = record(ten)
    with removing(ten, audit_db, archived) as go_on:
        ten.execute("SET lock_timeout = '200ms'")
        log(ten)
        assert go_on().result() == 4
    with psycopg.connect(audit_db) as one, psycopg.connect(audit_db, autocommit=True) as writer:
        assert remove(one, record(ten, 6, first=5, read_at=12)) == 2
        writer.execute("SET lock_timeout = '200ms'")
        with pytest.raises(errors.LockNotAvailable):
            log(writer)
        log(writer, tenant="t2")
    assert [row["sequence_number"] for row in rows(ten)] == list(range(7, 14))


def test_who_waits_for_a_removal_and_keeps_it_waiting_makes_it_say_so(ten: Connection, audit_db: str) -> None:
    archived = record(ten)
    with (
        psycopg.connect(audit_db) as holder,
        psycopg.connect(audit_db, autocommit=True) as remover,
        psycopg.connect(audit_db) as writer,
        ThreadPoolExecutor(2) as pool,
    ):
        row = "SELECT FROM audit.logs WHERE tenant_id = 't1' AND sequence_number = {} FOR UPDATE"
        holder.execute(row.format(3).encode())
        gone = pool.submit(archive_rows.remove, remover, "t1", archived)
        until_it_waits(ten, remover)
        writer.execute("SET deadlock_timeout = '1h'")
        log(writer)
        waiting = pool.submit(writer.execute, row.format(1).encode())
        until_it_waits(ten, writer)
        holder.rollback()
        with pytest.raises(archive_rows.RefusedError, match="the chain of t1 at the same moment") as refused:
            gone.result()
        assert waiting.result().rowcount == 1
        assert "run this again" in str(refused.value)
    assert chain(ten) == (12, True)
    assert remove(ten, archived) == 4


@pytest.mark.parametrize("level", [IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE])
def test_an_older_snapshot_removes_nothing(
    ten: Connection, audit_db: str, login: Login, level: IsolationLevel
) -> None:
    archived = record(ten)
    archivist = login("meanwhile_archivist", "audit_archivist")
    archivist.autocommit = False
    archivist.isolation_level = level
    archivist.execute("SELECT FROM audit.logs LIMIT 1")
    place(ten, actor_id="usr_1")
    with pytest.raises(errors.ObjectNotInPrerequisiteState):
        remove(archivist, archived)
    archivist.rollback()
    with psycopg.connect(audit_db) as owner:
        owner.isolation_level = level
        owner.execute("SET ROLE audit_owner")
        release(ten, str(value(ten, "SELECT hold FROM audit.holds_of('t1')")))
        owner.execute("SELECT FROM audit.logs LIMIT 1")
        place(ten, actor_id="usr_2")
        with pytest.raises(errors.SerializationFailure):
            owner.execute(DELETE)
    assert chain(ten) == (14, True)


def test_the_owner_deletes_nothing_that_is_held(ten: Connection) -> None:
    record(ten)
    ten.execute("SET ROLE audit_owner")
    for named in ({}, {"actor_id": "usr_1"}, {"resource_type": "invoice", "resource_id": "0"}):
        hold = place(ten, **named)
        with pytest.raises(REFUSED, match=f"are held by {hold}"):
            ten.execute(DELETE)
        release(ten, hold)
    place(ten, actor_id="usr_9")
    assert ten.execute(DELETE).rowcount == 4


def test_the_owner_deletes_nothing_by_a_record_that_was_replaced(ten: Connection) -> None:
    first = record(ten)
    record(ten, 5, read_at=11, replaces=first)
    ten.execute("SET ROLE audit_owner")
    with pytest.raises(REFUSED, match="not the removal of an archived prefix"):
        ten.execute(DELETE)
    assert ten.execute(DELETE.replace("4", "5")).rowcount == 5


def test_the_owner_deletes_nothing_that_was_erased_since_it_was_recorded(ten: Connection) -> None:
    record(ten)
    erase(ten, group([4, 4]))
    ten.execute("SET ROLE audit_owner")
    with pytest.raises(REFUSED, match="event 12 erased parts of them"):
        ten.execute(DELETE)


def test_the_event_that_placed_a_hold_goes_with_its_release_or_not_at_all(ten: Connection) -> None:
    hold = place(ten, actor_id="usr_9")
    release(ten, hold)
    other = place(ten, actor_id="usr_9")
    # What the record would refuse itself, the owner writes by hand.
    ten.execute("SET ROLE audit_owner")
    ten.execute(
        "INSERT INTO audit.logs (event_id, event_type, tenant_id, actor_type, actor_id, resource_type,"
        " resource_id, metadata) SELECT 'evt_byhand', 'audit.archived', 't1', 'user', 'o', 'r', 'i',"
        " jsonb_build_object('first_sequence', 1, 'last_sequence', 13, 'last_hash', event_hash)"
        " FROM audit.logs WHERE sequence_number = 13"
    )
    with pytest.raises(REFUSED, match=f"one of them placed the hold {other}, which is not released"):
        ten.execute(DELETE.replace("4", "13"))
    release(ten, other)
    assert ten.execute(DELETE.replace("4", "13")).rowcount == 13


def test_a_partition_is_no_way_around_a_hold(partitioned: Connection) -> None:
    for _ in range(5):
        log(partitioned)
    record(partitioned, 4, read_at=5)
    place(partitioned, actor_id="usr_1")
    part = value(partitioned, "SELECT DISTINCT tableoid::regclass::text FROM audit.logs")
    for table in ("audit.logs", str(part)):
        with pytest.raises(REFUSED, match="are held by hld_"):
            partitioned.execute(DELETE.replace("audit.logs", table).encode())
