"""Events as rows of COPY's binary format, as a server would send them."""

from audit_tui.core.clock import microseconds
from audit_tui.core.model import Event, SchemaKind
from audit_tui.fast import COPIED, COPIED_OF_GUIDE, Before
from audit_tui.fast.golden import encode_row
from audit_tui.store.block_rows import EPOCH_2000_US, read_row
from audit_tui.store.layout import Layout

OURS = Layout(SchemaKind.OURS, (), ())


def encode(event: Event, *, guide: bool = False) -> bytes:
    """The row of an event; a time that is no moment of the years 1 to 9999 becomes an infinity."""
    us = microseconds(event.timestamp)
    moment = 2**63 - 1 + EPOCH_2000_US if us is None and event.timestamp is not None else us
    return encode_row(event._asdict() | {"timestamp": moment}, COPIED_OF_GUIDE if guide else COPIED)


def before_of(event: Event) -> Before:
    """The state that a sealed event leaves."""
    moment, version = microseconds(event.timestamp), event.hash_version
    assert event.sequence_number is not None
    assert event.event_hash is not None
    assert moment is not None
    assert version is not None
    return Before(event.sequence_number, event.event_hash, version, moment, event.id or 0)


def decode(data: bytes) -> list[Event]:
    """The events that these bytes are, as the plain way would have read them, up to what is none."""
    events: list[Event] = []
    at = 0
    while True:
        try:
            row = read_row(data, OURS, at)
        except ValueError:
            return events
        if row is None or row[0] is None:
            return events
        event, at = row
        events.append(event)
