"""Erasing parts of events: what is left, what stays proven, and who had to agree."""

from typing import Any

import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from tests.schema.conftest import Connection, Login
from tests.schema.events import chain, event, insert, log, rows

PLAN = "a" * 64
PARTS = ("identity", "changes", "snapshots", "details")


def group(
    *ranges: list[int], parts: tuple[str, ...] = ("identity",), actor_id: str | None = None, **more: Any
) -> dict[str, Any]:
    if "identity" in parts and actor_id is None:
        actor_id = "usr_1"
    return {
        "sequences": list(ranges),
        "parts": list(parts),
        "actor_id": actor_id,
        "actor_email": None,
        **more,
    }


def erase(
    conn: Connection, *groups: object, tenant: str = "t1", alone: bool = True, plan: str | None = None
) -> str:
    row = conn.execute(
        "SELECT audit.erase(%s, %s, 'a request', 'Art. 17', 'the person', %s, %s)",
        [tenant, Jsonb(list(groups)), plan, alone],
    ).fetchone()
    assert row is not None
    return str(row[0])


def approve(conn: Connection, plan: str = PLAN, tenant: str = "t1") -> str:
    row = conn.execute(
        "SELECT audit.approve_erasure(%s, %s, 'a request', 'Art. 17', 'the person')", [tenant, plan]
    ).fetchone()
    assert row is not None
    return str(row[0])


@pytest.fixture
def full(db: Connection) -> Connection:
    """Five events with something in every part."""
    for number in range(5):
        log(
            db,
            changes={"n": {"old": number, "new": 1}},
            resource_before={"a": number},
            resource_after=None,
            session_id="s",
            user_agent="curl",
        )
    return db


def test_an_erased_part_is_gone_and_the_event_still_verifies(full: Connection) -> None:
    before = rows(full)
    covering = erase(full, group([2, 3], parts=("identity", "snapshots"), actor_email="pseudonymized_1"))
    assert chain(full) == (6, True)
    after = rows(full)
    assert after[0] == before[0]
    assert after[3:5] == before[3:5]
    for old, new in zip(before[1:3], after[1:3], strict=True):
        gone = {"actor_ip_address": None, "session_id": None, "user_agent": None, "resource_before": None}
        marks = new["erased_parts"]
        salts = old["part_salts"]
        zeros = bytes(16)
        assert set(marks) == {"identity", "snapshots"}
        assert new == {
            **old,
            **gone,
            "actor_email": "pseudonymized_1",
            "erased_parts": marks,
            "part_salts": zeros + salts[16:32] + zeros + salts[48:],
        }
    assert after[5]["event_id"] == covering


def test_the_covering_event_says_everything(full: Connection, login: Login) -> None:
    eraser = login("eraser_one", "audit_eraser")
    covering = erase(eraser, group([1, 1]), group([2, 3], [5, 5], parts=("changes",)))
    written = event(full, 6)
    assert written["event_id"] == covering == written["resource_id"]
    assert (written["event_type"], written["resource_type"]) == ("audit.erased", "audit_erasure")
    assert written["actor_id"] == "eraser_one"
    assert written["metadata"] == {
        "erased": [
            {"sequences": [[1, 1]], "parts": ["identity"], "actor_id": "usr_1", "actor_email": None},
            {"sequences": [[2, 3], [5, 5]], "parts": ["changes"], "actor_id": None, "actor_email": None},
        ],
        "plan": None,
        "reason": "a request",
        "legal_basis": "Art. 17",
        "requester": "the person",
        "approver": None,
        "single_operator": True,
    }


def test_all_parts_at_once_and_one_after_the_other(full: Connection) -> None:
    erase(full, group([1, 1], parts=PARTS, actor_id="anyone"))
    for part in PARTS:
        erase(full, group([2, 2], parts=(part,), actor_id="anyone" if part == "identity" else None))
    erase(full, *(group([3, 3], parts=(p,), actor_id="anyone" if p == "identity" else None) for p in PARTS))
    assert chain(full) == (11, True)
    for sequence in (1, 2, 3):
        left = event(full, sequence)
        assert left["part_salts"] == bytes(64)
        assert set(left["erased_parts"]) == set(PARTS)
        assert left["actor_id"] == "anyone"


