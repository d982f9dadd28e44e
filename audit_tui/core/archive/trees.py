"""The tree of an archive compared while its events are read, even where what came before is not at hand."""

from dataclasses import dataclass, field

from audit_tui.core.archive.manifest import TreeState
from audit_tui.core.merkle import Frontier, perfect_subtrees
from audit_tui.core.seal import is_hash


@dataclass(slots=True)
class TreeWatch:
    """Feed it the hashes of the sequences from `first` on; `fits` compares with the manifest's tree.

    `start` is the tree over 1..first-1. Where it is None only those perfect subtrees are compared that lie
    wholly at or after `first`; the others reach below what can be read.
    """

    claimed: TreeState
    first: int
    start: Frontier | None
    broken: bool = False
    _tree: Frontier | None = field(init=False)
    _spans: list[tuple[int, int, str]] = field(init=False)
    _fits: bool = True

    def __post_init__(self) -> None:
        self._tree = self.start.copy() if self.start is not None else None
        spans = zip(perfect_subtrees(self.claimed.size), self.claimed.hashes, strict=True)
        within = [(first, last, root) for (first, last), root in spans if first >= self.first]
        self._spans = within[::-1] if self.start is None else []

    def add(self, sequence: int, event_hash: str | None) -> None:
        """The next event's hash. One that is no hash, or out of turn, leaves nothing to compare."""
        if self.broken or not is_hash(event_hash):
            self.broken = True
            return
        if self.start is None:
            self._begin(sequence)
        if self._tree is None:
            return
        self._tree.append(bytes.fromhex(event_hash or ""))
        if self.start is None and self._spans and self._spans[-1][1] == sequence:
            self._fits &= self._tree.root == self._spans.pop()[2]
            self._tree = None

    def _begin(self, sequence: int) -> None:
        if self._spans and self._spans[-1][0] == sequence:
            self._tree = Frontier()

    @property
    def fits(self) -> bool | None:
        """Whether the tree is the claimed one, as far as it could be built; None where it could not."""
        if self.broken:
            return None
        if self.start is None:
            return self._fits and not self._spans
        tree = self._tree
        return tree is not None and (tree.size, tree.hashes) == (self.claimed.size, self.claimed.hashes)

    @property
    def end(self) -> Frontier | None:
        """The tree after the last event, for the archive that goes on; None where it does not fit.

        What of it reaches below `first` is then as the manifest says.
        """
        return Frontier.from_hashes(self.claimed.size, self.claimed.hashes) if self.fits else None
