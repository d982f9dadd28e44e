"""The hashes of a chain, streamed: all that a tree over it needs, in constant memory."""

from collections.abc import Iterator

import psycopg

from audit_tui.store.queries import load

BATCH_ROWS = 5000


def stream_hashes(
    conn: psycopg.Connection, tenant_id: str, first: int, last: int
) -> Iterator[tuple[int, str | None, str | None]]:
    """(sequence, event_hash, previous_hash) of the events first..last, ascending, as they are stored."""
    parameters = {"tenant": tenant_id, "first": first, "last": last}
    with conn.cursor() as cursor:
        yield from cursor.stream(load("event_hashes"), parameters, size=BATCH_ROWS)
