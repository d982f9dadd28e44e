"""The attacks: what an intruder with the owner's rights does to `audit.logs`, in either schema.

Used by the demo's story and by the tests, so that what is shown and what is proved are the same. Every
function takes a psycopg connection of the owner or a superuser, works in one transaction, and leaves the
triggers as they were. Constraints that stand in the way are dropped, as an intruder would.
"""

from psycopg import sql

from audit_tui.embedded.tamper_guard import Conn, columns, force, has_column, unguarded
from audit_tui.embedded.tamper_seal import PART_NAMES, fitting_hash, part_digests

_ERASURE = {
    "identity": "actor_email = NULL, actor_ip_address = NULL, session_id = NULL, user_agent = NULL",
    "changes": "changes = NULL",
    "snapshots": "resource_before = NULL, resource_after = NULL",
    "details": "metadata = NULL, endpoint = NULL",
}


def edit_field(conn: Conn, tenant: str, sequence: int, column: str, value: object) -> None:
    """T1, T2: one column of one event gets another value (text is cast to its type; None is NULL)."""
    with unguarded(conn):
        _set(conn, tenant, sequence, column, value)


def rehash(conn: Conn, tenant: str, sequence: int, zone: str = "UTC") -> None:
    """T3: the event's own hash is made to fit its columns; its successor still names the old one."""
    with unguarded(conn):
        _set(conn, tenant, sequence, "event_hash", fitting_hash(conn, tenant, sequence, zone))


def rehash_from(
    conn: Conn, tenant: str, sequence: int, zone: str = "UTC", through: int | None = None
) -> None:
    """T4: from `sequence` to the head every link and hash is made to fit: only a witness can tell.

    `through` ends it earlier: the event behind it still names the old hash.
    """
    with unguarded(conn):
        _rechain(conn, tenant, sequence, zone, through)


def drop_rows(conn: Conn, tenant: str, first: int, last: int) -> None:
    """T5: the events first..last vanish."""
    with unguarded(conn):
        conn.execute(
            "DELETE FROM audit.logs WHERE tenant_id = %s AND sequence_number BETWEEN %s AND %s",
            (tenant, first, last),
        )


def drop_first(conn: Conn, tenant: str, count: int = 1) -> None:
    """T9: the chain's first `count` events vanish."""
    first = _bounds(conn, tenant)[0]
    drop_rows(conn, tenant, first, first + count - 1)


def cut_tail(conn: Conn, tenant: str, from_sequence: int) -> None:
    """T7: the events from `from_sequence` to the head vanish."""
    drop_rows(conn, tenant, from_sequence, _bounds(conn, tenant)[1])


def remove_tenant(conn: Conn, tenant: str) -> None:
    """T8: every event of a tenant vanishes."""
    with unguarded(conn):
        conn.execute("DELETE FROM audit.logs WHERE tenant_id = %s", (tenant,))


def truncate(conn: Conn) -> None:
    """T8: the whole log vanishes."""
    with unguarded(conn):
        conn.execute("TRUNCATE audit.logs")


def drop_and_rechain(conn: Conn, tenant: str, first: int, last: int, zone: str = "UTC") -> None:
    """T6: the events first..last vanish, the later ones are renumbered and chained anew."""
    with unguarded(conn):
        drop_rows(conn, tenant, first, last)
        renumber_from(conn, tenant, last + 1, first - last - 1)
        _rechain(conn, tenant, first, zone)


def renumber_from(conn: Conn, tenant: str, sequence: int, by: int) -> None:
    """The events from `sequence` to the head get their numbers raised by `by` (lowered where negative)."""
    with unguarded(conn):
        far = _bounds(conn, tenant)[1] + abs(by) + 1
        for shift, lowest in ((far, sequence), (by - far, sequence + far)):
            conn.execute(
                "UPDATE audit.logs SET sequence_number = sequence_number + %s"
                " WHERE tenant_id = %s AND sequence_number >= %s",
                (shift, tenant, lowest),
            )


def swap(conn: Conn, tenant: str, a: int, b: int) -> None:
    """Two events trade their places: only their sequence numbers change hands."""
    with unguarded(conn):
        spare = _bounds(conn, tenant)[1] + 1
        for old, new in ((a, spare), (b, a), (spare, b)):
            _set(conn, tenant, old, "sequence_number", new)


def null_hash(conn: Conn, tenant: str, sequence: int) -> None:
    """The event's hash becomes NULL, in the hope that a comparison with NULL passes."""
    edit_field(conn, tenant, sequence, "event_hash", None)


