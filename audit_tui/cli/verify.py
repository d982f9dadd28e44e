"""`audit-tui verify`: proves, or disproves, that the log is what was logged; the exit code is the answer."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from audit_tui.cli import streams
from audit_tui.cli.alarms import (
    Alarms,
    MetricsOption,
    SilenceOption,
    WebhookOnOption,
    WebhookOption,
    When,
    read_alarms,
    silent_fields,
)
from audit_tui.cli.checking import checked, known_tenants
from audit_tui.cli.common import DsnOption, JsonOption, ZoneOption, open_log, read_zone
from audit_tui.cli.group import DONE, FAILED, INCONCLUSIVE, TAMPERED
from audit_tui.cli.jsonout import print_document
from audit_tui.cli.paper import Paper
from audit_tui.cli.progress import Progress
from audit_tui.cli.reading import (
    RECONNECT_SECONDS,
    AttestOption,
    ContinuityOption,
    IncrementalOption,
    JobsOption,
    ReconnectOption,
)
from audit_tui.cli.verifyjson import report_fields
from audit_tui.cli.verifytext import print_report, print_silence
from audit_tui.core.errors import UsageError
from audit_tui.core.findings import Report, Verdict
from audit_tui.core.second.model import Comparison
from audit_tui.service.against import AgainstRequest
from audit_tui.service.api import VerifyRequest

ABOUT = "Prove or disprove that nothing was changed."
EXAMPLES = """\b
Examples:
  audit-tui verify
  audit-tui verify --tenant org_acme --json
  audit-tui verify --incremental
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
    incremental: IncrementalOption = False,
    continuity: ContinuityOption = None,
    attest: AttestOption = True,
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
    _refuse_contradictions(tenant, everything, archive, against, silence)
    from audit_tui.cli.againsttext import print_comparison

    local = read_zone(zone)
    progress = Progress(shown=not quiet)
    alarms = read_alarms(metrics, webhook, webhook_on, silence)
    wish = VerifyRequest(
        incremental=incremental,
        continuity=continuity,
        attest=attest,
        jobs=jobs,
        patience_seconds=reconnect,
    )
    with alarms.on_failure():
        if archive:
            proof = _prove_archives(context, archive, tenant, dsn, progress)
        elif against:
            proof = _prove_against(context, against, tenant, dsn, progress, alarms, wish)
        else:
            proof = _prove_log(context, dsn, tenant, progress, alarms, wish)
    report, times = proof.report, proof.times
    code = exit_code(report, strict=strict, unknown=proof.unknown, silent=bool(alarms.silent))
    if not alarms.write(report, times):
        code = code or FAILED
    try:
        with _keeping(code):
            if as_json and report is not None:
                quiet_ones = {} if silence is None else {"silent": silent_fields(alarms.silent)}
                print_document("verify", report_fields(report) | proof.more | quiet_ones)
            elif not quiet and report is not None:
                paper = Paper()
                print_report(paper, report, times, zone, local)
                if proof.comparison is not None:
                    print_comparison(paper, proof.comparison)
                print_silence(paper, alarms.silent, local)
    finally:
        alarms.tell(report, code)


@dataclass(frozen=True, slots=True)
class _Proof:
    """What was proven. `report` is None where no tenant that was named exists, `unknown` tells that some do
    not; `more` are further fields of the document.
    """

    report: Report | None
    times: Mapping[str, str | None]
    unknown: bool
    more: dict[str, Any] = field(default_factory=dict)
    comparison: Comparison | None = None


def _refuse_contradictions(
    tenant: Sequence[str] | None,
    everything: bool,
    archive: Sequence[Path] | None,
    against: str | None,
    silence: str | None,
) -> None:
    if tenant and everything:
        raise UsageError("--tenant and --all contradict each other: give one")
    if silence and archive:
        raise UsageError("--silence is about a log that goes on, not about archives", "leave out one of them")
    if against and archive:
        raise UsageError("--against and --archive are two comparisons: give one of them")


def _prove_archives(
    context: typer.Context,
    places: list[Path],
    tenants: list[str] | None,
    dsn: str | None,
    progress: Progress,
) -> _Proof:
    from audit_tui.cli.verify_archive import archive_fields, verify_archives

    proved = verify_archives(context, places, tenants, dsn, progress)
    return _Proof(proved.report, proved.times, proved.unknown, archive_fields(proved))


def _prove_against(
    context: typer.Context,
    second: str,
    tenants: list[str] | None,
    dsn: str | None,
    progress: Progress,
    alarms: Alarms,
    wish: VerifyRequest,
) -> _Proof:
    from audit_tui.cli.verify_against import against_fields, verify_against

    asked = AgainstRequest(jobs=wish.jobs, patience_seconds=wish.patience_seconds)
    held = verify_against(context, second, tenants, dsn, progress, alarms, asked)
    return _Proof(held.report, held.times, held.unknown, against_fields(held), held.comparison)


def _prove_log(
    context: typer.Context,
    dsn: str | None,
    tenants: list[str] | None,
    progress: Progress,
    alarms: Alarms,
    wish: VerifyRequest,
) -> _Proof:
    with open_log(context, dsn) as service:
        wanted, unknown = known_tenants(service, tenants)
        times = {each.tenant_id: each.last_time for each in service.list_tenants()}
        alarms.listen(service, wanted)
        request = partial(service.verify, replace(wish, tenants=wanted))
        report = None if wanted == () else checked(request, progress)
    return _Proof(report, times, unknown)


def exit_code(report: Report | None, *, strict: bool, unknown: bool, silent: bool = False) -> int:
    """The documented code of a run: 1 wins over 4 (a tenant that is not there) over 3."""
    verdict = None if report is None else report.verdict
    if verdict is Verdict.TAMPERED or (strict and report is not None and report.suspicious):
        return TAMPERED
    if unknown:
        return FAILED
    return INCONCLUSIVE if silent or verdict is Verdict.INCONCLUSIVE else DONE


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
