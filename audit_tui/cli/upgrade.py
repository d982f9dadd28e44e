"""`audit-tui upgrade`: brings an older audit schema to the version of this tool, or says that it is there."""

from typing import Annotated

import typer

from audit_tui.cli.common import DsnOption, JsonOption, resolve_dsn
from audit_tui.cli.install import (
    DdlOption,
    IsolationOption,
    OwnerOption,
    RolesOption,
    print_result,
    print_script,
)

ABOUT = "Bring an older audit schema to this version."
EXAMPLES = """\b
Examples:
  audit-tui upgrade --dsn postgresql://postgres@db.example/app
  audit-tui upgrade --dry-run > upgrade.sql && psql -X -f upgrade.sql app
  AUDIT_TUI_DSN="service=audit" audit-tui upgrade --json
"""


def register(app: typer.Typer) -> None:
    app.command("upgrade", short_help=ABOUT, epilog=EXAMPLES)(upgrade)


def upgrade(
    context: typer.Context,
    owner: OwnerOption = None,
    roles: RolesOption = None,
    tenant_isolation: IsolationOption = None,
    ddl_trigger: DdlOption = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Print the exact SQL for psql, change nothing, connect to nothing."),
    ] = False,
    as_json: JsonOption = False,
    dsn: DsnOption = None,
) -> None:
    """Bring an older audit schema to this version by numbered steps, in one transaction; or change nothing.

    No event is touched, and what applications were granted stays. A newer schema is refused. What is not said
    stays as it was installed. A log that was built from the guide is taken over by: audit-tui install --adopt
    """
    from audit_tui.bootstrap import upgrade_schema, write_script
    from audit_tui.store.rolename import DEFAULT_OWNER
    from audit_tui.store.script import InstallOptions

    options = InstallOptions(
        owner=DEFAULT_OWNER if owner is None else owner,
        tenant_isolation=tenant_isolation,
        roles=roles,
        ddl_trigger=ddl_trigger,
    )
    if dry_run:
        print_script("upgrade", write_script(options, upgrade=True), as_json=as_json)
        return
    print_result("upgrade", upgrade_schema(resolve_dsn(context, dsn), options), as_json=as_json)
