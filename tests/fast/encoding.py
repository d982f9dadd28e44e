"""Events as rows of COPY's binary format, as a server would send them."""

from audit_tui.core.clock import microseconds
from audit_tui.core.model import COLUMNS, Event
from audit_tui.fast import COPIED, COPIED_OF_GUIDE, FORMS, Before, Form, split_row
from audit_tui.fast.golden import encode_row
from tests.fast.random_events import FIRST_US, LAST_US, server_text

EPOCH_2000_US = 946_684_800_000_000


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
    """The events that these bytes are, as the plain way would have read them, up to what is no row."""
    events: list[Event] = []
    at = 0
    while True:
        try:
            found = split_row(data, at)
            if found is None or len(found[0]) != len(COLUMNS):
                return events
            fields, at = found
            pairs = zip(COLUMNS, fields, strict=True)
            events.append(Event._make(None if f is None else _decode(FORMS[c], bytes(f)) for c, f in pairs))
        except ValueError:
            return events


def _decode(form: Form, value: bytes) -> object:
    if form is Form.BYTES:
        return value
    if form is Form.NUMBER or form is Form.TIME:
        if len(value) not in ((8,) if form is Form.TIME else (2, 4, 8)):
            raise ValueError(value)
        number = int.from_bytes(value, signed=True)
        us = number + EPOCH_2000_US
        return number if form is Form.NUMBER else server_text(us) if FIRST_US <= us <= LAST_US else "infinity"
    if b"\0" in value or (form is Form.JSONB and value[:1] != b"\1"):
        raise ValueError(value)
    return value[form is Form.JSONB :].decode()
