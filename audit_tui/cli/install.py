"""`audit-tui install`: brings the audit schema into a database, or says that nothing was missing."""

from typing import TYPE_CHECKING, Annotated

import typer

from audit_tui.cli import streams
from audit_tui.cli.common import DsnOption, JsonOption, resolve_dsn
from audit_tui.cli.jsonout import print_document
from audit_tui.cli.paper import Paper, role

if TYPE_CHECKING:
    from audit_tui.store.install import InstallResult

ABOUT = "Install or repair the audit schema."
EXAMPLES = """\b
Examples:
  audit-tui install --dsn postgresql://postgres@db.example/app
  audit-tui install --dry-run > install.sql && psql -X -f install.sql app
  audit-tui install --partitioned --tenant-isolation --dsn "service=audit"
  audit-tui install --adopt --dry-run --dsn "service=audit" > adopt.sql
  AUDIT_TUI_DSN="service=audit" audit-tui install --json
"""

OwnerOption = Annotated[
    str | None,
    typer.Option(
        "--owner",
        metavar="ROLE",
        show_default=False,
        help="The role that owns the log; nobody may log in as it. Default: audit_owner.",
    ),
]
RolesOption = Annotated[
    bool | None,
    typer.Option(
        "--with-roles/--no-roles",
        show_default=False,
        help="Make the roles that are missing, or make none and grant only to those that exist.",
    ),
]
IsolationOption = Annotated[
    bool | None,
    typer.Option(
        "--tenant-isolation/--no-tenant-isolation",
        show_default=False,
        help="Readers see only the tenants that they were granted.",
    ),
]
DdlOption = Annotated[
    bool | None,
    typer.Option(
        "--ddl-trigger/--no-ddl-trigger",
        show_default=False,
        help="Record changes of the schema itself as events. Default: where a superuser installs.",
    ),
]
DryRunOption = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Print the exact SQL for psql, change nothing. Only --adopt connects: to verify.",
    ),
]


def register(app: typer.Typer) -> None:
    app.command("install", short_help=ABOUT, epilog=EXAMPLES)(install)


def install(  # noqa: PLR0913, PLR0917 - the options of a command are its parameters
    context: typer.Context,
    owner: OwnerOption = None,
    roles: RolesOption = None,
    partitioned: Annotated[
        bool, typer.Option("--partitioned", help="Lay the log out by time range; chosen once, at first.")
    ] = False,
    tenant_isolation: IsolationOption = None,
    ddl_trigger: DdlOption = None,
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Take over an audit.logs that was built from the guide.")
    ] = False,
    adopt_tampered: Annotated[
        bool,
        typer.Option(
            "--adopt-tampered", help="With --adopt: also chains that do not verify; it is recorded."
        ),
    ] = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    dsn: DsnOption = None,
) -> None:
    """Install the audit schema, or repair it: one transaction, and nothing where nothing is missing.

    An audit.logs that this tool does not know is refused and left as it is. What is not said stays as it was
    installed. A right that is missing is named with the statement that a DBA must run.

    Exit codes: 0 done; 4 could not do it. With --adopt also 1, the log is tampered with, and 3, inconclusive:
    then nothing was touched.
    """
    from audit_tui.bootstrap import install_schema, write_script
    from audit_tui.cli.adopt import run_adoption
    from audit_tui.store.rolename import DEFAULT_OWNER
    from audit_tui.store.script import InstallOptions

    options = InstallOptions(
        owner=DEFAULT_OWNER if owner is None else owner,
        layout="partitioned" if partitioned else None,
        tenant_isolation=tenant_isolation,
        roles=roles,
        adopt=adopt,
        adopt_tampered=adopt_tampered,
        ddl_trigger=ddl_trigger,
    )
    if adopt:
        run_adoption(resolve_dsn(context, dsn), options, dry_run=dry_run, as_json=as_json)
        return
    if dry_run:
        print_script("install", write_script(options), as_json=as_json)
        return
    print_result("install", install_schema(resolve_dsn(context, dsn), options), as_json=as_json)


def print_script(command: str, script: str, *, as_json: bool) -> None:
    """The SQL on stdout as it stands: our own text, which psql must be able to run."""
    if as_json:
        print_document(command, {"dry_run": True, "script": script})
        return
    streams.write(script)


def print_result(command: str, result: "InstallResult", *, as_json: bool) -> None:
    """What was done, and what a person should know of it."""
    if as_json:
        fields = {
            "changed": result.changed,
            "version": result.version,
            "earlier_version": result.earlier or None,
            "catalogue": result.digest,
            "messages": list(result.messages),
        }
        print_document(command, fields)
        return
    paper = Paper()
    for message in result.messages:
        paper.paragraph(role(message, limit=500))
