"""Findings of one cause, grouped and told: what happened, what it means, what is still proven.

The list of findings is the evidence and stays complete; a story only refers to it, and every tampering or
inconclusive finding is in exactly one. Rules that look at several findings run first, single findings last.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from audit_tui.core import tales, tales_gone, tales_moved
from audit_tui.core.archive.tale import tell_mismatch
from audit_tui.core.clues import Clue
from audit_tui.core.findings import Finding, Kind, Story, StoryKind
from audit_tui.core.pool import Pool, consecutive
from audit_tui.core.seal import is_hash
from audit_tui.core.stories_moved import tell_inserted, tell_renumbered, tell_swapped
from audit_tui.core.telling import REST, untouched

_HEADS = (Kind.HEAD_REWOUND, Kind.HEAD_REWRITTEN, Kind.TENANT_MISSING)
_MOVED = (StoryKind.RENUMBERED, StoryKind.INSERTED, StoryKind.DUPLICATED)
_BROKEN = (Kind.CONTENT_MISMATCH, Kind.MALFORMED_HASH, Kind.VERSION_DOWNGRADE)


def tell(
    findings: Iterable[Finding], tenant_id: str | None, first_sequence: int, last_sequence: int
) -> tuple[Story, ...]:
    """The stories of one tenant's tampering and inconclusive findings, in order of sequence."""
    pool = Pool.of(findings, tenant_id, (first_sequence, last_sequence))
    stories: list[Story] = []
    for rule in _RULES:
        stories.extend(rule(pool))
    stories = _with_witnessed(stories, pool)
    broken = [stretch for story in stories for stretch in _touched(story)]
    if pool.unlisted_from is not None:
        broken.append((pool.unlisted_from, max(last_sequence, pool.unlisted_from)))
    rest = untouched(pool.span, broken)
    told = (replace(story, still_proven=story.still_proven.replace(REST, rest)) for story in stories)
    return tuple(sorted(told, key=lambda story: (story.first_sequence, story.last_sequence, story.kind)))


def _touched(story: Story) -> tuple[tuple[int, int], ...]:
    first, last = story.first_sequence, story.last_sequence
    return ((first, first), (last, last)) if story.kind is StoryKind.SWAPPED else ((first, last),)


def _replaced_log(pool: Pool) -> Iterable[Story]:
    """Another identity than the witnessed one, and what the witness finds missing there."""
    for finding in pool.all_of(Kind.LOG_REPLACED):
        gone = [head for head in pool.all_of(*_HEADS) if head.severity is finding.severity]
        lacks = any(head.kind is not Kind.HEAD_REWRITTEN for head in gone)
        told = pool.take(*((f.kind, f.first_sequence or 0) for f in (finding, *gone)))
        yield (tales_gone.restored if lacks else tales_gone.log_replaced)(pool.tenant_id, told)


def _duplicated(pool: Pool) -> Iterable[Story]:
    for n in pool.places(Kind.DUPLICATE_SEQUENCE):
        at = [(kind, n) for kind in (Kind.DUPLICATE_SEQUENCE, *_BROKEN, Kind.UNAUTHORISED_ERASURE)]
        told = pool.take(*at, (Kind.LINK_MISMATCH, n), (Kind.LINK_MISMATCH, n + 1))
        yield tales_moved.duplicated(pool.tenant_id, n, told)


def _downgraded(pool: Pool) -> Iterable[Story]:
    for first, last in consecutive(pool.places(Kind.VERSION_DOWNGRADE)):
        kinds = (Kind.VERSION_DOWNGRADE, Kind.MALFORMED_HASH, Kind.UNAUTHORISED_ERASURE, Kind.LINK_MISMATCH)
        keys = [(kind, n) for n in range(first, last + 1) for kind in kinds]
        through = last  # events behind it that were given hashes of the older version do not link either
        while (Kind.LINK_MISMATCH, through + 1) in pool.left:
            through += 1
        links = [(Kind.LINK_MISMATCH, n) for n in range(last + 1, through + 1)]
        yield tales.downgraded(pool.tenant_id, first, last, pool.take(*keys, *links))


def _hash_damaged(pool: Pool) -> Iterable[Story]:
    """Hashes that are none, and hashes that alone were exchanged: the next event still names the content."""
    for first, last in consecutive(pool.places(Kind.MALFORMED_HASH)):
        kinds = (Kind.MALFORMED_HASH, Kind.UNAUTHORISED_ERASURE, Kind.LINK_MISMATCH)
        told = pool.take(*((kind, n) for n in range(first, last + 1) for kind in kinds))
        yield tales.hash_damaged(pool.tenant_id, first, last, told, head=pool.span[1])
    for finding in pool.all_of(Kind.CONTENT_MISMATCH):
        n = finding.first_sequence or 0
        after = pool.first(Kind.LINK_MISMATCH, n + 1)
        if after is None or (Kind.LINK_MISMATCH, n) in pool.left:
            continue
        named = finding.expected is not None and after.found == finding.expected
        if named or finding.clue is Clue.SUCCESSOR_NAMES_CONTENT:
            told = pool.take((finding.kind, n), (Kind.LINK_MISMATCH, n + 1), (Kind.UNAUTHORISED_ERASURE, n))
            yield tales.hash_damaged(pool.tenant_id, n, n, told, head=pool.span[1])


