"""`audit-tui install --adopt`: takes over a log that was built from the guide, once it is verified."""

import threading
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from audit_tui.bootstrap import open_adopter
from audit_tui.cli import streams
from audit_tui.cli.checking import interruptible
from audit_tui.cli.common import read_zone
from audit_tui.cli.group import INCONCLUSIVE, TAMPERED
from audit_tui.cli.jsonout import print_document
from audit_tui.cli.paper import Paper, role
from audit_tui.cli.progress import Progress
from audit_tui.cli.verifyjson import report_fields
from audit_tui.cli.verifytext import print_report
from audit_tui.core.findings import Verdict
from audit_tui.service.adopting import Adopter, Adoption, Examined

if TYPE_CHECKING:
    from audit_tui.store.script import InstallOptions

_WHATS = ("kept", "replaced", "taken away", "mind")


def run_adoption(dsn: str | None, options: "InstallOptions", *, dry_run: bool, as_json: bool) -> None:
    """Examine the log, then adopt it, or with `dry_run` print the SQL that would.

    typer.Exit with 1 or 3 where its chains do not verify: then nothing was touched.
    """
    with open_adopter(dsn, options) as adopter:
        examined = _examined(adopter)
        if examined.refused is not None:
            _print_refusal(examined, as_json=as_json)
        elif dry_run:
            _print_script(examined, as_json=as_json)
        else:
            _print_result(examined, adopter.adopt(examined, streams.complain), as_json=as_json)


def _examined(adopter: Adopter) -> Examined:
    cancel, progress = threading.Event(), Progress(shown=True)
    try:
        with interruptible(cancel):
            return adopter.examine(progress, cancel)
    finally:
        progress.clear()


def _print_refusal(examined: Examined, *, as_json: bool) -> None:
    report, refused = examined.report, examined.refused
    if report is None or refused is None:
        return
    if as_json:
        fields = {"changed": False, "adopted": False, "refused": refused}
        print_document("install", {**fields, "verification": report_fields(report)})
    else:
        print_report(Paper(), report, {}, "UTC", read_zone("UTC"))
    streams.complain(refused)
    raise typer.Exit(TAMPERED if report.verdict is Verdict.TAMPERED else INCONCLUSIVE)


def _print_script(examined: Examined, *, as_json: bool) -> None:
    """The SQL alone on stdout, for psql; what it does to whom is in its first lines, and on stderr."""
    if as_json:
        fields = {"dry_run": True, "script": examined.script, **_looked(examined)}
        print_document("install", fields)
        return
    streams.write(examined.script or "")
    for what, sentences in _grouped(examined).items():
        for sentence in sentences:
            streams.complain(f"{what}: {sentence}")
    if examined.report is not None:
        streams.complain(examined.report.claim)


def _print_result(examined: Examined, done: Adoption, *, as_json: bool) -> None:
    if as_json:
        fields = {
            "changed": done.changed,
            "adopted": True,
            "version": done.version,
            "catalogue": done.digest,
            "messages": list(done.messages),
            "events": done.events,
            "tenants": done.tenants,
            "attempts": done.attempts,
            "seconds_locked": round(done.seconds_locked, 3),
            **_looked(examined),
        }
        print_document("install", fields)
        return
    paper = Paper()
    for message in done.messages:
        paper.paragraph(role(message, limit=500))
    for what, sentences in _grouped(examined).items():
        paper.line()
        paper.line(role(what, "heading"))
        for sentence in sentences:
            paper.paragraph(role(sentence, limit=500), indent=2)


def _looked(examined: Examined) -> dict[str, object]:
    report = examined.report
    return {
        "report": [asdict(line) for line in examined.lines],
        "indexes": list(examined.indexes),
        "verdict": None if report is None else str(report.verdict),
        "claim": None if report is None else report.claim,
    }


def _grouped(examined: Examined) -> Mapping[str, list[str]]:
    groups = {what: [line.sentence for line in examined.lines if line.what == what] for what in _WHATS}
    return {what: sentences for what, sentences in groups.items() if sentences}
