"""`audit-tui history TYPE/ID`: everything that happened to one resource."""

from datetime import tzinfo
from typing import Annotated, Any

import typer
from rich.text import Text

from audit_tui.cli import eventtext
from audit_tui.cli.common import (
    DsnOption,
    JsonOption,
    TenantOption,
    ZoneOption,
    choose_tenant,
    open_log,
    read_zone,
    split_resource,
)
from audit_tui.cli.edits import edit_fields, edit_lines, edits_of
from audit_tui.cli.jsonout import event_fields, print_document
from audit_tui.cli.moments import in_zone
from audit_tui.cli.paper import Paper, glyph, role
from audit_tui.cli.table import Column, draw, head, measure
from audit_tui.core.model import MAX_SEQUENCE, CheckedEvent, Part
from audit_tui.core.words import ERASED, mark_of_check, plural
from audit_tui.service.api import ResourceHistory

DEFAULT_LIMIT = 1000
MAX_LIMIT = 100_000
"""Events of one document, which stands in memory as a whole; --before reads on."""
ABOUT = "The events of one resource."
EXAMPLES = """\b
Examples:
  audit-tui history user/usr_456 --tenant org_acme --diff
  audit-tui history invoice/2024/0017 --json
"""

ResourceArgument = Annotated[
    str, typer.Argument(metavar="TYPE/ID", help="The resource; the first slash ends TYPE.")
]


def register(app: typer.Typer) -> None:
    app.command("history", short_help=ABOUT, epilog=EXAMPLES)(history)


def history(  # noqa: PLR0913, PLR0917 - the options of a command are its parameters
    context: typer.Context,
    resource: ResourceArgument,
    with_edits: Annotated[bool, typer.Option("--diff", help="Show what each event changed.")] = False,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=MAX_LIMIT, metavar="N", help="The newest N events.")
    ] = DEFAULT_LIMIT,
    before: Annotated[
        int | None,
        typer.Option(
            "--before", min=1, max=MAX_SEQUENCE, metavar="SEQ", show_default=False,
            help="Only events below this sequence: to read on where a limit ended.",
        ),
    ] = None,
    tenant: TenantOption = None,
    zone: ZoneOption = "UTC",
    as_json: JsonOption = False,
    dsn: DsnOption = None,
) -> None:  # fmt: skip
    """List the events of one resource, oldest first."""
    local = read_zone(zone)
    kind, key = split_resource(resource)
    with open_log(context, dsn) as service:
        chosen = choose_tenant(service, tenant)
        found = service.list_resource_events(chosen, kind, key, before, limit)
    if as_json:
        print_document("history", _fields(found, chosen, kind, key))
        return
    _print(found, f"{resource} of {chosen}", (zone, local), with_edits=with_edits)


def _fields(found: ResourceHistory, tenant: str, kind: str, key: str) -> dict[str, Any]:
    return {
        "tenant_id": tenant,
        "resource_type": kind,
        "resource_id": key,
        "more": found.more,
        "events": [
            {**event_fields(checked), "edits": edit_fields(edits_of(checked.event))}
            for checked in found.events
        ],
    }


def _print(found: ResourceHistory, name: str, zone: tuple[str, tzinfo], *, with_edits: bool) -> None:
    paper = Paper()
    paper.paragraph(role(_scope(found, name), limit=1000))
    if not found.events:
        return
    paper.line()
    columns = _columns(zone[0], with_edits=with_edits)
    rows = [_row(checked, zone[1])[: len(columns)] for checked in found.events]
    widths = measure(columns, rows, paper.width)
    paper.lines(head(columns, widths))
    for checked, row in zip(found.events, rows, strict=True):
        paper.line(draw(columns, row, widths))
        if with_edits:
            for line in _edit_lines(checked):
                paper.paragraph(line, indent=7, hanging=9)


def _edit_lines(checked: CheckedEvent) -> list[Text]:
    """What the event changed; where that was erased, the mark says so instead of silence."""
    gone = [part for part in checked.check.erased if part in (Part.CHANGES, Part.SNAPSHOTS)]
    erased = [Text.assemble(glyph(ERASED), f" {part} {ERASED.word}") for part in gone]
    return edit_lines(edits_of(checked.event)) + erased


def _scope(found: ResourceHistory, name: str) -> str:
    if not found.events:
        return f"No event concerns {name}."
    shown = plural(len(found.events), "event")
    if not found.more:
        return f"{shown} {'concerns' if len(found.events) == 1 else 'concern'} {name}."
    lowest = min(e.event.sequence_number or 0 for e in found.events)
    return f"The newest {shown} that concern {name}; older ones exist (--before {lowest})."


def _columns(zone: str, *, with_edits: bool) -> tuple[Column, ...]:
    columns = (
        Column(""),
        Column("SEQ", right=True),
        Column(f"TIME ({zone})"),
        Column("EVENT", least=14),
        Column("ACTOR", least=9),
        Column("CHANGE", least=12, drop=1),
    )
    return columns[:-1] if with_edits else columns


def _row(checked: CheckedEvent, zone: tzinfo) -> tuple[Text, ...]:
    event = checked.event
    return (
        glyph(mark_of_check(checked.check)),
        eventtext.sequence_text(event),
        in_zone(event.timestamp, zone),
        role(event.event_type or eventtext.UNKNOWN),
        role(event.actor_id or eventtext.UNKNOWN),
        eventtext.change_text(checked),
    )
