"""Small chains to tamper with: the same twelve events in our schema, in the guide's, and adopted from it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from audit_tui.embedded.guide import install_guide
from audit_tui.embedded.tamper import cut_tail, rehash_from
from audit_tui.embedded.tamper_guard import unguarded
from audit_tui.store.install import install

Conn = psycopg.Connection[Any]

ACME = "acme"
OTHER = "other"
EVENTS = 12
"""Events of the tenant `acme`; every column of event 5 is filled, every optional one of event 6 is NULL."""
KOLKATA_EVENTS = 1000
START = datetime(2024, 1, 15, 10, 0, 0, 500000, tzinfo=UTC)

_COLUMNS = (
    "event_id", "timestamp", "event_type", "actor_type", "actor_id", "actor_email", "actor_ip_address",
    "resource_type", "resource_id", "endpoint", "http_method", "changes", "resource_before", "resource_after",
    "request_id", "session_id", "user_agent", "metadata",
)  # fmt: skip


def event(tenant: str, number: int) -> dict[str, Any]:
    """What an application would log as its `number`th event."""
    plain = {
        "event_id": f"evt_{tenant}{number:04d}",
        "timestamp": (START + timedelta(minutes=7 * number)).isoformat(),
        "event_type": "user.updated",
        "actor_type": "user",
        "actor_id": f"usr_{number % 3}",
        "resource_type": "user",
        "resource_id": f"usr_{100 + number}",
    }
    if number % 6 == 0:
        return plain
    return plain | {
        "actor_email": f"usr_{number % 3}@example.com",
        "actor_ip_address": f"203.0.113.{number % 200}",
        "endpoint": f"/v1/users/usr_{100 + number}",
        "http_method": "PATCH",
        "changes": {"role": {"old": "member", "new": f"adm\u00efn {number}"}},
        "resource_before": {"role": "member", "rate": 1.10},
        "resource_after": {"role": f"adm\u00efn {number}", "rate": 1e3, "tags": ["a", None]},
        "request_id": f"req_{number}",
        "session_id": f"ses_{number}",
        "user_agent": 'Mozilla/5.0 "quoted" \\ back',
        "metadata": {"source": "api", "n": number},
    }


def build_ours(conn: Conn) -> None:
    """Our schema with both tenants, written by the schema's own import."""
    install(conn)
    import_chain(conn, ACME, EVENTS)
    import_chain(conn, OTHER, 4)


def build_guide(conn: Conn) -> None:
    """The guide's schema with both tenants, written through its trigger by a session in UTC."""
    install_guide(conn)
    conn.execute("SET TimeZone = 'UTC'")
    for tenant, count in ((ACME, EVENTS), (OTHER, 4)):
        for number in range(1, count + 1):
            insert(conn, event(tenant, number) | {"tenant_id": tenant})
    conn.commit()


def build_adopted(conn: Conn) -> None:
    """Our schema holding events that the guide's trigger sealed: version 1, no salts."""
    install(conn)
    adopt(conn, ACME, EVENTS, "UTC")
    adopt(conn, OTHER, 4, "UTC")


def build_kolkata(conn: Conn) -> None:
    """The guide's schema with a thousand events written from India."""
    install_guide(conn)
    conn.execute("SET TimeZone = 'Asia/Kolkata'")
    for number in range(1, KOLKATA_EVENTS + 1):
        insert(conn, event(ACME, number) | {"tenant_id": ACME})
    conn.commit()


def adopt(conn: Conn, tenant: str, count: int, zone: str, first: int = 1) -> None:
    """Writes version 1 events first..first+count-1 past the triggers, sealed by a session in `zone`."""
    with unguarded(conn):
        for number in range(first, first + count):
            row = event(tenant, number) | {"tenant_id": tenant, "sequence_number": number}
            insert(conn, row | {"hash_version": 1, "event_hash": "0" * 64})
        rehash_from(conn, tenant, first, zone)
    conn.commit()


def append(conn: Conn, event_type: str, metadata: object, tenant: str = ACME, **columns: object) -> int:
    """Seals one more event as the owner role may, reserved types included; returns its sequence."""
    row = {
        "event_id": f"evt_appended{tenant}{event_type.replace('.', '')}",
        "event_type": event_type,
        "tenant_id": tenant,
        "actor_type": "system",
        "actor_id": "owner",
        "resource_type": "test",
        "resource_id": "test",
        "metadata": metadata,
    } | columns
    conn.execute("SET ROLE audit_owner")
    sequence = insert(conn, row)
    conn.execute("RESET ROLE")
    return sequence


def import_chain(conn: Conn, tenant: str, count: int) -> None:
    """A tenant with that many events, sealed by the schema's own import."""
    events = [event(tenant, number) for number in range(1, count + 1)]
    conn.execute("SET ROLE audit_owner")
    conn.execute("SELECT audit.import_events(%s, 'test', %s)", (tenant, json.dumps(events)))
    conn.execute("RESET ROLE")
    cut_tail(conn, tenant, count + 1)  # the import's own event: all chains here have the same length
    conn.commit()


def insert(conn: Conn, row: dict[str, Any]) -> int:
    """Inserts a row of `audit.logs` through whatever triggers are on; returns its sequence."""
    names = list(row)
    values = [json.dumps(v) if isinstance(v, dict | list) else v for v in row.values()]
    statement = psycopg.sql.SQL("INSERT INTO audit.logs ({}) VALUES ({}) RETURNING sequence_number").format(
        psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, names)),
        psycopg.sql.SQL(", ").join([psycopg.sql.Placeholder()] * len(names)),
    )
    found = conn.execute(statement, values).fetchone()
    if found is None:
        msg = "the insert returned nothing"
        raise RuntimeError(msg)
    return int(found[0])
