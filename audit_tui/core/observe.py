"""One function per kind of finding: what was expected, what was found, and the sentence for a person."""

from audit_tui.core.clues import Clue
from audit_tui.core.findings import SEVERITY, Finding, Kind
from audit_tui.core.hindsight import clue_of_link
from audit_tui.core.model import PART_COLUMNS, V1_UNCOVERED_COLUMNS, Event, Part


def _at(
    kind: Kind,
    event: Event,
    message: str,
    *,
    expected: str | None = None,
    found: str | None = None,
    columns: tuple[str, ...] = (),
    clue: Clue | None = None,
) -> Finding:
    sequence = event.sequence_number
    return Finding(
        kind, SEVERITY[kind], event.tenant_id, sequence, sequence, event.event_id, message,
        expected, found, columns, clue,
    )  # fmt: skip


def content_mismatch(event: Event, recomputed: str | None) -> Finding:
    """The recomputed hash differs, or (None) the event is not well-formed."""
    if recomputed is None:
        message = (
            f"Event {event.sequence_number} was changed after it was sealed: "
            "its salts, time or erasure marks are not of a form that can be sealed."
        )
    else:
        message = (
            f"Event {event.sequence_number} was changed after it was sealed: "
            "its columns no longer give its hash."
        )
    return _at(Kind.CONTENT_MISMATCH, event, message, expected=recomputed, found=event.event_hash)


def malformed_hash(event: Event, recomputed: str | None) -> Finding:
    """`recomputed` is the hash that the columns give, to compare with what the next event recorded."""
    what = "is NULL" if event.event_hash is None else "is not 64 lower-case hex digits"
    message = f"The hash of event {event.sequence_number} {what}, so nothing vouches for its content."
    expected = recomputed or "64 lower-case hex digits"
    return _at(Kind.MALFORMED_HASH, event, message, expected=expected, found=event.event_hash)


def link_mismatch(event: Event, before: Event) -> Finding:
    message = (
        f"Event {event.sequence_number} names a predecessor that is no longer there: "
        f"event {before.sequence_number} has another hash now."
    )
    return _at(
        Kind.LINK_MISMATCH, event, message,
        expected=before.event_hash, found=event.previous_hash, columns=("previous_hash",),
        clue=clue_of_link(event, before),
    )  # fmt: skip


def sequence_gap(event: Event, first: int, last: int) -> Finding:
    """Sequences first..last are missing before `event`."""
    missing = f"Event {first} is" if first == last else f"Events {first} to {last} are"
    return Finding(
        Kind.SEQUENCE_GAP, SEVERITY[Kind.SEQUENCE_GAP], event.tenant_id, first, last, event.event_id,
        f"{missing} missing: sequences never have gaps unless events were deleted.",
    )  # fmt: skip


def duplicate_sequence(event: Event) -> Finding:
    return _at(Kind.DUPLICATE_SEQUENCE, event, f"Sequence {event.sequence_number} occurs more than once.")


def genesis_mismatch(event: Event) -> Finding:
    if event.sequence_number == 1:
        message = "Event 1 names a predecessor, but the first event of a chain has none."
    elif (event.sequence_number or 0) < 1:
        message = (
            f"The chain begins at event {event.sequence_number}, but the first event of a chain is event 1."
        )
    else:
        message = (
            f"The chain begins at event {event.sequence_number}: what came before is gone, "
            "and no archive boundary explains it."
        )
    return _at(Kind.GENESIS_MISMATCH, event, message, expected=None, found=event.previous_hash)


def version_downgrade(event: Event, before: int | None) -> Finding:
    version = event.hash_version
    if version not in (1, 2):
        named = "no seal version" if version is None else f"the unknown seal version {version}"
        message = f"Event {event.sequence_number} has {named}, so it cannot be checked."
    else:
        message = (
            f"Event {event.sequence_number} claims the older seal version {version} "
            f"after version {before}: versions never go back."
        )
    expected = str(before) if before is not None else "1 or 2"
    found = None if version is None else str(version)
    return _at(
        Kind.VERSION_DOWNGRADE, event, message, expected=expected, found=found, columns=("hash_version",)
    )


