"""JSON is read without losing what was printed, and no document breaks the reader."""

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core.jsontext import MAX_DEPTH, Deep, Number, copy_value, dump, load, pretty
from audit_tui.core.state import JsonValue
from tests.core.strategies import JSON_VALUES, PYTHON_JSON

NUMBERS = st.from_regex(r"\A-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,9})?([eE][+-]?[0-9]{1,3})?\Z")


@given(PYTHON_JSON)
def test_what_is_read_and_written_is_the_same_value(value: object) -> None:
    assert json.loads(dump(load(json.dumps(value)))) == value
    assert json.loads(pretty(load(json.dumps(value)))) == value


@given(JSON_VALUES)
def test_dump_and_load_undo_each_other(value: JsonValue) -> None:
    assert load(dump(value)) == value
    assert dump(load(dump(value))) == dump(value)
    assert dump(load(pretty(value))) == dump(value)
    assert copy_value(value) == value


@given(NUMBERS)
def test_a_number_keeps_its_text(text: str) -> None:
    assert dump(load(text)) == text
    assert load(f'{{"n": [{text}]}}')["n"][0].text == text


@given(NUMBERS, NUMBERS)
def test_numbers_compare_by_value(a: str, b: str) -> None:
    from decimal import Decimal

    same = Decimal(a) == Decimal(b)
    assert (load(a) == load(b)) is same
    if same:
        assert hash(load(a)) == hash(load(b))


@pytest.mark.parametrize(
    ("a", "b"),
    [("1", "1.0"), ("1.10", "1.1"), ("100", "1e2"), ("-0", "0.000"), ("12e-1", "1.2"), ("1E+2", "100")],
)
def test_texts_of_one_value(a: str, b: str) -> None:
    assert load(a) == load(b)


@pytest.mark.parametrize(
    ("a", "b"), [("1", "-1"), ("1", "10"), ("0.1", "0.01"), ("1e400", "1e401"), ("1", "true")]
)
def test_texts_of_two_values(a: str, b: str) -> None:
    assert load(a) != load(b)


def test_a_number_is_neither_a_bool_nor_a_text() -> None:
    assert load("1") not in (True, 1, "1", 1.0)


def test_numbers_of_any_length_are_read_and_compared() -> None:
    nines = "9" * 100_000
    assert len(nines) > sys.get_int_max_str_digits()
    assert load(nines) == load(nines + ".0")
    assert load(nines) != load(nines[:-1] + "8")
    assert load("1e" + "9" * 5000) == load("1e" + "9" * 5000)


@pytest.mark.parametrize("depth", [MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1, 5_000, 200_000])
def test_any_depth_is_read_and_printed(depth: int) -> None:
    for text in ("[" * depth + "1" + "]" * depth, '{"a": ' * depth + "1" + "}" * depth):
        value = load(text)
        assert dump(value) == text
        assert pretty(value)
        levels = 0
        while isinstance(value, list | dict):
            value, levels = (value[0] if isinstance(value, list) else value["a"]), levels + 1
        assert levels == min(depth, MAX_DEPTH)
        assert isinstance(value, Deep) is (depth > MAX_DEPTH)


def test_deep_parts_stand_where_they_stood() -> None:
    text = '{"x": [[1], "NaN ]", [[2]]], "y": [3], "z": {"a": ["\\"["]}}'
    value = load(text, levels=2)
    assert value == {
        "x": [Deep("[1]"), "NaN ]", Deep("[[2]]")],
        "y": [Number("3")],
        "z": {"a": Deep('["\\"["]')},
    }
    assert dump(value) == text
    assert load("[1]", levels=0) == Deep("[1]")


@pytest.mark.parametrize(
    "text", ["", "{", "nul", "NaN", "[Infinity]", "-Infinity", "[1,]", "{'a': 1}", "01", '"\n"']
)
def test_what_is_no_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the reader's own words differ
        load(text)


@pytest.mark.parametrize("inside", ["NaN", "1, NaN", "NaN, [[1]]"])
def test_a_stand_in_cannot_be_forged(inside: str) -> None:
    with pytest.raises(ValueError, match="not JSON"):
        load(f"[[[1]], {inside}]", levels=1)


def test_the_last_of_a_repeated_key_stays() -> None:
    assert load('{"a": 1, "b": 2, "a": 3}') == {"a": Number("3"), "b": Number("2")}


def test_half_a_surrogate_is_printed_so_that_it_can_be_encoded() -> None:
    value = load('["\\ud800", "\\ud83d\\ude00", "é"]')
    assert dump(value) == '["\\ud800", "😀", "é"]'
    dump(value).encode()


def test_it_prints_as_the_server_prints() -> None:
    assert dump({"b": [1, 2.5, None], "a": {"x": True, "y": 'q"\\\n\x01'}}) == (
        '{"b": [1, 2.5, null], "a": {"x": true, "y": "q\\"\\\\\\n\\u0001"}}'
    )


def test_pretty_is_one_item_a_line_and_empty_ones_stay_short() -> None:
    assert pretty(load('{"b": [1, {"c": "x"}], "e": {}, "f": []}')) == (
        '{\n  "b": [\n    1,\n    {\n      "c": "x"\n    }\n  ],\n  "e": {},\n  "f": []\n}'
    )


@pytest.mark.parametrize("value", [object(), {1, 2}, b"x"])
def test_what_is_no_json_value_is_not_printed(value: object) -> None:
    with pytest.raises(TypeError):
        dump(value)


def test_python_numbers_that_json_has_not_are_not_printed() -> None:
    with pytest.raises(ValueError, match="JSON"):
        dump(float("nan"))
