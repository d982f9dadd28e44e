"""An UPDATE that pretends to be an erasure: the trigger believes only the rows and the chain."""

from typing import Any

import pytest
from psycopg import errors, sql
from psycopg.types.json import Jsonb

from tests.schema.conftest import Connection
from tests.schema.events import chain, insert, log, rows

ZEROS = "decode(repeat('00', 16), 'hex')"
EXACT = {
    "changes": "NULL",
    "part_salts": "audit.erasure_salts(part_salts, ARRAY['changes'])",
    "erased_parts": "audit.erasure_marks(l, ARRAY['changes'])",
}
IDENTITY = {
    "actor_id": "'usr_1'",
    "actor_email": "'p'",
    "actor_ip_address": "NULL",
    "session_id": "NULL",
    "user_agent": "NULL",
    "part_salts": "audit.erasure_salts(part_salts, ARRAY['identity'])",
    "erased_parts": "audit.erasure_marks(l, ARRAY['identity'])",
}


@pytest.fixture
def covered(owner: Connection) -> Connection:
    """Three events, and a covering event that names changes and identity of the second."""
    for _ in range(3):
        log(owner, changes={"n": 1}, resource_after='{"a": 1.10}', session_id="s", user_agent="curl")
    cover(owner, {"sequences": [[2, 2]], "parts": ["changes"], "actor_id": None, "actor_email": None})
    cover(
        owner,
        {"sequences": [[2, 2]], "parts": ["identity"], "actor_id": "usr_1", "actor_email": "p"},
        number=2,
    )
    return owner


def cover(owner: Connection, *groups: object, number: int = 1, tenant: str = "t1") -> None:
    insert(
        owner,
        event_id=f"evt_cover{number}",
        tenant_id=tenant,
        event_type="audit.erased",
        metadata=Jsonb({"erased": list(groups)}),
    )


def update(conn: Connection, assignments: dict[str, str], sequence: int = 2) -> None:
    body = sql.SQL(", ").join(
        sql.SQL("{} = ").format(sql.Identifier(column)) + sql.SQL(value)
        for column, value in assignments.items()
    )
    conn.execute(
        sql.SQL("UPDATE audit.logs l SET {} WHERE tenant_id = 't1' AND sequence_number = {}").format(
            body, sequence
        )
    )


def test_the_exact_step_passes_for_whoever_runs_it(covered: Connection) -> None:
    update(covered, EXACT)
    update(covered, IDENTITY)
    assert chain(covered) == (5, True)


def test_two_parts_in_one_step_may_have_two_covering_events(covered: Connection) -> None:
    both = {
        **EXACT,
        **IDENTITY,
        "part_salts": "audit.erasure_salts(part_salts, ARRAY['changes', 'identity'])",
        "erased_parts": "audit.erasure_marks(l, ARRAY['changes', 'identity'])",
    }
    update(covered, both)
    assert chain(covered) == (5, True)


WRONG: tuple[dict[str, str], ...] = (
    {"changes": "'null'"},
    {"changes": "changes"},
    {"part_salts": "part_salts"},
    {"part_salts": f"{ZEROS} || substr(part_salts, 17)"},
    {"part_salts": f"substr(part_salts, 1, 16) || {ZEROS} || substr(part_salts, 33) || '\\x00'"},
    {"part_salts": "NULL"},
    {"erased_parts": "jsonb_build_object('changes', repeat('a', 64))"},
    {"erased_parts": "'{\"changes\": null}'"},
    {"erased_parts": '\'{"changes": "unsealed"}\''},
    {"erased_parts": "audit.erasure_marks(l, ARRAY['changes']) || '{\"x\": \"y\"}'"},
    {"erased_parts": "audit.erasure_marks(l, ARRAY['changes', 'snapshots'])"},
    {"erased_parts": "'{}'"},
    {"erased_parts": "NULL"},
    {"actor_email": "'other'"},
    {"user_agent": "NULL"},
    {"resource_after": "NULL"},
    {"resource_after": "'{\"a\": 1.1}'"},
    {"metadata": "'null'"},
    {"endpoint": "endpoint || '?'"},
    {"event_hash": "repeat('a', 64)"},
    {"previous_hash": "NULL"},
    {"sequence_number": "9"},
    {"tenant_id": "'t2'"},
    {"timestamp": "timestamp + interval '1 s'"},
    {"event_type": "'a.b'"},
    {"actor_type": "'b'"},
    {"resource_id": "'b'"},
    {"request_id": "'b'"},
    {"http_method": "NULL"},
    {"hash_version": "1"},
    {"id": "id + 1"},
)


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: str(wrong)[:50])
def test_a_step_that_is_not_exactly_an_erasure_is_refused(covered: Connection, wrong: dict[str, str]) -> None:
    before = rows(covered)
    with pytest.raises(errors.RestrictViolation, match="Audit logs are immutable"):
        update(covered, {**EXACT, **wrong})
    assert rows(covered) == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"actor_id": "'usr_9'"},
        {"actor_email": "'q'"},
        {"actor_email": "NULL"},
        {"actor_ip_address": "'10.0.0.0/8'"},
        {"session_id": "session_id"},
    ],
    ids=str,
)
def test_identity_is_left_as_the_covering_event_records_it(
    covered: Connection, wrong: dict[str, str]
) -> None:
    with pytest.raises(errors.RestrictViolation):
        update(covered, {**IDENTITY, **wrong})


