"""Examines a connected database: reads the catalogue in one snapshot, and lets core judge."""

from collections.abc import Callable

import psycopg

from audit_tui.core.clock import rfc3339
from audit_tui.core.doctor.examine import examine_guide, examine_ours, kind_of, layout_of
from audit_tui.core.doctor.model import DoctorReport
from audit_tui.core.errors import NoAuditSchemaError, UnsupportedSchemaError
from audit_tui.core.model import SchemaKind
from audit_tui.store.doctor import load_shipped, read_bodies, read_seen
from audit_tui.store.session import reading


def examine(conn: psycopg.Connection, now_us: Callable[[], int]) -> DoctorReport:
    """Every check that this connection's role can run; the others are reported as not run.

    Nothing of the log need be readable. Raises NoAuditSchemaError where there is no audit schema, or an
    empty one; UnsupportedSchemaError for one that was built neither by this tool nor from the guide.
    """
    shipped = load_shipped()
    with reading(conn, snapshot=True):
        seen = read_seen(conn, shipped, now_us)
        kind = kind_of(seen.catalogue)
        bodies = read_bodies(conn) if kind is SchemaKind.GUIDE else {}
    if kind is None:
        raise _unknown(seen.server.database, there=any(seen.catalogue.of("relation")))
    if kind is SchemaKind.GUIDE:
        checks, version, layout = examine_guide(seen, shipped, bodies), None, None
    else:
        checks = examine_ours(seen, shipped)
        version, layout = seen.info.version if seen.info else None, layout_of(seen)
    return DoctorReport(kind, version, layout, seen.catalogue.owner, rfc3339(now_us()), checks)


def _unknown(database: str, *, there: bool) -> NoAuditSchemaError | UnsupportedSchemaError:
    if there:
        return UnsupportedSchemaError(
            f"the audit schema of the database {database} was made neither by this tool nor from the guide",
            "there is nothing to compare it with",
        )
    return NoAuditSchemaError(
        f"the database {database} has no audit schema", "install it with: audit-tui install --dsn DSN"
    )
