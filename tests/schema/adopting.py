"""A log as the guide's readers have it, and adopting it: what these tests have in common."""

from collections.abc import Callable
from typing import Any

import psycopg

from audit_tui.bootstrap import open_adopter
from audit_tui.service.adopting import Adoption, Examined
from audit_tui.store.script import InstallOptions

Connection = psycopg.Connection[Any]
TENANTS = ("org_a", "org_b", "org_c")

EVERY_ROW = """
SELECT md5(string_agg(concat_ws('|', ctid, xmin, id, event_id, sequence_number, timestamp, event_type,
  tenant_id, actor_type, actor_id, actor_email, actor_ip_address, resource_type, resource_id,
  endpoint, http_method, changes, resource_before, resource_after, previous_hash, event_hash,
  request_id, session_id, user_agent,
  metadata), E'\\n' ORDER BY id))
FROM audit.logs WHERE id <= %s
"""
"""Every old row as it lies in the heap: another place, writer or value of one changes it."""


def fill(conn: Connection, events: int = 30, tenants: tuple[str, ...] = TENANTS) -> None:
    """Log that many events by the guide's function, in turn for each tenant; something in every column."""
    conn.execute(
        "SELECT audit.log_event('user.updated', (%s::text[])[1 + n %% %s], 'user', 'usr_' || n,"
        " 'a@example.com', '10.0.0.1', 'user', 'usr_' || n %% 7, '/users', 'PATCH',"
        " jsonb_build_object('n', n), '{\"a\": 1}', '{\"a\": 2}', 'req', 'ses', 'curl', '{\"m\": null}')"
        " FROM generate_series(0, %s - 1) AS n",
        [list(tenants), len(tenants), events],
    )


def examine(dsn: str, **options: Any) -> Examined:
    """What the adopter says of the log, before anything is done."""
    with open_adopter(dsn, InstallOptions(adopt=True, **options)) as adopter:
        return adopter.examine()


def adopt(
    dsn: str,
    *,
    meanwhile: Callable[[], object] = lambda: None,
    tell: Callable[[str], None] = lambda _: None,
    pauses: tuple[float, ...] | None = None,
    **options: Any,
) -> Adoption:
    """Adopt the log; `meanwhile` runs between the verification and everything else."""
    with open_adopter(dsn, InstallOptions(adopt=True, **options), pauses) as adopter:
        examined = adopter.examine()
        meanwhile()
        return adopter.adopt(examined, tell)


def seam(conn: Connection, tenant: str) -> dict[str, Any]:
    """The metadata of a tenant's audit.adopted event."""
    row = conn.execute(
        "SELECT metadata FROM audit.logs WHERE tenant_id = %s AND event_type = 'audit.adopted'", [tenant]
    ).fetchone()
    assert row is not None
    return dict(row[0])


def lines_of(examined: Examined, what: str) -> list[str]:
    """The sentences of one kind."""
    return [line.sentence for line in examined.lines if line.what == what]
