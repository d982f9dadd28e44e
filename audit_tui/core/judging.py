"""What the rules of the list say of one row: by itself, and against the row before it."""

from dataclasses import dataclass

from audit_tui.core import observe
from audit_tui.core.coverage import Boundary
from audit_tui.core.findings import AcceptedBoundary, Finding
from audit_tui.core.model import Event
from audit_tui.core.seal import find_offset, is_hash, sealed_hash

VERSIONS = (1, 2)


@dataclass(frozen=True, slots=True)
class Judged:
    """What one row by itself and against the row before gave. `offset` is None where no hash fitted."""

    findings: tuple[Finding, ...]
    expected_hash: str | None
    offset: int | None
    tampered: bool


def judge_content(
    event: Event, before: Event | None, likely_offsets: tuple[int, ...] = (), encoding: str = "utf-8"
) -> Judged:
    """Version, hash form and content of one row. `likely_offsets` are where the search over zones begins,
    `encoding` the database's (Python's name), which version 1 hashes in.
    """
    known = before.hash_version if before is not None and before.hash_version in VERSIONS else None
    version = event.hash_version
    fallen = version not in VERSIONS or (known is not None and version is not None and version < known)
    recomputed = sealed_hash(event, encoding)
    found: list[Finding] = []
    offset: int | None = 0
    if fallen:
        found.append(observe.version_downgrade(event, known))
    if recomputed is None or recomputed != event.event_hash:
        offset = None
        if not is_hash(event.event_hash):
            found.append(observe.malformed_hash(event, recomputed))
        elif not fallen:
            if version == 1 and recomputed is not None:
                offset = find_offset(event, likely_offsets, encoding)
            if offset is None:
                found.append(observe.content_mismatch(event, recomputed))
    return Judged(tuple(found), recomputed, offset, bool(found))


def judge_place(event: Event, before: Event | None, boundary: AcceptedBoundary | None) -> Finding | None:
    """Genesis, duplicate, gap or link of one row: at most one of them applies."""
    sequence = event.sequence_number or 0
    if before is None:
        genuine = sequence == 1 and event.previous_hash is None
        return None if genuine or boundary is not None else observe.genesis_mismatch(event)
    last = before.sequence_number or 0
    if sequence == last:
        return observe.duplicate_sequence(event)
    if sequence > last + 1:
        return observe.sequence_gap(event, last + 1, sequence - 1)
    if event.previous_hash != before.event_hash and is_hash(before.event_hash):
        return observe.link_mismatch(event, before)
    return None


def accept_boundary(
    sequence: int | None, previous_hash: str | None, boundaries: tuple[Boundary, ...]
) -> AcceptedBoundary | None:
    """The boundary that explains why the chain begins at this sequence with this link (the newest, where one
    replaces another).
    """
    if sequence is None or sequence <= 1 or not is_hash(previous_hash):
        return None
    for boundary in reversed(boundaries):
        if boundary.last_sequence == sequence - 1 and boundary.last_hash == previous_hash:
            return AcceptedBoundary(boundary.last_sequence, boundary.event_id)
    return None


def judge_order(event: Event, occurred_us: int | None, before: Event, before_us: int | None) -> list[Finding]:
    """Whether the event is earlier than the one before it. Times are microseconds, None where unknown."""
    if occurred_us is None or before_us is None or occurred_us >= before_us:
        return []
    return [observe.time_disorder(event, before)]
