"""What the commands share: their options, the way to the service, the tenant that is meant."""

import contextlib
import os
import re
import time
from collections.abc import Iterator
from datetime import UTC, tzinfo
from typing import Annotated

import typer

from audit_tui.cli.secrets import remember_secrets
from audit_tui.core.errors import UnknownTenantError, UsageError
from audit_tui.core.model import MAX_SEQUENCE
from audit_tui.service.api import AuditService

DSN_VARIABLE = "AUDIT_TUI_DSN"
"""The largest bigint: beyond it the server would refuse the number with words of its own."""
_NAMES_SHOWN = 10

DsnOption = Annotated[
    str | None,
    typer.Option(
        "--dsn",
        metavar="DSN",
        show_default=False,
        help=f"Connection string or URI, before or after the command; else {DSN_VARIABLE}, else libpq's"
        " environment and service files. Keep passwords in ~/.pgpass, a service file or PGPASSWORD.",
    ),
]
TenantOption = Annotated[
    str | None,
    typer.Option("--tenant", "-t", metavar="T", show_default=False, help="The tenant; needed if several."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs; times are UTC.")]
ZoneOption = Annotated[
    str,
    typer.Option("--zone", metavar="ZONE", help="Time zone of typed and printed times, e.g. Europe/Berlin."),
]


def resolve_dsn(context: typer.Context, dsn: str | None) -> str | None:
    """The connection string that counts: after the command, before it, AUDIT_TUI_DSN, else None (libpq's)."""
    before = context.find_root().obj
    chosen = dsn or (before if isinstance(before, str) else None) or os.environ.get(DSN_VARIABLE) or None
    remember_secrets(chosen)
    return chosen


@contextlib.contextmanager
def open_log(context: typer.Context, dsn: str | None) -> Iterator[AuditService]:
    """The connected log, closed at the end. ConnectError, NoAuditSchemaError and their kin where it fails."""
    from audit_tui.bootstrap import open_service

    service = open_service(resolve_dsn(context, dsn))
    try:
        yield service
    finally:
        service.close()


def choose_tenant(service: AuditService, wanted: str | None) -> str:
    """The tenant that is meant: the one named, else the only one.

    UnknownTenantError where it has no events or the log is empty, UsageError where there are several.
    """
    if wanted is not None:
        return service.get_tenant(wanted).tenant_id
    names = [tenant.tenant_id for tenant in service.list_tenants()]
    if len(names) == 1:
        return names[0]
    if not names:
        title = "the log holds no events"
        raise UnknownTenantError(title, "events are written with audit.log_event(...)")
    shown = ", ".join(names[:_NAMES_SHOWN])
    more = (
        f" and {len(names) - _NAMES_SHOWN} more (see audit-tui tenants)" if len(names) > _NAMES_SHOWN else ""
    )
    title = f"the log holds {len(names)} tenants: say which with --tenant: {shown}{more}"
    raise UsageError(title)


def read_sequence(text: str) -> int | None:
    """The sequence that a text of digits stands for; None for anything else. UsageError beyond a bigint."""
    if re.fullmatch(r"[+-]?[0-9]+", text) is None:
        return None
    digits = text.lstrip("+-0") or "0"
    if text.startswith("-") or digits == "0" or len(digits) > 19 or int(digits) > MAX_SEQUENCE:
        title = f"sequence {text if len(text) <= 24 else text[:24] + '…'} is out of range"
        raise UsageError(title, f"sequences run from 1 to {MAX_SEQUENCE}")
    return int(digits)


def split_resource(text: str) -> tuple[str, str]:
    """TYPE and ID of `TYPE/ID`: the first slash ends TYPE. UsageError without one or with an empty half."""
    kind, slash, key = text.partition("/")
    if not (slash and kind and key):
        title = f"a resource is written TYPE/ID, and this is not: {text}"
        raise UsageError(title, "for example user/usr_456")
    return kind, key


def read_zone(name: str) -> tzinfo:
    """The zone of that name. UsageError where there is none."""
    from audit_tui.core.moments import parse_zone

    return UTC if name == "UTC" else parse_zone(name)


def now_us() -> int:
    """The clock of this machine, in microseconds since 1970 UTC."""
    return time.time_ns() // 1000
