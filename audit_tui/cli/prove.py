"""`audit-tui prove EVENT`: a proof of one event that shows nobody else's; `--check` verifies one."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from audit_tui.cli import streams
from audit_tui.cli.common import DsnOption, JsonOption, TenantOption, choose_tenant, read_sequence
from audit_tui.cli.group import DONE, TAMPERED
from audit_tui.cli.jsonout import print_document
from audit_tui.cli.paper import Paper, glyph, role
from audit_tui.cli.witness_common import PublicKeyOption, open_witnessing
from audit_tui.core import words
from audit_tui.core.errors import UsageError
from audit_tui.core.model import PART_COLUMNS, PARTS, Part

if TYPE_CHECKING:
    from audit_tui.service.witnessing import Proof

_NAME_WIDTH = 18
ABOUT = "A proof of one event, for people without access."
EXAMPLES = """\b
Examples:
  audit-tui prove 400 --tenant org_acme --output event-400.json
  audit-tui prove evt_4f1c02de --hide identity --checkpoint org_acme.checkpoint --output proof.json
  audit-tui prove --check event-400.json --checkpoint org_acme.checkpoint
  audit-tui prove --script > verify_proof.py
"""


def register(app: typer.Typer) -> None:
    app.command("prove", short_help=ABOUT, epilog=EXAMPLES)(prove)


def prove(  # noqa: PLR0913, PLR0917 - a parameter per option is how typer reads a command
    context: typer.Context,
    event: Annotated[
        str | None,
        typer.Argument(metavar="[EVENT]", show_default=False, help="A sequence, or an event_id."),
    ] = None,
    tenant: TenantOption = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", show_default=False, help="Write the proof to a new file."),
    ] = None,
    parts: Annotated[
        str | None,
        typer.Option(
            "--parts", metavar="LIST", show_default=False, help=f"Show only these, of {', '.join(PARTS)}."
        ),
    ] = None,
    hide: Annotated[
        str | None,
        typer.Option("--hide", metavar="LIST", show_default=False, help="Show all but these: only digests."),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            "--checkpoint",
            metavar="FILE",
            show_default=False,
            help="The checkpoint that the proof shall lead to; with --check, the one that it must lead to.",
        ),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option("--key", metavar="FILE", show_default=False, help="Sign the checkpoint of the head."),
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option("--check", metavar="FILE", show_default=False, help="Verify this proof, offline."),
    ] = None,
    public_key: PublicKeyOption = None,
    script: Annotated[
        bool, typer.Option("--script", help="Print a script that verifies proofs with Python alone.")
    ] = False,
    as_json: JsonOption = False,
    dsn: DsnOption = None,
) -> None:
    """Write a proof of one event: its columns, its parts or their digests, and its place in the tree.

    Anyone can verify it offline, with this tool or a short script, against a checkpoint that they had before;
    no other event can be read from it. What a part holds is shown unless it is hidden; a hidden one cannot be
    guessed from its digest.

    Exit codes: 0 done, or proven; 1 the event or the log is not as it was sealed, or the proof does not fit;
    2 wrong usage; 4 could not do it, or the file is no proof.
    """
    if [event is not None, check is not None, script].count(True) != 1:
        raise UsageError("name an event, or --check FILE, or --script", "see audit-tui prove --help")
    if script:
        streams.write(_script())
        return
    if check is not None:
        raise typer.Exit(_check(check, checkpoint, tuple(public_key or ()), as_json=as_json))
    from audit_tui.service.witnessing import ProofRequest

    named = event or ""
    shown = _shown(parts, hide)
    with open_witnessing(context, dsn) as service:
        by_number = read_sequence(named) is not None
        whose = choose_tenant(service.log, tenant) if by_number or tenant is not None else None
        proof = service.prove(ProofRequest(named, whose, shown, checkpoint, key))
    _hand_over(proof, output, as_json=as_json)


def _shown(parts: str | None, hide: str | None) -> tuple[Part, ...]:
    if parts is not None and hide is not None:
        raise UsageError("--parts and --hide contradict each other: give one")
    listed = _read_parts(parts if parts is not None else hide or "")
    return listed if parts is not None else tuple(part for part in PARTS if part not in listed)


def _read_parts(text: str) -> tuple[Part, ...]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in PARTS:
            raise UsageError(f"there is no part {name}", f"the parts are {', '.join(PARTS)}")
    return tuple(part for part in PARTS if part in names)


def _hand_over(proof: "Proof", output: Path | None, *, as_json: bool) -> None:
    for warning in proof.warnings:
        streams.complain(f"a witness says otherwise: {warning} The proof is of the log as it is now")
    text = json.dumps(proof.document, indent=1) + "\n"
    if output is None:
        streams.write(text)
        return
    from audit_tui.bootstrap import write_new_file

    write_new_file(output, text.encode())
    document, checkpoint = proof.document, proof.checkpoint
    if as_json:
        fields = {
            "file": str(output), "tenant_id": document["tenant_id"], "sequence": document["sequence"],
            "origin": checkpoint.origin, "tree_size": checkpoint.size, "root": checkpoint.root,
            "signers": list(proof.signers), "warnings": list(proof.warnings),
        }  # fmt: skip
        print_document("prove", fields)
        return
    by = f"signed by {', '.join(proof.signers)}" if proof.signers else "unsigned"
    told = (
        f"{output} proves event {document['sequence']} of {document['tenant_id']} "
        f"against the checkpoint of {words.plural(checkpoint.size, 'event')}, {by}."
    )
    paper = Paper()
    paper.paragraph(Text.assemble(glyph(words.INTACT), " ", role(told, limit=1000)), hanging=2)
    hidden = [name for name, part in document.get("parts", {}).items() if part and part["state"] != "shown"]
    if hidden:
        paper.paragraph(role(f"Not shown: {', '.join(hidden)}.", "muted"), indent=2)


def _script() -> str:
    from audit_tui.core import proof_check

    return Path(proof_check.__file__).read_text(encoding="utf-8")


def _check(file: Path, checkpoint: Path | None, keys: tuple[str, ...], *, as_json: bool) -> int:
    from audit_tui.bootstrap import check_proof
    from audit_tui.core.proof_check import DoesNotFitError

    try:
        proven, document = check_proof(file, checkpoint, keys)
    except DoesNotFitError as misfit:
        if as_json:
            print_document("prove-check", {"proven": False, "why": str(misfit)})
        else:
            line = Text.assemble(glyph(words.TAMPERED), " ", role(f"Does not fit: {misfit}.", limit=1000))
            Paper().paragraph(line, hanging=2)
        return TAMPERED
    if as_json:
        print_document("prove-check", {"proven": True, **proven})
    else:
        _print_proven(Paper(), proven, document)
    return DONE


def _print_proven(paper: Paper, proven: dict[str, Any], document: dict[str, Any]) -> None:
    size = words.plural(proven["tree_size"], "event")
    told = f"Event {proven['sequence']} of {proven['tenant_id']} is one of the {size} of this checkpoint."
    paper.paragraph(Text.assemble(glyph(words.INTACT), " ", role(told, limit=1000)), hanging=2)
    if proven["signers"]:
        paper.paragraph(role(f"Signed by {', '.join(proven['signers'])}.", limit=1000), indent=2)
    elif not proven["compared_with_another_checkpoint"]:
        paper.paragraph(
            role(
                "It is the proof's own checkpoint, and no signature was checked: whoever made it could "
                "have made both. Give one that you had before (--checkpoint), or a key (--public-key).",
                "warning",
                limit=400,
            ),
            indent=2,
        )
    paper.line()
    for name, value in _columns(document):
        line = Text.assemble(role(f"{name:<{_NAME_WIDTH}}", "muted"), role(value, limit=4000))
        paper.paragraph(line, hanging=_NAME_WIDTH)


def _columns(document: dict[str, Any]) -> list[tuple[str, str]]:
    """What the proof shows, name by name; what it does not, with the reason."""
    event = document["event"]
    if event["hash_version"] == 1:
        return [(name, _plain(value)) for name, value in json.loads(event["preimage"]).items()]
    found = [("event_id", _plain(document["event_id"])), ("timestamp", _plain(document.get("timestamp")))]
    skipped = {"hash_version", "event_hash", "previous_hash", "occurred_us"}
    found += [(name, _plain(value)) for name, value in event.items() if name not in skipped]
    for part in PARTS:
        found += _of_part(part, document["parts"][part])
    return found


def _of_part(part: Part, told: Any) -> list[tuple[str, str]]:
    """The part's columns as its text holds them: that text, and no column, is what was hashed."""
    if told is None or told["state"] != "shown":
        return [(part, "–" if told is None else f"({told['state']})")]
    columns, text = PART_COLUMNS[part], told["text"]
    if part is not Part.IDENTITY:
        values = text.split("\n", 1)
    else:
        try:
            values = list(json.loads(text))
        except (ValueError, TypeError, RecursionError):  # sealed by nobody but the proof's own maker
            return [(part, text)]
    return [(name, _plain(value or None)) for name, value in zip(columns, values, strict=False)]


def _plain(value: object) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
