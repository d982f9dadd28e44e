"""What the tests of the event triggers have in common."""

from tests.schema.conftest import Connection

RECORDERS = "SELECT evtname::text, evtenabled::text FROM pg_event_trigger ORDER BY 1"
ALL = [("audit_record_ddl", "A"), ("audit_record_drop", "A"), ("audit_record_recorder", "A")]


def recorded(conn: Connection, after: int = 0) -> list[tuple[str, str]]:
    """Return command and object of every audit.ddl event, in order."""
    rows = conn.execute(
        "SELECT metadata ->> 'command', metadata ->> 'object' FROM audit.logs"
        " WHERE tenant_id = '_audit' AND event_type = 'audit.ddl' AND sequence_number > %s"
        " ORDER BY sequence_number",
        [after],
    ).fetchall()
    return [(str(command), str(thing)) for command, thing in rows]
