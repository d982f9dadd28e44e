"""The sealed record of an archive: written for exactly the beginning of a chain, and only then removed."""

from typing import Any

import psycopg
import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from tests.schema.conftest import Connection, Login
from tests.schema.erasing import erase, group
from tests.schema.events import chain, event, log, rows, value

ARCHIVE = "20260101T030000Z-0123abcd"
MANIFEST = "b" * 64
REFUSED = errors.InvalidParameterValue


@pytest.fixture
def ten(db: Connection) -> Connection:
    for number in range(10):
        log(db, changes={"n": number})
        log(db, tenant="t2")
    return db


def tree(size: int) -> dict[str, Any]:
    return {"size": size, "hashes": ["c" * 64] * size.bit_count()}


def record(conn: Connection, last: int = 4, **given: Any) -> str:
    """Records the archive of t1's events 1 to `last`, with whatever is given instead."""
    values: dict[str, Any] = {
        "tenant_id": "t1",
        "archive": ARCHIVE,
        "manifest": MANIFEST,
        "first": 1,
        "last": last,
        "last_hash": None,
        "tree": Jsonb(tree(last)),
        "read_at": 10,
        "place": "host:/archives",
        "requester": "Ada",
        "reason": None,
        "replaces": None,
        **given,
    }
    if values["last_hash"] is None:
        found = {row["sequence_number"]: row["event_hash"] for row in rows(conn, values["tenant_id"] or "")}
        values["last_hash"] = found.get(values["last"], "0" * 64)
    arguments = ", ".join(f"p_{name} => %({name})s{'::jsonb' if name == 'tree' else ''}" for name in values)
    row = conn.execute(f"SELECT audit.record_archive({arguments})", values).fetchone()
    assert row is not None
    return str(row[0])


def remove(conn: Connection, event_id: str, tenant: str = "t1") -> int:
    row = conn.execute("SELECT audit.remove_archived(%s, %s)", [tenant, event_id]).fetchone()
    assert row is not None
    return int(row[0])


def test_what_an_archivist_records_is_sealed_and_says_who_did_it(ten: Connection, login: Login) -> None:
    archivist = login("rec_archivist", "audit_archivist")
    event_id = record(archivist, reason="yearly")
    written = event(ten, 11)
    assert written["event_id"] == event_id
    assert (written["event_type"], written["actor_type"], written["actor_id"]) == (
        "audit.archived",
        "database_login",
        "rec_archivist",
    )
    assert (written["resource_type"], written["resource_id"]) == ("audit_archive", ARCHIVE)
    assert written["metadata"] == {
        "first_sequence": 1,
        "last_sequence": 4,
        "last_hash": event(ten, 4)["event_hash"],
        "events": 4,
        "manifest": MANIFEST,
        "archive": ARCHIVE,
        "place": "host:/archives",
        "requester": "Ada",
        "reason": "yearly",
        "tree": tree(4),
    }
    assert chain(ten) == (11, True)


def test_what_was_recorded_goes_and_the_chain_goes_on(ten: Connection, login: Login) -> None:
    archivist = login("rec_archivist", "audit_archivist")
    event_id = record(archivist)
    assert remove(archivist, event_id) == 4
    assert remove(archivist, event_id) == 0
    second = record(archivist, 6, first=5)
    assert remove(archivist, second) == 2
    assert [row["sequence_number"] for row in rows(ten)] == [7, 8, 9, 10, 11, 12]
    assert len(rows(ten, "t2")) == 10
    assert value(ten, "SELECT bool_and(is_valid) FROM audit.verify_chain('t1')") is True


