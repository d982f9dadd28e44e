"""A tenant's chain as the bytes that COPY sends, for the compiled filter: several thousand rows a call.

Only for a log whose columns are of exactly the types that the filter knows; `stream_chain` reads every log,
and whatever the filter stops at.
"""

from collections.abc import Generator, Iterator

import psycopg
from psycopg import sql

from audit_tui.core.model import SchemaKind
from audit_tui.fast import COPIED, COPIED_OF_GUIDE, FORMS, Form, strip_header
from audit_tui.fast.blocks import TRAILER, Buffer
from audit_tui.store.layout import Layout
from audit_tui.store.queries import compose

BLOCK_BYTES = 128 * 1024
"""As measured: at 16 kB each call weighs; from 64 kB to 1 MB it is all the same."""

_OIDS: dict[Form, frozenset[int]] = {
    Form.NUMBER: frozenset({20, 21, 23}),
    Form.TIME: frozenset({1184}),
    Form.TEXT: frozenset({25}),
    Form.JSONB: frozenset({3802}),
    Form.BYTES: frozenset({17}),
}
"""int8, int2, int4; timestamptz; text; jsonb; bytea. A domain is told as what it is made of."""

# concat() prints a value as the type's own output does; inet's cast to text would add the /32 of a host.
_PRINTED = sql.SQL("nullif(pg_catalog.concat({}), '')")
_AS_TEXT, _AS_IT_IS = sql.SQL("{}::pg_catalog.text"), sql.SQL("{}")


def is_copyable(conn: psycopg.Connection, layout: Layout) -> bool:
    """Whether the filter knows every column's type. To be asked within the transaction that reads: what a
    column of another type sends could be taken for something else, and from then on the types cannot change.
    """
    if layout.missing:
        return False
    query = compose("chain_blocks_columns", columns=_select_list(layout))
    with conn.cursor() as cursor:
        found = [column.type_code for column in cursor.execute(query).description or ()]
    return len(found) == len(copied(layout)) and all(
        oid in _OIDS[FORMS[column]] for oid, column in zip(found, copied(layout), strict=True)
    )


def copied(layout: Layout) -> tuple[str, ...]:
    """The columns in the order in which rows bring them."""
    return COPIED_OF_GUIDE if layout.kind is SchemaKind.GUIDE else COPIED


def copy_blocks(
    conn: psycopg.Connection,
    layout: Layout,
    tenant_id: str,
    after_sequence: int,
    through: int,
    *,
    after_id: int | None = None,
    block_bytes: int = BLOCK_BYTES,
) -> Generator[bytes, None, None]:
    """The rows of sequences above `after_sequence` (and those of that one with an id above `after_id`), up to
    `through`, in (sequence, id) order, inside the caller's transaction.

    Blocks of at least `block_bytes`, the last one shorter, without COPY's header and trailer. A server sends
    whole rows, but nothing promises it: a block may end inside of one. Until the iterator is exhausted or
    closed the connection does nothing else. Errors are raised as psycopg raises them, and leave the
    transaction usable: what a closed iterator had read is not undone, for nothing was written.
    """
    query = compose("chain_blocks", columns=_select_list(layout))
    parameters = {
        "tenant": tenant_id, "from_sequence": after_sequence, "from_id": after_id, "through": through,
    }  # fmt: skip
    with conn.transaction(), conn.cursor() as cursor, cursor.copy(query, parameters) as copy:
        yield from _blocks(conn, copy, block_bytes)


def _blocks(conn: psycopg.Connection, copy: psycopg.Copy, block_bytes: int) -> Iterator[bytes]:
    """What COPY sends, in blocks; the last one is held back until it is known to be that, for the trailer."""
    header = True
    for block, last in _joined(conn, copy, block_bytes):
        rows = bytes(strip_header(block)) if header else block
        header = False
        if not last:
            yield rows
        elif not rows.endswith(TRAILER):
            msg = "the server ended a copy without its trailer"
            raise psycopg.OperationalError(msg)
        elif len(rows) > len(TRAILER):
            yield rows[: -len(TRAILER)]


def _joined(conn: psycopg.Connection, copy: psycopg.Copy, block_bytes: int) -> Iterator[tuple[bytes, bool]]:
    """Rows put together to blocks, each with whether it is the last one.

    What has arrived is taken straight from libpq, which costs a row less than `copy.read()` does; that one
    does the waiting, during which other threads run and an interruption gets through.
    """
    take = conn.pgconn.get_copy_data
    held: list[Buffer] = []
    size = 0
    while True:
        length, data = take(1)
        if length < 0:
            _finish(conn)
            break
        row: Buffer = data if length else copy.read()
        if not row:
            break
        if size >= block_bytes:
            yield b"".join(held), False
            held, size = [], 0
        held.append(row)
        size += len(row)
    yield b"".join(held), True


def _finish(conn: psycopg.Connection) -> None:
    """Takes all that the server says after the last row, and raises it where it is an error."""
    results = []
    while (result := conn.pgconn.get_result()) is not None:
        results.append(result)
    for result in results:
        if result.status != psycopg.pq.ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(result, encoding=conn.info.encoding)


def _select_list(layout: Layout) -> sql.Composed:
    parts = []
    for column in copied(layout):
        form = _AS_TEXT if FORMS[column] is Form.TEXT else _AS_IT_IS
        if column == "actor_ip_address":
            form = _PRINTED
        parts.append(form.format(sql.Identifier("l", column)))
    return sql.SQL(", ").join(parts)
