"""What `retention` and `hold` print: tables for people, documents for programs."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC
from typing import Any

from rich.text import Text

from audit_tui.cli.moments import in_zone
from audit_tui.cli.paper import STYLES, Paper, glyph, role
from audit_tui.cli.table import Column, print_table
from audit_tui.core import words
from audit_tui.core.retention import Rule
from audit_tui.core.words import count, plural
from audit_tui.service.retention import Hold, Kept, RetentionReport, TenantRetention


def print_retention(paper: Paper, report: RetentionReport) -> None:
    """The rules, the events by rule, what is due and what is held."""
    paper.line(Text("Rules, the most specific first", style=STYLES["heading"]))
    print_table(paper, _RULE_COLUMNS, [_rule_row(rule) for rule in report.rules])
    paper.line()
    paper.line(Text("Events", style=STYLES["heading"]))
    print_table(paper, _EVENT_COLUMNS, [_row(kept) for tenant in report.tenants for kept in tenant.kept])
    for tenant in report.tenants:
        _print_tenant(paper, tenant)


def report_fields(report: RetentionReport) -> dict[str, Any]:
    """The document of `retention --json`, but for its format."""
    return {
        "checked_at": report.checked_at,
        "rules": [rule_fields(rule) for rule in report.rules],
        "tenants": [_tenant_fields(tenant) for tenant in report.tenants],
    }


def rule_fields(rule: Rule) -> dict[str, Any]:
    """A rule as a document; `keep` is null where it is permanent."""
    return {
        "name": rule.name,
        "pattern": rule.pattern,
        "tenant_id": rule.tenant_id,
        "keep": None if rule.keep is None else str(rule.keep),
        "permanent": rule.keep is None,
        "hot": str(rule.hot),
        "warm": str(rule.warm),
    }


def hold_fields(hold: Hold) -> dict[str, Any]:
    """A hold as a document."""
    return asdict(hold)


def print_holds(paper: Paper, holds: Sequence[Hold]) -> None:
    """Every hold, the active ones first."""
    if not holds:
        paper.line("There are no holds.")
        return
    ordered = sorted(holds, key=lambda hold: not hold.active)
    print_table(paper, _HOLD_COLUMNS, [_hold_row(hold) for hold in ordered])


_RULE_COLUMNS = (
    Column("RULE", least=12),
    Column("EVENTS", least=12),
    Column("TENANT", least=8),
    Column("KEEP"),
    Column("HOT", drop=2),
    Column("WARM", drop=1),
)
_EVENT_COLUMNS = (
    Column("TENANT", least=12),
    Column("RULE", least=10),
    Column("EVENTS", right=True),
    Column("HOT", right=True),
    Column("WARM", right=True),
    Column("COLD", right=True),
    Column("EXPIRED", right=True),
    Column("OLDEST (UTC)", drop=2),
    Column("DUE SINCE (UTC)", drop=1),
)
_HOLD_COLUMNS = (
    Column("HOLD"),
    Column("STATE"),
    Column("TENANT", least=10),
    Column("ON", least=12),
    Column("SINCE (UTC)", drop=1),
    Column("BY", least=8, drop=2),
    Column("REASON", least=16),
)


def _rule_row(rule: Rule) -> tuple[Text, ...]:
    return (
        role(rule.name),
        role(rule.pattern),
        role("all" if rule.tenant_id is None else rule.tenant_id),
        role(rule.kept),
        role(str(rule.hot), "muted"),
        role(str(rule.warm), "muted"),
    )


def _row(kept: Kept) -> tuple[Text, ...]:
    return (
        role(kept.tenant_id),
        role(kept.rule.name if kept.rule is not None else "(no rule: kept)"),
        *(Text(count(number)) for number in (kept.events, kept.hot, kept.warm)),
        role(count(kept.cold), "warning" if kept.cold else None),
        role(count(kept.expired), "warning" if kept.expired else None),
        in_zone(kept.oldest, UTC, to_seconds=True),
        in_zone(kept.due_since, UTC, to_seconds=True),
    )


def _print_tenant(paper: Paper, tenant: TenantRetention) -> None:
    if not (tenant.due or tenant.held or tenant.problem):
        return
    paper.line()
    paper.line(role(tenant.tenant_id, "heading"))
    if tenant.problem is not None:
        _say(paper, words.INCONCLUSIVE, f"not counted: {tenant.problem}")
    if tenant.due:
        before = f": archive --before {tenant.archive_before}" if tenant.archive_before else ""
        told = f"{plural(tenant.due, 'event')} through {tenant.due_through} are due for an archive{before}"
        _say(paper, words.NOTICE, told)
    for held in tenant.held:
        due = f", {count(held.due)} of those that are due" if held.due else ""
        _say(paper, words.SUSPICIOUS, f"{held.hold} holds {plural(held.events, 'event')}{due}: {held.reason}")


def _say(paper: Paper, mark: words.Mark, sentence: str) -> None:
    paper.paragraph(Text.assemble(glyph(mark), " ", role(sentence, limit=500)), indent=2, hanging=4)


def _hold_row(hold: Hold) -> tuple[Text, ...]:
    state = role("active", "warning") if hold.active else role("released", "muted")
    return (
        role(hold.hold),
        state,
        role(hold.tenant_id),
        role(held_on(hold)),
        in_zone(hold.placed_at, UTC, to_seconds=True),
        role(hold.placed_by),
        role(hold.reason, limit=400),
    )


def held_on(hold: Hold) -> str:
    """What a hold is on, in a few words."""
    if hold.actor_id is not None:
        return f"actor {hold.actor_id}"
    if hold.resource_type is not None:
        return f"{hold.resource_type}/{hold.resource_id}"
    return "everything"


def _tenant_fields(tenant: TenantRetention) -> dict[str, Any]:
    return {
        "tenant_id": tenant.tenant_id,
        "problem": tenant.problem,
        "due": tenant.due,
        "due_through": tenant.due_through,
        "archive_before": tenant.archive_before,
        "held": [asdict(held) for held in tenant.held],
        "rules": [_kept_fields(kept) for kept in tenant.kept],
    }


def _kept_fields(kept: Kept) -> dict[str, Any]:
    return {
        "rule": None if kept.rule is None else kept.rule.name,
        "permanent": kept.rule is None or kept.rule.keep is None,
        "event_types": kept.event_types,
        "events": kept.events,
        "hot": kept.hot,
        "warm": kept.warm,
        "cold": kept.cold,
        "expired": kept.expired,
        "oldest": kept.oldest,
        "due_since": kept.due_since,
        "expired_since": kept.expired_since,
    }
