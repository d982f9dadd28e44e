"""`audit-tui timeline [FILTER]`: the events of one tenant, as a table or a stream of JSON lines."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from itertools import islice
from typing import Annotated

import typer
from rich.text import Text

from audit_tui.cli import eventtext
from audit_tui.cli.common import (
    DsnOption,
    JsonOption,
    TenantOption,
    ZoneOption,
    choose_tenant,
    now_us,
    open_log,
    read_zone,
)
from audit_tui.cli.jsonout import event_fields, print_document
from audit_tui.cli.moments import in_zone
from audit_tui.cli.paper import Paper, glyph, role
from audit_tui.cli.table import Column, draw, head, measure
from audit_tui.core.filter_grammar import format_filter, parse_filter
from audit_tui.core.filters import EventFilter
from audit_tui.core.model import MAX_SEQUENCE, CheckedEvent
from audit_tui.core.words import count, mark_of_check, plural
from audit_tui.service.api import AuditService, Direction, PageRequest

DEFAULT_LIMIT = 100
PAGE = 500
ABOUT = "A tenant's events, filtered."
EXAMPLES = """\b
Examples:
  audit-tui timeline --tenant org_acme
  audit-tui timeline "type:auth.* ip:203.0.113.0/24 since:2026-09-14" --limit 20
  audit-tui timeline --json actor:usr_admin | jq .event.event_type
"""


def register(app: typer.Typer) -> None:
    app.command("timeline", short_help=ABOUT, epilog=EXAMPLES)(timeline)


def timeline(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILTER",
            show_default=False,
            help="Conditions: type: actor: resource: ip: since: until: or words to search for.",
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit", "-n", min=1, metavar="N", show_default=False,
            help=f"The newest N that match (default {DEFAULT_LIMIT}; with --json all).",
        ),
    ] = None,
    tenant: TenantOption = None,
    zone: ZoneOption = "UTC",
    as_json: JsonOption = False,
    dsn: DsnOption = None,
) -> None:  # fmt: skip
    """List a tenant's events in the order of their sequences, each checked as it is read.

    With --json every event is a document on its own line.
    """

    local = read_zone(zone)
    wanted = parse_filter(" ".join(words or []), now_us(), local)
    with open_log(context, dsn) as service:
        chosen = choose_tenant(service, tenant)
        if as_json:
            _stream(service, chosen, wanted, limit)
        else:
            _print(service, chosen, wanted, limit or DEFAULT_LIMIT, (zone, local))


def newest(service: AuditService, tenant: str, wanted: EventFilter, limit: int) -> Iterator[CheckedEvent]:
    """The newest `limit` matching events, ascending, in memory that does not grow with `limit`."""
    anchor, left = MAX_SEQUENCE, limit
    while True:
        page = service.list_events(PageRequest(tenant, anchor, min(PAGE, left), Direction.BACKWARD, wanted))
        left -= len(page.events)
        lowest = _lowest(page.events)
        if lowest is None or left <= 0 or not page.more or lowest <= 1:
            break
        anchor = lowest - 1
    if lowest is None and anchor == MAX_SEQUENCE:
        return
    if anchor == MAX_SEQUENCE:
        yield from page.events
        return
    yield from _forward(service, tenant, wanted, lowest if lowest is not None else anchor + 1)


def _forward(service: AuditService, tenant: str, wanted: EventFilter, start: int) -> Iterator[CheckedEvent]:
    while True:
        page = service.list_events(PageRequest(tenant, start, PAGE, Direction.FORWARD, wanted))
        yield from page.events
        last = max((e.event.sequence_number or 0 for e in page.events), default=None)
        if last is None or not page.more:
            return
        start = last + 1


def _lowest(events: Sequence[CheckedEvent]) -> int | None:
    return min((e.event.sequence_number for e in events if e.event.sequence_number is not None), default=None)


def _stream(service: AuditService, tenant: str, wanted: EventFilter, limit: int | None) -> None:
    events = newest(service, tenant, wanted, limit) if limit else service.stream_events(tenant, wanted)
    for checked in events:
        print_document("timeline", event_fields(checked))


def _print(
    service: AuditService, tenant: str, wanted: EventFilter, limit: int, zone: tuple[str, tzinfo]
) -> None:

    paper = Paper()
    paper.paragraph(role(_scope(service, tenant, wanted, limit), limit=1000))
    columns = _columns(zone[0])
    found = newest(service, tenant, wanted, limit)
    widths: list[int] = []
    while chunk := list(islice(found, PAGE)):
        rows = [_row(checked, zone[1]) for checked in chunk]
        if not widths:
            widths = measure(columns, rows, paper.width)
            paper.line()
            paper.lines(head(columns, widths))
        paper.lines([draw(columns, row, widths) for row in rows])


def _scope(service: AuditService, tenant: str, wanted: EventFilter, limit: int) -> str:
    """What is shown of what there is: the first line says it, so that nobody takes a part for the whole."""
    total = service.get_tenant(tenant).events
    if wanted.is_empty:
        shown = "All" if total <= limit else f"The newest {count(limit)} of"
        return f"{shown} {plural(total, 'event')} of {tenant}."
    found = service.count_events(tenant, wanted)
    matched = f"{'' if found.complete else 'at least '}{count(found.matched)}"
    verb = "matches" if found.matched == 1 and found.complete else "match"
    rest = f" Shown are the newest {count(limit)}." if found.matched > limit else ""
    return f"{matched} of {plural(total, 'event')} of {tenant} {verb} {format_filter(wanted)}.{rest}"


def _columns(zone: str) -> tuple[Column, ...]:

    return (
        Column(""),
        Column("SEQ", right=True),
        Column(f"TIME ({zone})"),
        Column("EVENT", least=14),
        Column("ACTOR", least=9),
        Column("RESOURCE", least=12, drop=1),
        Column("CHANGE", least=12, drop=2),
    )


def _row(checked: CheckedEvent, zone: tzinfo) -> tuple[Text, ...]:

    event = checked.event
    return (
        glyph(mark_of_check(checked.check)),
        eventtext.sequence_text(event),
        in_zone(event.timestamp, zone),
        role(event.event_type or eventtext.UNKNOWN),
        role(event.actor_id or eventtext.UNKNOWN),
        eventtext.resource_text(event),
        eventtext.change_text(checked),
    )
