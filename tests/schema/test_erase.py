"""Erasing parts of events: what is left, what stays proven, and who had to agree."""

import pytest
from psycopg import errors

from tests.schema.conftest import Connection, Login
from tests.schema.erasing import PARTS, PLAN, approve, erase, group
from tests.schema.events import chain, event, log, rows


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
