"""A running verification in words: how much, how fast, how long still."""

from audit_tui.core.findings import VerifyStatus
from audit_tui.core.words import count
from audit_tui.tui.present.lines import Line, Span, ends, line
from audit_tui.tui.present.times import duration


def amount(status: VerifyStatus) -> str:
    """`612,000 of 1,000,000 events · 71,400 per second · about 5 s left`."""
    parts = [f"{count(status.events_done)} of {count(status.events_total)} events"]
    if status.rate > 0:
        parts.append(f"{count(round(status.rate))} per second")
    if status.seconds_left is not None and status.events_done < status.events_total:
        parts.append(f"about {duration(status.seconds_left)} left")
    return " · ".join(parts)


def progress_line(status: VerifyStatus | None, width: int, *, stopping: bool = False) -> Line:
    """The fixed line under a list while a check runs."""
    if stopping:
        return line(Span(" Stopping; what is proven stays.", "muted"))
    if status is None:
        return line(Span(" The check begins ⋯", "muted"))
    told = amount(status)
    if status.tenants_total > 1:
        told += f" · {count(status.tenants_done)} of {count(status.tenants_total)} tenants"
    hint = line(Span("esc stops, keeps the proof ", "muted"))
    return ends(line(" ", bar(status, 16), "  ", told), [hint], width)


def bar(status: VerifyStatus, width: int) -> Span:
    """`█████▒▒▒`: the part of all events that was read."""
    total = max(status.events_total, 1)
    filled = min(width, status.events_done * width // total)
    return Span("█" * filled + "░" * (width - filled), "accent")
