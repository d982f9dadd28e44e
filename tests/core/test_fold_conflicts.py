"""Where accounts disagree or were erased: told, never hidden."""

import pytest

from audit_tui.core.state import Conflict
from tests.core.builders import UNSET, conflicts, fold_of, make_event, setters, state_of

CREATED = make_event(1, "user.created", after={"role": "member", "email": "a@x"})
PROMOTED = make_event(2, changes={"role": {"old": "member", "new": "admin"}})


def test_a_delta_that_disagrees_is_a_conflict_and_its_value_wins() -> None:
    made = fold_of([CREATED, make_event(2, changes={"role": {"old": "guest", "new": "admin"}})])
    assert state_of(made) == {"role": "admin", "email": "a@x"}
    assert made.conflicts == (Conflict(2, "evt_2", "/role", '"member"', '"guest"'),)


@pytest.mark.parametrize(
    ("old", "agrees"), [(1, True), (1.0, True), ("1", False), (True, False), (None, False)]
)
def test_old_is_compared_by_type_and_value(old: object, agrees: bool) -> None:
    created = make_event(1, "user.created", after={"v": 1})
    made = fold_of([created, make_event(2, changes={"v": {"old": old, "new": 2}})])
    assert (made.conflicts == ()) is agrees


def test_old_null_agrees_with_a_field_that_was_not_there() -> None:
    assert fold_of([CREATED, make_event(2, changes={"phone": {"old": None, "new": "5"}})]).conflicts == ()
    missing = fold_of([CREATED, make_event(2, changes={"phone": {"old": "4", "new": "5"}})])
    assert conflicts(missing) == [(2, "/phone", None, '"4"')]


def test_a_before_that_disagrees_is_a_conflict_at_each_leaf_and_wins() -> None:
    delta = make_event(
        2, before={"role": "guest", "email": "a@x"}, changes={"role": {"old": "guest", "new": "x"}}
    )
    made = fold_of([CREATED, delta])
    assert conflicts(made) == [(2, "/role", '"member"', '"guest"')]
    assert state_of(made) == {"role": "x", "email": "a@x"}
    assert setters(made) == {"/role": 2, "/email": 1}


def test_conflicts_of_one_event_are_bounded() -> None:
    wide = {f"f{i}": i for i in range(100)}
    other = {f"f{i}": -i - 1 for i in range(100)}
    made = fold_of([make_event(1, "user.created", after=wide), make_event(2, before=other)])
    assert len(made.conflicts) == 20
    assert state_of(made) == other


def test_a_value_in_the_way_of_a_path_gives_way_and_is_told() -> None:
    created = make_event(1, "user.created", after={"s": "text", "t": [1]})
    made = fold_of(
        [created, make_event(2, changes={"s": {"a": {"old": 1, "new": 2}}, "t": {"9": {"old": 1, "new": 2}}})]
    )
    assert state_of(made) == {"s": {"a": 2}, "t": [1]}
    assert {path for _, path, _, _ in conflicts(made)} == {"/s", "/s/a", "/t/9"}


def test_a_delta_beside_a_snapshot_is_compared_and_the_snapshot_wins() -> None:
    made = fold_of(
        [CREATED, make_event(2, changes={"role": {"old": "guest", "new": "x"}}, after={"role": "y"})]
    )
    assert conflicts(made) == [(2, "/role", '"member"', '"guest"')]
    assert (state_of(made), setters(made)) == ({"role": "y"}, {"/role": 2})


def test_a_field_that_a_partial_state_does_not_know_is_no_conflict() -> None:
    made = fold_of([PROMOTED, make_event(3, changes={"email": {"old": "a@x", "new": "b@x"}})])
    assert (made.conflicts, state_of(made)) == ((), {"role": "admin", "email": "b@x"})


def test_positions_that_are_not_there_are_told_up_to_the_bound() -> None:
    lost = {str(at): {"new": at} for at in range(50, 100)}
    made = fold_of([make_event(1, "user.created", after={"t": []}), make_event(2, changes={"t": lost})])
    assert [path for _, path, _, _ in conflicts(made)] == [f"/t/{at}" for at in range(50, 70)]
    assert state_of(made) == {"t": []}


