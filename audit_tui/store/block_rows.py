"""The row that the compiled filter stopped at, as the Event that `stream_chain` would have read."""

from collections.abc import Callable

from audit_tui.core.clock import server_text
from audit_tui.core.model import COLUMNS, Event, SchemaKind
from audit_tui.fast import FORMS, Form, split_row
from audit_tui.fast.blocks import Buffer
from audit_tui.store.chain_blocks import copied
from audit_tui.store.layout import Layout

EPOCH_2000_US = 946_684_800_000_000
_OF_GUIDE = {"hash_version": 1, "part_salts": None, "erased_parts": None}


def read_row(data: Buffer, layout: Layout, start: int = 0) -> tuple[Event | None, int] | None:
    """The event of the row at `start` and where the next row begins; None where the row is not all there.

    The event is None where only the server can tell what it would print: text that is not valid, a moment
    outside the years 1 to 9999. Such a row has to be read by `stream_chain`. ValueError where no row can
    begin so.
    """
    row = split_row(data, start)
    if row is None:
        return None
    fields, end = row
    columns = copied(layout)
    if len(fields) != len(columns):
        msg = f"a row of {len(fields)} columns instead of {len(columns)}"
        raise ValueError(msg)
    values: dict[str, object] = dict(_OF_GUIDE) if layout.kind is SchemaKind.GUIDE else {}
    try:
        for column, field in zip(columns, fields, strict=True):
            values[column] = None if field is None else _READ[FORMS[column]](bytes(field))
    except (ValueError, OverflowError):
        return None, end
    return Event._make(values[column] for column in COLUMNS), end


def _number(value: bytes) -> int:
    if len(value) not in (2, 4, 8):
        raise ValueError(value)
    return int.from_bytes(value, signed=True)


def _time(value: bytes) -> str:
    """As the server prints it under TimeZone UTC."""
    if len(value) != 8:
        raise ValueError(value)
    return server_text(_number(value) + EPOCH_2000_US)


def _text(value: bytes) -> str:
    if b"\0" in value:
        raise ValueError(value)
    return value.decode()


def _jsonb(value: bytes) -> str:
    if value[:1] != b"\1":
        raise ValueError(value)
    return _text(value[1:])


_READ: dict[Form, Callable[[bytes], object]] = {
    Form.NUMBER: _number, Form.TIME: _time, Form.TEXT: _text, Form.JSONB: _jsonb,
    Form.BYTES: bytes,
}  # fmt: skip
