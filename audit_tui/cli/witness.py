"""`audit-tui witness`: what is remembered of the log outside it, and what that says of the log now."""

from typing import TYPE_CHECKING, Annotated

import typer

from audit_tui.cli import streams, witness_notes
from audit_tui.cli.common import DsnOption, JsonOption, ZoneOption, read_zone
from audit_tui.cli.group import DONE, FAILED, INCONCLUSIVE, TAMPERED
from audit_tui.cli.hold import check_reason
from audit_tui.cli.jsonout import print_document
from audit_tui.cli.paper import Paper
from audit_tui.cli.witness_common import DirectoryOption, PublicKeyOption, TenantsOption, open_witnessing
from audit_tui.cli.witnessjson import accepted_fields, comparison_fields, listing_fields, remembered_fields
from audit_tui.cli.witnesstext import print_accepted, print_comparison, print_history, print_listing
from audit_tui.core.findings import Severity

if TYPE_CHECKING:
    from audit_tui.service.witnessing import Comparison

ABOUT = "What is remembered of the log outside it."
EXAMPLES = """\b
Examples:
  audit-tui witness list
  audit-tui witness compare
  audit-tui witness keygen audit.example.com/alice --output alice.key
  audit-tui witness export --key alice.key --directory witnesses
  audit-tui witness import --directory witnesses --public-key alice.pub
"""
LIST_EXAMPLES = """\b
Examples:
  audit-tui witness list
  audit-tui witness list --json | jq -r '.digest.root'
"""
SHOW_EXAMPLES = """\b
Examples:
  audit-tui witness show org_acme
"""
COMPARE_EXAMPLES = """\b
Examples:
  audit-tui witness compare
  audit-tui witness compare --directory witnesses --public-key alice.pub
"""
ACCEPT_EXAMPLES = """\b
Examples:
  audit-tui witness accept --reason "moved to the new cluster, change 4711"
  audit-tui witness accept --tenant org_acme --reason "restored the backup of 2 November, incident 12"
"""


def register(app: typer.Typer) -> None:
    group = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)
    group.command("list", short_help="The newest witness of each tenant.", epilog=LIST_EXAMPLES)(list_all)
    group.command("show", short_help="Every witness of one tenant.", epilog=SHOW_EXAMPLES)(show)
    group.command("compare", short_help="What they say of the log now.", epilog=COMPARE_EXAMPLES)(compare)
    group.command("accept", short_help="Begin anew, with a reason.", epilog=ACCEPT_EXAMPLES)(accept)
    witness_notes.register(group)
    app.add_typer(group, name="witness", short_help=ABOUT, help=ABOUT, epilog=EXAMPLES)


def list_all(
    context: typer.Context, zone: ZoneOption = "UTC", as_json: JsonOption = False, dsn: DsnOption = None
) -> None:
    """List the newest witness of each tenant of this log, and one digest over all of them.

    The digest is the root of an RFC 6962 tree over the heads: one time stamp on it covers every tenant.
    Nothing is compared: `audit-tui witness compare` does that.
    """
    local = read_zone(zone)
    with open_witnessing(context, dsn) as service:
        listing = service.list_newest()
    for warning in listing.warnings:
        streams.complain(warning)
    if as_json:
        print_document("witness-list", listing_fields(listing))
        return
    print_listing(Paper(), listing, zone, local)


def show(
    context: typer.Context,
    tenant: Annotated[str, typer.Argument(metavar="TENANT", help="Whose witnesses.")],
    zone: ZoneOption = "UTC",
    as_json: JsonOption = False,
    dsn: DsnOption = None,
) -> None:
    """Show every witness of a tenant, the oldest first: who or what it came from, and who signed it."""
    local = read_zone(zone)
    with open_witnessing(context, dsn) as service:
        history = service.list_history(tenant)
    if as_json:
        fields = {"tenant_id": tenant, "witnesses": [remembered_fields(each) for each in history]}
        print_document("witness-show", fields)
        return
    print_history(Paper(), history, zone, local)


def compare(
    context: typer.Context,
    tenant: TenantsOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every witness that counts, not only the newest of each tenant.")
    ] = False,
    directory: DirectoryOption = None,
    public_key: PublicKeyOption = None,
    as_json: JsonOption = False,
    dsn: DsnOption = None,
) -> None:
    """Compare the witnesses with the log as it is now. Reads one event for each, and checks no chain.

    With --directory the checkpoints of a shared folder are compared as well; with --public-key only those
    that one of the keys signed.

    Exit codes: 0 all fit; 1 rewound, rewritten or missing; 3 another database, a restored backup, out of
    reach, or nothing to compare with; 4 could not do it.
    """
    with open_witnessing(context, dsn) as service:
        found = service.compare(
            tuple(tenant) if tenant else None,
            everything=everything,
            directory=directory,
            public_keys=tuple(public_key or ()),
        )
    for warning in (*found.warnings, *found.refused):
        streams.complain(warning)
    if as_json:
        print_document("witness-compare", comparison_fields(found))
    else:
        print_comparison(Paper(), found)
    raise typer.Exit(exit_code(found))


def exit_code(found: "Comparison") -> int:
    """1 wins over 4 (a file that is no checkpoint) over 3; nothing compared at all is 3."""
    severities = {each.severity for answer in found.answers for each in answer.findings}
    if Severity.TAMPERED in severities:
        return TAMPERED
    if found.refused:
        return FAILED
    open_ = Severity.INCONCLUSIVE in severities or any(a.says == "out_of_reach" for a in found.answers)
    return INCONCLUSIVE if open_ or not found.answers else DONE


def accept(
    context: typer.Context,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept with the witness.")
    ],
    tenant: TenantsOption = None,
    as_json: JsonOption = False,
    dsn: DsnOption = None,
) -> None:
    """Accept the log as it is now as a new baseline, where witnesses say otherwise. The old ones are kept.

    Each chain must verify by itself. Without --tenant only what shows another identity is accepted (moved,
    restored, upgraded); what looks like tampering has to be named, one tenant at a time.
    """
    check_reason(reason)
    with open_witnessing(context, dsn) as service:
        accepted = service.accept(tuple(tenant) if tenant else None, reason)
    if as_json:
        print_document("witness-accept", {"accepted": [accepted_fields(each) for each in accepted]})
        return
    print_accepted(Paper(), accepted)
