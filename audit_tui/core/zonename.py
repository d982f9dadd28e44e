"""Time zones by the names people type."""

import difflib
import re
from datetime import UTC, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from audit_tui.core.errors import UsageError

_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)\Z", re.ASCII)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+\-/]{0,63}\Z", re.ASCII)


def parse_zone(name: str) -> tzinfo:
    """The zone of an IANA name (`Europe/Berlin`), `UTC`, `Z`, or an offset (`+05:30`).

    UsageError for anything else; the hint suggests a name that is near.
    """
    wanted = name.strip()
    if wanted.upper() in {"UTC", "Z"}:
        return UTC
    if match := _OFFSET.match(wanted):
        sign, hours, minutes = match.groups()
        if int(hours) <= 15 and int(minutes) <= 59:
            ahead = timedelta(hours=int(hours), minutes=int(minutes))
            return timezone(-ahead if sign == "-" else ahead)
    found = _find(wanted) if _NAME.match(wanted) else None
    if found is None:
        raise UsageError(f"there is no time zone {wanted!r}", _hint(wanted))
    return found


def _find(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a folder such as `Europe`, a bad path, an unknown name
        return None


def _hint(wanted: str) -> str:
    known = sorted(available_timezones())
    if not known:
        return "this machine has no time zone data: use UTC or an offset such as +05:30"
    folded = {zone.lower(): zone for zone in known}
    if wanted.lower() in folded:
        return f"did you mean {folded[wanted.lower()]}?"
    cities = {zone.rpartition("/")[2].lower(): zone for zone in known}
    near = difflib.get_close_matches(wanted.lower(), [*folded, *cities], n=1)
    if near:
        return f"did you mean {folded.get(near[0]) or cities[near[0]]}?"
    return "use a name such as Europe/Berlin, UTC, or an offset such as +05:30"
