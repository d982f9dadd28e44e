"""Logs to ask questions of."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from audit_tui import bootstrap
from audit_tui.service.api import AuditService

Fill = Callable[..., None]


def log_events(dsn: str, tenant: str, count: int, zone: str = "UTC") -> None:
    """Logs `count` events of a tenant through log_event, from a session in that zone."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("SELECT set_config('TimeZone', %s, false)", [zone])
        conn.execute(
            """SELECT count(audit.log_event(
                   CASE WHEN i %% 10 = 0 THEN 'auth.login_failed' ELSE 'user.updated' END,
                   %(tenant)s, 'user', 'usr_' || i %% 3, 'a' || i %% 3 || '@example.com',
                   ('203.0.113.' || i %% 200)::inet, 'user', 'usr_' || i %% 7,
                   '/v1/users/' || i %% 7, 'PATCH',
                   jsonb_build_object('role', jsonb_build_object('old', 'r' || i - 1, 'new', 'r' || i)),
                   p_metadata := jsonb_build_object('n', i)))
               FROM generate_series(1, %(count)s) AS i""",
            {"tenant": tenant, "count": count},
        )


@pytest.fixture
def open_service(tmp_path: Path) -> Iterator[Callable[[str], AuditService]]:
    """Opens services that share one folder of witnesses; closes them at the end."""
    opened: list[AuditService] = []

    def open_one(dsn: str) -> AuditService:
        service = bootstrap.open_service(dsn, state_dir=tmp_path / "witness")
        opened.append(service)
        return service

    yield open_one
    for service in opened:
        service.close()
