"""`audit-tui verify --against DSN`: a log beside a second source of it, both checked and then compared."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import typer

from audit_tui.cli import streams
from audit_tui.cli.againstjson import comparison_fields
from audit_tui.cli.alarms import Alarms
from audit_tui.cli.checking import checked
from audit_tui.cli.common import resolve_dsn
from audit_tui.cli.progress import Progress
from audit_tui.cli.secrets import remember_secrets
from audit_tui.core.errors import UnknownTenantError
from audit_tui.core.findings import Report
from audit_tui.core.second.model import Comparison
from audit_tui.service.against import Against, AgainstRequest
from audit_tui.service.api import Cancel


@dataclass(frozen=True, slots=True)
class Proved:
    """`report` and `comparison` are None where no tenant that was named exists; `unknown`: some that were
    named exist in neither source. `times` are those of the log's last events.
    """

    report: Report | None
    comparison: Comparison | None
    times: Mapping[str, str | None]
    unknown: bool


def against_fields(proved: Proved) -> dict[str, Any]:
    """What `verify --json` says besides where a second source was given."""
    return {} if proved.comparison is None else {"against": comparison_fields(proved.comparison)}


def verify_against(
    context: typer.Context,
    second: str,
    tenants: Sequence[str] | None,
    dsn: str | None,
    progress: Progress,
    alarms: Alarms,
    request: AgainstRequest,
) -> Proved:
    """The proof of the log and what its second source says. `request` is what to ask, tenants apart."""
    remember_secrets(second)
    with _opened(resolve_dsn(context, dsn), second) as against:
        wanted, unknown = _wanted(against, tenants)
        times = {each.tenant_id: each.last_time for each in against.service.list_tenants()}
        alarms.listen(against.service, wanted)
        if wanted == ():
            return Proved(None, None, times, unknown)
        comparison: list[Comparison] = []

        def run(on_status: Progress, cancel: Cancel) -> Report:
            found = against.verify(replace(request, tenants=wanted), on_status, cancel)
            comparison.append(found.comparison)
            return found.report

        report = checked(run, progress)
        return Proved(report, comparison[0], times, unknown)


@contextlib.contextmanager
def _opened(dsn: str | None, second: str) -> Iterator[Against]:
    from audit_tui.bootstrap import open_against

    against = open_against(dsn, second)
    try:
        yield against
    finally:
        against.close()


def _wanted(against: Against, names: Sequence[str] | None) -> tuple[tuple[str, ...] | None, bool]:
    """The tenants to check: those of either source or witnessed; whether others were named."""
    if not names:
        return None, False
    held = {*against.list_tenants(), *(note.tenant_id for note in against.service.list_witnesses())}
    known: dict[str, None] = {}
    unknown = False
    for name in names:
        try:
            known[name if name in held else against.service.get_tenant(name).tenant_id] = None
        except UnknownTenantError as error:
            streams.complain(str(error))
            unknown = True
    return tuple(known), unknown
