"""`audit-tui show EVENT`: one event, column by column, with what its seal says about each."""

from datetime import tzinfo
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
    open_log,
    read_sequence,
    read_zone,
)
from audit_tui.cli.edits import edit_lines, edits_of
from audit_tui.cli.jsonout import JSON_COLUMNS, embed, event_fields, print_document
from audit_tui.cli.moments import in_zone
from audit_tui.cli.paper import STYLES, Paper, glyph, role
from audit_tui.core import jsontext, words
from audit_tui.core.model import COLUMNS, PART_COLUMNS, CheckedEvent, State
from audit_tui.core.safe import safe
from audit_tui.core.words import Mark

VALUE_LIMIT = 4000
OUTSIDE = frozenset({"id", "event_hash"})
"""Columns that no seal covers by design: the row's number, and the hash itself."""
ABOUT = "One event whole, column by column."
EXAMPLES = """\b
Examples:
  audit-tui show 890 --tenant org_acme
  audit-tui show evt_4f1c02de --json
"""


def register(app: typer.Typer) -> None:
    app.command("show", short_help=ABOUT, epilog=EXAMPLES)(show)


def show(
    context: typer.Context,
    event: Annotated[str, typer.Argument(metavar="EVENT", help="A sequence, or an event_id.")],
    tenant: TenantOption = None,
    zone: ZoneOption = "UTC",
    as_json: JsonOption = False,
    dsn: DsnOption = None,
) -> None:
    """Show one event whole, and which of its columns its seal proves."""
    local = read_zone(zone)
    sequence = read_sequence(event)
    with open_log(context, dsn) as service:
        if sequence is not None:
            checked = service.get_event(choose_tenant(service, tenant), str(sequence))
        else:
            named = None if tenant is None else service.get_tenant(tenant).tenant_id
            checked = service.get_event(named, event)
    if as_json:
        print_document("show", event_fields(checked))
        return
    _print(checked, zone, local)


def _print(checked: CheckedEvent, zone: str, local: tzinfo) -> None:
    paper = Paper()
    for mark, sentence in _sentences(checked):
        paper.paragraph(Text.assemble(glyph(mark), " ", role(sentence, limit=500)), hanging=2)
    paper.line()
    name_width = max(map(len, COLUMNS))
    for column in COLUMNS:
        first, *rest = _value_lines(checked, column, zone, local)
        label = Text(f"{column:<{name_width}}  ", style=STYLES["muted"])
        indent = 2 + name_width + 2
        paper.paragraph(Text.assemble(glyph(_mark(checked, column)), " ", label, first), hanging=indent)
        for line in rest:
            paper.paragraph(line, indent=indent)
    _print_edits(paper, checked)


def _print_edits(paper: Paper, checked: CheckedEvent) -> None:
    edits = edits_of(checked.event)
    if edits:
        paper.line()
        paper.line(Text("What changed", style=STYLES["heading"]))
        paper.lines(edit_lines(edits, indent=2))


def _sentences(checked: CheckedEvent) -> list[tuple[Mark, str]]:
    event, check = checked.event, checked.check
    told = [_content_sentence(checked, f"Event {event.sequence_number} of {event.tenant_id}")]
    if check.link is State.FAILED:
        named = eventtext.short_hash(event.previous_hash)
        told.append((words.TAMPERED, f"It names {named} as its predecessor's hash, which is another."))
    if check.erased:
        parts = ", ".join(check.erased)
        if check.covered is False:
            told.append((words.TAMPERED, f"Erased without a sealed record that allows it: {parts}."))
        else:
            told.append((words.ERASED, f"Erased, with the rest still sealed: {parts}."))
    if check.uncovered_columns and check.content is State.OK:
        many = words.plural(len(check.uncovered_columns), "column")
        told.append((words.NOT_COVERED, f"{many} lie outside the seal of version 1: see ○ below."))
    return told


def _content_sentence(checked: CheckedEvent, name: str) -> tuple[Mark, str]:
    check = checked.check
    mark = words.OF_STATE[check.content]
    if check.content is State.FAILED:
        return mark, f"{name} was changed after being sealed: its columns give another hash."
    if check.content is not State.OK:
        return mark, f"{name} could not be checked."
    link = {
        State.OK: " and names its predecessor's",
        State.FAILED: "",
    }.get(check.link, "; its link to the event before was not judged")
    return mark, f"{name} gives the hash it was stored with{link}."


def _mark(checked: CheckedEvent, column: str) -> Mark:
    check = checked.check
    if column in OUTSIDE or column in check.uncovered_columns:
        return words.NOT_COVERED
    if any(column in PART_COLUMNS[part] for part in check.erased):
        return words.ERASED
    return words.OF_STATE[check.content]


def _value_lines(checked: CheckedEvent, column: str, zone: str, local: tzinfo) -> list[Text]:
    value = getattr(checked.event, column)
    if value is None:
        return [Text("–", style=STYLES["muted"])]
    if column == "timestamp":
        return [Text.assemble(in_zone(value, local), f" {zone}")]
    if isinstance(value, bytes):
        return [Text(value.hex())]
    text = str(value)
    if column in JSON_COLUMNS:
        text = _pretty(text)
    if column == "event_hash" and checked.check.content is State.FAILED and checked.check.expected_hash:
        text += f"\nits columns give {checked.check.expected_hash}"
    return [Text(line) for line in safe(text, limit=VALUE_LIMIT).split("\n")]


def _pretty(text: str) -> str:
    value = embed(text)
    return text if isinstance(value, str) else jsontext.pretty(value)
