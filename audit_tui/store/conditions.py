"""An EventFilter as parameterised SQL: fixed fragments, every value a parameter."""

from dataclasses import dataclass, field
from typing import Any, LiteralString

from psycopg import sql

from audit_tui.core.clock import to_datetime
from audit_tui.core.filters import EventFilter

_SEARCHED: tuple[LiteralString, ...] = (
    "event_id", "event_type", "actor_id", "actor_email", "resource_type", "resource_id", "endpoint",
    "request_id", "session_id", "user_agent", "changes", "resource_before", "resource_after", "metadata",
)  # fmt: skip


@dataclass(slots=True)
class Conditions:
    """Conditions joined by AND, with their parameters."""

    clauses: list[sql.Composable] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)

    def add(self, clause: LiteralString, **parameters: Any) -> None:
        self.clauses.append(sql.SQL(clause))
        self.parameters |= parameters

    @property
    def joined(self) -> sql.Composed:
        return sql.SQL(" AND ").join(self.clauses)


def build_conditions(tenant_id: str, event_filter: EventFilter) -> Conditions:
    """The conditions of a filter within one tenant; add the keyset's own to it."""
    found = Conditions()
    found.add("l.tenant_id = %(tenant)s", tenant=tenant_id)
    if event_filter.event_type is not None:
        found.add("l.event_type LIKE %(event_type)s", event_type=like(event_filter.event_type))
    if event_filter.actor is not None:
        found.add(
            "(l.actor_id LIKE %(actor)s OR l.actor_email LIKE %(actor)s)", actor=like(event_filter.actor)
        )
    if event_filter.resource_type is not None:
        found.add("l.resource_type LIKE %(resource_type)s", resource_type=like(event_filter.resource_type))
    if event_filter.resource_id is not None:
        found.add("l.resource_id LIKE %(resource_id)s", resource_id=like(event_filter.resource_id))
    if event_filter.ip is not None:
        found.add("l.actor_ip_address <<= %(ip)s::inet", ip=event_filter.ip)
    if event_filter.since_us is not None:
        found.add('l."timestamp" >= %(since)s', since=to_datetime(event_filter.since_us))
    if event_filter.until_us is not None:
        found.add('l."timestamp" < %(until)s', until=to_datetime(event_filter.until_us))
    if event_filter.text:
        _add_text(found, event_filter.text)
    return found


def _add_text(found: Conditions, text: str) -> None:
    pattern = "%" + like(text).replace("*", "%") + "%" if "*" in text else "%" + _escaped(text) + "%"
    anywhere = sql.SQL(" OR ").join(
        sql.SQL("{}::text ILIKE %(text)s").format(sql.Identifier("l", column)) for column in _SEARCHED
    )
    found.clauses.append(sql.SQL("({})").format(anywhere))
    found.parameters["text"] = pattern


def like(pattern: str) -> str:
    """A pattern in which `*` stands for anything, as LIKE reads it; everything else is literal."""
    return _escaped(pattern).replace("*", "%")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
