"""More of what an intruder does to a chain in memory, beside the tamperings of `tests.builders`."""

from audit_tui.core.findings import SEVERITY, Finding, Kind
from audit_tui.core.model import Event
from audit_tui.core.seal import sealed_hash

FORGED = "f" * 64


def renumber(events: list[Event], first: int, by: int) -> None:
    """The events from `first` on get their numbers raised (or lowered) by that much."""
    events[:] = [
        e._replace(sequence_number=n + by) if (n := e.sequence_number or 0) >= first else e for e in events
    ]


def put(events: list[Event], at: int, *, linked: bool, **columns: object) -> None:
    """A row of the intruder's at `at`, those from there on moved up; `linked`: chained to the one before."""
    renumber(events, at, 1)
    row = events[0]._replace(id=900 + at, event_id=f"evt_put{at}", sequence_number=at, **columns)
    if linked:
        before = next(e for e in events if e.sequence_number == at - 1)
        row = row._replace(previous_hash=before.event_hash)
        row = row._replace(event_hash=sealed_hash(row))
    events.append(row)
    events.sort(key=lambda e: (e.sequence_number or 0, e.id or 0))


def double(events: list[Event], at: int, *, linked: bool) -> None:
    """A second row of the same number behind the first; `linked`: with a hash of its own that fits."""
    original = next(e for e in events if e.sequence_number == at)
    row = original._replace(id=900 + at, event_id=f"evt_double{at}", actor_id="x")
    events.append(row._replace(event_hash=sealed_hash(row)) if linked else row)
    events.sort(key=lambda e: (e.sequence_number or 0, e.id or 0))


def relink(events: list[Event], first: int, last: int) -> None:
    """Links and hashes of first..last are made to fit again."""
    before: Event | None = None
    for at, event in enumerate(events):
        if first <= (event.sequence_number or 0) <= last:
            linked = event._replace(previous_hash=before.event_hash if before is not None else None)
            events[at] = linked._replace(event_hash=sealed_hash(linked))
        before = events[at]


def witnessed(kind: Kind, first: int, last: int, expected: str | None, found: str | None = None) -> Finding:
    """What a witness adds to the list."""
    return Finding(kind, SEVERITY[kind], "org", first, last, None, "It was witnessed.", expected, found)
