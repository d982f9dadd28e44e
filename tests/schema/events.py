"""Logging an event and looking at a chain, in SQL: what these tests have in common."""

from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

Connection = psycopg.Connection[Any]
Row = dict[str, Any]


def log(conn: Connection, tenant: str = "t1", event_type: str = "user.updated", **columns: Any) -> str:
    """Log through audit.log_event; dicts and lists become jsonb. Returns the event_id."""
    values = {
        "event_type": event_type,
        "tenant_id": tenant,
        "actor_type": "user",
        "actor_id": "usr_1",
        "actor_email": "one@example.com",
        "actor_ip_address": "10.1.2.3",
        "resource_type": "user",
        "resource_id": "usr_2",
        "endpoint": "/users/usr_2",
        "http_method": "PATCH",
        **columns,
    }
    arguments = ", ".join(f"p_{name} => %({name})s{_CASTS.get(name, '')}" for name in values)
    bound = {name: Jsonb(v) if isinstance(v, dict | list) else v for name, v in values.items()}
    row = conn.execute(f"SELECT audit.log_event({arguments})", bound).fetchone()
    assert row is not None
    return str(row[0])


_CASTS = {
    "actor_ip_address": "::inet",
    "changes": "::jsonb",
    "resource_before": "::jsonb",
    "resource_after": "::jsonb",
}


def insert(conn: Connection, **columns: Any) -> None:
    """Insert into audit.logs directly, with the required columns filled in unless given."""
    values = {
        "event_id": "evt_1",
        "event_type": "user.updated",
        "tenant_id": "t1",
        "actor_type": "user",
        "actor_id": "usr_1",
        "resource_type": "user",
        "resource_id": "usr_2",
        **columns,
    }
    names = ", ".join(values)
    places = ", ".join(f"%({name})s" for name in values)
    conn.execute(f"INSERT INTO audit.logs ({names}) VALUES ({places})", values)


def rows(conn: Connection, tenant: str = "t1") -> list[Row]:
    """All columns of a tenant's events, in sequence order."""
    with conn.cursor(row_factory=dict_row) as cursor:
        cursor.execute("SELECT * FROM audit.logs WHERE tenant_id = %s ORDER BY sequence_number", [tenant])
        return cursor.fetchall()


def event(conn: Connection, sequence: int, tenant: str = "t1") -> Row:
    """One event's columns."""
    (found,) = (row for row in rows(conn, tenant) if row["sequence_number"] == sequence)
    return found


def chain(conn: Connection, tenant: str = "t1") -> tuple[int, bool]:
    """Return the number of events, and whether the chain is whole: gapless, linked, all seals right."""
    events = rows(conn, tenant)
    seals = conn.execute(
        "SELECT audit.event_verifies(l) FROM audit.logs l WHERE tenant_id = %s",
        [tenant],
    ).fetchall()
    hashes = [None, *(row["event_hash"] for row in events)]
    whole = (
        [row["sequence_number"] for row in events] == list(range(1, len(events) + 1))
        and [row["previous_hash"] for row in events] == hashes[:-1]
        and all(seal for (seal,) in seals)
    )
    return len(events), whole


def value(conn: Connection, query: str) -> object:
    """The one value, or the one row, that a query answers with."""
    row = conn.execute(query).fetchone()
    return row[0] if row is not None and len(row) == 1 else row
