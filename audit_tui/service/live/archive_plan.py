"""What archiving would move: per tenant the beginning of its chain before a time, and what forbids it."""

from collections.abc import Mapping, Sequence

import psycopg

from audit_tui.core.clock import rfc3339
from audit_tui.core.errors import UnknownTenantError, UsageError
from audit_tui.core.model import Head
from audit_tui.service.archiving import ArchivePlan, ArchiveRequest, PlannedStep, PlannedTenant
from audit_tui.service.live.archive_state import (
    ChainState,
    describe_missing,
    find_unfinished,
    read_state,
)
from audit_tui.store import archive_rows as rows
from audit_tui.store.archive_folder import ArchiveFolder
from audit_tui.store.probe import Probe
from audit_tui.store.tenants import is_valid_text, list_heads


def make_plan(conn: psycopg.Connection, seen: Probe, request: ArchiveRequest, now_us: int) -> ArchivePlan:
    """The plan, inside the caller's transaction. Raises core.errors' kinds for rights, folder and tenants."""
    rights = rows.check_rights(conn, seen)
    folder = ArchiveFolder(request.folder)
    folder.check()
    present = folder.list_complete()
    found = (find_unfinished(conn, seen, archive) for archive in present)
    unfinished = tuple(each for each in found if each is not None)
    before_us = request.before_us
    if before_us is not None and before_us > now_us:
        raise UsageError("--before lies in the future", "events can only be archived once they are there")
    heads = _chosen(conn, request.tenants)
    states = {head.tenant_id: read_state(conn, seen, head.tenant_id) for head in heads}
    known = {tenant_id: state for tenant_id, state in states.items() if state is not None}
    layout = rows.read_layout(conn)
    if request.replace is not None:
        planned = _plan_replacing(conn, known, request.replace, rights)
    elif before_us is not None:
        busy = {each.tenant_id for one in unfinished for each in one.tenants}
        idle = (state for tenant_id, state in known.items() if tenant_id not in busy)
        planned = tuple(_plan_tenant(conn, state, before_us, rights) for state in idle)
    else:
        planned = ()
    return ArchivePlan(
        before=rfc3339(now_us if before_us is None else before_us),
        folder=str(request.folder),
        layout=layout,
        steps=(PlannedStep(planned),) if planned else (),
        unfinished=unfinished,
        missing=describe_missing(known, present),
    )


def _chosen(conn: psycopg.Connection, names: Sequence[str] | None) -> tuple[Head, ...]:
    heads = {head.tenant_id: head for head in list_heads(conn) if is_valid_text(head.tenant_id)}
    if names is None:
        return tuple(heads.values())
    for name in names:
        if name not in heads:
            raise UnknownTenantError(f"there is no tenant {name}", "list them with: audit-tui tenants")
    return tuple(heads[name] for name in sorted(set(names)))


def _plan_tenant(
    conn: psycopg.Connection, state: ChainState, before_us: int, rights: rows.Rights
) -> PlannedTenant:
    head = state.head
    first, tenant = head.first_sequence, head.tenant_id
    older = rows.count_older(conn, tenant, before_us)
    nothing = PlannedTenant(tenant, first, first - 1, 0, head.span, None, None, 0)
    if older.last_sequence is None:
        return nothing
    last = min(older.last_sequence, head.sequence - 1)  # the head stays, so that a chain is never empty
    if last < first:
        return nothing
    facts = rows.read_facts(conn, tenant, first, last)
    if facts.only_records:
        return nothing  # else every run would archive the record of the one before
    events = last - first + 1
    planned = PlannedTenant(
        tenant, first, last, events, head.span - events, facts.first_time, facts.last_time,
        facts.row_bytes * events,
    )  # fmt: skip
    obstacle = _obstacle(conn, state, planned, before_us, rights, older)
    if obstacle is None:
        return planned
    return PlannedTenant(
        tenant, first, last, events, planned.stay, facts.first_time, facts.last_time, planned.bytes, obstacle
    )


def _plan_replacing(
    conn: psycopg.Connection, known: Mapping[str, ChainState], archive: str, rights: rows.Rights
) -> tuple[PlannedTenant, ...]:
    """The very events that a lost archive was recorded for."""
    planned = []
    for tenant_id, state in known.items():
        pending = state.pending
        if pending is None or pending.archive != archive:
            continue
        first, last = pending.first_sequence, pending.last_sequence
        facts = rows.read_facts(conn, tenant_id, first, last)
        held = rows.find_hold(conn, tenant_id, first, last) if rights.sees_holds else None
        events = last - first + 1
        planned.append(
            PlannedTenant(
                tenant_id, first, last, events, state.head.span - events, facts.first_time, facts.last_time,
                facts.row_bytes * events, held, replaces=pending.event_id,
            )
        )  # fmt: skip
    if not planned:
        raise UsageError(
            f"no chain records an archive {archive} whose events are still in the log",
            "without --replace this command says what is unfinished",
        )
    return tuple(planned)


def _obstacle(
    conn: psycopg.Connection,
    state: ChainState,
    planned: PlannedTenant,
    before_us: int,
    rights: rows.Rights,
    older: rows.Older,
) -> str | None:
    first, last, tenant = planned.first_sequence, planned.last_sequence, planned.tenant_id
    pending = state.pending
    if pending is not None:
        return f"events {pending.first_sequence} to {pending.last_sequence} wait for their removal already"
    if older.last_sequence is not None and older.events != older.last_sequence - first + 1:
        disorder = rows.find_disorder(conn, tenant, before_us, older.last_sequence)
        if disorder is not None:
            return (
                f"what is older is not the beginning of the chain: event {disorder.early} is of "
                f"{disorder.early_time}, but event {disorder.late} after it is of {disorder.late_time}; "
                "choose a time that is not between the two"
            )
    return rows.find_hold(conn, tenant, first, last) if rights.sees_holds else None
