"""`audit-tui open DIR...`: archives proved, loaded into a throwaway PostgreSQL, and opened on screen."""

import sys
import threading
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from audit_tui.cli import streams
from audit_tui.cli.checking import checked, interruptible
from audit_tui.cli.paper import Paper, glyph, role
from audit_tui.cli.progress import Progress
from audit_tui.cli.verify import exit_code
from audit_tui.cli.verifytext import print_report
from audit_tui.core.findings import Report, Verdict
from audit_tui.core.words import TAMPERED, count, headline, plural
from audit_tui.service.api import VerifyRequest
from audit_tui.service.archived import ArchivedFiles

if TYPE_CHECKING:
    from audit_tui.embedded.opened import OpenedArchives

ABOUT = "Open archives without a database of your own."
EXAMPLES = """\b
Examples:
  audit-tui open /archives/20260201T030000Z-9f03c1aa
  audit-tui open /archives
  audit-tui open /archives < /dev/null
"""


def register(app: typer.Typer) -> None:
    app.command("open", short_help=ABOUT, epilog=EXAMPLES)(open_)


def open_(
    places: Annotated[
        list[Path],
        typer.Argument(metavar="DIR...", show_default=False, help="An archive, or a folder of archives."),
    ],
) -> None:
    """Prove archives from their files, load them into a throwaway PostgreSQL, and open them on screen.

    Without a terminal it prints what the check finds, and exits as verify does. A damaged archive opens as
    well, after saying so. The server and everything in it are gone at the end; nothing of yours is written.
    """
    from audit_tui.bootstrap import open_archives, open_service
    from audit_tui.embedded.opened import NothingToOpenError, open_loaded

    screen = streams.is_terminal(sys.stdin) and streams.is_terminal(sys.stdout)
    files = open_archives(tuple(places))
    report = checked(partial(files.verify, None, None), Progress(shown=True))
    if screen and report.verdict is Verdict.TAMPERED and not is_wanted(report):
        raise typer.Exit(exit_code(report, strict=False, unknown=False))
    progress = Progress(shown=True)

    def on_loaded(done: int, total: int) -> None:
        progress.say(f"{count(done)} of {count(total)} events loaded")

    try:
        with open_loaded(open_service, files, report, _step, on_loaded) as opened:
            progress.clear()
            _show(opened) if screen else _tell(opened, files)
    except NothingToOpenError as empty:
        if report.verdict is not Verdict.TAMPERED:
            raise
        print_report(Paper(), report, files.last_times(), "UTC", UTC)  # what was found matters more
        streams.complain(empty.title)
        raise typer.Exit(exit_code(report, strict=False, unknown=False)) from None
    if not screen:
        raise typer.Exit(exit_code(report, strict=False, unknown=False))


def _step(step: str) -> None:
    streams.say(f"{step} ...")


def is_wanted(report: Report) -> bool:
    """Says what is wrong, and opens the archives only when the reader wants that all the same."""
    paper = Paper()
    paper.paragraph(Text.assemble(glyph(TAMPERED), " ", role(headline(report), "heading")), hanging=2)
    listed = [*report.orphans, *(finding for tenant in report.tenants for finding in tenant.findings)]
    grave = [finding for finding in listed if finding.severity == "tampered"]
    for finding in grave[:5]:
        whose = f"{finding.tenant_id}: " if finding.tenant_id is not None else ""
        paper.paragraph(role(f"{whose}{finding.message}", limit=600), indent=2, hanging=4)
    if len(grave) > 5:
        more = f"and {plural(len(grave) - 5, 'more finding')} (audit-tui verify --archive lists them)"
        paper.paragraph(role(more, "muted"), indent=2, hanging=4)
    paper.paragraph(role("Enter opens what can be read of it, Ctrl-C leaves."))
    return sys.stdin.readline() != ""


def _show(opened: "OpenedArchives") -> None:
    from audit_tui.tui.app import run_app

    code = run_app([opened.target])
    if code:
        raise typer.Exit(code)


def _tell(opened: "OpenedArchives", files: ArchivedFiles) -> None:
    paper = Paper()
    for note in files.list_archives():
        held = (
            f"{plural(note.events, 'event')} of {plural(note.tenants or 0, 'tenant')}" if note.events else "?"
        )
        paper.line(role(f"archive {note.name}: {held}, from {note.place}", "heading", limit=300))
    paper.line()
    print_report(paper, opened.report, files.last_times(), "UTC", UTC)
    paper.line()
    for line in _loaded(opened):
        paper.paragraph(role(line, limit=400))


def _loaded(opened: "OpenedArchives") -> list[str]:
    cancel = threading.Event()
    service = opened.target.open()
    try:
        with interruptible(cancel):
            copy = service.verify(VerifyRequest.of_chains(record_witness=False), cancel=cancel)
    finally:
        service.close()
    if cancel.is_set():  # what was proven of a copy is of no use to anybody
        raise KeyboardInterrupt
    lines = [f"Loaded {plural(opened.loaded.events, 'event')} into a throwaway PostgreSQL: {headline(copy)}"]
    if opened.loaded.doubled:
        lines.append(f"{plural(opened.loaded.doubled, 'event')} lay there twice and were loaded once.")
    if opened.loaded.refused:
        lines.append(f"{plural(opened.loaded.refused, 'event')} could not be loaded:")
        lines += [f"{tenant} {sequence}: {why}" for tenant, sequence, why in opened.loaded.reasons]
    return lines
