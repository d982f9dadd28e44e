"""`audit-tui show EVENT`: one event, column by column, with what its seal says about each."""

import re
from datetime import tzinfo
from typing import Annotated

import typer
from rich.cells import chop_cells
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
NAME_WIDTH = max(map(len, COLUMNS))
_OF_VERSION_2 = frozenset({"part_salts", "erased_parts"})
_HEXADECIMAL = re.compile(r"[0-9a-f]+")
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
    for column in COLUMNS:
        if column in _OF_VERSION_2 and checked.event.hash_version == 1 and _is_null(checked, column):
            continue
        values = _value_lines(checked, column, zone, local)
        label = Text(f"{column:<{NAME_WIDTH}}  ", style=STYLES["muted"])
        start = Text.assemble(glyph(_mark(checked, column)), " ", label)
        _print_value(paper, start, values)
    _print_edits(paper, checked)


def _is_null(checked: CheckedEvent, column: str) -> bool:
    return getattr(checked.event, column) is None


def _print_value(paper: Paper, start: Text, values: list[Text]) -> None:
    """The value beside its name; what is longer than the line is folded, hashes into equal halves."""
    indent = start.cell_len
    room = None if paper.width is None else max(paper.width - indent, 20)
    pieces = [piece for value in values for piece in _fold(value, room)]
    for number, piece in enumerate(pieces):
        paper.line(Text.assemble(start if number == 0 else " " * indent, piece))


def _fold(value: Text, room: int | None) -> list[Text]:
    if room is None or value.cell_len <= room:
        return [value]
    if _HEXADECIMAL.fullmatch(value.plain) and room >= 32:
        room = room // 32 * 32
    return [Text(piece, style=value.style) for piece in chop_cells(value.plain, room)]


def _print_edits(paper: Paper, checked: CheckedEvent) -> None:
    edits = edits_of(checked.event)
    if edits:
        paper.line()
        paper.line(Text("What changed", style=STYLES["heading"]))
        for line in edit_lines(edits):
            paper.paragraph(line, indent=2, hanging=4)


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
        which = "which of them was changed (? below) it does not tell"
        return mark, f"{name} was changed after being sealed: its columns give another hash; {which}."
    if check.content is not State.OK:
        return mark, f"{name} could not be checked."
    link = {
        State.OK: " and names its predecessor's",
        State.FAILED: "",
    }.get(check.link, "; its link to the event before was not judged")
    return mark, f"{name} gives the hash it was stored with{link}."


def _mark(checked: CheckedEvent, column: str) -> Mark:
    check = checked.check
    if column == "id" or column in check.uncovered_columns:
        return words.NOT_COVERED
    if any(column in PART_COLUMNS[part] for part in check.erased):
        return words.ERASED
    if check.content is State.FAILED and column != "event_hash":
        return words.INCONCLUSIVE
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
        text += f"\nwhile its columns give\n{checked.check.expected_hash}"
    return [Text(line) for line in safe(text, limit=VALUE_LIMIT).split("\n")]


def _pretty(text: str) -> str:
    value = embed(text)
    return text if isinstance(value, str) else jsontext.pretty(value)
