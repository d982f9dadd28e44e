"""Whether the chain vouches for an archive: the sealed event that names its manifest's digest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from audit_tui.core.archive import observed
from audit_tui.core.archive.plan import Stretch
from audit_tui.core.archive.records import ArchiveRecord
from audit_tui.core.archive.replaced import current_digest
from audit_tui.core.findings import Finding, Severity
from audit_tui.core.model import State


@dataclass(frozen=True, slots=True)
class Vouched:
    """OK with the record that names the archive; FAILED with a finding; NOT_RUN where the record cannot be
    among the events that were given; INCONCLUSIVE where the archive was never recorded, nor anything removed.
    """

    state: State
    reason: str
    record: ArchiveRecord | None = None
    finding: Finding | None = None


def vouch(
    stretch: Stretch,
    records: Iterable[ArchiveRecord],
    replacements: Mapping[str, str],
    *,
    complete: bool,
    still_there: bool = False,
) -> Vouched:
    """Looks for the record of an archive's stretch.

    `complete`: every later event of the chain was given, so a record that exists is among `records`.
    `still_there`: the log itself still holds these events.
    """
    naming = [r for r in records if r.names(stretch.tenant) and r.sequence > stretch.span[1]]
    fitting = [each for each in naming if current_digest(each.manifest, replacements) == stretch.digest]
    for record in fitting:
        if not _differing(record, stretch):
            return Vouched(State.OK, f"named by {record.event_id} at sequence {record.sequence}", record)
    if fitting:
        return _contradicted(stretch, fitting[-1])
    if naming:
        return _another_manifest(stretch, naming[-1], replacements)
    if not complete:
        return Vouched(
            State.NOT_RUN,
            f"the event that records archive {stretch.archive} is not among what was given: "
            "only the chain vouches for a manifest",
        )
    return _unrecorded(stretch, still_there=still_there)


def _differing(record: ArchiveRecord, stretch: Stretch) -> tuple[str, ...]:
    """What the record says otherwise than the manifest, beside the manifest's digest."""
    pairs = {
        "last hash": (record.last_hash, stretch.tenant.last_hash),
        "tree": (record.tree, stretch.tenant.tree),
        "name": (record.archive, stretch.archive),
    }
    return tuple(what for what, (recorded, stands) in pairs.items() if recorded != stands)


def _contradicted(stretch: Stretch, record: ArchiveRecord) -> Vouched:
    what = " and another ".join(_differing(record, stretch))
    message = (
        f"Event {record.sequence} ({record.event_id}) records the manifest of archive {stretch.archive} "
        f"and another {what} than that manifest holds."
    )
    return Vouched(State.FAILED, message, record, observed.about_stretch(stretch.tenant, message))


def _another_manifest(stretch: Stretch, record: ArchiveRecord, replacements: Mapping[str, str]) -> Vouched:
    expected = current_digest(record.manifest, replacements)
    message = (
        f"The manifest of archive {stretch.archive} is not the one that event {record.sequence} "
        f"({record.event_id}) records: it was replaced since, or it is of another archive of these events."
    )
    finding = observed.about_stretch(stretch.tenant, message, expected=expected, found=stretch.digest)
    return Vouched(State.FAILED, message, record, finding)


def _unrecorded(stretch: Stretch, *, still_there: bool) -> Vouched:
    message = f"No intact event of the chain names archive {stretch.archive}"
    if still_there:
        message += ", and the log still holds its events: it was written, and never recorded."
        finding = observed.about_stretch(stretch.tenant, message, severity=Severity.NOTICE)
        return Vouched(State.INCONCLUSIVE, message, None, finding)
    message += ", though these events are not in the log any more."
    return Vouched(State.FAILED, message, None, observed.about_stretch(stretch.tenant, message))
