"""Retention rules, holds, and the counting of events by rule: all by index."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import IsolationLevel, errors

from audit_tui.core.clock import rfc3339_of
from audit_tui.core.errors import AuditError, PermissionMissingError, UnknownTenantError
from audit_tui.core.periods import Period
from audit_tui.core.retention import Rule
from audit_tui.service.retention import HeldEvents, Hold, HoldRequest, RuleChange
from audit_tui.store.queries import load
from audit_tui.store.session import translated

TYPES_COUNTED = 1_000
"""Event types of one tenant that are told apart: beyond, names were made by a program, not by people."""

_HELD = "SELECT h.hold, h.reason, h.events FROM audit.held_events(%s, %s, %s) AS h"
_RULES = "see the rules with: audit-tui retention"
_HOLDS = "list them with: audit-tui hold list"
_NO_RULE = Period(months=12_000)
"""The age at which events without a rule become due: never."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One rule's events in one tenant, by sequence. The `first_*` are sequences (None: there is none)."""

    rule: Rule | None
    types: int
    events: int
    hot: int
    cold: int
    expired: int
    first: int
    first_cold: int | None
    first_expired: int | None
    first_not_cold: int | None


def list_rules(conn: psycopg.Connection) -> tuple[Rule, ...]:
    """Every rule, the most specific first."""
    rules = (
        Rule(
            name, pattern, tenant,
            None if months is None else Period(months, days), Period(*hot), Period(*warm),
        )
        for name, pattern, tenant, months, days, *ages in conn.execute(load("retention_rules"))
        for hot, warm in ((ages[:2], ages[2:]),)
    )  # fmt: skip
    return tuple(sorted(rules, key=lambda rule: (rule.rank, rule.name), reverse=True))


def list_types(conn: psycopg.Connection, tenant_id: str) -> tuple[str, ...]:
    """The event types of a tenant, at most TYPES_COUNTED + 1."""
    rows = conn.execute(load("retention_types"), {"tenant": tenant_id, "limit": TYPES_COUNTED + 1})
    return tuple(row[0] for row in rows)


def count_events(
    conn: psycopg.Connection, tenant_id: str, types: Mapping[str, Rule | None]
) -> tuple[Counted, ...]:
    """The events of these types, added up by the rule that counts for each."""
    rules = list(dict.fromkeys(types.values()))
    parameters = {
        "tenant": tenant_id,
        "types": list(types),
        "rules": [rules.index(rule) + 1 for rule in types.values()],
        "hot": [(rule.hot if rule is not None else _NO_RULE).sql for rule in rules],
        "warm": [(rule.warm if rule is not None else _NO_RULE).sql for rule in rules],
        "keep": [rule.keep.sql if rule is not None and rule.keep is not None else None for rule in rules],
    }
    rows = conn.execute(load("retention_counts"), parameters)
    return tuple(Counted(rules[number - 1], *rest) for number, *rest in rows)


def list_moments(
    conn: psycopg.Connection, tenant_id: str, wanted: Sequence[tuple[int | None, Period]]
) -> tuple[tuple[str | None, str | None], ...]:
    """For each (sequence, period): the event's time and that time plus the period, RFC 3339 UTC."""
    parameters = {
        "tenant": tenant_id,
        "sequences": [sequence for sequence, _ in wanted],
        "periods": [period.sql for _, period in wanted],
    }
    rows = conn.execute(load("retention_moments"), parameters)
    return tuple((rfc3339_of(at), rfc3339_of(later)) for at, later in rows)


def list_held(
    conn: psycopg.Connection, tenant_id: str, last: int, due: tuple[int, int] | None
) -> tuple[HeldEvents, ...]:
    """The active holds that cover events through `last`, and what of the range `due` they cover."""
    covered = conn.execute(_HELD, (tenant_id, 1, last)).fetchall()
    among: dict[str, int] = {}
    if covered and due is not None:
        among = {hold: events for hold, _, events in conn.execute(_HELD, (tenant_id, *due))}
    return tuple(HeldEvents(hold, reason, events, among.get(hold, 0)) for hold, reason, events in covered)


def list_holds(conn: psycopg.Connection) -> tuple[Hold, ...]:
    """Every hold, oldest first."""
    return tuple(_hold(row) for row in conn.execute(load("holds")))


def set_rule(conn: psycopg.Connection, change: RuleChange) -> bool:
    """Whether anything changed."""
    ages = [period.sql if period is not None else None for period in (change.keep, change.hot, change.warm)]
    with writing(conn, _RULES):
        row = conn.execute(
            "SELECT audit.set_retention_rule(%s, %s, %s::interval, %s, %s::interval, %s::interval)",
            (change.name, change.pattern, ages[0], change.tenant_id, ages[1], ages[2]),
        ).fetchone()
    return row is not None and row[0] is True


def remove_rule(conn: psycopg.Connection, name: str) -> None:
    with writing(conn, _RULES):
        conn.execute("SELECT audit.remove_retention_rule(%s)", (name,))


def place_hold(conn: psycopg.Connection, request: HoldRequest) -> Hold:
    with writing(conn, _HOLDS):
        row = conn.execute(
            "SELECT h.hold FROM audit.place_hold(%s, %s, %s, %s, %s) AS h (hold)",
            (
                request.tenant_id, request.reason, request.actor_id, request.resource_type,
                request.resource_id,
            ),
        ).fetchone()  # fmt: skip
        return _named(conn, str(row[0]) if row is not None else "")


def release_hold(conn: psycopg.Connection, hold: str, reason: str) -> Hold:
    with writing(conn, _HOLDS):
        conn.execute("SELECT audit.release_hold(%s, %s)", (hold, reason))
        return _named(conn, hold)


@contextmanager
def writing(conn: psycopg.Connection, hint: str) -> Iterator[None]:
    """One short READ COMMITTED transaction that may write. What the schema refuses becomes one line with
    this hint.
    """
    conn.isolation_level = IsolationLevel.READ_COMMITTED
    conn.read_only = False
    try:
        with translated(conn), conn.transaction():
            conn.execute("SET LOCAL search_path = pg_catalog")
            conn.execute("SET LOCAL TimeZone = 'UTC'")
            conn.execute("SET LOCAL lock_timeout = '10s'")
            try:
                yield
            except errors.InvalidParameterValue as error:
                raise _refused(error, hint) from None
            except errors.InsufficientPrivilege as error:
                title = f"no right to change what is kept: {error.diag.message_primary}"
                raise PermissionMissingError(title, "GRANT audit_archivist TO this role") from None
    finally:
        if not conn.closed:
            conn.read_only = True


def _refused(error: psycopg.Error, hint: str) -> AuditError:
    said = error.diag.message_primary or "the server refused"
    if "there are no events of that tenant" in said:
        return UnknownTenantError(said, "list them with: audit-tui tenants")
    return AuditError(said, hint)


def _named(conn: psycopg.Connection, name: str) -> Hold:
    found = next((hold for hold in list_holds(conn) if hold.hold == name), None)
    if found is None:
        raise AuditError(f"the hold {name} cannot be found again", "verify says whether the chain is whole")
    return found


def _hold(row: Sequence[Any]) -> Hold:
    values = list(row)
    values[7], values[11] = rfc3339_of(row[7]) or "", rfc3339_of(row[11])
    return Hold(*values)
