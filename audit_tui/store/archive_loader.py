"""Archived events put into a throwaway audit.logs as they were: sealed before, never sealed again."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from audit_tui.core.model import COLUMNS, Event

BATCH = 2000
_NAMES = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
_COPY = sql.SQL("COPY audit.logs ({}) FROM STDIN").format(_NAMES)
_INSERT = sql.SQL("INSERT INTO audit.logs ({}) VALUES ({}) ON CONFLICT DO NOTHING").format(
    _NAMES, sql.SQL(", ").join([sql.Placeholder()] * len(COLUMNS))
)
_REASONS = 20


@dataclass(slots=True)
class Loaded:
    """`relaxed`: the table no longer demands what ours does, because some row needed that. `doubled` rows
    were there already (another archive holds them too). `refused` are rows that no table of this shape can
    hold, the first few with the server's reason.
    """

    events: int = 0
    relaxed: bool = False
    doubled: int = 0
    refused: int = 0
    reasons: list[tuple[str | None, int | None, str]] = field(default_factory=list)


def load_events(
    conn: psycopg.Connection, events: Iterable[Event], on_batch: Callable[[int], None] = lambda _: None
) -> Loaded:
    """Copies events into audit.logs of a database of one's own; each batch is a transaction. `on_batch` hears
    how many have been read.

    The session must be a superuser's: it stands aside of the sealing triggers, as a restore does.
    """
    loaded = Loaded()
    batch: list[Event] = []
    with conn.transaction():
        conn.execute("SET session_replication_role = replica")
        conn.execute("SET TimeZone = 'UTC'")
    for event in events:
        batch.append(event)
        if len(batch) == BATCH:
            _load(conn, batch, loaded)
            batch = []
            on_batch(loaded.events + loaded.doubled + loaded.refused)
    _load(conn, batch, loaded)
    return loaded


def _relax(conn: psycopg.Connection) -> None:
    """Takes what our own table demands off it, so that a log with other habits can be shown as it is."""
    with conn.transaction():
        for name in ("event_id_format", "timestamp_range"):
            conn.execute(
                sql.SQL("ALTER TABLE audit.logs DROP CONSTRAINT IF EXISTS {}").format(sql.Identifier(name))
            )
        for column in COLUMNS:
            if column not in ("id", "tenant_id", "sequence_number"):
                alter = sql.SQL("ALTER TABLE audit.logs ALTER COLUMN {} DROP NOT NULL")
                conn.execute(alter.format(sql.Identifier(column)))


def _load(conn: psycopg.Connection, batch: list[Event], loaded: Loaded) -> None:
    try:
        _copy(conn, batch)
    except (psycopg.DataError, psycopg.IntegrityError):
        if not loaded.relaxed:
            _relax(conn)
            loaded.relaxed = True
        for event in batch:  # one of them does not fit: find it
            _insert(conn, event, loaded)
        return
    loaded.events += len(batch)


def _copy(conn: psycopg.Connection, batch: list[Event]) -> None:
    with conn.transaction(), conn.cursor() as cursor, cursor.copy(_COPY) as copy:
        for event in batch:
            copy.write_row(event)


def _insert(conn: psycopg.Connection, event: Event, loaded: Loaded) -> None:
    try:
        with conn.transaction():
            done = conn.execute(_INSERT, event).rowcount
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        loaded.refused += 1
        if len(loaded.reasons) < _REASONS:
            said = error.diag.message_primary or str(error)
            loaded.reasons.append((event.tenant_id, event.sequence_number, said))
        return
    loaded.events += done
    loaded.doubled += 1 - done
