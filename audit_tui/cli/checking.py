"""Runs a check that Ctrl-C may end early, and says through where it was proven."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator, Sequence

import typer

from audit_tui.cli import streams
from audit_tui.cli.group import INCONCLUSIVE, TAMPERED
from audit_tui.cli.progress import Progress, tampering
from audit_tui.core.errors import AuditError, UnknownTenantError
from audit_tui.core.findings import Axis, Report, VerifyStatus
from audit_tui.core.model import State
from audit_tui.core.words import count, plural
from audit_tui.service.api import AuditService, Cancel

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
