"""The rules of the fold, one row of docs/history.md after the other."""

import json

import pytest

from audit_tui.core.clock import microseconds
from audit_tui.core.fold import Folding
from audit_tui.core.jsontext import dump
from audit_tui.core.model import Event
from tests.core.builders import conflicts, fold_of, make_event, setters, state_of
from tests.core.strategies import read

CREATED = make_event(1, "user.created", after={"role": "member", "email": "a@x"})
PROMOTED = make_event(2, changes={"role": {"old": "member", "new": "admin"}})


def test_the_guides_first_example_says_member_before_and_admin_after() -> None:
    before, after = fold_of([CREATED, PROMOTED], through=1), fold_of([CREATED, PROMOTED])
    assert state_of(before) == {"role": "member", "email": "a@x"}
    assert state_of(after) == {"role": "admin", "email": "a@x"}
    assert setters(after) == {"/role": 2, "/email": 1}
    who = after.provenance["/role"]
    assert (who.event_id, who.actor_id, who.previous, who.sealed) == ("evt_2", "usr_admin", '"member"', True)
    assert (after.exists, after.complete, after.base_sequence, after.applied) == (True, True, 1, (1, 2))
    assert after.conflicts == ()


def test_a_moment_counts_events_up_to_and_with_it() -> None:
    at = microseconds(PROMOTED.timestamp)
    assert at is not None
    assert state_of(fold_of([CREATED, PROMOTED], until_us=at)) == {"role": "admin", "email": "a@x"}
    assert state_of(fold_of([CREATED, PROMOTED], until_us=at - 1)) == {"role": "member", "email": "a@x"}


def test_order_is_sequence_whatever_the_times_and_the_order_of_arrival() -> None:
    late = make_event(1, "user.created", after={"v": 1}, timestamp="2024-06-01 00:00:00+00")
    early = make_event(2, changes={"v": {"old": 1, "new": 2}}, timestamp="2024-05-01 00:00:00+00")
    made = fold_of([early, late])
    assert (state_of(made), made.conflicts) == ({"v": 2}, ())


def test_an_event_of_a_later_time_but_lower_sequence_is_left_out_by_the_moment() -> None:
    late = make_event(1, "user.created", after={"v": 1}, timestamp="2024-06-01 00:00:00+00")
    early = make_event(2, changes={"v": {"old": 1, "new": 2}}, timestamp="2024-05-01 00:00:00+00")
    made = fold_of([late, early], until_us=microseconds("2024-05-15 00:00:00+00"))
    assert (state_of(made), made.complete, made.through_sequence) == ({"v": 2}, False, 2)


@pytest.mark.parametrize(
    "timestamp", ["infinity", "-infinity", "0044-03-15 00:00:00+00 BC", "294277-01-01 00:00:00+00"]
)
def test_an_impossible_time_is_at_no_moment(timestamp: str) -> None:
    odd = make_event(2, changes={"role": {"old": "member", "new": "x"}}, timestamp=timestamp)
    assert fold_of([CREATED, odd], until_us=2**55).through_sequence == 1


def test_other_resources_and_rows_without_a_place_are_not_folded() -> None:
    strangers = [
        make_event(2, changes={"role": {"new": "x"}}, resource=("user", "usr_1")),
        make_event(3, changes={"role": {"new": "x"}}, resource=("team", "usr_456")),
        make_event(4, changes={"role": {"new": "x"}}, tenant_id="org_other"),
        make_event(None, changes={"role": {"new": "x"}}),
    ]
    assert setters(fold_of([CREATED, *strangers])) == {"/role": 1, "/email": 1}


def test_a_snapshot_replaces_and_leaves_unchanged_values_with_who_set_them() -> None:
    made = fold_of([CREATED, make_event(5, after={"email": "a@x", "role": "owner", "tags": []})])
    assert state_of(made) == {"email": "a@x", "role": "owner", "tags": []}
    assert setters(made) == {"/email": 1, "/role": 5, "/tags": 5}
    assert (made.base_sequence, made.applied) == (5, (5,))


