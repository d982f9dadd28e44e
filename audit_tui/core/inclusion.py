"""The path from a leaf to the root of a Merkle tree, built while the leaves go by (RFC 6962, 2.1.1).

The siblings on that path are the roots of stretches that, with the leaf itself, make up the whole tree. Each
stretch is its own small right edge while it is read, so a path through a million leaves costs a few dozen
hashes of memory.
"""

from dataclasses import dataclass, field

from audit_tui.core.merkle import Frontier, perfect_subtrees


def sibling_spans(index: int, size: int) -> tuple[tuple[int, int], ...]:
    """(low, high) of each sibling stretch of the leaf `index`, leaf's end first; leaves count from 0, `high`
    is the first one beyond. ValueError where the tree has no such leaf.
    """
    if not 0 <= index < size:
        msg = f"a tree of {size} leaves has no leaf {index}"
        raise ValueError(msg)
    spans, low, high = [], 0, size
    while high - low > 1:
        middle = low + (1 << (high - low - 1).bit_length() - 1)
        if index < middle:
            spans.append((middle, high))
            high = middle
        else:
            spans.append((low, middle))
            low = middle
    return tuple(reversed(spans))


@dataclass(slots=True)
class PathBuilder:
    """Feed it every leaf's 32 bytes from `start.size` on; `path` is there once all have been.

    `start` is the tree over what came before (an archived prefix); the leaf must lie beyond it.
    """

    index: int
    size: int
    start: Frontier = field(default_factory=Frontier)
    leaf: bytes | None = field(init=False, default=None)
    _at: int = field(init=False)
    _spans: list[tuple[int, int]] = field(init=False)
    _roots: dict[tuple[int, int], str] = field(init=False, default_factory=dict)
    _tree: Frontier = field(init=False)

    def __post_init__(self) -> None:
        if self.index < self.start.size:
            msg = f"leaf {self.index} lies in what came before"
            raise ValueError(msg)
        self._at = self.start.size
        self._spans = sorted(sibling_spans(self.index, self.size), reverse=True)
        self._take_over_the_start()

    def _take_over_the_start(self) -> None:
        """The subtrees of `start` nest in the stretches left of the leaf: all of them are aligned."""
        known = zip(perfect_subtrees(self.start.size), self.start.hashes, strict=True)
        blocks = [(first - 1, last, root) for (first, last), root in known]
        self._tree = Frontier()
        while self._spans and self._spans[-1][0] < self.start.size:
            low, high = self._spans[-1]
            inside = [(b, root) for a, b, root in blocks if low <= a < high]
            self._tree = Frontier.from_hashes(inside[-1][0] - low, [root for _, root in inside])
            if inside[-1][0] < high:
                return
            self._end_stretch()

    def add(self, entry: bytes) -> None:
        """The next leaf's entry."""
        if self._at == self.index:
            self.leaf = entry
        elif self._at < self.size:
            self._tree.append(entry)
            if self._at + 1 == self._spans[-1][1]:
                self._end_stretch()
        self._at += 1

    def _end_stretch(self) -> None:
        self._roots[self._spans.pop()] = self._tree.root
        self._tree = Frontier()

    @property
    def path(self) -> tuple[str, ...]:
        """The siblings' hashes as hex, the leaf's own first. KeyError before all leaves were read."""
        return tuple(self._roots[span] for span in sibling_spans(self.index, self.size))
