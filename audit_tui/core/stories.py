"""Findings of one cause, grouped and told: what happened, what it means, what is still proven.

The list of findings is the evidence and stays complete; a story only refers to it. Rules that look at
several findings run first (swap, edit with broken links), single findings after them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from audit_tui.core import tales
from audit_tui.core.archive.tale import tell_mismatch
from audit_tui.core.findings import Finding, Kind, Severity, Story, StoryKind


@dataclass(slots=True)
class _Pool:
    """Findings not yet told, by kind and first sequence."""

    tenant_id: str | None
    span: tuple[int, int]
    left: dict[tuple[Kind, int], Finding] = field(default_factory=dict)

    def take(self, *keys: tuple[Kind, int]) -> tuple[Finding, ...]:
        return tuple(self.left.pop(key) for key in keys if key in self.left)

    def first_of(self, kind: Kind) -> list[Finding]:
        return [finding for (k, _), finding in self.left.items() if k is kind]


def tell(
    findings: Iterable[Finding], tenant_id: str | None, first_sequence: int, last_sequence: int
) -> tuple[Story, ...]:
    """The stories of one tenant's tampering and inconclusive findings, in order of sequence."""
    pool = _Pool(tenant_id, (first_sequence, last_sequence))
    for finding in findings:
        if finding.severity in (Severity.TAMPERED, Severity.INCONCLUSIVE):
            pool.left.setdefault((finding.kind, finding.first_sequence or 0), finding)
    stories: list[Story] = []
    for rule in (_rewritten, _swapped, _relinked_hash, _edited, _rehashed, _singles):
        stories.extend(rule(pool))
    rest = tales.untouched(pool.span, (stretch for story in stories for stretch in _touched(story)))
    told = (replace(story, still_proven=story.still_proven.replace(tales.REST, rest)) for story in stories)
    return tuple(sorted(told, key=lambda story: (story.first_sequence, story.last_sequence, story.kind)))


def _touched(story: Story) -> tuple[tuple[int, int], ...]:
    first, last = story.first_sequence, story.last_sequence
    return ((first, first), (last, last)) if story.kind is StoryKind.SWAPPED else ((first, last),)


def _rewritten(pool: _Pool) -> Iterable[Story]:
    for finding in pool.first_of(Kind.HEAD_REWRITTEN):
        pool.take((finding.kind, finding.first_sequence or 0))
        yield tales.rewritten(pool.tenant_id, pool.span[1], (finding,))


def _swapped(pool: _Pool) -> Iterable[Story]:
    edited = pool.first_of(Kind.CONTENT_MISMATCH)
    by_hash: dict[str | None, Finding] = {finding.found: finding for finding in edited if finding.found}
    for low in edited:
        if (low.kind, low.first_sequence or 0) not in pool.left:
            continue
        a = low.first_sequence or 0
        after = pool.left.get((Kind.LINK_MISMATCH, a + 1))
        high = by_hash.get(after.found) if after is not None else None
        if high is None or (high.first_sequence or 0) <= a:
            high = _adjacent_swap(pool, low, by_hash)
        b = (high.first_sequence or 0) if high is not None else 0
        if high is None or (Kind.CONTENT_MISMATCH, b) not in pool.left:
            continue
        links = [(Kind.LINK_MISMATCH, s) for s in dict.fromkeys((a, a + 1, b, b + 1))]
        told = pool.take((Kind.CONTENT_MISMATCH, a), (Kind.CONTENT_MISMATCH, b), *links)
        yield tales.swapped(pool.tenant_id, a, b, told)


def _adjacent_swap(pool: _Pool, low: Finding, by_hash: dict[str | None, Finding]) -> Finding | None:
    """Neighbours that changed places: the lower row names the hash that now stands above it."""
    a = low.first_sequence or 0
    at_low = pool.left.get((Kind.LINK_MISMATCH, a))
    high = by_hash.get(at_low.found) if at_low is not None else None
    return high if high is not None and high.first_sequence == a + 1 else None


def _relinked_hash(pool: _Pool) -> Iterable[Story]:
    """The content still gives the hash that the successor recorded: only the hash column was changed."""
    for finding in pool.first_of(Kind.CONTENT_MISMATCH):
        n = finding.first_sequence or 0
        after = pool.left.get((Kind.LINK_MISMATCH, n + 1))
        if after is None or finding.expected is None or after.found != finding.expected:
            continue
        told = pool.take((finding.kind, n), (Kind.LINK_MISMATCH, n + 1))
        yield tales.hash_damaged(pool.tenant_id, n, told, content_proven=True)


def _edited(pool: _Pool) -> Iterable[Story]:
    """Edits in place; neighbours are one story, with the links that the edits broke."""
    run: list[int] = []
    sequences = sorted(f.first_sequence or 0 for f in pool.first_of(Kind.CONTENT_MISMATCH))
    for sequence in [*sequences, None]:
        if run and sequence != run[-1] + 1:
            keys = [(kind, s) for s in run for kind in (Kind.CONTENT_MISMATCH, Kind.LINK_MISMATCH)]
            told = pool.take(*keys, (Kind.LINK_MISMATCH, run[-1] + 1))
            yield tales.edited(pool.tenant_id, run[0], run[-1], told)
            run = []
        if sequence is not None:
            run.append(sequence)


def _rehashed(pool: _Pool) -> Iterable[Story]:
    for finding in pool.first_of(Kind.LINK_MISMATCH):
        n = (finding.first_sequence or 1) - 1
        doubled = pool.take((Kind.DUPLICATE_SEQUENCE, n))
        told = pool.take((Kind.LINK_MISMATCH, n + 1))
        if doubled:
            yield tales.duplicated(pool.tenant_id, n, doubled + told)
        else:
            yield tales.rehashed(pool.tenant_id, n, told, before_head=n + 1 == pool.span[1])


_SINGLE: dict[Kind, Callable[[str | None, Finding], Story]] = {
    Kind.SEQUENCE_GAP: tales.deleted,
    Kind.GENESIS_MISMATCH: tales.start_missing,
    Kind.MALFORMED_HASH: lambda t, f: tales.hash_damaged(t, f.first_sequence or 0, (f,)),
    Kind.DUPLICATE_SEQUENCE: lambda t, f: tales.duplicated(t, f.first_sequence or 0, (f,)),
    Kind.VERSION_DOWNGRADE: tales.downgraded,
    Kind.UNAUTHORISED_ERASURE: tales.erased_without_authority,
    Kind.HEAD_REWOUND: tales.tail_cut,
    Kind.TENANT_MISSING: tales.tenant_removed,
    Kind.LOG_REPLACED: tales.log_replaced,
    Kind.UNREADABLE_EVENT: tales.unreadable,
    Kind.ARCHIVE_MISMATCH: tell_mismatch,
}


def _singles(pool: _Pool) -> Iterable[Story]:
    for (kind, _), finding in list(pool.left.items()):
        make = _SINGLE.get(kind, tales.disagreement)
        yield make(pool.tenant_id, finding)