def _edited(pool: Pool) -> Iterable[Story]:
    """Edits in place; neighbours are one story, with the links and the erasures that go with them."""
    for first, last in consecutive(pool.places(Kind.CONTENT_MISMATCH)):
        kinds = (Kind.CONTENT_MISMATCH, Kind.LINK_MISMATCH, Kind.UNAUTHORISED_ERASURE)
        keys = [(kind, n) for n in range(first, last + 1) for kind in kinds]
        if first == last == pool.span[1] and (Kind.LINK_MISMATCH, last) in pool.left:
            yield tales_moved.appended(pool.tenant_id, last, pool.take(*keys))
            continue
        told = pool.take(*keys, (Kind.LINK_MISMATCH, last + 1))
        alone = last >= pool.span[1] or pool.was_listed(last + 1, Kind.SEQUENCE_GAP, *_BROKEN)
        yield tales.edited(pool.tenant_id, first, last, told, nothing_behind=alone)


def _begun_elsewhere(pool: Pool) -> Iterable[Story]:
    for finding in pool.all_of(Kind.GENESIS_MISMATCH):
        n = finding.first_sequence or 0
        if n > 1:
            yield tales_gone.start_deleted(pool.tenant_id, pool.take((finding.kind, n)))
        else:
            told = pool.take((finding.kind, n), (Kind.LINK_MISMATCH, n + 1))
            yield tales_gone.forged_start(pool.tenant_id, told)


def _erased(pool: Pool) -> Iterable[Story]:
    for first, last in consecutive(pool.places(Kind.UNAUTHORISED_ERASURE)):
        told = pool.take(*((Kind.UNAUTHORISED_ERASURE, n) for n in range(first, last + 1)))
        yield tales.erased_without_authority(pool.tenant_id, first, last, told)


def _rehashed(pool: Pool) -> Iterable[Story]:
    """Links that do not fit, between events that fit their own hashes."""
    for finding in pool.all_of(Kind.LINK_MISMATCH):
        n = finding.first_sequence or 0
        if not is_hash(finding.found):
            told = pool.take((finding.kind, n), (finding.kind, n + 1))
            yield tales.replaced(pool.tenant_id, n, told)
    for first, last in consecutive(pool.places(Kind.LINK_MISMATCH)):
        told = pool.take(*((Kind.LINK_MISMATCH, n) for n in range(first, last + 1)))
        start, head = first - 1 <= pool.span[0], last == pool.span[1]
        yield tales.rehashed(pool.tenant_id, first - 1, last - 1, told, head=head, start=start)


def _deleted(pool: Pool) -> Iterable[Story]:
    for finding in pool.all_of(Kind.SEQUENCE_GAP):
        broken = pool.was_listed((finding.last_sequence or 0) + 1, *_BROKEN)
        told = pool.take((finding.kind, finding.first_sequence or 0))
        yield tales_gone.deleted(pool.tenant_id, told, behind_broken=broken)


_SINGLE: dict[Kind, Callable[[str | None, Finding], Story]] = {
    Kind.TENANT_MISSING: tales_gone.tenant_removed,
    Kind.UNREADABLE_EVENT: tales.unreadable,
    Kind.ARCHIVE_MISMATCH: tell_mismatch,
}


def _singles(pool: Pool) -> Iterable[Story]:
    later = (Kind.HEAD_REWRITTEN, Kind.HEAD_REWOUND)
    for finding in pool.all_of(*(kind for kind in Kind if kind not in later)):
        yield _SINGLE.get(finding.kind, tales.disagreement)(pool.tenant_id, finding)


_RULES: tuple[Callable[[Pool], Iterable[Story]], ...] = (
    _replaced_log, tell_swapped, tell_inserted, tell_renumbered, _duplicated, _downgraded, _hash_damaged,
    _edited, _begun_elsewhere, _erased, _rehashed, _deleted, _singles,
)  # fmt: skip


def _with_witnessed(stories: list[Story], pool: Pool) -> list[Story]:
    """A witnessed event that is not there any more belongs to the story that says why, where one does."""
    for finding in pool.all_of(Kind.HEAD_REWRITTEN, Kind.HEAD_REWOUND):
        at = next((n for n, story in enumerate(stories) if _explains(story, finding)), None)
        if at is not None:
            told = tuple(sorted((*stories[at].findings, finding), key=lambda each: each.order))
            stories[at] = replace(stories[at], findings=told)
        elif finding.kind is Kind.HEAD_REWOUND:
            stories.append(tales_gone.tail_cut(pool.tenant_id, finding))
        else:
            stories.append(tales.rewritten(pool.tenant_id, pool.span[1], (finding,)))
    return stories


def _explains(story: Story, witnessed: Finding) -> bool:
    """Whether the story's own findings leave no need for a cut tail or a rewriting up to the head."""
    n = witnessed.first_sequence or 0
    if witnessed.kind is Kind.HEAD_REWOUND:
        moved_up = any(f.kind is Kind.SEQUENCE_GAP for f in story.findings)
        return story.kind is StoryKind.RENUMBERED and not moved_up
    if not any(first <= n <= last for first, last in _touched(story)):
        return False
    if witnessed.found is None:
        return True  # the event, or its hash, is gone: the story says how
    named = [f.found for f in story.findings if f.kind is Kind.LINK_MISMATCH]
    return witnessed.expected in named or story.kind in _MOVED
