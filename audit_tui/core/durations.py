"""Lengths of time as people type them: `36h`, `1d`, `2w`. Months and years have no fixed length: not here."""

import re

from audit_tui.core.errors import UsageError

_WRITTEN = re.compile(
    r"(\d{1,6})\s*(w|weeks?|d|days?|h|hours?|m|min|mins|minutes?|s|sec|secs|seconds?)\Z",
    re.ASCII | re.IGNORECASE,
)
_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
LONGEST = 3_650 * 86_400
"""Ten years: beyond, no log has a habit that could be broken."""


def parse_duration(text: str) -> int:
    """Whole seconds of what was typed, from one second to ten years. UsageError for anything else."""
    match = _WRITTEN.match(text.strip())
    if match is None:
        raise UsageError(f"this is not a length of time: {text[:40]!r}", "write 36h, 1d or 2w")
    seconds = int(match[1]) * _SECONDS[match[2][0].lower()]
    if not 0 < seconds <= LONGEST:
        raise UsageError(
            f"a length of time of {text.strip()} makes no sense here", "write one from 1s to ten years"
        )
    return seconds
