"""The plan of a log by time range: a partition is one archive, and goes as a whole or not at all."""

from collections.abc import Mapping
from dataclasses import replace

import psycopg

from audit_tui.service.archiving import PlannedStep, PlannedTenant
from audit_tui.service.live.archive_state import ChainState, measure
from audit_tui.store import archive_rows as rows
from audit_tui.store.archive_partitions import Partition, Within, list_before, read_within


def plan_partitions(
    conn: psycopg.Connection, known: Mapping[str, ChainState], before_us: int, rights: rows.Rights
) -> tuple[tuple[PlannedStep, ...], int | None]:
    """One step per partition whose time was over, oldest first, and the moment where the last one ends.

    The steps end at the first partition with something in the way: a chain only loses its beginning.
    """
    partitions, through_us = list_before(conn, before_us)
    due = {tenant_id: state.head.first_sequence for tenant_id, state in known.items()}
    steps: list[PlannedStep] = []
    for partition in partitions:
        tenants = []
        for tenant_id, state in known.items():
            within = read_within(conn, partition, tenant_id)
            if within.first_sequence is None or within.last_sequence is None:
                continue
            tenants.append(_planned(conn, state, within, due[tenant_id], rights))
            due[tenant_id] = within.last_sequence + 1
        if not tenants:
            continue
        steps.append(_step(partition, tenants))
        if any(each.obstacle is not None for each in tenants):
            break
    return tuple(steps), through_us


def _step(partition: Partition, tenants: list[PlannedTenant]) -> PlannedStep:
    return PlannedStep(tuple(tenants), partition.name)


def _planned(
    conn: psycopg.Connection, state: ChainState, within: Within, due: int, rights: rows.Rights
) -> PlannedTenant:
    """All that the partition holds of a tenant. Here the head may go as well: its record becomes the head."""
    first, last = within.first_sequence or 0, within.last_sequence or 0
    measured, _ = measure(conn, state, first, last)
    obstacle = state.waiting
    if obstacle is None and (first != due or within.events != last - first + 1):
        obstacle = (
            f"the partition holds {within.events} of its events {first} to {last}, which are not the "
            f"beginning of its chain from {due} on: times were not in the order of the chain"
        )
    if obstacle is None and rights.sees_holds:
        obstacle = rows.find_hold(conn, state.head.tenant_id, first, last)
    return replace(measured, obstacle=obstacle)
