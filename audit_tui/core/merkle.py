"""Merkle trees as RFC 6962 section 2.1 (unchanged in RFC 9162) defines them, kept as their right edge.

A `Frontier` holds only the roots of the perfect subtrees, so a tree of any size costs a few dozen hashes,
and whoever continues a log needs nothing else of what came before.
"""

from dataclasses import dataclass, field
from functools import reduce
from hashlib import sha256

EMPTY_ROOT = sha256(b"").hexdigest()
"""The root of a tree without leaves."""

_HASH_DIGITS = frozenset("0123456789abcdef")


def leaf_hash(entry: bytes) -> bytes:
    """The 32 bytes of a leaf: a prefix keeps an entry from passing as an inner node."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The 32 bytes of an inner node."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class Frontier:
    """A tree of `size` leaves as the roots of its perfect subtrees, the largest (left-most) first.

    For the log's own tree an entry is an event's hash as 32 bytes, in the order of sequences.
    """

    size: int = 0
    _roots: list[bytes] = field(default_factory=list)

    @classmethod
    def from_hashes(cls, size: int, hashes: tuple[str, ...] | list[str]) -> "Frontier":
        """The tree that `hashes` describes. ValueError where they are not what a tree of that size has."""
        if size < 0 or size.bit_count() != len(hashes):
            msg = (
                f"a tree of {size} leaves has {max(size, 0).bit_count()} perfect subtrees, not {len(hashes)}"
            )
            raise ValueError(msg)
        if not all(_is_digest(text) for text in hashes):
            msg = "a tree's hashes are 64 lower-case hex digits each"
            raise ValueError(msg)
        return cls(size, [bytes.fromhex(text) for text in hashes])

    def append(self, entry: bytes) -> None:
        """Adds one entry at the right; subtrees of one size become one of twice that size."""
        made, size = leaf_hash(entry), self.size
        while size & 1:
            made = node_hash(self._roots.pop(), made)
            size >>= 1
        self._roots.append(made)
        self.size += 1

    @property
    def hashes(self) -> tuple[str, ...]:
        """Roots of the perfect subtrees from left to right, as hex: one per bit that is set in `size`."""
        return tuple(root.hex() for root in self._roots)

    @property
    def root(self) -> str:
        """The hash of the whole tree (MTH), as hex."""
        if not self._roots:
            return EMPTY_ROOT
        return reduce(lambda right, left: node_hash(left, right), reversed(self._roots)).hex()

    def copy(self) -> "Frontier":
        """The same tree, to be continued apart from this one."""
        return Frontier(self.size, list(self._roots))


def perfect_subtrees(size: int) -> tuple[tuple[int, int], ...]:
    """(first, last) entry, counted from 1, of each perfect subtree of a tree of that size, left to right."""
    spans, start = [], 0
    for bit in range(size.bit_length() - 1, -1, -1):
        if size >> bit & 1:
            spans.append((start + 1, start + (1 << bit)))
            start += 1 << bit
    return tuple(spans)


def _is_digest(text: object) -> bool:
    return isinstance(text, str) and len(text) == 64 and _HASH_DIGITS.issuperset(text)
