"""`audit-tui reconstruct TYPE/ID --at TIME`: what a resource looked like, and which event says so."""

from datetime import tzinfo
from typing import Annotated, Any

import typer
from rich.text import Text

from audit_tui.cli.common import (
    DsnOption,
    JsonOption,
    TenantOption,
    ZoneOption,
    choose_tenant,
    now_us,
    open_log,
    read_zone,
    split_resource,
)
from audit_tui.cli.history import ResourceArgument
from audit_tui.cli.jsonout import embed, print_document
from audit_tui.cli.moments import in_zone
from audit_tui.cli.paper import Paper, glyph, role
from audit_tui.cli.table import Column, print_table
from audit_tui.core import jsontext, pointer, words
from audit_tui.core.clock import rfc3339_of
from audit_tui.core.errors import UsageError
from audit_tui.core.model import MAX_SEQUENCE
from audit_tui.core.moments import parse_moment
from audit_tui.core.state import Conflict, Provenance, Reconstruction
from audit_tui.core.words import plural

VALUE_LIMIT = 300
ABOUT = "A resource as it was, and which events say so."
EXAMPLES = """\b
Examples:
  audit-tui reconstruct user/usr_456 --tenant org_acme --at "2024-01-15 10:00"
  audit-tui reconstruct user/usr_456 --at yesterday --zone Europe/Berlin --json
"""


def register(app: typer.Typer) -> None:
    app.command("reconstruct", short_help=ABOUT, epilog=EXAMPLES)(reconstruct)


def reconstruct(
    context: typer.Context,
    resource: ResourceArgument,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", show_default=False, help="The moment (default: now)."),
    ] = None,
    through: Annotated[
        int | None,
        typer.Option(
            "--through", min=1, max=MAX_SEQUENCE, metavar="SEQ", show_default=False,
            help="Through this sequence, instead of a moment.",
        ),
    ] = None,
    tenant: TenantOption = None,
    zone: ZoneOption = "UTC",
    as_json: JsonOption = False,
    dsn: DsnOption = None,
) -> None:  # fmt: skip
    """Show what a resource looked like at a moment, and which event set each value.

    Snapshots and changes are folded in the order of the chain.
    """
    local = read_zone(zone)
    kind, key = split_resource(resource)
    if at is not None and through is not None:
        title = "--at and --through are two ways to say when: give one"
        raise UsageError(title)
    at_us = None if at is None else parse_moment(at, now_us(), local)
    with open_log(context, dsn) as service:
        chosen = choose_tenant(service, tenant)
        found = service.reconstruct(chosen, kind, key, at_us, through)
    if as_json:
        print_document("reconstruct", reconstruction_fields(found))
        return
    _print(found, zone, local)


def reconstruction_fields(found: Reconstruction) -> dict[str, Any]:
    """The document of a reconstruction but its format: the contract, then fields of our own."""
    return {
        "tenant_id": found.tenant_id,
        "resource_type": found.resource_type,
        "resource_id": found.resource_id,
        "at": rfc3339_of(found.at),
        "exists": found.exists,
        "state": found.state,
        "complete": found.complete,
        "base_sequence": found.base_sequence,
        "applied": list(found.applied),
        "conflicts": [_conflict(each) for each in found.conflicts],
        "provenance": {path: _provenance(each) for path, each in found.provenance.items()},
        "through_sequence": found.through_sequence,
        "first_time": rfc3339_of(found.first_time),
        "ended_time": rfc3339_of(found.ended_time),
        "raw_changes": list(found.raw_changes),
        "erased": list(found.erased),
    }


def _conflict(conflict: Conflict) -> dict[str, Any]:
    return {
        "sequence": conflict.sequence,
        "event_id": conflict.event_id,
        "path": conflict.path,
        "folded": embed(conflict.folded),
        "claimed": embed(conflict.claimed),
    }


