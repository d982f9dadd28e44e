"""`audit-tui verify`: proves, or disproves, that the log is what was logged; the exit code is the answer."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from audit_tui.cli import streams
from audit_tui.cli.alarms import (
    MetricsOption,
    SilenceOption,
    WebhookOnOption,
    WebhookOption,
    When,
    read_alarms,
    silent_fields,
)
from audit_tui.cli.common import DsnOption, JsonOption, ZoneOption, open_log, read_zone
from audit_tui.cli.group import DONE, FAILED, INCONCLUSIVE, TAMPERED
from audit_tui.cli.jsonout import print_document
from audit_tui.cli.paper import Paper
from audit_tui.cli.progress import Progress, tampering
from audit_tui.cli.reading import RECONNECT_SECONDS, JobsOption, ReconnectOption
from audit_tui.cli.verifyjson import report_fields
from audit_tui.cli.verifytext import print_report, print_silence
from audit_tui.core.errors import AuditError, UnknownTenantError, UsageError
from audit_tui.core.findings import Axis, Report, Verdict, VerifyStatus
from audit_tui.core.model import State
from audit_tui.core.second.model import Comparison
from audit_tui.core.words import count, plural
from audit_tui.service.against import AgainstRequest
from audit_tui.service.api import AuditService, Cancel, VerifyRequest

ABOUT = "Prove or disprove that nothing was changed."
EXAMPLES = """\b
Examples:
  audit-tui verify
  audit-tui verify --tenant org_acme --json
  audit-tui verify --archive /archives --dsn "service=audit"
  audit-tui verify --dsn "service=audit" --against "service=replica"
  audit-tui verify --quiet || mail -s "audit log" security@example.com < /dev/null
  audit-tui verify --all --quiet --metrics /var/lib/node_exporter/audit_tui.prom --silence 1d
