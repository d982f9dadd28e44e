"""`audit-tui evidence SEQUENCE`: what the server itself keeps about an event's row, beside a finding."""

from typing import Annotated, Any

import typer
from rich.text import Text

from audit_tui.cli.common import DsnOption, JsonOption, TenantOption, choose_tenant, open_log, read_sequence
from audit_tui.cli.jsonout import print_document
from audit_tui.cli.paper import STYLES, Paper, glyph, role
from audit_tui.core.errors import UsageError
from audit_tui.core.evidence import Evidence, EvidenceState, Piece
from audit_tui.core.exhibit.document import finding_fields
from audit_tui.core.words import NOT_RUN, NOTICE, SUSPICIOUS, Mark

ABOUT = "What the server keeps about an event's row: evidence beside a finding."
EXAMPLES = """\\b
Examples:
  audit-tui evidence 812 --tenant org_acme
  audit-tui evidence 812 --tenant org_acme --count
  audit-tui evidence 812 --json | jq -r '.pieces[] | select(.state == "odd") | .sentence'
"""
FOUND_TAMPERING = 1
_LIMIT = 2000
_MARKS: dict[EvidenceState, Mark] = {
    EvidenceState.ODD: SUSPICIOUS,
    EvidenceState.QUIET: NOTICE,
    EvidenceState.NOT_AVAILABLE: NOT_RUN,
}


def register(app: typer.Typer) -> None:
    app.command("evidence", short_help=ABOUT, epilog=EXAMPLES)(evidence)


def evidence(
    context: typer.Context,
    sequence: Annotated[
        str, typer.Argument(metavar="SEQUENCE", help="Where in the chain; it may be missing.")
    ],
    tenant: TenantOption = None,
    by_count: Annotated[
        bool,
        typer.Option("--count", help="Count rows by table and by index as well: reads the whole table."),
    ] = False,
    as_json: JsonOption = False,
    dsn: DsnOption = None,
) -> None:
    """Show what PostgreSQL itself keeps about an event's row and its neighbours.

    Transaction numbers, commit times, counters of updates and deletes, table against index (--count), dead
    rows (with the extension pageinspect, as superuser). It only reads. Each piece comes with what else it can
    mean: it stands beside a finding of `audit-tui verify` and is no verdict of its own.

    Exit codes: 0 done; 1 table and index hold different rows (--count); 2 wrong usage; 4 no such tenant, or
    no connection.
    """
    number = read_sequence(sequence)
    if number is None:
        title = f"a sequence is a number, and this is not: {sequence[:24]}"
        raise UsageError(title, "find it with: audit-tui show EVENT_ID")
    with open_log(context, dsn) as service:
        found = service.list_evidence(choose_tenant(service, tenant), number, compare_paths=by_count)
    if as_json:
        print_document("evidence", to_fields(found))
    else:
        _print(Paper(), found)
    if found.finding is not None:
        raise typer.Exit(FOUND_TAMPERING)


def to_fields(found: Evidence) -> dict[str, Any]:
    """The document, `"format"` apart."""
    finding = found.finding
    return {
        "tenant_id": found.tenant_id,
        "sequence": found.sequence,
        "taken_at": found.taken_at,
        "pieces": [
            {
                "name": piece.name.value,
                "state": piece.state.value,
                "sentence": piece.sentence,
                "details": list(piece.details),
                "caveat": piece.caveat,
            }
            for piece in found.pieces
        ],
        "finding": None if finding is None else finding_fields(finding),
    }


def _print(paper: Paper, found: Evidence) -> None:
    title = f"Event {found.sequence} of {found.tenant_id}: what the server keeps about its row."
    paper.paragraph(role(title, "heading", _LIMIT))
    paper.paragraph(role("Evidence beside a finding, never a verdict of its own.", "muted"))
    for piece in found.pieces:
        _print_piece(paper, piece)


def _print_piece(paper: Paper, piece: Piece) -> None:
    name = Text(piece.name.value.replace("_", " "), style=STYLES["heading"])
    line = Text.assemble(glyph(_MARKS[piece.state]), " ", name, ": ", role(piece.sentence, limit=_LIMIT))
    paper.paragraph(line, hanging=2)
    for detail in piece.details:
        paper.paragraph(role(detail, limit=_LIMIT), indent=4, hanging=6)
    if piece.state is not EvidenceState.NOT_AVAILABLE:
        paper.paragraph(role(piece.caveat, "muted", _LIMIT), indent=2)
