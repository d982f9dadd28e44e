"""The command line: `audit-tui [--dsn DSN] [COMMAND]`; without a command it opens the terminal interface."""

import importlib
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from audit_tui import __version__
from audit_tui.cli import (
    archive,
    doctor,
    evidence,
    history,
    hold,
    install,
    partitions,
    prove,
    reconstruct,
    retention,
    show,
    tenants,
    timeline,
    upgrade,
    verify,
    witness,
)
from audit_tui.cli.common import DsnOption, resolve_dsn
from audit_tui.cli.group import AuditGroup
from audit_tui.cli.streams import is_terminal
from audit_tui.core.errors import UsageError

EXAMPLES = """\b
Examples:
  audit-tui demo
  audit-tui --dsn postgresql://analyst@db.example/app
  audit-tui verify --dsn "service=audit" --json
"""

app = typer.Typer(
    cls=AuditGroup,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXAMPLES,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"audit-tui {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    dsn: DsnOption = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """The forensic terminal for tamper-evident PostgreSQL audit logs.

    Without a command, opens the terminal interface on the database of --dsn, else of AUDIT_TUI_DSN, else of
    libpq's own environment and service files. Everything it does there only reads.

    Exit codes: 0 done, intact or nothing found; 1 tampered; 2 wrong usage; 3 inconclusive or interrupted;
    4 could not do it.
    """
    context.obj = dsn
    if context.invoked_subcommand is None:
        raise typer.Exit(_open_terminal_interface(resolve_dsn(context, None)))


def _open_terminal_interface(dsn: str | None) -> int:
    if not (is_terminal(sys.stdin) and is_terminal(sys.stdout)):
        title = "the terminal interface needs a terminal"
        hint = "use a command such as `audit-tui verify`, or see `audit-tui --help`"
        raise UsageError(title, hint)
    from audit_tui.bootstrap import open_service
    from audit_tui.service.api import Target
    from audit_tui.store.connect import parse_dsn
    from audit_tui.tui.app import run_app

    name = parse_dsn(dsn).name  # a DSN that cannot be read is said before the screen is taken
    return run_app([Target(name, open=lambda: open_service(dsn))])


for _group in (
    tenants,
    timeline,
    show,
    history,
    reconstruct,
    verify,
    doctor,
    evidence,
    install,
    upgrade,
    archive,
    partitions,
    retention,
    hold,
    witness,
    prove,
):
    _group.register(app)
for _name in ("audit_tui.cli.demo", "audit_tui.cli.open"):
    try:
        importlib.import_module(_name).register(app)
    except ModuleNotFoundError as missing:
        if missing.name != _name:
            raise


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line (`sys.argv` where None) and exits with the documented code."""
    app(args=arguments)
