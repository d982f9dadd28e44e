"""Retention and holds over a PostgreSQL."""

from collections.abc import Callable

import psycopg

from audit_tui.core.clock import rfc3339
from audit_tui.core.errors import (
    AuditError,
    ConnectionLostError,
    UnknownTenantError,
    UnsupportedSchemaError,
)
from audit_tui.core.model import Head, SchemaKind
from audit_tui.core.periods import Period
from audit_tui.core.retention import Rule, rule_for
from audit_tui.service.retention import (
    Hold,
    HoldRequest,
    Kept,
    OnTenant,
    RetentionReport,
    RuleChange,
    TenantRetention,
)
from audit_tui.store import retention as store
from audit_tui.store.probe import probe
from audit_tui.store.session import reading
from audit_tui.store.tenants import get_head, is_valid_text, list_heads

_NONE = Period()


class LiveRetention:
    """`service.retention.RetentionService`. Construct with `bootstrap.open_retention`."""

    def __init__(self, conn: psycopg.Connection, *, now_us: Callable[[], int]) -> None:
        """UnsupportedSchemaError for a schema without rules and holds; `conn` is closed by `close`."""
        self._conn, self._now_us = conn, now_us
        seen = probe(conn)
        if seen.layout.kind is not SchemaKind.OURS or (seen.schema_version or 0) < 2:
            raise UnsupportedSchemaError(
                "this audit schema has no retention rules and no holds",
                "bring it up to date with: audit-tui upgrade (a guide's schema: audit-tui install --adopt)",
            )

    def report(
        self, tenants: tuple[str, ...] | None, seconds: int, on_tenant: OnTenant | None = None
    ) -> RetentionReport:
        with reading(self._conn):
            rules = store.list_rules(self._conn)
            heads = self._heads(tenants)
        counted = []
        for number, head in enumerate(heads):
            if on_tenant is not None:
                on_tenant(head.tenant_id, number, len(heads))
            counted.append(self._count(head, rules, seconds))
        return RetentionReport(rfc3339(self._now_us()), rules, tuple(counted))

    def list_rules(self) -> tuple[Rule, ...]:
        with reading(self._conn):
            return store.list_rules(self._conn)

    def set_rule(self, change: RuleChange) -> bool:
        return store.set_rule(self._conn, change)

    def remove_rule(self, name: str) -> None:
        store.remove_rule(self._conn, name)

    def list_holds(self, tenants: tuple[str, ...] | None = None) -> tuple[Hold, ...]:
        with reading(self._conn):
            holds = store.list_holds(self._conn)
            if tenants is None:
                return holds
            wanted = {head.tenant_id for head in self._heads(tenants)}
            return tuple(hold for hold in holds if hold.tenant_id in wanted)

    def place_hold(self, request: HoldRequest) -> Hold:
        return store.place_hold(self._conn, request)

    def release_hold(self, hold: str, reason: str) -> Hold:
        return store.release_hold(self._conn, hold, reason)

    def close(self) -> None:
        self._conn.close()

    def _heads(self, tenants: tuple[str, ...] | None) -> tuple[Head, ...]:
        if tenants is None:
            return tuple(head for head in list_heads(self._conn) if is_valid_text(head.tenant_id))
        found = []
        for tenant_id in tenants:
            head = get_head(self._conn, tenant_id)
            if head is None:
                raise UnknownTenantError(
                    f"there is no tenant {tenant_id}", "list them with: audit-tui tenants"
                )
            found.append(head)
        return tuple(found)

    def _count(self, head: Head, rules: tuple[Rule, ...], seconds: int) -> TenantRetention:
        """One tenant in a transaction of its own: what one takes too long for does not stop the others."""
        try:
            with reading(self._conn, timeout=f"{seconds}s", snapshot=True):
                return self._counted(head, rules)
        except ConnectionLostError:
            raise
        except AuditError as error:
            return TenantRetention(head.tenant_id, problem=error.title)

    def _counted(self, head: Head, rules: tuple[Rule, ...]) -> TenantRetention:
        conn, tenant = self._conn, head.tenant_id
        types = store.list_types(conn, tenant)
        if len(types) > store.TYPES_COUNTED:
            problem = f"it has more than {store.TYPES_COUNTED:,} event types"
            return TenantRetention(tenant, problem=problem)
        counted = store.count_events(conn, tenant, {each: rule_for(rules, tenant, each) for each in types})
        firsts_that_stay = [each.first_not_cold for each in counted if each.first_not_cold is not None]
        through = min(firsts_that_stay, default=head.sequence + 1) - 1
        due = (head.first_sequence, through) if through >= head.first_sequence else None
        before = store.list_moments(conn, tenant, [(through + 1, _NONE)])[0][0] if due else None
        return TenantRetention(
            tenant,
            tuple(self._kept(tenant, each) for each in counted),
            store.list_held(conn, tenant, head.sequence, due),
            due=due[1] - due[0] + 1 if due else 0,
            due_through=due[1] if due else None,
            archive_before=before,
        )

    def _kept(self, tenant: str, counted: store.Counted) -> Kept:
        rule = counted.rule
        oldest, due, expired = store.list_moments(
            self._conn,
            tenant,
            [
                (counted.first, _NONE),
                (counted.first_cold, rule.warm if rule else _NONE),
                (counted.first_expired, rule.keep if rule and rule.keep else _NONE),
            ],
        )
        return Kept(
            tenant, rule, counted.types, counted.events, counted.hot,
            counted.events - counted.hot - counted.cold, counted.cold, counted.expired,
            oldest[0], due[1], expired[1],
        )  # fmt: skip
