"""The tree over a log: against the definition's own recursion, and the vectors that CT logs test with."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core.merkle import EMPTY_ROOT, Frontier, leaf_hash, node_hash, perfect_subtrees

ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""Roots of the first 1 to 8 of ENTRIES, as Certificate Transparency implementations publish them."""

LEAVES = st.lists(st.binary(min_size=32, max_size=32), max_size=70)


def tree_hash(entries: list[bytes]) -> bytes:
    """MTH, word for word as RFC 6962 section 2.1 defines it."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return leaf_hash(entries[0])
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return node_hash(tree_hash(entries[:k]), tree_hash(entries[k:]))


def grown(entries: list[bytes]) -> Frontier:
    tree = Frontier()
    for entry in entries:
        tree.append(entry)
    return tree


@pytest.mark.parametrize("size", range(1, 9))
def test_the_published_vectors(size: int) -> None:
    assert grown(ENTRIES[:size]).root == ROOTS[size - 1]


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert Frontier().root == EMPTY_ROOT == empty
    assert Frontier().hashes == ()


@given(LEAVES)
def test_the_root_is_the_definitions(entries: list[bytes]) -> None:
    assert grown(entries).root == tree_hash(entries).hex()


@given(LEAVES)
def test_each_hash_is_the_root_of_its_stretch(entries: list[bytes]) -> None:
    spans = perfect_subtrees(len(entries))
    assert grown(entries).hashes == tuple(tree_hash(entries[first - 1 : last]).hex() for first, last in spans)
    assert sum(last - first + 1 for first, last in spans) == len(entries)


@given(LEAVES, LEAVES)
def test_a_tree_taken_up_again_goes_on_as_if_it_had_never_stopped(
    first: list[bytes], second: list[bytes]
) -> None:
    before = grown(first)
    resumed = Frontier.from_hashes(before.size, before.hashes)
    for entry in second:
        resumed.append(entry)
    whole = grown(first + second)
    assert (resumed.size, resumed.hashes, resumed.root) == (whole.size, whole.hashes, whole.root)


def test_a_copy_grows_alone() -> None:
    tree = grown(ENTRIES[:3])
    apart = tree.copy()
    apart.append(ENTRIES[3])
    assert (tree.root, apart.root) == (ROOTS[2], ROOTS[3])


@pytest.mark.parametrize(
    ("size", "hashes"),
    [
        (1, []),
        (0, ["0" * 64]),
        (3, ["0" * 64]),
        (2, ["0" * 63]),
        (2, ["G" * 64]),
        (4, [None]),
        (-1, ["0" * 64]),
    ],
)
def test_what_is_no_tree_is_refused(size: int, hashes: list[str]) -> None:
    with pytest.raises(ValueError, match="tree"):
        Frontier.from_hashes(size, hashes)
