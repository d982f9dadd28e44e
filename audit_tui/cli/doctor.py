"""`audit-tui doctor`: is everything that was installed still there, and still switched on?"""

from typing import Annotated, Any

import typer
from rich.text import Text

from audit_tui.cli.common import DsnOption, JsonOption, resolve_dsn
from audit_tui.cli.jsonout import print_document
from audit_tui.cli.paper import STYLES, Paper, glyph, role
from audit_tui.core.doctor.model import Check, CheckState, DoctorReport
from audit_tui.core.doctor.words import HOLE, OK, headline, mark_of
from audit_tui.core.safe import safe

ABOUT = "Is everything that was installed still there, and switched on?"
EXAMPLES = """\b
Examples:
  audit-tui doctor
  audit-tui doctor --all
  audit-tui doctor --json | jq -r '.checks[] | select(.state == "hole") | .remedy'
"""
FOUND_A_HOLE = 1
_MESSAGE_LIMIT = 2000
_REMEDY_LIMIT = 20_000


def register(app: typer.Typer) -> None:
    app.command("doctor", short_help=ABOUT, epilog=EXAMPLES)(doctor)


def doctor(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", "-a", help="Show also what is as it should be.")
    ] = False,
    as_json: JsonOption = False,
    dsn: DsnOption = None,
) -> None:
    """Compare the audit schema with what this version installs, and look at what surrounds it.

    Triggers, functions, rights, roles, row security, settings and clock: each hole comes with what someone
    could do with it and with the SQL that closes it. It only looks; what your role may not look at is said.

    Exit codes: 0 no hole; 1 a hole was found; 2 wrong usage; 4 there is no audit schema, or no connection.
    """
    from audit_tui.bootstrap import examine_schema

    report = examine_schema(resolve_dsn(context, dsn))
    if as_json:
        print_document("doctor", to_fields(report))
    else:
        _print(Paper(), report, everything=everything)
    if report.holes:
        raise typer.Exit(FOUND_A_HOLE)


def to_fields(report: DoctorReport) -> dict[str, Any]:
    """The document, `"format"` apart."""
    return {
        "schema": {
            "kind": report.schema.value if report.schema is not None else None,
            "version": report.version,
            "layout": report.layout,
            "owner": report.owner,
        },
        "checked_at": report.checked_at,
        "holes": len(report.holes),
        "not_run": len(report.not_run),
        "checks": [
            {
                "id": check.id,
                "area": check.area.value,
                "state": check.state.value,
                "severity": check.weight.value,
                "message": check.message,
                "attack": check.attack,
                "remedy": check.remedy,
                "needs": check.needs,
            }
            for check in report.checks
        ],
    }


def _print(paper: Paper, report: DoctorReport, *, everything: bool) -> None:
    mark = HOLE if report.holes else OK
    paper.paragraph(glyph(mark) + " " + role(headline(report), limit=500), hanging=2)
    sections = [report.holes, report.not_run, report.notices]
    if everything:
        sections.append(report.passed)
    for checks in sections:
        if checks:
            paper.line()
        for check in checks:
            _print_check(paper, check)
    if not everything and report.passed:
        paper.line()
        told = f"{len(report.passed)} checks found nothing to tell: --all shows them."
        paper.paragraph(role(told, "muted"))


def _print_check(paper: Paper, check: Check) -> None:
    is_hole = check.state is CheckState.HOLE
    paper.paragraph(_title(check, is_hole=is_hole), hanging=2)
    if is_hole and check.attack:
        paper.paragraph(role(f"An attacker: {check.attack}.", "muted", _MESSAGE_LIMIT), indent=2)
    if check.needs:
        paper.paragraph(role(f"Needs {check.needs}.", "muted", _MESSAGE_LIMIT), indent=2)
    if check.remedy and is_hole:
        # Not wrapped: it is there to be copied.
        for line in safe(check.remedy, _REMEDY_LIMIT).split("\n"):
            paper.line(Text(f"    {line}"))


def _title(check: Check, *, is_hole: bool) -> Text:
    weight = f" ({check.weight.value})" if is_hole else ""
    name = Text(check.id, style=STYLES["heading"] if is_hole else "")
    return glyph(mark_of(check)) + " " + name + f"{weight}: " + role(check.message, limit=_MESSAGE_LIMIT)
