"""What archiving would move: per tenant the beginning of its chain before a time, and what forbids it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import psycopg

from audit_tui.core.clock import rfc3339
from audit_tui.core.errors import AuditError, UnknownTenantError, UsageError
from audit_tui.core.model import Head
from audit_tui.service.archiving import ArchivePlan, ArchiveRequest, PlannedStep, PlannedTenant, Unfinished
from audit_tui.service.live.archive_plan_partitions import plan_partitions
from audit_tui.service.live.archive_state import (
    ChainState,
    describe_missing,
    find_unfinished,
    measure,
    read_state,
)
from audit_tui.store import archive_rows as rows
from audit_tui.store.archive_folder import ArchiveFolder
from audit_tui.store.archive_partitions import PARTITIONED
from audit_tui.store.probe import Probe
from audit_tui.store.tenants import is_valid_text, list_heads

MAX_TENANTS = 10_000
"""Of one archive, so that its manifest stays readable; more become several archives."""


def make_plan(conn: psycopg.Connection, seen: Probe, request: ArchiveRequest, now_us: int) -> ArchivePlan:
    """The plan, inside the caller's transaction. Raises core.errors' kinds for rights, folder and tenants."""
    rights = rows.check_rights(conn, seen)
    folder = ArchiveFolder(request.folder)
    folder.check()
    present = folder.list_complete()
    before_us = request.before_us
    if before_us is not None and before_us > now_us:
        raise UsageError("--before lies in the future", "events can only be archived once they are there")
    heads = {head.tenant_id: head for head in list_heads(conn) if is_valid_text(head.tenant_id)}
    found = (find_unfinished(conn, seen, archive, heads) for archive in present)
    unfinished = tuple(each for each in found if each is not None)
    states = {name: read_state(conn, seen, name) for name in _chosen(heads, request.tenants)}
    known = {tenant_id: state for tenant_id, state in states.items() if state is not None}
    layout = rows.read_layout(conn)
    steps, through_us = _steps(conn, request, layout, known, unfinished, rights)
    if steps and seen.layout.unknown:
        names = ", ".join(seen.layout.unknown)
        raise AuditError(
            f"audit.logs has columns that an archive does not hold: {names}",
            "copy what is in them to a table of your own, and drop them from audit.logs",
        )
    return ArchivePlan(
        before=rfc3339(through_us if through_us is not None else before_us or now_us),
        folder=str(request.folder),
        layout=layout,
        steps=steps,
        unfinished=unfinished,
        missing=describe_missing(known, present),
    )


def _steps(
    conn: psycopg.Connection,
    request: ArchiveRequest,
    layout: str,
    known: Mapping[str, ChainState],
    unfinished: Sequence[Unfinished],
    rights: rows.Rights,
) -> tuple[tuple[PlannedStep, ...], int | None]:
    """The archives to be written, and up to which moment where it is not the one asked for."""
    before_us = request.before_us
    if request.replace is not None:
        return _plan_replacing(conn, known, request.replace, rights), None
    if before_us is None:
        return (), None
    busy = {each.tenant_id for one in unfinished for each in one.tenants}
    if layout == PARTITIONED:
        if request.tenants is not None:
            raise UsageError(
                "this log is archived by whole partitions, with every tenant in them", "leave out --tenant"
            )
        return ((), None) if busy else plan_partitions(conn, known, before_us, rights)
    idle = (state for tenant_id, state in known.items() if tenant_id not in busy)
    planned = [_plan_tenant(conn, state, before_us, rights) for state in idle]
    some = (planned[low : low + MAX_TENANTS] for low in range(0, len(planned), MAX_TENANTS))
    return tuple(PlannedStep(tuple(each)) for each in some), None


def _chosen(heads: Mapping[str, Head], names: Sequence[str] | None) -> tuple[str, ...]:
    for name in names or ():
        if name not in heads:
            raise UnknownTenantError(f"there is no tenant {name}", "list them with: audit-tui tenants")
    return tuple(sorted(set(heads if names is None else names)))


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
    planned, only_records = measure(conn, state, first, last)
    if only_records:
        return nothing  # else every run would archive the record of the one before
    return replace(planned, obstacle=_obstacle(conn, state, planned, before_us, rights, older))


def _obstacle(
    conn: psycopg.Connection,
    state: ChainState,
    planned: PlannedTenant,
    before_us: int,
    rights: rows.Rights,
    older: rows.Older,
) -> str | None:
    first, last, tenant = planned.first_sequence, planned.last_sequence, planned.tenant_id
    if state.waiting is not None:
        return state.waiting
    if older.last_sequence is not None and older.events != older.last_sequence - first + 1:
        disorder = rows.find_disorder(conn, tenant, before_us, older.last_sequence)
        if disorder is not None:
            return (
                f"what is older is not the beginning of the chain: event {disorder.early} is of "
                f"{disorder.early_time}, but event {disorder.late} after it is of {disorder.late_time}; "
                "choose a time that is not between the two"
            )
    return rows.find_hold(conn, tenant, first, last) if rights.sees_holds else None


def _plan_replacing(
    conn: psycopg.Connection, known: Mapping[str, ChainState], archive: str, rights: rows.Rights
) -> tuple[PlannedStep, ...]:
    """The very events that a lost archive was recorded for."""
    planned = []
    for tenant_id, state in known.items():
        pending = state.pending
        if pending is None or pending.archive != archive:
            continue
        first, last = pending.first_sequence, pending.last_sequence
        held = rows.find_hold(conn, tenant_id, first, last) if rights.sees_holds else None
        measured, _ = measure(conn, state, first, last)
        planned.append(replace(measured, obstacle=held, replaces=pending.event_id))
    if not planned:
        raise UsageError(
            f"no chain records an archive {archive} whose events are still in the log",
            "without --replace this command says what is unfinished",
        )
    return (PlannedStep(tuple(planned)),)
