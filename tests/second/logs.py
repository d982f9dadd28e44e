"""A log of two tenants and copies of it, for comparing one with the other."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from audit_tui import bootstrap
from audit_tui.core.findings import Finding, Kind
from audit_tui.core.second.model import TenantComparison
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.service.against import AgainstRequest, Compared
from audit_tui.service.api import AuditService, VerifyRequest

Attack = Callable[[psycopg.Connection], object]

_LOG_GUIDE = """
SELECT audit.log_event(
  p_event_type := 'user.updated', p_tenant_id := %(tenant)s, p_actor_type := 'user', p_actor_id := 'usr_1',
  p_actor_email := 'a@example.com', p_actor_ip_address := '192.168.1.100'::inet,
  p_resource_type := 'user', p_resource_id := 'usr_9', p_endpoint := '/v1', p_http_method := 'PATCH',
  p_changes := jsonb_build_object('n', %(number)s::int), p_resource_before := NULL, p_resource_after := NULL,
  p_request_id := NULL, p_session_id := NULL, p_user_agent := NULL, p_metadata := NULL)
"""


@dataclass
class Bench:
    """Makes copies of databases and compares them; witnesses are kept in one folder of the test."""

    server: EmbeddedServer
    folder: Path
    made: list[str] = field(default_factory=list)
    opened: list[AuditService] = field(default_factory=list)

    def copy(self, dsn: str) -> str:
        """A copy of a database to which nobody is connected."""
        name = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
        made = self.server.create_database(template=str(name))
        self.made.append(made)
        return made

    def open(self, dsn: str) -> AuditService:
        """A service, closed at the end of the test."""
        service = bootstrap.open_service(dsn, state_dir=self.folder)
        self.opened.append(service)
        return service

    def compare(self, here: str, there: str, tenants: tuple[str, ...] | None = None) -> Compared:
        against = bootstrap.open_against(here, there, state_dir=self.folder)
        try:
            return against.verify(AgainstRequest(tenants))
        finally:
            against.close()

    def verify(self, dsn: str) -> None:
        """A complete check, after which the heads are witnessed."""
        service = bootstrap.open_service(dsn, state_dir=self.folder)
        service.verify(VerifyRequest())
        service.close()

    def close(self) -> None:
        for service in self.opened:
            service.close()
        for made in self.made:
            self.server.drop_database(made)


def attack(dsn: str, *actions: Attack) -> None:
    with psycopg.connect(dsn, autocommit=True) as conn:
        for action in actions:
            action(conn)


def log_guide_events(dsn: str, tenant: str, count: int, zone: str = "UTC") -> None:
    """Logs events in a guide schema, each in a transaction of its own, from a session in that zone."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("SELECT set_config('TimeZone', %s, false)", [zone])
        for number in range(count):
            conn.execute(_LOG_GUIDE, {"tenant": tenant, "number": number})


def found(compared: Compared, tenant_id: str = "org_a") -> list[tuple[str, int | None, int | None]]:
    """Severity, first and last of what the comparison found of a tenant."""
    return [
        (str(finding.severity), finding.first_sequence, finding.last_sequence)
        for finding in differences(compared, tenant_id)
    ]


def differences(compared: Compared, tenant_id: str = "org_a") -> list[Finding]:
    report = next(each for each in compared.report.tenants if each.tenant_id == tenant_id)
    return [each for each in report.findings if each.kind is Kind.SOURCE_DIFFERENCE]


def told(compared: Compared, tenant_id: str = "org_a") -> TenantComparison:
    return next(each for each in compared.comparison.tenants if each.tenant_id == tenant_id)