def test_another_login_has_to_approve(full: Connection, login: Login) -> None:
    one, two = login("eraser_one", "audit_eraser"), login("eraser_two", "audit_eraser")
    with pytest.raises(errors.InvalidParameterValue, match="no other login has approved"):
        erase(one, group([1, 1]), alone=False, plan=PLAN)
    approve(one)
    with pytest.raises(errors.InvalidParameterValue, match="no other login has approved"):
        erase(one, group([1, 1]), alone=False, plan=PLAN)
    with pytest.raises(errors.InvalidParameterValue, match="no other login has approved"):
        erase(two, group([1, 1]), alone=False, plan="b" * 64)
    erase(two, group([1, 1]), alone=False, plan=PLAN)
    erase(two, group([2, 2]), alone=False, plan=PLAN)
    approval, first, _second = rows(full)[5:]
    assert approval["event_type"] == "audit.erasure_approved"
    assert approval["metadata"]["approver"] == "eraser_one"
    assert approval["resource_id"] == first["resource_id"] == PLAN[:50]
    assert first["metadata"]["approver"] == "eraser_one"
    assert "single_operator" not in first["metadata"]
    assert chain(full) == (8, True)


def test_becoming_another_role_is_not_another_login(full: Connection, login: Login) -> None:
    login("eraser_two", "audit_eraser")
    one = login("eraser_one", "audit_eraser", "eraser_two")
    approve(one)
    one.execute("SET ROLE eraser_two")
    with pytest.raises(errors.InvalidParameterValue, match="no other login has approved"):
        erase(one, group([1, 1]), alone=False, plan=PLAN)


def test_an_approval_of_another_tenant_or_a_forged_one_does_not_count(full: Connection, login: Login) -> None:
    one, two = login("eraser_one", "audit_eraser"), login("eraser_two", "audit_eraser")
    log(full, tenant="t2")
    approve(one, tenant="t2")
    with pytest.raises(errors.InvalidParameterValue, match="no other login has approved"):
        erase(two, group([1, 1]), alone=False, plan=PLAN)
    approve(two)
    full.execute("ALTER TABLE audit.logs DISABLE TRIGGER logs_90_refuse_update")
    full.execute(
        'UPDATE audit.logs SET metadata = metadata || \'{"approver": "somebody"}\''
        " WHERE event_type = 'audit.erasure_approved'"
    )
    full.execute("ALTER TABLE audit.logs ENABLE ALWAYS TRIGGER logs_90_refuse_update")
    with pytest.raises(errors.InvalidParameterValue, match="no other login has approved"):
        erase(two, group([1, 1]), alone=False, plan=PLAN)


def test_an_empty_part_an_audit_event_and_a_tampered_event_stay(full: Connection) -> None:
    insert(full, event_id="evt_bare")
    covering = erase(full, group([1, 1]))
    assert covering
    with pytest.raises(
        errors.RestrictViolation, match="event 6 is not erased: part changes holds nothing".capitalize()
    ):
        erase(full, group([6, 6], parts=("changes",)))
    with pytest.raises(errors.RestrictViolation, match=r"Event 7 is not erased: an audit\.\* event"):
        erase(full, group([7, 7], parts=("details",)))
    full.execute("ALTER TABLE audit.logs DISABLE TRIGGER logs_90_refuse_update")
    full.execute("UPDATE audit.logs SET http_method = 'PUT' WHERE sequence_number = 2")
    full.execute("ALTER TABLE audit.logs ENABLE ALWAYS TRIGGER logs_90_refuse_update")
    with pytest.raises(errors.RestrictViolation, match="Event 2 is not erased: it does not verify"):
        erase(full, group([2, 2]))


