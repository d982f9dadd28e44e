"""RFC 6901, its own examples included."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core.blame import leaves
from audit_tui.core.pointer import MISSING, ROOT, display, join, lookup, parent, split
from audit_tui.core.state import JsonValue
from tests.core.strategies import JSON_VALUES, read

RFC = {
    "foo": ["bar", "baz"], "": 0,
    "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, 'k"l': 6, " ": 7, "m~n": 8
}  # fmt: skip


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", RFC), ("/foo", ["bar", "baz"]), ("/foo/0", "bar"), ("/", 0), ("/a~1b", 1), ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4), ("/i\\j", 5), ('/k"l', 6), ("/ ", 7), ("/m~0n", 8),
    ],
)  # fmt: skip
def test_the_examples_of_the_standard(pointer: str, value: object) -> None:
    assert lookup(read(RFC), pointer) == read(value)


@pytest.mark.parametrize(
    "pointer",
    ["/nope", "/foo/2", "/foo/-", "/foo/01", "/foo/ 1", "/foo/-1", "/foo/9999999999", "/foo/0/x", "/foo/٠"],
)
def test_a_pointer_that_leads_nowhere(pointer: str) -> None:
    assert lookup(read(RFC), pointer) is MISSING


def test_a_json_null_is_something() -> None:
    assert lookup({"a": None}, "/a") is None


@given(st.lists(st.text("ab/~01", max_size=4), max_size=5))
def test_tokens_come_back(tokens: list[str]) -> None:
    pointer = ROOT
    for token in tokens:
        assert parent(join(pointer, token)) == pointer
        pointer = join(pointer, token)
    assert split(pointer) == tuple(tokens)


@given(JSON_VALUES)
def test_every_leaf_stands_at_its_pointer(value: JsonValue) -> None:
    for pointer, leaf in leaves(value).items():
        assert lookup(value, pointer) == leaf


def test_a_text_without_a_slash_is_no_pointer() -> None:
    with pytest.raises(ValueError, match="slash"):
        split("a/b")


@pytest.mark.parametrize(
    ("pointer", "shown"),
    [
        ("", "(whole)"),
        ("/role", "role"),
        ("/a/b", "a.b"),
        ("/tags/0/x", "tags[0].x"),
        ("/0", "0"),
        ("/a~1b", "a/b"),
    ],
)
def test_paths_as_people_write_them(pointer: str, shown: str) -> None:
    assert display(pointer) == shown
