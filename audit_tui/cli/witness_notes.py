"""`audit-tui witness export`, `import` and `keygen`: checkpoints that leave the machine and come back."""

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from audit_tui.cli import streams
from audit_tui.cli.common import DsnOption, JsonOption
from audit_tui.cli.group import DONE, FAILED, INCONCLUSIVE, TAMPERED
from audit_tui.cli.jsonout import print_document
from audit_tui.cli.paper import Paper, role
from audit_tui.cli.progress import Progress
from audit_tui.cli.witness_common import DirectoryOption, PublicKeyOption, TenantsOption, open_witnessing
from audit_tui.cli.witnessjson import exported_fields, imported_fields
from audit_tui.cli.witnesstext import print_exported, print_imported
from audit_tui.core.errors import UsageError
from audit_tui.core.findings import Verdict
from audit_tui.service.witnessing import Exported, ExportRequest, Imported, ImportRequest

EXPORT_EXAMPLES = """\b
Examples:
  audit-tui witness export --tenant org_acme --key alice.key --output org_acme.checkpoint
  audit-tui witness export --key alice.key --directory witnesses
"""
IMPORT_EXAMPLES = """\b
Examples:
  audit-tui witness import org_acme.checkpoint --public-key alice.pub
  audit-tui witness import --directory witnesses --public-key alice.pub --public-key bob.pub
"""
KEYGEN_EXAMPLES = """\b
Examples:
  audit-tui witness keygen audit.example.com/alice --output alice.key > alice.pub
"""


def register(group: typer.Typer) -> None:
    group.command("export", short_help="Heads as checkpoints, signed.", epilog=EXPORT_EXAMPLES)(export)
    group.command("import", short_help="Checkpoints of others.", epilog=IMPORT_EXAMPLES)(take_in)
    group.command("keygen", short_help="A key to sign with.", epilog=KEYGEN_EXAMPLES)(keygen)


def export(
    context: typer.Context,
    tenant: TenantsOption = None,
    key: Annotated[
        Path | None,
        typer.Option("--key", metavar="FILE", show_default=False, help="Sign with this key (see keygen)."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar="FILE",
            show_default=False,
            help="Write one tenant's checkpoint to a new file.",
        ),
    ] = None,
    directory: DirectoryOption = None,
    as_json: JsonOption = False,
    dsn: DsnOption = None,
) -> None:
    """Check the chains, and write each intact head as a checkpoint (C2SP tlog-checkpoint), signed if there
    is a key.

    Nothing is exported of a chain that does not verify. Needs the extra `sign` for signatures.

    Exit codes: 0 done; 1 a chain is tampered with; 3 one could not be decided; 4 could not do it.
    """
    progress = Progress(shown=not as_json)
    folder = None if output is not None else directory
    with open_witnessing(context, dsn) as service, contextlib.ExitStack() as at_end:
        at_end.callback(progress.clear)
        exported = service.export(ExportRequest(tuple(tenant) if tenant else None, key, folder), progress)
    if folder is None and output is None and not as_json and len(exported) > 1:
        raise UsageError("there are several tenants", "name one with --tenant, or a folder with --directory")
    if output is not None:
        _write_one(output, exported)
    if as_json:
        print_document("witness-export", {"exported": [exported_fields(each) for each in exported]})
    elif folder is None and output is None:
        streams.write("".join(each.content or "" for each in exported))
        _say_problems(exported)
    else:
        print_exported(Paper(), exported, output)
    raise typer.Exit(_export_code(exported))


def _write_one(output: Path, exported: tuple[Exported, ...]) -> None:
    if len(exported) != 1:
        raise UsageError("a file holds the checkpoint of one tenant", "name one with --tenant")
    if exported[0].content is not None:
        from audit_tui.bootstrap import write_new_file

        write_new_file(output, exported[0].content.encode())


def _say_problems(exported: tuple[Exported, ...]) -> None:
    for each in exported:
        if each.problem is not None:
            streams.complain(f"nothing is exported of {each.tenant_id}: {each.problem}")
        elif each.signer is None:
            streams.complain(f"the checkpoint of {each.tenant_id} is unsigned (sign it with --key)")


def _export_code(exported: tuple[Exported, ...]) -> int:
    verdicts = {each.verdict for each in exported if each.problem is not None}
    if Verdict.TAMPERED in verdicts:
        return TAMPERED
    return INCONCLUSIVE if verdicts else DONE


def take_in(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", show_default=False, help="A checkpoint that somebody sent."),
    ] = None,
    public_key: PublicKeyOption = None,
    unsigned: Annotated[
        bool,
        typer.Option("--unsigned", help="Also what no such key signed, if the log itself confirms it."),
    ] = False,
    tenant: Annotated[
        str | None,
        typer.Option("--tenant", "-t", metavar="T", show_default=False, help="Only this tenant's."),
    ] = None,
    directory: DirectoryOption = None,
    as_json: JsonOption = False,
    dsn: DsnOption = None,
) -> None:
    """Remember a checkpoint of a colleague, an auditor or a public witness as a witness of one's own.

    Its signatures are checked, those of other keys are passed over; what is remembered of the same events
    must agree; and where the log holds the events, its root is built anew and must be the same.

    Exit codes: 0 done; 1 the log, or another witness, tells another history; 4 refused, or could not do it.
    """
    request = ImportRequest(
        file=file,
        directory=None if file is not None else directory,
        tenant=tenant,
        public_keys=tuple(public_key or ()),
        unsigned=unsigned,
    )
    with open_witnessing(context, dsn) as service:
        imported = service.take_in(request)
    if as_json:
        print_document("witness-import", {"imported": [imported_fields(each) for each in imported]})
    else:
        print_imported(Paper(), imported)
    raise typer.Exit(_import_code(imported))


def _import_code(imported: tuple[Imported, ...]) -> int:
    if any(each.contradicts for each in imported):
        return TAMPERED
    return FAILED if any(each.problem is not None for each in imported) else DONE


def keygen(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Whose key: audit.example.com/alice; others see it.")
    ],
    output: Annotated[
        Path, typer.Option("--output", metavar="FILE", help="Where the private key goes (0600).")
    ],
    as_json: JsonOption = False,
) -> None:
    """Make a key to sign checkpoints with. The private half goes to a new file that only you can read; the
    public half, which others need to check your signatures, is printed.
    """
    from audit_tui.bootstrap import make_signing_key

    public = make_signing_key(name, output)
    if as_json:
        print_document("witness-keygen", {"name": name, "public_key": public, "file": str(output)})
        return
    Paper().line(role(public, limit=1000))
    streams.say(f"the private key is in {output}: whoever has it signs as {name}")
