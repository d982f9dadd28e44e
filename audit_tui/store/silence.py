"""Tenants that usually log and have stopped."""

from collections.abc import Sequence

import psycopg

from audit_tui.core.clock import rfc3339_of
from audit_tui.store.queries import load


def list_silent(
    conn: psycopg.Connection, tenants: Sequence[str], seconds: int
) -> tuple[tuple[str, str], ...]:
    """Of these tenants, those whose silence is longer than `seconds` and unusual, with their last event's
    time (RFC 3339 UTC), by name.
    """
    rows = conn.execute(load("silence"), {"tenants": list(tenants), "span": f"{seconds} seconds"})
    return tuple((tenant, rfc3339_of(last) or last) for tenant, last in rows)