def test_nested_and_dotted_paths_edit_the_same_place() -> None:
    created = make_event(1, "user.created", after={"settings": {"theme": "light", "lang": "de"}})
    nested = make_event(2, changes={"settings": {"theme": {"old": "light", "new": "dark"}}})
    dotted = make_event(2, changes={"settings.theme": {"old": "light", "new": "dark"}})
    for delta in (nested, dotted):
        made = fold_of([created, delta])
        assert state_of(made) == {"settings": {"theme": "dark", "lang": "de"}}
        assert setters(made) == {"/settings/theme": 2, "/settings/lang": 1}
        assert made.conflicts == ()


def test_a_dotted_name_that_exists_is_a_name() -> None:
    created = make_event(1, "user.created", after={"a.b": 1, "a": {"b": 2}})
    made = fold_of([created, make_event(2, changes={"a.b": {"old": 1, "new": 3}})])
    assert state_of(made) == {"a.b": 3, "a": {"b": 2}}


def test_fields_come_and_go_by_delta() -> None:
    delta = make_event(2, changes={"phone": {"new": "555"}, "email": {"old": "a@x"}})
    made = fold_of([CREATED, delta])
    assert state_of(made) == {"role": "member", "phone": "555"}
    assert setters(made) == {"/role": 1, "/phone": 2}


def test_an_emptied_object_is_a_leaf_of_who_emptied_it() -> None:
    made = fold_of(
        [
            make_event(1, "user.created", after={"s": {"a": 1}}),
            make_event(2, changes={"s": {"a": {"old": 1}}}),
        ]
    )
    assert (state_of(made), setters(made)) == ({"s": {}}, {"/s": 2})


def test_an_array_is_one_leaf() -> None:
    created = make_event(1, "user.created", after={"tags": ["a", "b"]})
    made = fold_of([created, make_event(2, changes={"tags": {"1": {"old": "b", "new": "c"}}})])
    assert state_of(made) == {"tags": ["a", "c"]}
    assert made.provenance["/tags"].sequence == 2
    assert made.provenance["/tags"].previous == '["a", "b"]'


@pytest.mark.parametrize(
    "end",
    [
        make_event(3, "user.deleted"),
        make_event(3, "user.deleted", before={"role": "member", "email": "a@x"}),
        make_event(3, "user.purged", before={"role": "member", "email": "a@x"}, after=None),
    ],
)
def test_a_deletion_ends_it_and_a_later_creation_starts_anew(end: Event) -> None:
    ended = fold_of([CREATED, end])
    assert (ended.exists, ended.state, ended.complete, ended.provenance) == (False, None, True, {})
    assert ended.ended_time == "2024-01-01T00:03:00.000000Z"
    again = fold_of([CREATED, end, make_event(4, "user.created", after={"role": "guest"})])
    assert (again.exists, state_of(again), setters(again)) == (True, {"role": "guest"}, {"/role": 4})
    assert (again.first_time, again.ended_time) == ("2024-01-01T00:04:00.000000Z", None)
    assert again.conflicts == ()


def test_json_null_after_without_a_before_ends_nothing() -> None:
    made = fold_of([CREATED, make_event(2, after=None, changes={"role": {"old": "member", "new": "admin"}})])
    assert (made.exists, state_of(made)) == (True, {"role": "admin", "email": "a@x"})


def test_json_null_on_both_sides_is_a_loggers_way_to_say_nothing() -> None:
    made = fold_of([CREATED, make_event(2, before=None, after=None)])
    assert (made.exists, state_of(made), made.conflicts) == (True, {"role": "member", "email": "a@x"}, ())


def test_a_delta_after_the_end_is_a_partial_new_life_and_a_conflict() -> None:
    made = fold_of(
        [
            CREATED,
            make_event(2, "user.deleted"),
            make_event(3, changes={"role": {"old": "member", "new": "x"}}),
        ]
    )
    assert (made.exists, state_of(made), made.complete) == (True, {"role": "x"}, False)
    assert conflicts(made) == [(3, "/role", None, '"member"')]


