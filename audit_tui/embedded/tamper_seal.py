"""The two seals as an intruder would recompute them: the hash an event needs to look untouched."""

from typing import LiteralString

from audit_tui.embedded.tamper_guard import Conn, has_column

PART_NAMES = ("identity", "changes", "snapshots", "details")

_V1: LiteralString = """
    SELECT encode(sha256(convert_to(json_build_object(
        'event_id', event_id, 'sequence_number', sequence_number, 'timestamp', timestamp,
        'event_type', event_type, 'tenant_id', tenant_id, 'actor_id', actor_id,
        'resource_type', resource_type, 'resource_id', resource_id, 'changes', changes,
        'previous_hash', previous_hash)::text, 'UTF8')), 'hex')
    FROM audit.logs WHERE tenant_id = %s AND sequence_number = %s
"""

_V2: LiteralString = """
    SELECT encode(sha256(convert_to(json_build_array(
        'audit/2', tenant_id, sequence_number, previous_hash, event_id,
        (extract(epoch FROM timestamp) * 1000000)::bigint,
        event_type, actor_type, resource_type, resource_id, http_method, request_id,
        %s::text, %s::text, %s::text, %s::text)::text, 'UTF8')), 'hex')
    FROM audit.logs WHERE tenant_id = %s AND sequence_number = %s
"""

_DIGESTS: LiteralString = """
    SELECT CASE WHEN length(part_salts) = 64 AND body IS NOT NULL
           THEN encode(sha256(substr(part_salts, 16 * place - 15, 16) || convert_to(body, 'UTF8')), 'hex') END
    FROM audit.logs, LATERAL (VALUES
        (1, CASE WHEN num_nonnulls(actor_id, actor_email, actor_ip_address, session_id, user_agent) > 0 THEN
            json_build_array(actor_id, actor_email, actor_ip_address, session_id, user_agent)::text END),
        (2, changes::text),
        (3, CASE WHEN num_nonnulls(resource_before, resource_after) > 0 THEN
            coalesce(resource_before::text, '') || chr(10) || coalesce(resource_after::text, '') END),
        (4, CASE WHEN num_nonnulls(metadata, endpoint) > 0 THEN
            coalesce(metadata::text, '') || coalesce(chr(10) || endpoint, '') END)) AS parts (place, body)
    WHERE tenant_id = %s AND sequence_number = %s ORDER BY place
"""


def seal_version(conn: Conn, tenant: str, sequence: int) -> int:
    """2 where the row says so, else 1: the guide's table has no such column."""
    if not has_column(conn, "hash_version"):
        return 1
    row = conn.execute(
        "SELECT hash_version FROM audit.logs WHERE tenant_id = %s AND sequence_number = %s",
        (tenant, sequence),
    ).fetchone()
    return 2 if row and row[0] == 2 else 1


def fitting_hash(conn: Conn, tenant: str, sequence: int, zone: str = "UTC") -> str:
    """The event_hash that the row's columns ask for. LookupError where there is no such event.

    Version 1 is rendered in `zone` because the guide's trigger used its session's time zone.
    """
    if seal_version(conn, tenant, sequence) == 2:
        parts = _recorded_digests(conn, tenant, sequence)
        row = conn.execute(_V2, (*parts, tenant, sequence)).fetchone()
    else:
        with conn.transaction():
            before = conn.execute("SELECT current_setting('TimeZone')").fetchone()
            conn.execute("SELECT set_config('TimeZone', %s, true)", (zone,))
            row = conn.execute(_V1, (tenant, sequence)).fetchone()
            conn.execute("SELECT set_config('TimeZone', %s, true)", before)
    if row is None:
        msg = f"no event {sequence} of {tenant}"
        raise LookupError(msg)
    return str(row[0])


def part_digests(conn: Conn, tenant: str, sequence: int) -> tuple[str | None, ...]:
    """The four digests of a version 2 event's present columns; None where all columns of a part are NULL."""
    return tuple(row[0] for row in conn.execute(_DIGESTS, (tenant, sequence)).fetchall())


def _recorded_digests(conn: Conn, tenant: str, sequence: int) -> tuple[str | None, ...]:
    """The digests as the event hash takes them: those in `erased_parts` stand in for erased parts."""
    row = conn.execute(
        "SELECT erased_parts FROM audit.logs WHERE tenant_id = %s AND sequence_number = %s",
        (tenant, sequence),
    ).fetchone()
    erased = row[0] if row and isinstance(row[0], dict) else {}
    present = part_digests(conn, tenant, sequence)
    return tuple(erased.get(name, digest) for name, digest in zip(PART_NAMES, present, strict=True))
