"""What a chain's sealed `audit.archived` events say: which sequences lie in an archive, by what digest."""

from collections.abc import Iterable
from dataclasses import dataclass

from audit_tui.core.archive.manifest import ArchivedTenant, TreeState
from audit_tui.core.coverage import ARCHIVED_TYPE, carries_authority, metadata_of, read_sequence
from audit_tui.core.merkle import Frontier
from audit_tui.core.model import Event
from audit_tui.core.seal import is_hash


@dataclass(frozen=True, slots=True)
class ArchiveRecord:
    """One intact version 2 `audit.archived` event: events first..last of its tenant lie in `archive`.

    `sequence` and `event_id` are the event's own. `manifest` is the SHA-256 of the archive's manifest,
    `place` where it lay then, as it was typed (untrusted text). `tree` is None where the event gives none
    that fits. `replaces` is the event_id of an earlier record whose files were lost or outdated.
    """

    sequence: int
    event_id: str
    first_sequence: int
    last_sequence: int
    last_hash: str
    events: int | None
    manifest: str | None
    archive: str | None
    place: str | None
    requester: str | None
    tree: TreeState | None
    replaces: str | None

    def names(self, stretch: ArchivedTenant) -> bool:
        """Whether the record is about exactly these sequences."""
        return (self.first_sequence, self.last_sequence) == (stretch.first_sequence, stretch.last_sequence)


def parse_records(events: Iterable[Event]) -> tuple[ArchiveRecord, ...]:
    """The records among a tenant's events, in the order given. Hostile metadata gives none, never raises."""
    found = (parse_record(event) for event in events)
    return tuple(record for record in found if record is not None)


def parse_record(event: Event) -> ArchiveRecord | None:
    """The record that this event is, or None: another type, no authority, no range, no hash."""
    if event.event_type != ARCHIVED_TYPE or event.sequence_number is None or not carries_authority(event):
        return None
    said = metadata_of(event)
    first, last = read_sequence(said.get("first_sequence")), read_sequence(said.get("last_sequence"))
    last_hash, manifest = said.get("last_hash"), _text(said.get("manifest"))
    if first is None or last is None or first > last or not isinstance(last_hash, str):
        return None
    return ArchiveRecord(
        sequence=event.sequence_number,
        event_id=event.event_id or "",
        first_sequence=first,
        last_sequence=last,
        last_hash=last_hash,
        events=read_sequence(said.get("events")),
        manifest=manifest if is_hash(manifest) else None,
        archive=_text(said.get("archive")),
        place=_text(said.get("place")),
        requester=_text(said.get("requester")),
        tree=_tree(said.get("tree"), last),
        replaces=_text(said.get("replaces")),
    )


def unreplaced(records: Iterable[ArchiveRecord]) -> tuple[ArchiveRecord, ...]:
    """The records that no later one replaces."""
    all_of_them = tuple(records)
    replaced = {record.replaces for record in all_of_them if record.replaces is not None}
    return tuple(record for record in all_of_them if record.event_id not in replaced)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _tree(value: object, size: int) -> TreeState | None:
    if not isinstance(value, dict) or read_sequence(value.get("size")) != size:
        return None
    hashes = value.get("hashes")
    if not isinstance(hashes, list) or not all(isinstance(each, str) for each in hashes):
        return None
    try:
        return TreeState(size, Frontier.from_hashes(size, hashes).hashes)
    except ValueError:
        return None
