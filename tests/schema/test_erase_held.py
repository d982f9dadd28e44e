"""What a legal hold covers is not erased, whichever part and whoever asks first."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import errors

from tests.schema.conftest import Connection
from tests.schema.erasing import erase, group
from tests.schema.events import chain, log, rows, value
from tests.schema.test_holds import place, release
from tests.schema.test_removal_meanwhile import until_it_waits

REFUSED = errors.InvalidParameterValue


@pytest.mark.parametrize("parts", [("identity",), ("changes", "snapshots")], ids=str)
@pytest.mark.parametrize(
    "named", [{}, {"actor_id": "usr_1"}, {"resource_type": "user", "resource_id": "usr_2"}], ids=str
)
def test_what_is_held_is_not_erased(full: Connection, named: dict[str, str], parts: tuple[str, ...]) -> None:
    log(full, actor_id="usr_3", resource_id="usr_4", changes={"n": 1}, resource_before={"a": 1})
    hold = place(full, **named)
    before = rows(full)
    for ranges in ([[2, 2]], [[6, 6], [3, 4]]):
        with pytest.raises(
            errors.InvalidParameterValue,
            match=f"cannot erase: some of these events are held by {hold}: the court",
        ):
            erase(full, group(*ranges, parts=parts))
    assert rows(full) == before
    if named:
        erase(full, group([6, 6], parts=parts))
    release(full, hold)
    erase(full, group([1, 5], parts=parts))
    assert value(full, "SELECT bool_and(is_valid) FROM audit.verify_chain('t1')") is True


def test_a_hold_that_is_placed_while_an_erasure_waits_counts(full: Connection, audit_db: str) -> None:
    with (
        psycopg.connect(audit_db) as keeper,
        psycopg.connect(audit_db, autocommit=True) as eraser,
        ThreadPoolExecutor(1) as pool,
    ):
        place(keeper, actor_id="usr_1")
        erased = pool.submit(erase, eraser, group([1, 5]))
        until_it_waits(full, eraser)
        keeper.commit()
        with pytest.raises(REFUSED, match="cannot erase: some of these events are held by"):
            erased.result()
    assert chain(full) == (6, True)
