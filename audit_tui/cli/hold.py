"""`audit-tui hold`: places, ends and lists legal holds."""

from typing import Annotated

import typer

from audit_tui.cli.common import DsnOption, JsonOption, split_resource
from audit_tui.cli.jsonout import print_document
from audit_tui.cli.paper import Paper, role
from audit_tui.cli.retention import open_retention
from audit_tui.cli.retentiontext import held_on, hold_fields, print_holds
from audit_tui.core.errors import UsageError
from audit_tui.service.retention import HoldRequest

ABOUT = "Legal holds: what must not leave the log."
ADD_EXAMPLES = """\b
Examples:
  audit-tui hold add --tenant org_acme --reason "case 2026-17"
  audit-tui hold add --tenant org_acme --actor usr_123 --reason "case 2026-17"
  audit-tui hold add --tenant org_acme --resource invoice/2024/17 --reason "tax audit"
"""
RELEASE_EXAMPLES = """\b
Examples:
  audit-tui hold release hld_0123456789abcdef --reason "case 2026-17 is closed"
"""
LIST_EXAMPLES = """\b
Examples:
  audit-tui hold list
  audit-tui hold list --tenant org_acme
  audit-tui hold list --json | jq '.holds[] | select(.active)'
"""

ReasonOption = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; it is sealed in the chain.")
]


def register(app: typer.Typer) -> None:
    group = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)
    group.command("add", short_help="Place a hold.", epilog=ADD_EXAMPLES)(add)
    group.command("release", short_help="End a hold.", epilog=RELEASE_EXAMPLES)(release)
    group.command("list", short_help="List every hold.", epilog=LIST_EXAMPLES)(list_all)
    app.add_typer(group, name="hold", short_help=ABOUT, help=ABOUT, epilog=ADD_EXAMPLES)


def add(
    context: typer.Context,
    tenant: Annotated[str, typer.Option("--tenant", "-t", metavar="T", help="Whose events.")],
    reason: ReasonOption,
    actor: Annotated[
        str | None,
        typer.Option("--actor", metavar="A", show_default=False, help="Only what this actor did."),
    ] = None,
    resource: Annotated[
        str | None,
        typer.Option(
            "--resource", metavar="TYPE/ID", show_default=False, help="Only what befell this resource."
        ),
    ] = None,
    as_json: JsonOption = False,
    dsn: DsnOption = None,
) -> None:
    """Place a hold: what it covers, now or later, cannot be archived until the hold is released.

    Needs audit_archivist. The hold is a sealed event in the tenant's chain; its name is printed.
    """
    if actor is not None and resource is not None:
        raise UsageError("a hold is about an actor or a resource, not both", "place two")
    check_reason(reason)
    kind, key = split_resource(resource) if resource is not None else (None, None)
    with open_retention(context, dsn) as service:
        hold = service.place_hold(HoldRequest(tenant, reason, actor, kind, key))
    if as_json:
        print_document("hold-add", hold_fields(hold))
        return
    Paper().line(role(f"{hold.hold} holds {held_on(hold)} of {hold.tenant_id}."))


def release(
    context: typer.Context,
    hold: Annotated[str, typer.Argument(metavar="ID", help="The hold's name: hld_ and 16 hex digits.")],
    reason: ReasonOption,
    as_json: JsonOption = False,
    dsn: DsnOption = None,
) -> None:
    """End a hold. Needs audit_archivist; who ended it and why is sealed in the tenant's chain."""
    check_reason(reason)
    with open_retention(context, dsn) as service:
        ended = service.release_hold(hold, reason)
    if as_json:
        print_document("hold-release", hold_fields(ended))
        return
    Paper().line(role(f"{ended.hold} is released: {held_on(ended)} of {ended.tenant_id} may be archived."))


def list_all(
    context: typer.Context,
    tenant: Annotated[
        list[str] | None,
        typer.Option("--tenant", "-t", metavar="T", show_default=False, help="This tenant; may be repeated."),
    ] = None,
    as_json: JsonOption = False,
    dsn: DsnOption = None,
) -> None:
    """List every hold that was ever placed, the active ones first."""
    with open_retention(context, dsn) as service:
        holds = service.list_holds(tuple(tenant) if tenant else None)
    if as_json:
        print_document("hold-list", {"holds": [hold_fields(hold) for hold in holds]})
        return
    print_holds(Paper(), holds)


def check_reason(reason: str) -> None:
    """UsageError for a reason that says nothing, or too much."""
    if not reason.strip():
        raise UsageError("a reason is required", 'for example --reason "case 2026-17"')
    if len(reason) > 2000:
        raise UsageError("a reason has at most 2,000 characters", "name the file that says the rest")
