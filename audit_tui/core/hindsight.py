"""Looks at an event again in the light of the next one: the list accuses no neighbour, its clues ask them."""

from dataclasses import dataclass, replace

from audit_tui.core.clues import Clue
from audit_tui.core.findings import Finding, Kind
from audit_tui.core.model import Event
from audit_tui.core.seal import find_offset, is_hash, sealed_hash

_BROKEN = (Kind.CONTENT_MISMATCH, Kind.MALFORMED_HASH)
_LATEST = 8
"""No event gives more findings, those of runs that end with it included."""


def add_clue(
    findings: list[Finding], event: Event, before: Event, offsets: tuple[int, ...], encoding: str
) -> None:
    """What `event` recorded of the event before it goes to that one's finding, where it has one.

    To be called where the two do not fit.
    """
    if event.sequence_number != (before.sequence_number or 0) + 1:
        return
    start = max(0, len(findings) - _LATEST)
    for at, finding in enumerate(findings[start:], start):
        place = (finding.first_sequence, finding.event_id)
        if finding.kind in _BROKEN and place == (before.sequence_number, before.event_id):
            findings[at] = replace(finding, clue=clue_of_successor(before, event, offsets, encoding))


@dataclass(frozen=True, slots=True)
class Hindsight:
    """The first event of a range and the one before the range, whose findings the range before holds."""

    event: Event
    before: Event
    offsets: tuple[int, ...]
    encoding: str

    def apply(self, findings: list[Finding]) -> None:
        """Adds the clue to the finding of the event before, where that is among the latest of the list."""
        add_clue(findings, self.event, self.before, self.offsets, self.encoding)


def clue_of_successor(before: Event, event: Event, offsets: tuple[int, ...], encoding: str) -> Clue | None:
    """What `event`, the next in sequence, says about the content of `before`, whose own hash is broken.

    None where nothing can be said: no hash was recorded, or the columns of `before` can give none.
    """
    recorded = event.previous_hash
    given = sealed_hash(before, encoding)
    if given is None or not is_hash(recorded):
        return None
    fits = given == recorded or (
        before.hash_version == 1
        and find_offset(before._replace(event_hash=recorded), offsets, encoding) is not None
    )
    return Clue.SUCCESSOR_NAMES_CONTENT if fits else Clue.SUCCESSOR_NAMES_OTHER


def clue_of_link(event: Event, before: Event) -> Clue | None:
    """What a link that does not fit says by itself."""
    if is_hash(event.previous_hash) and event.previous_hash == before.previous_hash:
        return Clue.SAME_PREDECESSOR
    return None
