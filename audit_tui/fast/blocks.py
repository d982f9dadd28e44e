"""Rows in COPY's binary format, as far as the plain side has to read them itself."""

from audit_tui.fast.columns import COPIED

Buffer = bytes | bytearray | memoryview
Fields = tuple[memoryview | None, ...]

SIGNATURE = b"PGCOPY\n\xff\r\n\0"
TRAILER = b"\xff\xff"
_COUNT, _LENGTH = 2, 4
_EVENT_ID = COPIED.index("event_id")


def strip_header(data: Buffer) -> memoryview:
    """What follows the header that a stream of COPY begins with. ValueError where it is another one."""
    view = memoryview(data)
    start = len(SIGNATURE)
    if bytes(view[:start]) != SIGNATURE or len(view) < start + 8:
        msg = "this is not the beginning of COPY's binary format"
        raise ValueError(msg)
    flags = int.from_bytes(view[start : start + 4])
    extension = int.from_bytes(view[start + 4 : start + 8])
    if flags != 0 or extension != 0:
        msg = "COPY's binary format with flags or an extension that are not known"
        raise ValueError(msg)
    return view[start + 8 :]


def split_row(data: Buffer, start: int = 0) -> tuple[Fields, int] | None:
    """The fields of the row at `start` (None: NULL) and where the next one begins; None where it is not
    all there. ValueError where no row can begin so.
    """
    view = memoryview(data)
    at = start + _COUNT
    if len(view) < at:
        return None
    fields: list[memoryview | None] = []
    for _ in range(_number(view[start:at], "a number of fields")):
        if len(view) < at + _LENGTH:
            return None
        head = view[at : at + _LENGTH]
        at += _LENGTH
        if bytes(head) == b"\xff\xff\xff\xff":
            fields.append(None)
            continue
        end = at + _number(head, "a length")
        if len(view) < end:
            return None
        fields.append(view[at:end])
        at = end
    return tuple(fields), at


def first_event_id(data: Buffer, start: int = 0) -> str | None:
    """The event_id of the row at `start`; None where there is no whole row, or it is NULL or no text."""
    row = split_row(data, start)
    if row is None or len(row[0]) <= _EVENT_ID:
        return None
    value = row[0][_EVENT_ID]
    if value is None:
        return None
    try:
        return bytes(value).decode()
    except UnicodeDecodeError:
        return None


def _number(view: memoryview, what: str) -> int:
    value = int.from_bytes(view, signed=True)
    if value < 0:
        msg = f"{what} below zero"
        raise ValueError(msg)
    return value
