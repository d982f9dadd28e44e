"""Logs to archive: some tenants, some months of history, every column in use."""

import json
from datetime import UTC, datetime, timedelta

import psycopg

START = datetime(2023, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)


WORDS = 'admin \U0001f511 \\ " \u2028'


def fill(
    conn: psycopg.Connection, *, tenants: int, events: int, months: int = 12, words: str = WORDS
) -> None:
    """Imports `events` events in all, evenly over tenants t1.. and months from January 2023 on."""
    each = events // tenants
    step = YEAR * months / 12 / each
    conn.execute("SET ROLE audit_owner")
    for number in range(1, tenants + 1):
        for low in range(0, each, 5000):
            batch = [_event(number, at, START + step * at, words) for at in range(low, min(low + 5000, each))]
            conn.execute(
                "SELECT audit.import_events(%s, 'a test', %s::jsonb)", [f"t{number}", json.dumps(batch)]
            )
    conn.execute("RESET ROLE")


def make_months(conn: psycopg.Connection) -> None:
    """Gives the months of 2023 and January 2024 a partition each."""
    conn.execute(
        "SELECT audit.add_partitions(array_agg(tstzrange(m, m + interval '1 month') ORDER BY m))"
        " FROM generate_series('2023-01-01Z'::timestamptz, '2024-01-01Z', '1 month') m"
    )


def _event(tenant: int, at: int, when: datetime, words: str) -> dict[str, object]:
    return {
        "event_id": f"evt_t{tenant}n{at}",
        "timestamp": when.isoformat(),
        "event_type": ("user.updated", "auth.login", "user.deleted")[at % 3],
        "actor_type": "user",
        "actor_id": f"usr_{at % 17}",
        "actor_email": f"person{at % 17}@example.com",
        "actor_ip_address": f"10.0.{at % 256}.7",
        "resource_type": "user",
        "resource_id": f"usr_{at % 101}",
        "endpoint": f"/users/{at % 101}",
        "http_method": "PATCH",
        "changes": {
            "role": {"old": "member", "new": words},
            "n": {"old": at, "new": 1.50},
        },
        "resource_before": {"n": at} if at % 2 else None,
        "resource_after": None,
        "json_null": ["resource_after"] if at % 5 == 0 else [],
        "request_id": f"req_{at}",
        "session_id": None if at % 4 else "s",
        "user_agent": "line\none\ttwo",
        "metadata": {"k": [1, 2, {"deep": None}]},
    }
