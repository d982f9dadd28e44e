"""`audit-tui verify --archive DIR`: archives proved from their files, joined to the log where it is named."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import typer

from audit_tui.cli import streams
from audit_tui.cli.checking import checked, known_tenants
from audit_tui.cli.common import open_log, resolve_dsn
from audit_tui.cli.progress import Progress
from audit_tui.core.errors import UnknownTenantError
from audit_tui.core.findings import Report
from audit_tui.service.api import AuditService
from audit_tui.service.archived import ArchivedFiles, ArchiveNote


@dataclass(frozen=True, slots=True)
class Proved:
    """`report` is None where no tenant that was named exists; `unknown`: some that were named exist nowhere.
    `times` are those of last events, `archives` what was found in the folders.
    """

    report: Report | None
    times: Mapping[str, str | None]
    unknown: bool
    archives: tuple[ArchiveNote, ...]


def archive_fields(proved: Proved) -> dict[str, Any]:
    """What `verify --json` says besides where archives were given."""
    return {"archives": [asdict(note) for note in proved.archives]}


def verify_archives(
    context: typer.Context,
    places: Sequence[Path],
    tenants: Sequence[str] | None,
    dsn: str | None,
    progress: Progress,
) -> Proved:
    """The proof of the archives in these folders, and of the log where a connection string names one: libpq's
    own environment alone names none here, because the files can do without.
    """
    from audit_tui.bootstrap import open_archives

    files = open_archives(tuple(places))
    if resolve_dsn(context, dsn) is None:
        return _proved(files, tenants, None, progress)
    with open_log(context, dsn) as service:
        return _proved(files, tenants, service, progress)


def _proved(
    files: ArchivedFiles, tenants: Sequence[str] | None, service: AuditService | None, progress: Progress
) -> Proved:
    wanted, unknown = _wanted(files, tenants, service)
    times: dict[str, str | None] = dict(files.last_times())
    if service is not None:
        times |= {each.tenant_id: each.last_time for each in service.list_tenants()}
    if wanted == ():
        return Proved(None, times, unknown, files.list_archives())
    report = checked(partial(files.verify, wanted, service), progress)
    return Proved(report, times, unknown, files.list_archives())


def _wanted(
    files: ArchivedFiles, tenants: Sequence[str] | None, service: AuditService | None
) -> tuple[tuple[str, ...] | None, bool]:
    """The tenants to check, and whether others were named that neither the archives nor the log hold."""
    if not tenants:
        return None, False
    held = files.list_tenants()
    elsewhere = [name for name in tenants if name not in held]
    if service is not None:
        found, unknown = known_tenants(service, elsewhere) if elsewhere else ((), False)
        return tuple(dict.fromkeys([*(n for n in tenants if n in held), *(found or ())])), unknown
    for name in elsewhere:
        with contextlib.suppress(BrokenPipeError):
            shown = ", ".join(held[:10]) + (f" and {len(held) - 10} more" if len(held) > 10 else "")
            streams.complain(str(UnknownTenantError(f"no archive given holds {name}", f"they hold: {shown}")))
    return tuple(dict.fromkeys(name for name in tenants if name in held)), bool(elsewhere)
