"""Removing a prefix that an audit.archived event names: exactly that, and nothing else."""

from typing import Any

import psycopg
import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from tests.schema.conftest import Connection
from tests.schema.events import event, insert, log, rows

IMMUTABLE = "Audit logs are immutable. DELETE"


@pytest.fixture
def ten(owner: Connection) -> Connection:
    for number in range(10):
        log(owner, changes={"n": number})
        log(owner, tenant="t2")
    return owner


def archive(conn: Connection, first: int, last: int, tenant: str = "t1", **changed: Any) -> None:
    """What an archivist leaves in the chain before anything is removed."""
    metadata = {
        "first_sequence": first,
        "last_sequence": last,
        "last_hash": event(conn, last, tenant)["event_hash"],
        **changed,
    }
    insert(
        conn,
        event_id=f"evt_a{first}x{last}",
        tenant_id=tenant,
        event_type="audit.archived",
        metadata=Jsonb(metadata),
    )


def remove(conn: Connection, last: int, first: int = 0, tenants: tuple[str, ...] = ("t1",)) -> int:
    return conn.execute(
        "DELETE FROM audit.logs WHERE tenant_id = ANY (%s) AND sequence_number BETWEEN %s AND %s",
        [list(tenants), first, last],
    ).rowcount


def test_a_named_prefix_may_go_and_the_next_one(ten: Connection) -> None:
    archive(ten, 1, 4)
    assert remove(ten, 4) == 4
    archive(ten, 5, 6)
    assert remove(ten, 6) == 2
    assert [row["sequence_number"] for row in rows(ten)] == [7, 8, 9, 10, 11, 12]
    assert len(rows(ten, "t2")) == 10
    log(ten)
    assert event(ten, 13)["previous_hash"] == event(ten, 12)["event_hash"]


def test_it_may_go_for_a_superuser_and_in_replica_mode_as_well(ten: Connection) -> None:
    archive(ten, 1, 4)
    ten.execute("RESET ROLE")
    ten.execute("SET session_replication_role = replica")
    with pytest.raises(errors.RestrictViolation, match=IMMUTABLE):
        remove(ten, 5)
    assert remove(ten, 4) == 4


def test_several_tenants_in_one_statement_need_an_event_each(ten: Connection) -> None:
    archive(ten, 1, 4)
    with pytest.raises(errors.RestrictViolation, match=IMMUTABLE):
        remove(ten, 4, tenants=("t1", "t2"))
    archive(ten, 1, 4, tenant="t2")
    assert remove(ten, 4, tenants=("t1", "t2")) == 8


@pytest.mark.parametrize(("first", "last"), [(1, 3), (2, 4), (1, 5), (4, 4), (1, 1), (5, 5), (1, 11)])
def test_anything_but_the_whole_prefix_is_refused(ten: Connection, first: int, last: int) -> None:
    archive(ten, 1, 4)
    before = rows(ten)
    with pytest.raises(errors.RestrictViolation, match=IMMUTABLE):
        remove(ten, last, first)
    assert rows(ten) == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"last_hash": "a" * 64},
        {"last_hash": None},
        {"first_sequence": 2},
        {"first_sequence": 0},
        {"last_sequence": 3},
        {"last_sequence": 5},
        {"last_sequence": "4"},
        {"last_sequence": 10**30},
        {"first_sequence": 9},
        {"first_sequence": 1.5},
    ],
    ids=str,
)
def test_an_event_that_names_something_else_does_not_help(ten: Connection, wrong: dict[str, Any]) -> None:
    archive(ten, 1, 4, **wrong)
    with pytest.raises(errors.RestrictViolation, match=IMMUTABLE):
        remove(ten, 4)


def test_a_middle_run_is_never_a_prefix(ten: Connection) -> None:
    archive(ten, 3, 4)
    with pytest.raises(errors.RestrictViolation, match=IMMUTABLE):
        remove(ten, 4, 3)


def test_the_event_has_to_be_committed_before(ten: Connection, audit_db: str) -> None:
    with psycopg.connect(audit_db) as one:
        one.execute("SET ROLE audit_owner")
        archive(one, 1, 4)
        with pytest.raises(errors.RestrictViolation, match=IMMUTABLE), one.transaction():
            remove(one, 4)
        with one.transaction():
            archive(one, 1, 3)
        with pytest.raises(errors.RestrictViolation, match=IMMUTABLE), one.transaction():
            remove(one, 3)
        one.commit()
        assert remove(one, 4) == 4


@pytest.mark.parametrize(
    "tampering", ["hash_version = 1", "event_hash = repeat('a', 64)", "http_method = 'X'"]
)
def test_the_event_has_to_be_intact(ten: Connection, tampering: str) -> None:
    archive(ten, 1, 4)
    ten.execute("ALTER TABLE audit.logs DISABLE TRIGGER logs_90_refuse_update")
    ten.execute(f"UPDATE audit.logs SET {tampering} WHERE event_id = 'evt_a1x4'")
    ten.execute("ALTER TABLE audit.logs ENABLE ALWAYS TRIGGER logs_90_refuse_update")
    with pytest.raises(errors.RestrictViolation, match=IMMUTABLE):
        remove(ten, 4)


def test_the_chain_has_to_go_on_behind_it(ten: Connection) -> None:
    insert(
        ten,
        event_id="evt_all",
        event_type="audit.archived",
        metadata=Jsonb({"first_sequence": 1, "last_sequence": 11, "last_hash": "x"}),
    )
    with pytest.raises(errors.RestrictViolation, match=IMMUTABLE):
        remove(ten, 11)


def test_a_partial_truncate_is_still_refused(ten: Connection) -> None:
    archive(ten, 1, 4)
    with pytest.raises(errors.RestrictViolation):
        ten.execute("TRUNCATE audit.logs")
