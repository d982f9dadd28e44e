"""The stories of events that stand at another place than where they were sealed."""

from collections.abc import Iterable

from audit_tui.core import tales_moved
from audit_tui.core.clues import Clue
from audit_tui.core.findings import Finding, Kind, Story
from audit_tui.core.pool import Key, Pool, consecutive


def tell_swapped(pool: Pool) -> Iterable[Story]:
    """Two events of which each is named by what follows the other's place."""
    edited = pool.all_of(Kind.CONTENT_MISMATCH)
    by_hash: dict[str | None, Finding] = {finding.found: finding for finding in edited if finding.found}
    for low in edited:
        a = low.first_sequence or 0
        if pool.first(Kind.CONTENT_MISMATCH, a) is None:
            continue
        after = pool.first(Kind.LINK_MISMATCH, a + 1)
        high = by_hash.get(after.found) if after is not None and after.found != low.expected else None
        if high is None or (high.first_sequence or 0) <= a:
            high = _adjacent(pool, low, by_hash)
        b = (high.first_sequence or 0) if high is not None else 0
        if high is None or pool.first(Kind.CONTENT_MISMATCH, b) is None:
            continue
        keys = [(kind, n) for n in (a, b) for kind in (Kind.CONTENT_MISMATCH, Kind.UNAUTHORISED_ERASURE)]
        links = [(Kind.LINK_MISMATCH, n) for n in (a, a + 1, b, b + 1)]
        yield tales_moved.swapped(pool.tenant_id, a, b, pool.take(*keys, *links))


def _adjacent(pool: Pool, low: Finding, by_hash: dict[str | None, Finding]) -> Finding | None:
    """Neighbours that changed places: the lower row names the hash that now stands above it."""
    a = low.first_sequence or 0
    at_low = pool.first(Kind.LINK_MISMATCH, a)
    high = by_hash.get(at_low.found) if at_low is not None else None
    return high if high is not None and high.first_sequence == a + 1 else None


def tell_inserted(pool: Pool) -> Iterable[Story]:
    """An event that its successor passes over, with every later one under another number."""
    for first, last in _up_to_the_head(pool):
        for n in (first, first - 1):
            after = pool.first(Kind.LINK_MISMATCH, n + 1)
            here = pool.first(Kind.LINK_MISMATCH, n)
            if after is None or n + 1 > last:
                continue
            passed_over = here is not None and here.expected is not None and after.found == here.expected
            if passed_over or after.clue is Clue.SAME_PREDECESSOR:
                keys = [*_rows(n, last), (Kind.LINK_MISMATCH, n), (Kind.LINK_MISMATCH, n + 1)]
                yield tales_moved.inserted(pool.tenant_id, n, _shown_last(pool, last), pool.take(*keys))
                break


def tell_renumbered(pool: Pool) -> Iterable[Story]:
    """No event up to the head fits its hash, and yet each names the one before it, but for the first."""
    for first, last in _up_to_the_head(pool):
        gap = next((f for f in pool.all_of(Kind.SEQUENCE_GAP) if f.last_sequence == first - 1), None)
        entry: Key | None = None
        if gap is not None:
            entry = (gap.kind, gap.first_sequence or 0)
        elif last > first:
            kinds = (Kind.LINK_MISMATCH, Kind.GENESIS_MISMATCH)
            entry = next(((kind, first) for kind in kinds if (kind, first) in pool.left), None)
        within = any((Kind.LINK_MISMATCH, n) in pool.left for n in range(first + 1, last + 1))
        if entry is not None and not within:
            told = pool.take(entry, *_rows(first, last))
            yield tales_moved.renumbered(pool.tenant_id, first, _shown_last(pool, last), told)


def _up_to_the_head(pool: Pool) -> list[tuple[int, int]]:
    """The stretch of events that do not fit their hashes and that reaches the head, if there is one."""
    runs = consecutive(pool.places(Kind.CONTENT_MISMATCH))
    if not runs:
        return []
    first, last = runs[-1]
    doubled = any((Kind.DUPLICATE_SEQUENCE, n) in pool.left for n in range(first, last + 1))
    reaches = last >= pool.span[1] or pool.unlisted_from == last + 1
    return [(first, last)] if reaches and not doubled else []


def _shown_last(pool: Pool, last: int) -> int:
    """Where the list was cut short the stretch goes on, as far as anyone knows up to the head."""
    return max(last, pool.span[1]) if pool.unlisted_from == last + 1 else last


def _rows(first: int, last: int) -> list[Key]:
    kinds = (Kind.CONTENT_MISMATCH, Kind.UNAUTHORISED_ERASURE)
    return [(kind, n) for n in range(first, last + 1) for kind in kinds]
