"""Bringing history of a given month into a log, as the owner role."""

from psycopg.types.json import Jsonb

from tests.schema.conftest import Connection


def import_month(conn: Connection, tenant: str, month: str, events: int) -> None:
    """Import that many events, a day apart from the second of the month on; an audit.imported one follows."""
    conn.execute(
        "SELECT audit.import_events(%s, 'test', %s)",
        [tenant, Jsonb([_event(f"{month}-{day:02}", tenant) for day in range(2, events + 2)])],
    )


def _event(day: str, tenant: str) -> dict[str, str]:
    return {
        "event_id": f"evt_{tenant}x{day.replace('-', 'x')}",
        "timestamp": f"{day}T12:00:00Z",
        "event_type": "user.updated",
        "actor_type": "user",
        "actor_id": "usr_1",
        "actor_email": "one@example.com",
        "resource_type": "user",
        "resource_id": "usr_2",
    }