def insert_copy(conn: Conn, tenant: str, sequence: int, at: int | None = None) -> str:
    """A copy of an event under a new event_id, at its own place (a duplicate) or at `at`; its event_id."""
    event_id = f"evt_copy{abs(sequence)}x{abs(sequence if at is None else at)}"
    kept = [name for name in columns(conn) if name not in {"id", "event_id", "sequence_number"}]
    names = sql.SQL(", ").join(map(sql.Identifier, kept))
    statement = sql.SQL(
        "INSERT INTO audit.logs (event_id, sequence_number, {0}) SELECT %s, %s, {0} FROM audit.logs"
        " WHERE tenant_id = %s AND sequence_number = %s ORDER BY id LIMIT 1"
    ).format(names)
    with unguarded(conn):
        force(conn, statement, (event_id, sequence if at is None else at, tenant, sequence))
    return event_id


def move_to_tenant(conn: Conn, tenant: str, sequence: int, other: str) -> None:
    """The event leaves its chain and becomes the other tenant's, right after that one's head."""
    with unguarded(conn):
        force(
            conn,
            "UPDATE audit.logs SET tenant_id = %s, sequence_number = %s"
            " WHERE tenant_id = %s AND sequence_number = %s",
            (other, _bounds(conn, other)[1] + 1, tenant, sequence),
        )


def downgrade(conn: Conn, tenant: str, sequence: int) -> None:
    """T14: a version 2 event claims to be version 1, with a hash that fits: the salts' columns go free."""
    with unguarded(conn):
        force(
            conn,
            "UPDATE audit.logs SET hash_version = 1, part_salts = NULL, erased_parts = NULL"
            " WHERE tenant_id = %s AND sequence_number = %s",
            (tenant, sequence),
        )
        _set(conn, tenant, sequence, "event_hash", fitting_hash(conn, tenant, sequence))


def erase_without_authority(conn: Conn, tenant: str, sequence: int, *parts: str) -> None:
    """T14: parts are removed as an erasure would (digest kept, salt zeroed), with no event to record it."""
    with unguarded(conn):
        digests = dict(zip(PART_NAMES, part_digests(conn, tenant, sequence), strict=True))
        for part in parts:
            if digests[part] is None:
                msg = f"event {sequence} has no {part} to erase"
                raise ValueError(msg)
            place = 16 * PART_NAMES.index(part) + 1
            statement = sql.SQL(
                "UPDATE audit.logs SET {}, erased_parts = coalesce(erased_parts, '{{}}')"
                " || jsonb_build_object(%s::text, %s::text),"
                " part_salts = overlay(part_salts PLACING decode(repeat('00', 16), 'hex') FROM %s)"
                " WHERE tenant_id = %s AND sequence_number = %s"
            ).format(sql.SQL(_ERASURE[part]))
            force(conn, statement, (part, digests[part], place, tenant, sequence))


def _set(conn: Conn, tenant: str, sequence: int, column: str, value: object) -> None:
    if not has_column(conn, column):
        msg = f"audit.logs has no column {column}"
        raise LookupError(msg)
    statement = sql.SQL("UPDATE audit.logs SET {} = %s WHERE tenant_id = %s AND sequence_number = %s").format(
        sql.Identifier(column)
    )
    if force(conn, statement, (value, tenant, sequence)) == 0:
        msg = f"no event {sequence} of {tenant}"
        raise LookupError(msg)


def _bounds(conn: Conn, tenant: str) -> tuple[int, int]:
    row = conn.execute(
        "SELECT min(sequence_number), max(sequence_number) FROM audit.logs WHERE tenant_id = %s", (tenant,)
    ).fetchone()
    if row is None or row[0] is None:
        msg = f"no events of {tenant}"
        raise LookupError(msg)
    return int(row[0]), int(row[1])


def _rechain(conn: Conn, tenant: str, sequence: int, zone: str, through: int | None = None) -> None:
    rows = conn.execute(
        "SELECT sequence_number, event_hash FROM audit.logs"
        " WHERE tenant_id = %s AND sequence_number >= %s - 1 ORDER BY sequence_number",
        (tenant, sequence),
    ).fetchall()
    known = {row[0]: row[1] for row in rows}
    previous = known.get(sequence - 1)
    for number in (n for n in known if sequence <= n and (through is None or n <= through)):
        _set(conn, tenant, number, "previous_hash", previous)
        previous = fitting_hash(conn, tenant, number, zone)
        _set(conn, tenant, number, "event_hash", previous)