"""


def register(app: typer.Typer) -> None:
    app.command("verify", short_help=ABOUT, epilog=EXAMPLES)(verify)


def verify(  # noqa: PLR0913, PLR0917 - a parameter per option is how typer reads a command
    context: typer.Context,
    tenant: Annotated[
        list[str] | None,
        typer.Option("--tenant", "-t", metavar="T", show_default=False, help="This tenant; may be repeated."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every tenant (so it is without --tenant).")
    ] = False,
    archive: Annotated[
        list[Path] | None,
        typer.Option(
            "--archive",
            metavar="DIR",
            show_default=False,
            help="Prove the archives in this folder from their files; may be repeated. Without a connection"
            " string the files alone, else the log that goes on behind them as well.",
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="DSN",
            show_default=False,
            help="Compare with a second source of the same log, after both were checked: a replica, a"
            " restored backup, a copy, or a folder of archives.",
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="A suspicious finding exits 1 as well.")] = False,
    jobs: JobsOption = None,
    reconnect: ReconnectOption = RECONNECT_SECONDS,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress, no text: the exit code (and --json) alone.")
    ] = False,
    silence: SilenceOption = None,
    metrics: MetricsOption = None,
    webhook: WebhookOption = None,
    webhook_on: WebhookOnOption = When.PROBLEM,
    zone: ZoneOption = "UTC",
    as_json: JsonOption = False,
    dsn: DsnOption = None,
) -> None:
    """Check every event's seal, every link, and the heads that were witnessed before.

    Exit codes: 0 intact; 1 tampered; 3 inconclusive, interrupted, or silent (with --silence); 4 could not
    check. With several tenants 1 wins over 4 over 3.
    """
    if tenant and everything:
        title = "--tenant and --all contradict each other: give one"
        raise UsageError(title)
    if silence and archive:
        raise UsageError("--silence is about a log that goes on, not about archives", "leave out one of them")
    if against and archive:
        raise UsageError("--against and --archive are two comparisons: give one of them")
    from audit_tui.cli.againsttext import print_comparison
    from audit_tui.cli.verify_against import against_fields, verify_against
    from audit_tui.cli.verify_archive import archive_fields, verify_archives

    local = read_zone(zone)
    progress = Progress(shown=not quiet)
    alarms = read_alarms(metrics, webhook, webhook_on, silence)
    more: dict[str, Any] = {}
    comparison: Comparison | None = None
    with alarms.on_failure():
        if archive:
            proved = verify_archives(context, archive, tenant, dsn, progress)
            report, times, unknown = proved.report, proved.times, proved.unknown
            more = archive_fields(proved)
        elif against:
            asked = AgainstRequest(jobs=jobs, patience_seconds=reconnect)
            held = verify_against(context, against, tenant, dsn, progress, alarms, asked)
            report, times, unknown, comparison = held.report, held.times, held.unknown, held.comparison
            more = against_fields(held)
        else:
            with open_log(context, dsn) as service:
                wanted, unknown = known_tenants(service, tenant)
                times = {each.tenant_id: each.last_time for each in service.list_tenants()}
                alarms.listen(service, wanted)
                request = partial(
                    service.verify, VerifyRequest(wanted, jobs=jobs, patience_seconds=reconnect)
                )
                report = None if wanted == () else checked(request, progress)
    code = exit_code(report, strict=strict, unknown=unknown, silent=bool(alarms.silent))
    if not alarms.write(report, times):
        code = code or FAILED
    try:
        with _keeping(code):
            if as_json and report is not None:
                more |= {} if silence is None else {"silent": silent_fields(alarms.silent)}
                print_document("verify", report_fields(report) | more)
            elif not quiet and report is not None:
                paper = Paper()
                print_report(paper, report, times, zone, local)
                if comparison is not None:
                    print_comparison(paper, comparison)
                print_silence(paper, alarms.silent, local)
    finally:
        alarms.tell(report, code)


def exit_code(report: Report | None, *, strict: bool, unknown: bool, silent: bool = False) -> int:
    """The documented code of a run: 1 wins over 4 (a tenant that is not there) over 3."""
    verdict = None if report is None else report.verdict
    suspicious = report is not None and any(tenant.suspicious for tenant in report.tenants)
    if verdict is Verdict.TAMPERED or (strict and suspicious):
        return TAMPERED
    if unknown:
        return FAILED
    return INCONCLUSIVE if silent or verdict is Verdict.INCONCLUSIVE else DONE


Check = Callable[[Progress, Cancel], Report]


def checked(check: Check, progress: Progress) -> Report:
    """The report of a check that Ctrl-C may end early. typer.Exit with the code where it was cut off."""
    cancel = threading.Event()
    try:
        with interruptible(cancel):
            report = check(progress, cancel)
    except (KeyboardInterrupt, AuditError) as error:
        progress.clear()
        raise _cut_off(error, progress.last) from None
    progress.clear()
    if cancel.is_set():
        streams.complain(_interrupted(report))
    return report


def known_tenants(service: AuditService, names: Sequence[str] | None) -> tuple[tuple[str, ...] | None, bool]:
    """The tenants to check (a witnessed one even where it is gone), and whether others were named."""
    if not names:
        return None, False
    witnessed = {note.tenant_id for note in service.list_witnesses()}
    known: dict[str, None] = {}
    unknown = False
    for name in names:
        try:
            known[name if name in witnessed else service.get_tenant(name).tenant_id] = None
        except UnknownTenantError as error:
            streams.complain(str(error))
            unknown = True
    return tuple(known), unknown


@contextlib.contextmanager
def interruptible(cancel: threading.Event) -> Iterator[None]:
    """Inside, the first Ctrl-C asks the check to stop and keep its proof; the second one does not ask."""

    def on_interrupt(_number: int, _frame: object) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()

    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before is signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _interrupted(report: Report) -> str:
    """Through where it was proven: tenants checked whole, and those in which the check stopped."""
    stopped = [each for each in report.tenants if each.axes[Axis.LINK].state is State.INCONCLUSIVE]
    whole, total = len(report.tenants) - len(stopped), len(report.tenants)
    told = [f"{count(whole)} of {plural(total, 'tenant')} had been checked whole"] if total > 1 else []
    if not stopped:
        return "interrupted, after everything had been checked"
    begun = [each for each in stopped if each.events]
    for each in begun:
        through = each.proven_through
        told.append(
            f"nothing of {each.tenant_id} is proven"
            if through is None
            else f"{each.tenant_id} is proven through {through} and not beyond"
        )
    return f"interrupted: {'; '.join(told) or 'nothing is proven'}"


def _cut_off(error: BaseException, last: VerifyStatus | None) -> BaseException:
    """What to raise when a check ended without a report: the error itself if nothing was checked yet."""
    if last is None or not (last.events_done or last.finished):
        return error
    tampered = tampering(last) > 0
    why = "interrupted" if isinstance(error, KeyboardInterrupt) else str(error)
    done = f"{count(last.events_done)} of {count(last.events_total)} events had been checked"
    found = (
        "tampering was found in them"
        if tampered
        else "no tampering was found in them, and nothing more is concluded"
    )
    streams.complain(f"{why}: {done}, {found}")
    return typer.Exit(TAMPERED if tampered else INCONCLUSIVE)


@contextlib.contextmanager
def _keeping(code: int) -> Iterator[None]:
    """Whatever becomes of stdout, the verdict's code stays: a reader that left has no say in it."""
    try:
        yield
        streams.flush()
    except BrokenPipeError:
        pass
    except streams.OutputError as error:
        streams.complain(str(error))
        raise typer.Exit(code or FAILED) from None
    raise typer.Exit(code)
