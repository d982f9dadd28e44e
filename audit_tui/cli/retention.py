"""`audit-tui retention`: what is due and what is held; `set` and `remove` change the rules."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from audit_tui.cli.common import DsnOption, JsonOption, resolve_dsn
from audit_tui.cli.group import DONE, INCONCLUSIVE
from audit_tui.cli.jsonout import print_document
from audit_tui.cli.paper import Paper, role
from audit_tui.cli.progress import Counting
from audit_tui.cli.retentiontext import print_retention, report_fields, rule_fields
from audit_tui.core.durations import parse_duration
from audit_tui.core.errors import UsageError
from audit_tui.core.periods import Period, parse_keep, parse_period
from audit_tui.core.retention import check_rule
from audit_tui.service.retention import RuleChange

if TYPE_CHECKING:
    from audit_tui.service.retention import RetentionService

ABOUT = "What is due, what is held, how long what is kept."
EXAMPLES = """\b
Examples:
  audit-tui retention
  audit-tui retention --tenant org_acme --json
  audit-tui retention set logins --pattern "auth.*" --keep 2y
  audit-tui retention set contracts --pattern "contract.*" --tenant org_acme --keep permanent
  audit-tui retention remove logins
"""
SET_EXAMPLES = """\b
Examples:
  audit-tui retention set logins --pattern "auth.*" --keep 2y
  audit-tui retention set everything --pattern "*" --keep 10y --hot 1y --warm 5y
"""
REMOVE_EXAMPLES = """\b
Examples:
  audit-tui retention remove logins
"""

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="What the rule is called.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(rich_markup_mode=None, add_completion=False)
    group.callback(invoke_without_command=True)(retention)
    group.command("set", short_help="Make or change a rule.", epilog=SET_EXAMPLES)(set_rule)
    group.command("remove", short_help="Remove a rule.", epilog=REMOVE_EXAMPLES)(remove)
    app.add_typer(group, name="retention", short_help=ABOUT, epilog=EXAMPLES)


@contextlib.contextmanager
def open_retention(context: typer.Context, dsn: str | None) -> "Iterator[RetentionService]":
    """The connected log, closed at the end. Raises as `open_log`, and for a schema without rules."""
    from audit_tui.bootstrap import open_retention as connect

    service = connect(resolve_dsn(context, dsn))
    try:
        yield service
    finally:
        service.close()


def retention(
    context: typer.Context,
    tenant: Annotated[
        list[str] | None,
        typer.Option("--tenant", "-t", metavar="T", show_default=False, help="This tenant; may be repeated."),
    ] = None,
    time_limit: Annotated[
        str,
        typer.Option("--time-limit", metavar="DURATION", help="For each query."),
    ] = "30s",
    as_json: JsonOption = False,
    dsn: DsnOption = None,
) -> None:
    """Report what is due and what is held, tenant by tenant and rule by rule. Only reads.

    Hot, warm and cold follow the rule that counts for each event: the most specific one. Cold events are due
    for an archive, which takes a chain from its beginning; nothing ever leaves by itself.

    Exit codes: 0 done; 3 some tenant could not be counted; 4 could not do it.
    """
    if context.invoked_subcommand is not None:
        if dsn is not None:
            context.find_root().obj = dsn
        return
    seconds = parse_duration(time_limit)
    counting = Counting(shown=not as_json)
    with open_retention(context, dsn) as service:
        report = service.report(tuple(tenant) if tenant else None, seconds, counting)
    counting.clear()
    if as_json:
        print_document("retention", report_fields(report))
    else:
        print_retention(Paper(), report)
    raise typer.Exit(INCONCLUSIVE if any(each.problem for each in report.tenants) else DONE)


def set_rule(  # noqa: PLR0913, PLR0917 - the options of a command are its parameters
    context: typer.Context,
    name: NameArgument,
    pattern: Annotated[
        str, typer.Option("--pattern", metavar="P", help='An event type, a prefix as in "user.*", or "*".')
    ],
    keep: Annotated[str, typer.Option("--keep", metavar="PERIOD", help="7y, 18mo, 90d, or permanent.")],
    tenant: Annotated[
        str | None,
        typer.Option("--tenant", "-t", metavar="T", show_default=False, help="Only this tenant's events."),
    ] = None,
    hot: Annotated[
        str | None,
        typer.Option("--hot", metavar="PERIOD", show_default=False, help="In daily use until that age; 1y."),
    ] = None,
    warm: Annotated[
        str | None,
        typer.Option(
            "--warm", metavar="PERIOD", show_default=False, help="In the database until that age; 3y."
        ),
    ] = None,
    as_json: JsonOption = False,
    dsn: DsnOption = None,
) -> None:
    """Make a rule, or change the one of that name. Needs audit_archivist; the change is told in the log.

    A rule is refused where another is about the same events and neither is more specific.
    """
    check_rule(name, pattern)
    change = RuleChange(name, pattern, parse_keep(keep), tenant, _age(hot), _age(warm))
    with open_retention(context, dsn) as service:
        changed = service.set_rule(change)
        stands = next(each for each in service.list_rules() if each.name == name)
    if as_json:
        print_document("retention-set", {"changed": changed, "rule": rule_fields(stands)})
        return
    whose = f" of {stands.tenant_id}" if stands.tenant_id is not None else ""
    told = f"{stands.pattern}{whose} is kept: {stands.kept}."
    Paper().line(role(told if changed else f"{told} It was so already."))


def _age(text: str | None) -> Period | None:
    return None if text is None else parse_period(text)


def remove(
    context: typer.Context, name: NameArgument, as_json: JsonOption = False, dsn: DsnOption = None
) -> None:
    """Remove a rule. Needs audit_archivist; the change is told in the log."""
    if not name:
        raise UsageError("a rule has a name", "list them with: audit-tui retention")
    with open_retention(context, dsn) as service:
        service.remove_rule(name)
    if as_json:
        print_document("retention-remove", {"removed": name})
        return
    Paper().line(role(f"The rule {name} is gone. Its events fall to the next rule that is about them."))
