"""`audit-tui archive`: moves old events into files that prove themselves; without --write it only looks."""

from pathlib import Path
from typing import Annotated

import typer

from audit_tui.cli import streams
from audit_tui.cli.archivetext import plan_fields, print_plan, print_result, result_fields
from audit_tui.cli.common import DsnOption, JsonOption, now_us, resolve_dsn
from audit_tui.cli.group import FAILED, INCONCLUSIVE, TAMPERED
from audit_tui.cli.jsonout import print_document
from audit_tui.cli.paper import Paper
from audit_tui.cli.progress import Progress
from audit_tui.cli.verifyjson import report_fields
from audit_tui.cli.verifytext import print_report
from audit_tui.core.errors import InterruptedCheckError, UsageError
from audit_tui.core.findings import Report, Verdict
from audit_tui.service.archiving import INTERRUPTED, ArchiveRequest, ArchiveResult, ArchivingService
from audit_tui.service.archiving import Progress as Moment

ABOUT = "Move old events into files that prove themselves."
EXAMPLES = """\b
Examples:
  audit-tui archive --before 2024-01-01 --to /srv/audit-archive
  audit-tui archive --before 365d --to /srv/audit-archive --requester "Ada" --reason "yearly" --write
  audit-tui archive --resume /srv/audit-archive
"""


def register(app: typer.Typer) -> None:
    app.command("archive", short_help=ABOUT, epilog=EXAMPLES)(archive)


def archive(  # noqa: PLR0913, PLR0917 - a parameter per option is how typer reads them
    context: typer.Context,
    before: Annotated[
        str | None,
        typer.Option("--before", metavar="TIME", show_default=False, help="Events older than this; UTC."),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="DIR", show_default=False, help="The folder that holds the archives."),
    ] = None,
    tenant: Annotated[
        list[str] | None,
        typer.Option("--tenant", "-t", metavar="T", show_default=False, help="This tenant; may be repeated."),
    ] = None,
    requester: Annotated[
        str | None,
        typer.Option("--requester", metavar="NAME", show_default=False, help="Who asked; else the login."),
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", show_default=False, help="Why.")
    ] = None,
    skip: Annotated[
        bool, typer.Option("--skip", help="Leave out tenants that cannot be archived; else nothing is done.")
    ] = False,
    replace: Annotated[
        str | None,
        typer.Option(
            "--replace", metavar="ID", show_default=False,
            help="Archive anew the events of an unfinished archive whose files are lost.",
        ),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(
            "--resume", metavar="DIR", show_default=False, help="Only finish what a killed run left in DIR."
        ),
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Do it; without this nothing is written.")] = False,
    as_json: JsonOption = False,
    dsn: DsnOption = None,
) -> None:  # fmt: skip
    """Move the beginning of each chain into compressed files, and remove it from the log.

    Every chain is verified first; the files are read back and compared; a sealed event of each tenant records
    where they are; only then the events leave the log. Run the same command again after anything that cut it
    off. Without --write it says what would go.

    Exit codes: 0 done, or would be; 1 a chain is tampered with, or files do not hold what they should; 3
    inconclusive or interrupted; 4 could not do it. Whichever it is, every event is still in the log, or in
    files that were read back.
    """
    request = _request(before, to, resume, replace)
    request = ArchiveRequest(
        folder=request.folder, before_us=request.before_us, tenants=tuple(tenant) if tenant else None,
        requester=requester, reason=reason, skip=skip, replace=replace,
    )  # fmt: skip
    from audit_tui.bootstrap import open_archiving

    archiving = open_archiving(resolve_dsn(context, dsn))
    try:
        if not (write or resume):
            if not _show_plan(archiving, request, as_json=as_json):
                raise typer.Exit(FAILED)
            return
        result = _run(archiving, request)
    finally:
        archiving.close()
    _show_result(result, as_json=as_json)
    if result.report is not None:
        raise typer.Exit(_code(result.report))
    if result.refused:
        raise typer.Exit(FAILED)


def _request(before: str | None, to: Path | None, resume: Path | None, replace: str | None) -> ArchiveRequest:
    if resume is not None:
        if before is not None or to is not None or replace is not None:
            raise UsageError("--resume goes without --before, --to and --replace", "give --resume DIR alone")
        return ArchiveRequest(folder=resume.absolute())
    if to is None or (before is None) == (replace is None):
        hint = "or --resume DIR, or --replace ID --to DIR"
        raise UsageError("archive needs --before TIME and --to DIR", hint)
    if before is None:
        return ArchiveRequest(folder=to.absolute())
    from audit_tui.core.moments import parse_moment

    return ArchiveRequest(folder=to.absolute(), before_us=parse_moment(before, now_us()))


def _show_plan(archiving: ArchivingService, request: ArchiveRequest, *, as_json: bool) -> bool:
    """Whether the same command with --write would do it, as far as a plan can tell."""
    plan = archiving.plan(request)
    if as_json:
        print_document("archive", plan_fields(plan))
    else:
        print_plan(Paper(), plan, skip=request.skip)
    return request.skip or not plan.obstacles


def _run(archiving: ArchivingService, request: ArchiveRequest) -> ArchiveResult:
    progress = Progress(shown=True)
    try:
        return archiving.archive(request, on_progress=_Told(progress), on_status=progress)
    except KeyboardInterrupt:
        raise InterruptedCheckError(*INTERRUPTED) from None
    finally:
        progress.clear()


class _Told:
    """One line on stderr per step of an archive, so that a log of the run says how far it came."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._last: tuple[object, ...] = ()

    def __call__(self, moment: Moment) -> None:
        told = (moment.step, moment.archive)
        if told == self._last or moment.done:
            return
        self._last = told
        self._progress.clear()
        if self._progress.is_shown:
            streams.say(f"{moment.archive + ': ' if moment.archive else ''}{moment.step}")


def _show_result(result: ArchiveResult, *, as_json: bool) -> None:
    for note in (*result.notes, *result.refused):
        streams.complain(note)
    if as_json:
        fields = result_fields(result)
        if result.report is not None:
            fields["verification"] = report_fields(result.report)
        print_document("archive", fields)
        return
    paper = Paper()
    print_result(paper, result)
    if result.report is not None:
        from datetime import UTC

        print_report(paper, result.report, {}, "UTC", UTC)


def _code(report: Report) -> int:
    if report.verdict is Verdict.TAMPERED:
        return TAMPERED
    return INCONCLUSIVE if report.verdict is Verdict.INCONCLUSIVE else FAILED
