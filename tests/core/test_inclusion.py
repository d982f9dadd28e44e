"""Paths through the tree: against the definition's own recursion, published vectors, and every wrong turn."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core.inclusion import PathBuilder, sibling_spans
from audit_tui.core.merkle import Frontier
from audit_tui.core.proof_check import DoesNotFitError, root_of
from tests.core.test_merkle import ENTRIES, ROOTS, grown, tree_hash

PUBLISHED = (
    (0, 8, ("96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")),
    (5, 8, ("bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")),
    (2, 3, ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",)),
    (1, 5, ("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b")),
)  # fmt: skip
"""(leaf, size, path) over ENTRIES, as Certificate Transparency implementations publish them."""


def path_of(entries: list[bytes], index: int) -> list[str]:
    """PATH, word for word as RFC 6962 section 2.1.1 defines it."""
    if len(entries) == 1:
        return []
    k = 1
    while k * 2 < len(entries):
        k *= 2
    if index < k:
        return [*path_of(entries[:k], index), tree_hash(entries[k:]).hex()]
    return [*path_of(entries[k:], index - k), tree_hash(entries[:k]).hex()]


def built(entries: list[bytes], index: int, start: int = 0) -> PathBuilder:
    builder = PathBuilder(index, len(entries), grown(entries[:start]))
    for entry in entries[start:]:
        builder.add(entry)
    return builder


@st.composite
def places(draw: st.DrawFn) -> tuple[list[bytes], int, int]:
    """Entries, a leaf among them, and how many of them before it were archived."""
    entries = draw(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70))
    index = draw(st.integers(0, len(entries) - 1))
    return entries, index, draw(st.integers(0, index))


@pytest.mark.parametrize(("index", "size", "path"), PUBLISHED)
def test_the_published_paths(index: int, size: int, path: tuple[str, ...]) -> None:
    assert built(ENTRIES[:size], index).path == path
    assert root_of(ENTRIES[index], index, size, list(path)) == ROOTS[size - 1]


@given(places())
def test_a_path_is_the_definitions_and_leads_to_the_root(place: tuple[list[bytes], int, int]) -> None:
    entries, index, start = place
    builder = built(entries, index, start)
    assert list(builder.path) == path_of(entries, index)
    assert builder.leaf == entries[index]
    assert root_of(entries[index], index, len(entries), list(builder.path)) == grown(entries).root


@given(places(), st.data())
def test_nothing_else_leads_there(place: tuple[list[bytes], int, int], data: st.DataObject) -> None:
    entries, index, _ = place
    size, path, root = len(entries), path_of(entries, index), grown(entries).root
    wrong = [(b"x" * 32, index, size, path), (entries[index], index, size, [*path, "00" * 32])]
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        wrong.append((entries[index], index, size, [*path[:at], "ff" * 32, *path[at + 1 :]]))
        wrong.append((entries[index], index, size, path[:-1]))
    wrong += [(entries[index], other, size, path) for other in (-1, size, size + 5)]
    for attempt in wrong:
        try:
            reached = root_of(*attempt)
        except DoesNotFitError:
            continue
        assert reached != root


@given(st.integers(1, 5000).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))))
def test_siblings_and_leaf_make_up_the_tree(place: tuple[int, int]) -> None:
    index, size = place
    spans = sorted([*sibling_spans(index, size), (index, index + 1)])
    assert [spans[0][0], spans[-1][1]] == [0, size]
    assert all(before[1] == after[0] for before, after in pairwise(spans))


@pytest.mark.parametrize("place", [(0, 0), (-1, 5), (5, 5)])
def test_a_leaf_that_is_not_there_has_no_path(place: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        sibling_spans(*place)


def test_a_leaf_of_what_was_archived_cannot_be_proved() -> None:
    with pytest.raises(ValueError, match="before"):
        PathBuilder(1, 8, grown(ENTRIES[:2]))


def test_the_memory_does_not_grow_with_the_tree() -> None:
    builder = PathBuilder(3, 20_000)
    most = 0
    for number in range(20_000):
        builder.add(number.to_bytes(32))
        most = max(most, len(builder._tree.hashes) + len(builder._roots))
    assert most < 40
    assert isinstance(builder.start, Frontier)
