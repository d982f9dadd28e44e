"""How far a check is, as one line on stderr that rewrites itself; nothing where stderr is no terminal."""

import os
import sys
import time

from audit_tui.cli.streams import is_terminal
from audit_tui.core.findings import Severity, VerifyStatus
from audit_tui.core.safe import safe_line
from audit_tui.core.words import INCONCLUSIVE, INTACT, TAMPERED, count, plural

INTERVAL = 0.1
"""Seconds between two drawings."""


class Progress:
    """Draws the statuses it is given. `last` is the newest: where a check was cut off, it says how far."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown and is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb"
        self._drawn_at = 0.0
        self.last: VerifyStatus | None = None

    def __call__(self, status: VerifyStatus) -> None:
        self.last = status
        if self._shown:
            self.say(line(status))

    def say(self, text: str) -> None:
        """Draws one line, unless one was drawn a moment ago."""
        if not self._shown or time.monotonic() - self._drawn_at < INTERVAL:
            return
        self._drawn_at = time.monotonic()
        self._put(f"\r{text[: _width() - 1]}\x1b[K")

    @property
    def is_shown(self) -> bool:
        """Whether somebody watches."""
        return self._shown

    def clear(self) -> None:
        """Takes the line away, so that what follows starts at the margin."""
        if self._shown and self._drawn_at:
            self._put("\r\x1b[K")

    def _put(self, text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except (OSError, ValueError):
            self._shown = False


class Counting:
    """One line on stderr while tenants are counted: `3 of 1,204 tenants counted · org_acme`."""

    def __init__(self, *, shown: bool) -> None:
        self._line = Progress(shown=shown)

    def __call__(self, tenant_id: str, done: int, total: int) -> None:
        self._line.say(f"{count(done)} of {plural(total, 'tenant')} counted · {safe_line(tenant_id, 30)}")

    def clear(self) -> None:
        self._line.clear()


def line(status: VerifyStatus) -> str:
    """`✓ 612,000 of 1,000,000 events proven · 71,400 per second · about 5 s left`."""
    found = tampering(status)
    mark, word = (TAMPERED, "checked") if found else (INTACT, "proven")
    parts = [f"{mark.glyph} {count(status.events_done)} of {count(status.events_total)} events {word}"]
    if found:
        parts.append(f"{plural(found, 'break')} so far")
    if status.tenants_total > 1 and status.tenant_id is not None:
        place = f"{status.tenants_done + 1} of {status.tenants_total}"
        parts.append(f"{safe_line(status.tenant_id, 30)} ({place})")
    if status.note is not None:
        return f"{INCONCLUSIVE.glyph} {safe_line(status.note, 60)} · {parts[0]}"
    if status.rate > 0:
        parts.append(f"{count(round(status.rate))} per second")
    if status.seconds_left is not None:
        parts.append(f"about {duration(status.seconds_left)} left")
    return " · ".join(parts)


def tampering(status: VerifyStatus) -> int:
    """How many tampering findings there are so far, in this tenant and those before."""
    before = (finding for report in status.finished for finding in report.findings)
    return sum(finding.severity is Severity.TAMPERED for finding in (*before, *status.findings))


def duration(seconds: float) -> str:
    """`5 s`, `3 min`, `2 h 10 min`."""
    whole = max(1, round(seconds))
    if whole < 100:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


def _width() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