REFUSED: tuple[tuple[object, str], ...] = (
    ([], "non-empty JSON array"),
    ({}, "non-empty JSON array"),
    ([1], "a group is"),
    ([group()], "a group is"),
    ([group([1, 2, 3])], "a group is"),
    ([group([2, 1])], "a group is"),
    ([group([1, 1], [1, 2])], "overlap"),
    ([group([1, 3], [2, 2])], "overlap"),
    ([{**group([1, 1]), "sequences": [[1, 1.5]]}], "a group is"),
    ([{**group([1, 1]), "sequences": [["1", 1]]}], "a group is"),
    ([{**group([1, 1]), "sequences": [[1, 10**19]]}], "a group is"),
    ([group([1, 10**19 - 1])], "does not exist"),
    ([group([1, 6])], "does not exist"),
    ([group([0, 1])], "does not exist"),
    ([group([1, 1], parts=())], "a group is"),
    ([group([1, 1], parts=("identity", "identity"))], "a group is"),
    ([group([1, 1], parts=("everything",))], "a group is"),
    ([{**group([1, 1]), "actor_id": None}], "which actor_id"),
    ([{**group([1, 1]), "actor_id": ""}], "which actor_id"),
    ([{**group([1, 1]), "actor_id": 7}], "a group is"),
    ([group([1, 1], actor_id="x" * 51)], "at most 50"),
    ([group([1, 1], parts=("changes",), actor_id="usr_1")], "a group is"),
    ([group([1, 1], more=1)], "a group is"),
    ([group(*([n, n] for n in range(1, 1002)))], "a group is"),
    ([group(*([n, n] for n in range(1, 600))), group(*([n, n] for n in range(1, 600)))], "1,000 ranges"),
    ([group([1, 1]), group([1, 1])], "already erased"),
    ([group([1, 1], parts=("changes",)), group([1, 1], parts=("changes", "details"))], "already erased"),
)


@pytest.mark.parametrize(("groups", "sentence"), REFUSED)
def test_a_list_that_is_wrong_is_refused_and_leaves_nothing(
    full: Connection, groups: object, sentence: str
) -> None:
    before = rows(full)
    with pytest.raises(errors.InvalidParameterValue, match=sentence):
        full.execute("SELECT audit.erase('t1', %s, 'r', 'b', 'q', NULL, true)", [Jsonb(groups)])
    assert rows(full) == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("t1", PLAN, "", "b", "q"), "a reason"),
        (("t1", PLAN, "r", None, "q"), "a legal basis"),
        (("t1", PLAN, "r", "b", " \n"), "a requester"),
        (("t1", "A" * 64, "r", "b", "q"), "SHA-256"),
        (("nobody", PLAN, "r", "b", "q"), "no events"),
        ((None, PLAN, "r", "b", "q"), "no events"),
        (("t1", None, "r", "b", "q"), "a plan"),
    ],
)
def test_grounds_are_required(full: Connection, arguments: tuple[object, ...], sentence: str) -> None:
    with pytest.raises(errors.InvalidParameterValue, match=sentence):
        full.execute("SELECT audit.approve_erasure(%s, %s, %s, %s, %s)", arguments)
    tenant, plan, *grounds = arguments
    with pytest.raises(errors.InvalidParameterValue, match=sentence):
        full.execute(
            "SELECT audit.erase(%s, %s, %s, %s, %s, %s)", [tenant, Jsonb([group([1, 1])]), *grounds, plan]
        )
    assert chain(full) == (5, True)


def test_erasing_twice_is_refused(full: Connection) -> None:
    erase(full, group([1, 2]))
    with pytest.raises(errors.InvalidParameterValue, match="event 2 is already erased"):
        erase(full, group([2, 3]))
    assert chain(full) == (6, True)


def test_a_version_1_event_keeps_what_its_hash_covers(full: Connection) -> None:
    full.execute("ALTER TABLE audit.logs DISABLE TRIGGER logs_90_refuse_update")
    full.execute(
        "UPDATE audit.logs SET hash_version = 1, part_salts = NULL WHERE sequence_number <= 2;"
        "UPDATE audit.logs l SET event_hash = audit.sealed_hash_v1(l, 19800) WHERE sequence_number <= 2"
    )
    full.execute("ALTER TABLE audit.logs ENABLE ALWAYS TRIGGER logs_90_refuse_update")
    for refused in (group([1, 1], actor_id="x"), group([1, 1], parts=("changes",))):
        with pytest.raises(errors.RestrictViolation):
            erase(full, refused)
    erase(full, group([1, 1], parts=("identity", "snapshots", "details"), actor_email="p"))
    left = event(full, 1)
    assert left["erased_parts"] == dict.fromkeys(("identity", "snapshots", "details"), "unsealed")
    assert (left["actor_id"], left["actor_email"], left["user_agent"], left["endpoint"]) == (
        "usr_1",
        "p",
        None,
        None,
    )
    assert left["changes"] is not None
    assert full.execute("SELECT bool_and(audit.event_verifies(l)) FROM audit.logs l").fetchone() == (True,)


def test_writers_go_on_after_an_erasure(full: Connection) -> None:
    erase(full, group([1, 5], parts=PARTS))
    log(full)
    assert chain(full) == (7, True)