def test_the_whole_chain_may_go_since_its_record_becomes_the_head(ten: Connection) -> None:
    assert remove(ten, record(ten, 10)) == 10
    assert [row["sequence_number"] for row in rows(ten)] == [11]
    assert value(ten, "SELECT bool_and(is_valid) FROM audit.verify_chain('t1')") is True


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"tenant_id": "t9"}, "no events of that tenant"),
        ({"tenant_id": None}, "no events of that tenant"),
        ({"first": 2}, "begins at 1, not at 2"),
        ({"first": None}, "not a range"),
        ({"first": 0}, "not a range"),
        ({"last": 0, "tree": Jsonb(tree(4))}, "not a range"),
        ({"last": 11, "tree": Jsonb(tree(11))}, "ends at 10, before 11"),
        ({"last_hash": "d" * 64}, "event 4 has another hash"),
        ({"manifest": "B" * 64}, "SHA-256"),
        ({"manifest": None}, "SHA-256"),
        ({"archive": "../../etc"}, "8 hex digits"),
        ({"archive": None}, "8 hex digits"),
        ({"read_at": None}, "p_read_at"),
        ({"replaces": "evt_other"}, "evt_other records no archive"),
        ({"place": " "}, "place"),
        ({"place": "x" * 1001}, "place"),
        ({"requester": None}, "requester"),
        ({"reason": "x" * 2001}, "reason"),
        ({"tree": None}, "tree"),
        ({"tree": Jsonb({"hashes": ["c" * 64]})}, "tree"),
        ({"tree": Jsonb({"size": 4, "hashes": []})}, "tree"),
        ({"tree": Jsonb({"size": "4", "hashes": ["c" * 64]})}, "tree"),
        ({"tree": Jsonb({"size": 8, "hashes": ["c" * 64]})}, "tree"),
        ({"tree": Jsonb({"size": 4, "hashes": ["C" * 64]})}, "tree"),
        ({"tree": Jsonb({"size": 4, "hashes": [4]})}, "tree"),
        ({"tree": Jsonb({"size": 4, "hashes": ["c" * 64], "more": 1})}, "tree"),
        ({"tree": Jsonb(None)}, "tree"),
    ],
    ids=str,
)
def test_anything_but_the_beginning_of_the_chain_is_refused(
    ten: Connection, wrong: dict[str, Any], says: str
) -> None:
    with pytest.raises(REFUSED, match=says):
        record(ten, **wrong)
    assert chain(ten) == (10, True)


def test_events_are_recorded_once(ten: Connection) -> None:
    record(ten)
    for last in (4, 2, 8):
        with pytest.raises(REFUSED, match=f"event 11 already records events 1 to 4 as archived in {ARCHIVE}"):
            record(ten, last)


def test_a_record_whose_files_are_lost_is_replaced(ten: Connection) -> None:
    lost = record(ten)
    with pytest.raises(REFUSED, match="records more: events up to 4"):
        record(ten, 3, read_at=11, replaces=lost)
    second = record(ten, 5, read_at=11, replaces=lost, archive="20260102T030000Z-0123abcd")
    with pytest.raises(REFUSED, match="event 12 already records events 1 to 5"):
        record(ten, 5, read_at=12, replaces=lost)
    with pytest.raises(REFUSED, match=r"a later audit\.archived event replaces this one"):
        remove(ten, lost)
    assert remove(ten, second) == 5
    with pytest.raises(REFUSED, match="records no archive whose events are still there"):
        record(ten, 6, first=6, read_at=12, replaces=second)
    assert event(ten, 12)["metadata"]["replaces"] == lost
    assert value(ten, "SELECT bool_and(is_valid) FROM audit.verify_chain('t1')") is True


def test_what_an_erasure_removed_meanwhile_does_not_stay_in_an_archive(ten: Connection) -> None:
    erase(ten, group([2, 3]))
    with pytest.raises(REFUSED, match="event 11 erased parts of these events after they were read"):
        record(ten, read_at=10)
    recorded = record(ten, read_at=11)
    erase(ten, group([6, 6]))
    assert record(ten, read_at=12, replaces=recorded)
    recorded = str(event(ten, 14)["event_id"])
    erase(ten, group([4, 5]))
    with pytest.raises(REFUSED, match="event 15 erased parts of these events after they were read"):
        remove(ten, recorded)
    assert remove(ten, record(ten, read_at=15, replaces=recorded)) == 4
    assert value(ten, "SELECT bool_and(is_valid) FROM audit.verify_chain('t1')") is True


