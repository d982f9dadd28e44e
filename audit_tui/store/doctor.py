"""What an examination reads: rows of the catalogue and the server's settings, never the log's events."""

import psycopg

from audit_tui.store.queries import load
from audit_tui.store.session import lenient_cursor


def read_settings(conn: psycopg.Connection) -> dict[str, str]:
    """Settings by name, as a new session of anyone would get them; inside a reading transaction."""
    with lenient_cursor(conn) as cursor:
        return {
            name: value for name, value, _ in cursor.execute(load("doctor_settings")) if value is not None
        }