def _provenance(each: Provenance) -> dict[str, Any]:
    return {
        "sequence": each.sequence,
        "event_id": each.event_id,
        "actor_id": each.actor_id,
        "event_type": each.event_type,
        "timestamp": rfc3339_of(each.timestamp),
        "sealed": each.sealed,
        "previous": embed(each.previous),
        "erased": each.erased,
    }


def _print(found: Reconstruction, zone: str, local: tzinfo) -> None:
    paper = Paper()
    paper.paragraph(role(_headline(found, zone, local), limit=500))
    for mark, sentence in _remarks(found):
        paper.paragraph(Text.assemble(glyph(mark), " ", role(sentence, limit=500)), hanging=2)
    if not found.provenance:
        return
    paper.line()
    columns = (
        Column("FIELD", least=12),
        Column("VALUE", least=16),
        Column("SET BY", right=True),
        Column("ACTOR", least=9, drop=1),
        Column(f"TIME ({zone})", drop=2),
        Column("SEAL"),
    )
    print_table(paper, columns, [_row(found, path, each, local) for path, each in found.provenance.items()])


def _row(found: Reconstruction, path: str, each: Provenance, local: tzinfo) -> tuple[Text, ...]:
    mark = words.ERASED if each.erased else words.INTACT if each.sealed else words.NOT_COVERED
    word = "sealed" if mark is words.INTACT else mark.word
    return (
        role(pointer.display(path)),
        role(mark.word, mark.role) if each.erased else _value(found, path),
        Text(str(each.sequence)),
        role(each.actor_id),
        in_zone(each.timestamp, local),
        Text.assemble(glyph(mark), f" {word}"),
    )


def _value(found: Reconstruction, path: str) -> Text:
    value = pointer.lookup(found.state, path)
    return Text("–") if isinstance(value, pointer.Missing) else role(jsontext.dump(value), limit=VALUE_LIMIT)


def _headline(found: Reconstruction, zone: str, local: tzinfo) -> str:
    name = f"{found.resource_type}/{found.resource_id} of {found.tenant_id}"
    when = f"{in_zone(found.at, local).plain} {zone}"
    if found.through_sequence is None:
        return f"No event concerns {name} up to {when}."
    if not found.exists and found.ended_time is not None:
        return f"{name} no longer existed at {when}: it ended on {in_zone(found.ended_time, local).plain}."
    if not found.exists:
        return f"{name} did not exist at {when}, going by event {found.through_sequence}."
    if not found.applied:
        return f"{name} existed at {when}, but nothing of its state is known."
    made = plural(len(found.applied), "event")
    return f"{name} as of {when} (event {found.through_sequence}), made of {made}."


def _remarks(found: Reconstruction) -> list[tuple[words.Mark, str]]:
    told: list[tuple[words.Mark, str]] = []
    if found.exists and not found.complete and found.base_sequence is None:
        sentence = "Partial: no snapshot stands under these changes, so other fields are unknown."
        told.append((words.NOTICE, sentence))
    if found.erased:
        told.append((words.ERASED, f"Values were erased in {_listed(found.erased)}."))
    if found.raw_changes:
        sentence = f"Not applied, being of another shape: the changes of {_listed(found.raw_changes)}."
        told.append((words.NOTICE, sentence))
    return told + [(words.SUSPICIOUS, _conflict_sentence(each)) for each in found.conflicts]


def _conflict_sentence(conflict: Conflict) -> str:
    path, claimed, folded = pointer.display(conflict.path), conflict.claimed, conflict.folded
    return (
        f"Event {conflict.sequence} says that {path} was {claimed or 'absent'}; the history before it says "
        f"{folded or 'absent'}. The event's own value stands."
    )


def _listed(sequences: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, sequences[:10]))
    more = f" and {len(sequences) - 10} more" if len(sequences) > 10 else ""
    return f"{'event' if len(sequences) == 1 else 'events'} {shown}{more}"