def test_two_archivists_at_once_do_not_both_record(ten: Connection, audit_db: str) -> None:
    with psycopg.connect(audit_db) as one, psycopg.connect(audit_db, autocommit=True) as other:
        record(one)
        other.execute("SET lock_timeout = '200ms'")
        with pytest.raises(errors.LockNotAvailable):
            record(other)
        one.commit()
        with pytest.raises(REFUSED, match="already records"):
            record(other, last_hash=event(ten, 4)["event_hash"])


def test_events_that_are_missing_are_not_archived(ten: Connection) -> None:
    with ten.transaction():
        ten.execute("ALTER TABLE audit.logs DISABLE TRIGGER USER")
        ten.execute("DELETE FROM audit.logs WHERE tenant_id = 't1' AND sequence_number = 2")
        ten.execute("ALTER TABLE audit.logs ENABLE TRIGGER USER")
    with pytest.raises(REFUSED, match="3 of the 4 events are there"):
        record(ten)


@pytest.mark.parametrize(
    ("tenant", "event_id"), [("t1", "evt_unknown"), ("t2", None), (None, None), ("t1", "")]
)
def test_only_what_an_intact_event_of_the_tenant_names_is_removed(
    ten: Connection, tenant: str | None, event_id: str | None
) -> None:
    recorded = record(ten)
    with pytest.raises(REFUSED, match=r"no intact audit\.archived event"):
        ten.execute(
            "SELECT audit.remove_archived(%s, %s)", [tenant, recorded if event_id is None else event_id]
        )
    assert len(rows(ten)) == 11


def test_an_edited_record_removes_nothing(ten: Connection) -> None:
    recorded = record(ten)
    with ten.transaction():
        ten.execute("ALTER TABLE audit.logs DISABLE TRIGGER logs_90_refuse_update")
        ten.execute(
            "UPDATE audit.logs SET metadata = metadata || '{\"last_sequence\": 6}' WHERE event_id = %s",
            [recorded],
        )
        ten.execute("ALTER TABLE audit.logs ENABLE ALWAYS TRIGGER logs_90_refuse_update")
    with pytest.raises(REFUSED, match=r"no intact audit\.archived event"):
        remove(ten, recorded)


def test_the_record_has_to_be_committed_before(audit_db: str, ten: Connection) -> None:
    with psycopg.connect(audit_db) as one:
        recorded = record(one)
        with pytest.raises(errors.RestrictViolation, match="immutable"):
            remove(one, recorded)


@pytest.mark.parametrize("role", ["audit_reader", "audit_writer", "audit_admin", "audit_eraser"])
def test_nobody_else_records_or_removes(ten: Connection, login: Login, role: str) -> None:
    other = login(f"rec_{role}", role)
    recorded = record(ten)
    with pytest.raises(errors.InsufficientPrivilege):
        remove(other, recorded)
    with pytest.raises(errors.InsufficientPrivilege):
        record(other, last_hash="x")
    with pytest.raises(errors.InsufficientPrivilege):
        other.execute("SELECT audit.archive_hold('t1', 1, 4)")


def test_a_writer_goes_on_as_soon_as_the_removal_is_committed(ten: Connection, audit_db: str) -> None:
    recorded = record(ten)
    with psycopg.connect(audit_db, autocommit=True) as writing:
        writing.execute("SET lock_timeout = '200ms'")
        with psycopg.connect(audit_db) as removing:
            assert remove(removing, recorded) == 4
        log(writing)
    assert [row["sequence_number"] for row in rows(ten)] == [*range(5, 13)]