def unauthorised_erasure(event: Event, parts: tuple[Part, ...]) -> Finding:
    names = " and ".join(parts)
    message = (
        f"The {names} of event {event.sequence_number} {'was' if len(parts) == 1 else 'were'} removed "
        "without an intact audit.erased event that records it as it is now."
    )
    columns = tuple(column for part in parts for column in PART_COLUMNS[part])
    return _at(Kind.UNAUTHORISED_ERASURE, event, message, columns=columns)


def erasure_incomplete(tenant_id: str, sequence: int, event_id: str | None) -> Finding:
    """The covering event at `sequence` names what is not erased, or what does not exist."""
    return Finding(
        Kind.ERASURE_INCOMPLETE, SEVERITY[Kind.ERASURE_INCOMPLETE], tenant_id, sequence, sequence, event_id,
        f"Event {sequence} records an erasure that is not, or not wholly, there.",
    )  # fmt: skip


def time_disorder(event: Event, before: Event) -> Finding:
    message = f"Event {event.sequence_number} carries an earlier time than event {before.sequence_number}."
    return _at(
        Kind.TIME_DISORDER, event, message,
        expected=before.timestamp, found=event.timestamp, columns=("timestamp",),
    )  # fmt: skip


def foreign_zone(first: Event, last_sequence: int | None, offset_seconds: int) -> Finding:
    offset = offset_text(offset_seconds)
    return Finding(
        Kind.FOREIGN_ZONE, SEVERITY[Kind.FOREIGN_ZONE], first.tenant_id, first.sequence_number, last_sequence,
        first.event_id,
        f"Sealed by a session at UTC{offset}; the hash fits in that zone.",
        expected="+00:00", found=offset, columns=("timestamp",),
    )  # fmt: skip


def uncovered_columns(first: Event, last_sequence: int | None) -> Finding:
    return Finding(
        Kind.UNCOVERED_COLUMNS, SEVERITY[Kind.UNCOVERED_COLUMNS], first.tenant_id, first.sequence_number,
        last_sequence, first.event_id,
        f"Version 1 seals: {len(V1_UNCOVERED_COLUMNS)} columns are outside the hash and nothing proves them.",
        columns=V1_UNCOVERED_COLUMNS,
    )  # fmt: skip


def unreadable_event(tenant_id: str, sequence: int, event_id: str | None, reason: str) -> Finding:
    """The server could not render this row; the rest of the chain was checked."""
    return Finding(
        Kind.UNREADABLE_EVENT, SEVERITY[Kind.UNREADABLE_EVENT], tenant_id, sequence, sequence, event_id,
        f"The server could not deliver event {sequence}: {reason}",
    )  # fmt: skip


def orphan(event_id: str | None, tenant_id: str | None, sequence: int | None) -> Finding:
    """A row that belongs to no chain because its tenant or its sequence is NULL."""
    lacking = "tenant" if tenant_id is None else "sequence number"
    return Finding(
        Kind.CONTENT_MISMATCH, SEVERITY[Kind.CONTENT_MISMATCH], None, sequence, sequence, event_id,
        f"A row has no {lacking}, so it belongs to no chain; the sealing trigger never writes such a row.",
        columns=("tenant_id",) if tenant_id is None else ("sequence_number",),
    )  # fmt: skip


def nameless(tenant_id: str) -> Finding:
    """Rows whose tenant is not valid text, so that nothing more can be asked about them."""
    return Finding(
        Kind.CONTENT_MISMATCH, SEVERITY[Kind.CONTENT_MISMATCH], tenant_id, None, None, None,
        "Rows name a tenant that is not valid text; the server itself never accepts such a name.",
        columns=("tenant_id",),
    )  # fmt: skip


def offset_text(seconds: int) -> str:
    """`+05:30`, and `+05:53:28` where an offset has seconds."""
    sign = "-" if seconds < 0 else "+"
    hours, rest = divmod(abs(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{sign}{hours:02d}:{minutes:02d}" + (f":{left:02d}" if left else "")
