"""Loads the told events: into our schema through its import of history, into the guide's by plain INSERT."""

import json
from collections.abc import Sequence
from typing import Any

from psycopg import Connection, sql

from audit_tui.embedded.story.events import FIELDS, JSON_FIELDS, StoryEvent
from audit_tui.embedded.story.script import BATCH

SOURCE = "application database, table activity"
OWNER = "audit_owner"


def import_events(conn: Connection[Any], tenant_id: str, events: Sequence[StoryEvent]) -> int:
    """Imports a tenant's events in batches as the owner; how many rows were written.

    Each batch is one transaction and ends with the schema's own `audit.imported` event.
    """
    written = 0
    for start in range(0, len(events), BATCH):
        batch = json.dumps([event.row() for event in events[start : start + BATCH]])
        with conn.transaction():
            conn.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(OWNER)))
            row = conn.execute(
                "SELECT audit.import_events(%s, %s, %s::jsonb)", (tenant_id, SOURCE, batch)
            ).fetchone()
        written += row[0] if row else 0
    return written


def insert_into_guide(conn: Connection[Any], tenant_id: str, events: Sequence[StoryEvent]) -> None:
    """Inserts with explicit times; the guide's own trigger numbers, links and hashes each row.

    The session's zone is UTC, because the guide hashes a time as its writer's session prints it.
    """
    names = ("tenant_id", *FIELDS)
    values = [sql.SQL("%s::jsonb") if name in JSON_FIELDS else sql.Placeholder() for name in names]
    statement = sql.SQL("INSERT INTO audit.logs ({}) VALUES ({})").format(
        sql.SQL(", ").join(map(sql.Identifier, names)), sql.SQL(", ").join(values)
    )
    with conn.transaction():
        conn.execute("SET LOCAL TimeZone = 'UTC'")
        with conn.cursor() as cursor:
            cursor.executemany(statement, [_parameters(tenant_id, event) for event in events])


def _parameters(tenant_id: str, event: StoryEvent) -> list[object]:
    row = event.row()
    return [tenant_id, *(json.dumps(row[name]) if name in JSON_FIELDS and name in row else row.get(name)
                         for name in FIELDS)]  # fmt: skip