@pytest.mark.parametrize("after", [UNSET, {"role": "member", "email": "a@x"}])
def test_a_delta_that_sets_what_stood_already_has_set_it(after: object) -> None:
    made = fold_of(
        [CREATED, make_event(2, changes={"role": {"old": "member", "new": "member"}}, after=after)]
    )
    assert (setters(made), made.conflicts) == ({"/role": 2, "/email": 1}, ())


def test_a_before_after_the_end_is_a_conflict_and_a_partial_new_life() -> None:
    made = fold_of([CREATED, make_event(2, "user.deleted"), make_event(3, before={"role": "x"})])
    assert conflicts(made) == [(3, "", None, '{"role": "x"}')]
    assert (made.exists, state_of(made), made.complete) == (True, {"role": "x"}, False)


def test_a_before_that_says_nothing_was_there_is_a_conflict() -> None:
    made = fold_of(
        [CREATED, make_event(2, "user.created", before=None, after={"role": "member", "email": "a@x"})]
    )
    assert conflicts(made) == [(2, "", '{"role": "member", "email": "a@x"}', "null")]


def test_a_before_fills_what_a_partial_state_did_not_know() -> None:
    made = fold_of([PROMOTED, make_event(3, before={"role": "admin", "email": "a@x"})])
    assert (state_of(made), made.conflicts, made.complete) == ({"role": "admin", "email": "a@x"}, (), False)
    assert setters(made) == {"/role": 2, "/email": 3}
    assert made.applied == (2, 3)
    assert made.provenance["/email"].observed


def test_an_erased_event_explains_a_before_that_disagrees() -> None:
    later = make_event(3, before={"role": "owner", "email": "a@x"})
    made = fold_of([CREATED, make_event(2, erased=ERASED_SNAPSHOTS), later])
    assert (made.conflicts, state_of(made)) == ((), {"role": "owner", "email": "a@x"})


ERASED_SNAPSHOTS = {"snapshots": "0" * 64}
ERASED_CHANGES = {"changes": "0" * 64}


def test_an_erased_creation_leaves_its_mark() -> None:
    made = fold_of([make_event(1, "user.created", erased=ERASED_SNAPSHOTS), PROMOTED])
    assert (made.exists, state_of(made), made.complete, made.erased) == (True, {"role": "admin"}, False, (1,))
    assert not made.provenance["/role"].erased


def test_an_erased_change_casts_doubt_on_what_stood_before_it_only() -> None:
    later = make_event(3, changes={"role": {"old": "owner", "new": "admin"}})
    made = fold_of([CREATED, make_event(2, erased=ERASED_CHANGES), later])
    assert {path: who.erased for path, who in made.provenance.items()} == {"/role": False, "/email": True}
    assert (made.complete, made.erased, made.conflicts) == (False, (2,), ())


def test_a_snapshot_that_survives_an_erased_change_says_all() -> None:
    made = fold_of([CREATED, make_event(2, erased=ERASED_CHANGES, after={"role": "admin"})])
    assert (state_of(made), made.complete, made.erased) == ({"role": "admin"}, True, (2,))
    assert not made.provenance["/role"].erased


def test_a_later_snapshot_completes_the_state_but_not_its_history() -> None:
    made = fold_of(
        [
            CREATED,
            make_event(2, erased=ERASED_CHANGES),
            make_event(3, after={"role": "member", "email": "b@x"}),
        ]
    )
    assert (made.complete, made.erased) == (True, (2,))
    assert made.provenance["/role"].erased
    assert made.provenance["/email"].observed


def test_an_erased_identity_takes_nothing_from_the_state() -> None:
    made = fold_of([make_event(1, "user.created", after={"v": 1}, erased={"identity": "0" * 64})])
    assert (made.complete, made.erased) == (True, ())


def test_what_is_no_json_is_as_if_it_were_not_there() -> None:
    made = fold_of([CREATED, make_event(2, changes="{broken", after="[", before="nul")])
    assert (state_of(made), made.conflicts) == ({"role": "member", "email": "a@x"}, ())
