"""Misuse of audit.erase and audit.approve_erasure: refused with a sentence, and nothing is left."""

import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from tests.schema.conftest import Connection
from tests.schema.erasing import PLAN, erase, group
from tests.schema.events import chain, insert, rows


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
