"""`audit-tui install`: brings the audit schema into a database, or says that nothing was missing."""

import typer

from audit_tui.cli.common import DsnOption, JsonOption, resolve_dsn
from audit_tui.cli.jsonout import print_document
from audit_tui.cli.paper import Paper, role

ABOUT = "Install or repair the audit schema."
EXAMPLES = """\b
Examples:
  audit-tui install --dsn postgresql://postgres@db.example/app
  AUDIT_TUI_DSN="service=audit" audit-tui install --json
"""


def register(app: typer.Typer) -> None:
    app.command("install", short_help=ABOUT, epilog=EXAMPLES)(install)


def install(context: typer.Context, as_json: JsonOption = False, dsn: DsnOption = None) -> None:
    """Install the audit schema, or repair it: one transaction, and nothing where nothing is missing.

    An audit.logs that this tool does not know is refused and left as it is.
    """
    from audit_tui.bootstrap import install_schema

    result = install_schema(resolve_dsn(context, dsn))
    if as_json:
        fields = {"changed": result.changed, "version": result.version, "messages": list(result.messages)}
        print_document("install", fields)
        return
    paper = Paper()
    for message in result.messages:
        paper.paragraph(role(message, limit=500))
