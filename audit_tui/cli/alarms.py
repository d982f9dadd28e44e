"""Where a verdict goes besides the terminal: a file of metrics, a webhook; and the alarm for silence."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from audit_tui.cli import metrics, streams
from audit_tui.cli.webhook import Webhook, parse_webhook, post
from audit_tui.core import words
from audit_tui.core.durations import parse_duration
from audit_tui.core.errors import AuditError
from audit_tui.core.findings import Report, TenantReport, Verdict
from audit_tui.service.api import AuditService, Silence

TENANTS_TOLD = 50
STORIES_TOLD = 5


class When(StrEnum):
    """Which runs a webhook hears of: `problem` is whatever does not exit 0."""

    TAMPERED = "tampered"
    PROBLEM = "problem"
    ALWAYS = "always"


MetricsOption = Annotated[
    Path | None,
    typer.Option(
        "--metrics",
        metavar="FILE",
        show_default=False,
        help="Write Prometheus text for node_exporter's textfile collector, replacing FILE in one step.",
    ),
]
WebhookOption = Annotated[
    str | None,
    typer.Option(
        "--webhook",
        metavar="URL",
        show_default=False,
        envvar="AUDIT_TUI_WEBHOOK",
        show_envvar=True,
        help="Post the verdict as JSON to an http or https URL; a failure is said and changes no verdict.",
    ),
]
WebhookOnOption = Annotated[
    When, typer.Option("--webhook-on", help="When: tampering, anything that does not exit 0, or every run.")
]
SilenceOption = Annotated[
    str | None,
    typer.Option(
        "--silence",
        metavar="DURATION",
        show_default=False,
        help="Also name tenants that usually log and have not for this long, e.g. 1d; exits 3.",
    ),
]


@dataclass(slots=True)
class Alarms:
    """What was asked for, checked before anything is read; `silent` is filled in by `listen`."""

    metrics_file: Path | None
    webhook: Webhook | None
    when: When
    silence: int | None
    began: float = field(default_factory=time.monotonic)
    silent: tuple[Silence, ...] = ()
    _target: str | None = None

    def listen(self, service: AuditService, tenants: tuple[str, ...] | None) -> None:
        """Looks for silence, where that was asked for, and notes which log this is."""
        self._target = service.connection.target
        if self.silence is not None:
            self.silent = service.list_silent(tenants, self.silence)

    def write(self, report: Report | None, last_times: Mapping[str, str | None]) -> bool:
        """Writes the metrics of a run that came to a verdict; False where that failed (said on stderr)."""
        if report is None or self.metrics_file is None:
            return True
        file = self.metrics_file
        silent = None if self.silence is None else frozenset(each.tenant_id for each in self.silent)
        run = metrics.Run(report, time.monotonic() - self.began, time.time(), last_times, silent)
        return _said(lambda: metrics.write_metrics(file, metrics.render(run)))

    def tell(self, report: Report | None, code: int) -> None:
        """Posts to the webhook, if this run is one for it. A failure is said on stderr, and nothing more."""
        self._post(self._document(report, code), code)

    @contextmanager
    def on_failure(self) -> Iterator[None]:
        """Inside, a check that ends without a report is told to the webhook too, then goes its way."""
        try:
            yield
        except AuditError as error:
            self._tell_failure(error.exit_code, error.title)
            raise
        except typer.Exit as leaving:
            self._tell_failure(leaving.exit_code, "the check was cut off")
            raise

    def _tell_failure(self, code: int, why: str) -> None:
        fields = {"text": f"audit-tui verify: {why}", "verdict": None, "exit_code": code, "problem": why}
        self._post(fields | {"target": self._target}, code)

    def _wants(self, code: int) -> bool:
        return self.when is When.ALWAYS or code == 1 or (self.when is When.PROBLEM and code != 0)

    def _post(self, fields: dict[str, Any], code: int) -> None:
        webhook = self.webhook
        if webhook is not None and self._wants(code):
            _said(lambda: post(webhook, fields))

    def _document(self, report: Report | None, code: int) -> dict[str, Any]:
        if report is None:
            return {"text": "audit-tui verify: nothing was checked", "verdict": None, "exit_code": code}
        told = [tenant for tenant in report.tenants if tenant.verdict is not Verdict.INTACT]
        quiet = f" {words.plural(len(self.silent), 'tenant')} silent." if self.silent else ""
        return {
            "text": f"audit-tui verify: {words.headline(report)}{quiet}",
            "target": self._target,
            "verdict": str(report.verdict),
            "exit_code": code,
            "claim": report.claim,
            "checked_at": report.checked_at,
            "tenant_counts": {
                str(verdict): sum(tenant.verdict is verdict for tenant in report.tenants)
                for verdict in Verdict
            },
            "nameless_rows": len(report.orphans),
            "tenants": [_tenant(tenant) for tenant in told[:TENANTS_TOLD]],
            "silent": silent_fields(self.silent),
        }


def read_alarms(metrics_file: Path | None, webhook: str | None, when: When, silence: str | None) -> Alarms:
    """What the options ask for. UsageError for what cannot work, before any connection is made."""
    if metrics_file is not None:
        metrics.check_target(metrics_file)
    return Alarms(
        metrics_file,
        parse_webhook(webhook) if webhook else None,
        when,
        None if silence is None else parse_duration(silence),
    )


def silent_fields(silent: tuple[Silence, ...]) -> list[dict[str, str]]:
    """Silence as a part of a document."""
    return [{"tenant_id": each.tenant_id, "since": each.since} for each in silent]


def _tenant(tenant: TenantReport) -> dict[str, Any]:
    return {
        "tenant_id": tenant.tenant_id,
        "verdict": str(tenant.verdict),
        "events": tenant.events,
        "last_sequence": tenant.last_sequence,
        "proven_through": tenant.proven_through,
        "finding_counts": {str(kind): number for kind, number in tenant.finding_counts.items() if number},
        "stories": [story.sentence for story in tenant.stories[:STORIES_TOLD]],
    }


def _said(action: Callable[[], None]) -> bool:
    try:
        action()
    except AuditError as error:
        streams.complain(str(error))
    except KeyboardInterrupt:
        streams.complain("interrupted: not everyone was told (the verdict stands)")
    else:
        return True
    return False
