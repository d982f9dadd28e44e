"""The connection as the header shows it, and what the connected role may do."""

import psycopg

from audit_tui.service.api import Capability, Connection
from audit_tui.store.connect import target_text
from audit_tui.store.probe import Probe


def describe(conn: psycopg.Connection, seen: Probe, name: str) -> Connection:
    """What was probed, as the front ends need it."""
    over_socket = conn.info.host.startswith("/") or not conn.info.host
    return Connection(
        name=name,
        target=target_text(conn),
        user=seen.username,
        database=seen.database,
        server_version=seen.server_version,
        encrypted=None if over_socket else conn.pgconn.ssl_in_use,
        schema=seen.layout.kind,
        schema_version=seen.schema_version,
        capabilities=_capabilities(seen),
        notes=seen.notes,
        log_id=seen.identity.log_id,
        sees_all=not seen.isolated,
    )


def _capabilities(seen: Probe) -> tuple[Capability, ...]:
    lacking = seen.layout.unsealable
    return (
        Capability("read", allowed=True),
        Capability(
            "check content", not lacking, f"audit.logs lacks {', '.join(lacking)}" if lacking else None
        ),
        Capability("verify in SQL", seen.may_verify, _why_not_in_sql(seen)),
        Capability("install", seen.may_install, None if seen.may_install else "needs CREATE on the database"),
    )


def _why_not_in_sql(seen: Probe) -> str | None:
    if not seen.verify_exists:
        return "this schema has no audit.verify_chain"
    return None if seen.may_verify else "needs EXECUTE on audit.verify_chain (role audit_admin)"