def test_a_delta_without_a_base_is_partial() -> None:
    made = fold_of([PROMOTED])
    assert (made.exists, state_of(made), made.complete, made.base_sequence) == (
        True,
        {"role": "admin"},
        False,
        None,
    )
    assert made.conflicts == ()
    assert made.provenance["/role"].previous is None
    assert fold_of([PROMOTED, make_event(3, after={"role": "admin"})]).complete


def test_a_before_can_be_the_base_of_a_partial_state() -> None:
    delta = make_event(
        7, before={"role": "member", "n": 1}, changes={"role": {"old": "member", "new": "admin"}}
    )
    made = fold_of([delta])
    assert state_of(made) == {"role": "admin", "n": 1}
    assert (made.complete, made.base_sequence, made.applied, made.conflicts) == (False, 7, (7,), ())
    assert made.provenance["/n"].observed
    assert not made.provenance["/role"].observed
    assert made.provenance["/role"].previous == '"member"'


def test_a_first_snapshot_that_creates_nothing_only_shows_its_values() -> None:
    made = fold_of([make_event(3, after={"v": 1, "w": 2}, changes={"w": {"old": 1, "new": 2}})])
    assert (made.provenance["/v"].observed, made.provenance["/w"].observed) == (True, False)
    assert not fold_of([CREATED]).provenance["/role"].observed


@pytest.mark.parametrize("changes", [["role"], {"role": "admin"}, "role"])
def test_changes_of_another_shape_are_kept_and_never_guessed(changes: object) -> None:
    changes = json.dumps(changes)
    made = fold_of([CREATED, make_event(2, changes=changes)])
    assert state_of(made) == {"role": "member", "email": "a@x"}
    assert (made.raw_changes, made.complete) == ((2,), False)
    whole = fold_of([CREATED, make_event(2, changes=changes, after={"role": "admin"})])
    assert (whole.raw_changes, whole.complete) == ((), True)


def test_an_event_that_only_looks_changes_nothing() -> None:
    made = fold_of([CREATED, make_event(2, "user.viewed", metadata={"x": 1})])
    assert (made.applied, made.complete, made.through_sequence) == ((1,), True, 2)
    alone = fold_of([make_event(2, "user.viewed")])
    assert (alone.exists, alone.state, alone.complete) == (False, None, False)


def test_nothing_is_known_of_nothing() -> None:
    made = fold_of([])
    assert (made.exists, made.state, made.complete, made.through_sequence) == (False, None, True, None)


def test_version_1_seals_changes_but_no_snapshot() -> None:
    created = make_event(1, "user.created", after={"role": "member", "email": "a@x"}, hash_version=1)
    delta = make_event(2, changes={"role": {"old": "member", "new": "admin"}}, hash_version=1)
    made = fold_of([created, delta])
    assert {path: who.sealed for path, who in made.provenance.items()} == {"/role": True, "/email": False}
    both = make_event(
        2,
        changes={"role": {"old": "member", "new": "admin"}},
        after={"role": "admin", "email": "b@x"},
        hash_version=1,
    )
    made = fold_of([created, both])
    assert {path: who.sealed for path, who in made.provenance.items()} == {"/role": True, "/email": False}


def test_an_unknown_version_seals_nothing() -> None:
    both = make_event(1, after={"v": 1}, changes={"v": {"new": 1}}, hash_version=9)
    assert not fold_of([both]).provenance["/v"].sealed
    made = fold_of(
        [
            make_event(1, after={"v": 1}, hash_version=None),
            make_event(2, changes={"w": {"new": 1}}, hash_version=9),
        ]
    )
    assert not any(who.sealed for who in made.provenance.values())


def test_values_stay_as_the_server_printed_them() -> None:
    made = fold_of([make_event(1, "user.created", after='{"price": 1.10, "big": 1e400}')])
    assert dump(made.state) == '{"price": 1.10, "big": 1e400}'


def test_a_result_already_given_is_not_changed_by_what_follows() -> None:
    folding = Folding()
    folding.take(CREATED)
    first = folding.result("t", "user", "usr_456", "")
    folding.take(PROMOTED)
    assert first.state == read({"role": "member", "email": "a@x"})
    assert first.provenance["/role"].sequence == 1
