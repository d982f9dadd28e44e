"""The findings that no story has taken yet, by kind and first sequence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from audit_tui.core.findings import FINDINGS_CAP, Finding, Kind, Severity

Key = tuple[Kind, int]


@dataclass(slots=True)
class Pool:
    """`span` is the first and last sequence that the chain holds. What is taken once is told once."""

    tenant_id: str | None
    span: tuple[int, int]
    left: dict[Key, list[Finding]] = field(default_factory=dict)
    listed: frozenset[Key] = frozenset()
    """Every tampering or inconclusive finding there was, told or not."""
    unlisted_from: int | None = None
    """Where a list was cut short: from there on, events without a finding may have one all the same."""

    @classmethod
    def of(cls, findings: Iterable[Finding], tenant_id: str | None, span: tuple[int, int]) -> "Pool":
        pool = cls(tenant_id, span)
        for finding in findings:
            if finding.severity in (Severity.TAMPERED, Severity.INCONCLUSIVE):
                pool.left.setdefault((finding.kind, finding.first_sequence or 0), []).append(finding)
        pool.listed = frozenset(pool.left)
        for kind in Kind:
            found = [f.last_sequence or 0 for f in pool.all_of(kind)]
            if len(found) >= FINDINGS_CAP:
                cut = max(found) + 1
                pool.unlisted_from = cut if pool.unlisted_from is None else min(cut, pool.unlisted_from)
        return pool

    def take(self, *keys: Key) -> tuple[Finding, ...]:
        """Removes and returns what is left under these keys, in the list's order."""
        taken = [finding for key in dict.fromkeys(keys) for finding in self.left.pop(key, [])]
        return tuple(sorted(taken, key=lambda finding: finding.order))

    def first(self, kind: Kind, sequence: int) -> Finding | None:
        """What is left of that kind at that place."""
        found = self.left.get((kind, sequence))
        return found[0] if found else None

    def all_of(self, *kinds: Kind) -> list[Finding]:
        """What is left of these kinds, in the order given."""
        return [finding for key, found in self.left.items() if key[0] in kinds for finding in found]

    def places(self, *kinds: Kind) -> list[int]:
        """The sequences at which something of these kinds is left, ascending, each once."""
        return sorted({sequence for kind, sequence in self.left if kind in kinds})

    def was_listed(self, sequence: int, *kinds: Kind) -> bool:
        """Whether there was any of these kinds at that place, told or not."""
        return any((kind, sequence) in self.listed for kind in kinds)


def consecutive(sequences: Sequence[int]) -> list[tuple[int, int]]:
    """Ascending sequences as stretches first..last without a hole."""
    runs: list[tuple[int, int]] = []
    for sequence in sequences:
        if runs and sequence == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], sequence)
        else:
            runs.append((sequence, sequence))
    return runs
