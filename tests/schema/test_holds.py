"""Legal holds: sealed events that say what must not leave, who placed them, and when they ended."""

from typing import Any

import psycopg
import pytest
from psycopg import errors
from psycopg.rows import dict_row

from audit_tui.embedded import tamper
from tests.schema.conftest import Connection, Login
from tests.schema.events import log, rows, value


@pytest.fixture
def archivist(db: Connection, login: Login) -> Connection:
    """Six events of t1 (two of usr_9, three on invoice/7), two of t2; a person who keeps them."""
    for actor, kind, key in (
        ("usr_9", "invoice", "7"), ("usr_1", "invoice", "7"), ("usr_9", "user", "7"),
        ("usr_1", "invoice", "7"), ("usr_1", "user", "8"), ("usr_1", "invoice", "8"),
    ):  # fmt: skip
        log(db, "t1", actor_id=actor, resource_type=kind, resource_id=key)
    log(db, "t2")
    log(db, "t2")
    return login("keeper_of_holds", "audit_archivist")


def place(conn: Connection, **named: Any) -> str:
    values = {"tenant_id": "t1", "reason": "the court asked"} | named
    arguments = ", ".join(f"p_{name} => %({name})s" for name in values)
    row = conn.execute(f"SELECT audit.place_hold({arguments})", values).fetchone()
    assert row is not None
    return str(row[0])


def release(conn: Connection, hold: str, reason: str = "the case is closed") -> None:
    conn.execute("SELECT audit.release_hold(%s, %s)", [hold, reason])


def held(conn: Connection, first: int = 1, last: int = 6, tenant: str = "t1") -> dict[str, int]:
    query = "SELECT hold, events FROM audit.held_events(%s, %s, %s)"
    return dict(conn.execute(query, [tenant, first, last]).fetchall())


def test_a_hold_is_a_sealed_event_of_its_tenant(archivist: Connection, db: Connection) -> None:
    hold = place(archivist, actor_id="usr_9")
    event = rows(db)[-1]
    assert hold.startswith("hld_")
    assert len(hold) == 20
    assert (event["event_type"], event["resource_type"], event["resource_id"]) == (
        "audit.hold_placed", "audit_hold", hold,
    )  # fmt: skip
    assert (event["actor_type"], event["actor_id"]) == ("database_login", "keeper_of_holds")
    assert event["metadata"] == {
        "hold": hold, "actor_id": "usr_9", "resource_type": None, "resource_id": None,
        "reason": "the court asked",
    }  # fmt: skip
    assert value(db, "SELECT is_valid FROM audit.verify_chain('t1') LIMIT 1") is True


def test_what_each_kind_of_hold_covers(archivist: Connection) -> None:
    actor = place(archivist, actor_id="usr_9")
    resource = place(archivist, resource_type="invoice", resource_id="7")
    assert held(archivist) == {actor: 2, resource: 3}
    assert held(archivist, 2, 4) == {actor: 1, resource: 2}
    assert held(archivist, 5, 6) == {}
    whole = place(archivist)
    assert held(archivist, 5, 6) == {whole: 2}
    assert held(archivist, 1, 2, "t2") == {}


def test_the_event_that_placed_a_hold_is_held_itself_and_once(archivist: Connection) -> None:
    actor = place(archivist, actor_id="keeper_of_holds")
    whole = place(archivist)
    assert held(archivist, 7, 7) == {actor: 1, whole: 1}
    assert held(archivist, 1, 8) == {actor: 2, whole: 8}
    release(archivist, whole)
    assert held(archivist, 1, 6) == {}


def test_a_released_hold_holds_nothing(archivist: Connection) -> None:
    hold = place(archivist, actor_id="usr_9")
    release(archivist, hold)
    assert held(archivist, 1, 8) == {}
    with archivist.cursor(row_factory=dict_row) as cursor:
        cursor.execute("SELECT * FROM audit.list_holds()")
        (told,) = cursor.fetchall()
    assert (told["hold"], told["tenant_id"], told["actor_id"]) == (hold, "t1", "usr_9")
    assert (told["active"], told["reason"]) == (False, "the court asked")
    assert (told["placed_by"], told["released_by"]) == ("keeper_of_holds", "keeper_of_holds")
    assert told["release_reason"] == "the case is closed"
    assert told["released_at"] >= told["placed_at"]


