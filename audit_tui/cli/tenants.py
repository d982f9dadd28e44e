"""`audit-tui tenants`: who has events in the log."""

from typing import Any

import typer
from rich.text import Text

from audit_tui.cli.common import DsnOption, JsonOption, ZoneOption, open_log, read_zone
from audit_tui.cli.jsonout import print_document
from audit_tui.cli.moments import in_zone
from audit_tui.cli.paper import Paper, role
from audit_tui.cli.table import Column, print_table
from audit_tui.core.clock import rfc3339_of
from audit_tui.core.model import TenantSummary
from audit_tui.core.words import count, plural
from audit_tui.service.api import WitnessNote

ABOUT = "Who has events, and what was witnessed of them."
EXAMPLES = """\b
Examples:
  audit-tui tenants
  audit-tui tenants --json | jq -r '.tenants[].tenant_id'
"""


def register(app: typer.Typer) -> None:
    app.command("tenants", short_help=ABOUT, epilog=EXAMPLES)(tenants)


def tenants(
    context: typer.Context, zone: ZoneOption = "UTC", as_json: JsonOption = False, dsn: DsnOption = None
) -> None:
    """List the tenants, their events, and what was witnessed of them.

    Nothing is checked: `audit-tui verify` does that.
    """
    local = read_zone(zone)
    with open_log(context, dsn) as service:
        summaries = service.list_tenants()
        witnesses = {note.tenant_id: note for note in service.list_witnesses()}
        place = service.connection.target
    if as_json:
        print_document("tenants", {"tenants": [_fields(each, witnesses) for each in summaries]})
        return
    _print(summaries, witnesses, place, zone, local)


def _fields(tenant: TenantSummary, witnesses: dict[str, WitnessNote]) -> dict[str, Any]:
    note = witnesses.get(tenant.tenant_id)
    return {
        "tenant_id": tenant.tenant_id,
        "events": tenant.events,
        "first_sequence": tenant.first_sequence,
        "last_sequence": tenant.last_sequence,
        "first_time": rfc3339_of(tenant.first_time),
        "last_time": rfc3339_of(tenant.last_time),
        "head_hash": tenant.head_hash,
        "witness": note
        and {"sequence": note.sequence, "event_hash": note.event_hash, "taken_at": note.taken_at},
    }


def _print(
    summaries: tuple[TenantSummary, ...],
    witnesses: dict[str, WitnessNote],
    place: str,
    zone_name: str,
    local: Any,
) -> None:

    paper = Paper()
    total = sum(tenant.events for tenant in summaries)
    if not summaries:
        paper.paragraph(role(f"The log at {place} holds no events."))
        return
    paper.paragraph(role(f"{plural(len(summaries), 'tenant')} with {plural(total, 'event')} in {place}."))
    paper.line()
    columns = (
        Column("TENANT", least=12),
        Column("EVENTS", right=True),
        Column(f"LAST EVENT ({zone_name})"),
        Column(f"FIRST EVENT ({zone_name})", drop=2),
        Column("WITNESSED THROUGH", right=True, drop=1),
    )
    rows = [
        (
            role(tenant.tenant_id),
            Text(count(tenant.events)),
            in_zone(tenant.last_time, local, to_seconds=True),
            in_zone(tenant.first_time, local, to_seconds=True),
            _witnessed(witnesses.get(tenant.tenant_id)),
        )
        for tenant in summaries
    ]
    print_table(paper, columns, rows)


def _witnessed(note: WitnessNote | None) -> Text:
    return Text("not yet", style="dim") if note is None else Text(str(note.sequence))