def test_other_events_and_an_erasure_again_are_not_covered(covered: Connection) -> None:
    for sequence in (1, 3):
        with pytest.raises(errors.RestrictViolation, match=r"no later audit\.erased event"):
            update(covered, EXACT, sequence)
    update(covered, EXACT)
    with pytest.raises(errors.RestrictViolation):
        update(covered, EXACT)
    with pytest.raises(errors.RestrictViolation):
        update(covered, {"changes": "'{\"n\": 1.10}'", "erased_parts": "NULL"})


UNHEARD: tuple[Any, ...] = (
    {"sequences": [[2, 2], [3, 1]], "parts": ["changes"]},
    {"sequences": [[2, 2], "x"], "parts": ["changes"]},
    {"sequences": [[2, 2, 2]], "parts": ["changes"]},
    {"sequences": [[2.0, 2]], "parts": ["changes"]},
    {"sequences": [["2", "2"]], "parts": ["changes"]},
    {"sequences": [[2, 10**25]], "parts": ["changes"]},
    {"sequences": [], "parts": ["changes"]},
    {"sequences": [[2, 2]], "parts": ["changes", "changes"]},
    {"sequences": [[2, 2]], "parts": ["changes", 7]},
    {"sequences": [[2, 2]], "parts": "changes"},
    {"sequences": [[2, 2]], "parts": ["changes"], "actor_id": 7},
    {"sequences": [[2, 2]], "parts": ["changes"], "actor_email": "x"},
    {"sequences": {"2": 2}, "parts": {"changes": 1}},
    "changes",
    None,
    [[2, 2]],
)


@pytest.mark.parametrize("malformed", UNHEARD, ids=lambda m: str(m)[:60])
def test_a_malformed_group_covers_nothing_and_does_not_raise(owner: Connection, malformed: object) -> None:
    log(owner)
    log(owner, changes={"n": 1})
    cover(owner, malformed)
    with pytest.raises(errors.RestrictViolation, match=r"no later audit\.erased event"):
        update(owner, EXACT)


def test_a_covering_event_must_be_later_of_the_tenant_intact_and_version_2(owner: Connection) -> None:
    names = {"sequences": [[1, 9]], "parts": ["changes"]}
    log(owner, changes={"n": 1})
    log(owner, tenant="t2")
    cover(owner, names, tenant="t2")
    cover(owner, {**names, "sequences": [[3, 9]]}, number=3)
    log(owner, changes={"n": 1})
    for sequence in (1, 3):
        with pytest.raises(errors.RestrictViolation, match=r"no later audit\.erased event"):
            update(owner, EXACT, sequence)
    for tampering in (
        "hash_version = 1",
        "event_hash = repeat('a', 64)",
        "actor_id = 'x'",
        "erased_parts = '{}'",
    ):
        cover(owner, names, number=10)
        owner.execute("BEGIN")
        owner.execute("ALTER TABLE audit.logs DISABLE TRIGGER logs_90_refuse_update")
        owner.execute(
            sql.SQL("UPDATE audit.logs SET {} WHERE event_id = 'evt_cover10'").format(sql.SQL(tampering))
        )
        owner.execute("ALTER TABLE audit.logs ENABLE ALWAYS TRIGGER logs_90_refuse_update")
        with pytest.raises(errors.RestrictViolation, match=r"no later audit\.erased event"):
            update(owner, EXACT, 1)
        owner.execute("ROLLBACK")
        owner.execute(
            "ALTER TABLE audit.logs DISABLE TRIGGER logs_90_refuse_delete,"
            " DISABLE TRIGGER logs_91_prove_removal"
        )
        owner.execute("DELETE FROM audit.logs WHERE event_id = 'evt_cover10'")
        owner.execute(
            "ALTER TABLE audit.logs ENABLE ALWAYS TRIGGER logs_90_refuse_delete,"
            " ENABLE ALWAYS TRIGGER logs_91_prove_removal"
        )
    cover(owner, names, number=11)
    update(owner, EXACT, 1)