def test_holds_are_listed_oldest_first_over_all_tenants(archivist: Connection) -> None:
    placed = [place(archivist), place(archivist, tenant_id="t2"), place(archivist, actor_id="nobody_yet")]
    listed = archivist.execute("SELECT hold, tenant_id, active FROM audit.list_holds()").fetchall()
    assert listed == [(placed[0], "t1", True), (placed[1], "t2", True), (placed[2], "t1", True)]


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({"tenant_id": "t9"}, "no events of that tenant"),
        ({"tenant_id": None}, "no events of that tenant"),
        ({"reason": " \n"}, "a reason is required"),
        ({"reason": None}, "a reason is required"),
        ({"reason": "x" * 2001}, "2,000"),
        ({"actor_id": "a", "resource_type": "b", "resource_id": "c"}, "not both"),
        ({"resource_type": "b"}, "type and its id"),
        ({"actor_id": ""}, "has a name"),
        ({"actor_id": "x" * 51}, "that long"),
    ],
)
def test_a_hold_that_makes_no_sense_is_refused(
    archivist: Connection, db: Connection, named: dict[str, Any], said: str
) -> None:
    before = value(db, "SELECT count(*) FROM audit.logs")
    with pytest.raises(errors.InvalidParameterValue, match=said):
        place(archivist, **named)
    assert value(db, "SELECT count(*) FROM audit.logs") == before


def test_a_hold_ends_once_and_only_if_it_exists(archivist: Connection, db: Connection) -> None:
    hold = place(archivist)
    release(archivist, hold)
    before = value(db, "SELECT count(*) FROM audit.logs")
    for name, said in ((hold, "released before"), ("hld_0123456789abcdef", "no intact hold")):
        with pytest.raises(errors.InvalidParameterValue, match=said):
            release(archivist, name)
    with pytest.raises(errors.InvalidParameterValue, match="a reason"):
        release(archivist, hold, " ")
    assert value(db, "SELECT count(*) FROM audit.logs") == before


@pytest.mark.parametrize("level", ["READ COMMITTED", "REPEATABLE READ"])
def test_two_who_release_at_once_release_once(archivist: Connection, audit_db: str, level: str) -> None:
    import threading

    hold = place(archivist)
    with psycopg.connect(audit_db) as first, psycopg.connect(audit_db) as second:
        second.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
        assert len(second.execute("SELECT FROM audit.list_holds()").fetchall()) == 1
        release(first, hold)
        raised: list[BaseException] = []

        def late() -> None:
            try:
                release(second, hold)
            except psycopg.Error as error:
                raised.append(error)

        thread = threading.Thread(target=late)
        thread.start()
        first.commit()
        thread.join()
    (error,) = raised
    assert isinstance(error, errors.InvalidParameterValue | errors.SerializationFailure)
    count = archivist.execute("SELECT count(*) FROM audit.logs WHERE event_type = 'audit.hold_released'")
    assert count.fetchone() == (1,)


def test_a_hold_that_was_tampered_with_counts_no_more_and_the_chain_says_so(
    archivist: Connection, db: Connection
) -> None:
    hold = place(archivist, actor_id="usr_9")
    tamper.edit_field(
        db, "t1", 7, "metadata", '{"hold": "' + hold + '", "actor_id": "nobody", "reason": "x"}'
    )
    assert held(archivist) == {}
    assert value(db, "SELECT is_valid FROM audit.verify_chain('t1') LIMIT 1") is False


def test_a_release_that_was_edited_ends_nothing(archivist: Connection, db: Connection) -> None:
    hold = place(archivist)
    release(archivist, hold)
    tamper.edit_field(db, "t1", 8, "actor_id", "someone_else")
    assert hold in held(archivist)


def test_an_application_cannot_fake_one(db: Connection, archivist: Connection, login: Login) -> None:
    writer = login("writer_of_holds", "audit_writer")
    with pytest.raises(errors.InsufficientPrivilege):
        log(writer, "t1", "audit.hold_placed", metadata={"hold": "hld_0123456789abcdef", "reason": "x"})
    for role in ("audit_reader", "audit_admin", "audit_eraser", "audit_writer"):
        person = login(f"holds_{role}", role)
        with pytest.raises(errors.InsufficientPrivilege):
            place(person)
    assert held(login("holds_audit_reader")) == {}


def test_holds_are_found_by_index(archivist: Connection, db: Connection) -> None:
    place(archivist, actor_id="usr_9")
    db.execute("SET enable_seqscan = off")
    plan = "\n".join(
        line
        for (line,) in db.execute(
            "EXPLAIN SELECT FROM audit.logs p WHERE p.tenant_id = 't1' AND p.event_type = 'audit.hold_placed'"
        )
    )
    assert "logs_tenant_type_idx" in plan
