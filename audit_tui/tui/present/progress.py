"""A running verification in words: how much, how fast, how long still."""

from audit_tui.core.errors import AuditError
from audit_tui.core.findings import VerifyStatus
from audit_tui.core.safe import safe_line
from audit_tui.core.words import INCONCLUSIVE, count
from audit_tui.service.api import Connection
from audit_tui.tui.checks import Checks
from audit_tui.tui.present.about import note_line
from audit_tui.tui.present.failure import failure_line
from audit_tui.tui.present.lines import EMPTY, Line, Span, ends, line, mark
from audit_tui.tui.present.times import duration


def amount(status: VerifyStatus) -> str:
    """`612,000 of 1,000,000 events`."""
    return f"{count(status.events_done)} of {count(status.events_total)} events"


def speed(status: VerifyStatus) -> str:
    """`71,400 per second · about 5 s left`; empty before either is known."""
    parts = [f"{count(round(status.rate))} per second"] if status.rate > 0 else []
    if status.seconds_left is not None and status.seconds_left >= 1:
        parts.append(f"about {duration(status.seconds_left)} left")
    return " · ".join(parts)


def progress_line(status: VerifyStatus | None, width: int, *, stopping: bool = False) -> Line:
    """The fixed line under a list while a check runs."""
    if stopping:
        return line(Span(" Stopping; what is proven stays.", "muted"))
    if status is None:
        return line(Span(" The check begins ⋯", "muted"))
    if status.note is not None:
        return note_of_run(status.note, width)
    told = " · ".join(part for part in (amount(status), speed(status)) if part)
    if status.tenants_total > 1:
        told += f" · {count(status.tenants_done)} of {count(status.tenants_total)} tenants"
    room = width - len(told) - len("  esc stops ") - 3
    drawn = line(bar(status, min(24, room)), "  ") if room >= 8 else EMPTY
    return ends(line(" ", drawn, told), [line(Span("esc stops ", "muted"))], width)


def note_of_run(note: str, width: int) -> Line:
    """What whoever waits should know now: the connection was lost, another one is tried."""
    told = line(" ", mark(INCONCLUSIVE), " ", Span(sentence(note), "warning"))
    return ends(told, [line(Span("esc stops ", "muted"))], width)


def sentence(text: str) -> str:
    """A remark that begins small, as a sentence."""
    shown = safe_line(text, 300)
    return f"{shown[:1].upper()}{shown[1:]}."


def speed_line(status: VerifyStatus | None, width: int, *, stopping: bool) -> Line:
    """Under one tenant's check: rate and time left, or what whoever waits should know. Nothing else moves."""
    if stopping:
        return line(Span(" What was checked stays proven.", "muted"))
    if status is None:
        return line(Span(" Waiting for the server ⋯", "muted"))
    if status.note is not None:
        return note_of_run(status.note, width)
    told = speed(status) or "measuring the rate ⋯"
    if status.tenants_total > 1:
        told += f" · {count(status.tenants_done)} of {count(status.tenants_total)} tenants done"
    return ends(line(Span(f" {told}", "muted")), [line(Span("esc stops, keeps the proof ", "muted"))], width)


def bar(status: VerifyStatus, width: int) -> Span:
    """`█████▒▒▒`: the part of all events that was read."""
    total = max(status.events_total, 1)
    filled = min(width, status.events_done * width // total)
    return Span("█" * filled + "░" * (width - filled), "accent")


def check_progress(
    checks: Checks, failure: AuditError | None, connection: Connection | None, width: int
) -> Line:
    """The fixed line under the list of tenants: the run that goes on, what could not be done, a remark."""
    run = checks.run
    error = failure or (checks.witness_error if run is None else run.error)
    if run is not None and run.is_running:
        return progress_line(run.status, width, stopping=run.cancel.is_set())
    return failure_line(error) if error is not None else note_line(connection)
