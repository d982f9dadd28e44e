"""What a check is about: the heads of the chains, fixed at its start, and rows that belong to no chain."""

from collections.abc import Collection, Mapping

import psycopg

from audit_tui.core import observe
from audit_tui.core.errors import UnknownTenantError
from audit_tui.core.findings import Finding
from audit_tui.core.model import Head
from audit_tui.core.witness import Witness
from audit_tui.store.queries import load
from audit_tui.store.tenants import get_head, list_heads


def plan_heads(
    conn: psycopg.Connection,
    tenants: Collection[str] | None,
    known: Mapping[str, Witness],
    *,
    isolated: bool,
) -> tuple[Head, ...]:
    """The heads of these tenants (None: of all, witnessed ones that are gone included), by name.

    Where the role is `isolated` from other tenants, what is out of sight is not taken for gone.
    UnknownTenantError for one that is neither there nor witnessed.
    """
    if tenants is None:
        heads = {head.tenant_id: head for head in list_heads(conn)}
        for tenant_id in () if isolated else known:
            heads.setdefault(tenant_id, Head(tenant_id, 1, 0, None))
        return tuple(heads[tenant_id] for tenant_id in sorted(heads))
    found = []
    for tenant_id in tenants:
        head = get_head(conn, tenant_id)
        if head is None and (tenant_id not in known or isolated):
            raise UnknownTenantError(f"there is no tenant {tenant_id}", "list them with: audit-tui tenants")
        found.append(head or Head(tenant_id, 1, 0, None))
    return tuple(found)


def find_orphans(conn: psycopg.Connection) -> tuple[Finding, ...]:
    """Rows whose tenant or sequence is NULL."""
    return tuple(
        observe.orphan(event_id, tenant, seq) for event_id, tenant, seq in conn.execute(load("orphans"))
    )
