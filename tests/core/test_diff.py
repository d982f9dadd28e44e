"""The laws of the diff, and what it says about the changes that auditors meet."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core.comparison import MAX_EDITS
from audit_tui.core.diff import apply_edits, diff, edits_of_changes, is_delta
from audit_tui.core.jsontext import Number, dump, load
from audit_tui.core.state import Edit, JsonValue, Op
from tests.core.strategies import JSON_OBJECTS, JSON_VALUES, RECORDS, read


def shuffled(value: JsonValue, chance: random.Random) -> JsonValue:
    """The same value with the keys of every object in another order."""
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    return [shuffled(item, chance) for item in value] if isinstance(value, list) else value


@given(JSON_VALUES, JSON_VALUES)
def test_the_edits_lead_from_old_to_new(old: JsonValue, new: JsonValue) -> None:
    before = dump(old)
    assert apply_edits(diff(old, new), old) == new
    assert dump(old) == before, "the old value was changed in place"


@given(RECORDS, RECORDS)
def test_the_edits_of_named_items_lead_from_old_to_new(old: list[object], new: list[object]) -> None:
    assert apply_edits(diff(read({"r": old}), read({"r": new})), read({"r": old})) == read({"r": new})


@given(st.lists(st.integers(0, 3), max_size=12), st.lists(st.integers(0, 3), max_size=12))
def test_the_edits_of_plain_arrays_lead_from_old_to_new(old: list[int], new: list[int]) -> None:
    assert apply_edits(diff(read(old), read(new)), read(old)) == read(new)


@given(JSON_VALUES)
def test_a_value_does_not_differ_from_itself(value: JsonValue) -> None:
    assert diff(value, value) == ()


@given(JSON_OBJECTS, JSON_OBJECTS, st.randoms(use_true_random=False))
def test_key_order_is_never_a_change(old: JsonValue, new: JsonValue, chance: random.Random) -> None:
    paths = [(edit.op, edit.path) for edit in diff(old, new)]
    assert [(edit.op, edit.path) for edit in diff(shuffled(old, chance), shuffled(new, chance))] == paths
    assert diff(old, shuffled(old, chance)) == ()


@given(st.lists(st.integers(), max_size=20), st.integers(), st.integers(0, 20))
def test_one_inserted_item_is_one_edit(items: list[int], item: int, at: int) -> None:
    longer = [*items[:at], item, *items[at:]]
    (edit,) = diff(read(items), read(longer))
    assert (edit.op, edit.new) == (Op.ADDED, str(item))


@given(RECORDS, st.data())
def test_moving_one_named_item_is_one_edit(records: list[object], data: st.DataObject) -> None:
    if len(records) < 3:
        return
    i = data.draw(st.integers(0, len(records) - 1))
    j = data.draw(st.integers(0, len(records) - 2))
    rest = records[:i] + records[i + 1 :]
    edits = diff(read(records), read([*rest[:j], records[i], *rest[j:]]))
    assert len(edits) == (0 if i == j else 1)
    assert all(edit.op is Op.MOVED for edit in edits)


@pytest.mark.parametrize(
    ("old", "new", "edits"),
    [
        ("1", "1.0", []),
        ("1.10", "1.1", []),
        ("100", "1e2", []),
        ("-0", "0", []),
        ("1", "true", [("changed", "", "1", "true")]),
        ("1", '"1"', [("changed", "", "1", '"1"')]),
        ("0", "false", [("changed", "", "0", "false")]),
        ('""', "null", [("changed", "", '""', "null")]),
        ("{}", "[]", [("changed", "", "{}", "[]")]),
        ('{"a": null}', "{}", [("removed", "/a", "null", None)]),
        ("{}", '{"a": null}', [("added", "/a", None, "null")]),
        ('{"a/b": {"~": 1}}', '{"a/b": {"~": 2.50}}', [("changed", "/a~1b/~0", "1", "2.50")]),
        ("[1, 2, 3]", "[1, 9, 3]", [("changed", "/1", "2", "9")]),
        ("[1, 2, 3]", "[1, 3]", [("removed", "/1", "2", None)]),
        (
            '[{"id": 1, "r": "a"}, {"id": 2, "r": "b"}]',
            '[{"id": 2, "r": "c"}, {"id": 3, "r": "d"}]',
            [
                ("removed", "/0", '{"id": 1, "r": "a"}', None),
                ("added", "/1", None, '{"id": 3, "r": "d"}'),
                ("changed", "/0/r", '"b"', '"c"'),
            ],
        ),
    ],
)
def test_what_is_told(old: str, new: str, edits: list[tuple[str, str, str | None, str | None]]) -> None:
    assert [(e.op, e.path, e.old, e.new) for e in diff(load(old), load(new))] == edits


def test_items_with_a_repeated_id_are_not_aligned_by_it() -> None:
    old = read([{"id": 1, "v": 1}, {"id": 1, "v": 2}])
    new = read([{"id": 1, "v": 1}, {"id": 1, "v": 3}])
    assert [(e.op, e.path, e.new) for e in diff(old, new)] == [(Op.CHANGED, "/1/v", "3")]


def test_a_flood_of_edits_becomes_one_of_the_smallest_whole() -> None:
    old = read({"kept": 1, "flood": {str(i): i for i in range(MAX_EDITS + 1)}})
    new = read({"kept": 2, "flood": {str(i): -i - 1 for i in range(MAX_EDITS + 1)}})
    assert [(e.op, e.path) for e in diff(old, new)] == [(Op.CHANGED, "/flood"), (Op.CHANGED, "/kept")]


def test_arrays_too_long_to_align_are_still_told_truly() -> None:
    old = read([f"a{i}" for i in range(1500)] + ["end"])
    new = read([f"b{i}" for i in range(1400)] + ["end"])
    edits = diff(old, new)
    assert apply_edits(edits, old) == new
    assert len(edits) == 1500


def test_the_value_that_is_nested_beyond_measure_is_compared_as_text() -> None:
    old, new = load("[" * 5000 + "1" + "]" * 5000), load("[" * 5000 + "2" + "]" * 5000)
    (edit,) = diff(old, new)
    assert edit.path == "/0" * 100
    assert apply_edits((edit,), old) == new


@pytest.mark.parametrize(
    ("changes", "edits"),
    [
        ({"role": {"old": "member", "new": "admin"}}, [("changed", "/role", '"member"', '"admin"')]),
        (
            {"a": {"b": {"old": 1, "new": 2}, "c": {"new": [1]}}, "d": {"old": None}},
            [("changed", "/a/b", "1", "2"), ("added", "/a/c", None, "[1]"), ("removed", "/d", "null", None)],
        ),
        ({"old": {"old": 1, "new": 2}}, [("changed", "/old", "1", "2")]),
        ({}, []),
    ],
)
def test_a_delta_is_read(changes: object, edits: list[tuple[str, str, str | None, str | None]]) -> None:
    assert is_delta(read(changes))
    assert [(e.op, e.path, e.old, e.new) for e in edits_of_changes(read(changes))] == edits


@pytest.mark.parametrize(
    "changes",
    [
        None, ["role"], "role", 1, {"role": "admin"}, {"role": ["member", "admin"]}, {"a": {}},
        {"old": {"role": "member"}, "new": {"role": "admin"}}, {"role": {"from": "a", "to": "b"}},
        {"role": {"old": "a", "new": "b"}, "note": "x"}, {"role": {"old": "a", "new": "b", "by": "c"}},
    ],
)  # fmt: skip
def test_what_is_no_delta_is_never_guessed(changes: object) -> None:
    assert not is_delta(read(changes))
    assert edits_of_changes(read(changes)) == ()


@pytest.mark.parametrize(
    "edit",
    [
        Edit(Op.CHANGED, "/nowhere", old="1", new="2"),
        Edit(Op.REMOVED, "/nowhere", old="1"),
        Edit(Op.ADDED, "/a", new="1"),
        Edit(Op.CHANGED, "/a/b", old="1", new="2"),
    ],
)
def test_an_edit_without_its_place_is_refused(edit: Edit) -> None:
    with pytest.raises(ValueError, match="no place"):
        apply_edits((edit,), {"a": Number("1")})


def test_python_json_and_ours_print_the_same_value() -> None:
    value = {"a": [1, {"b": None}], "é": True}
    assert json.loads(dump(read(value))) == value
