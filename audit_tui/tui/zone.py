"""In which zone times are shown, and how that zone is named."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@dataclass(frozen=True, slots=True)
class Zone:
    """`name` is what the header shows; `info` None means the system's own rules."""

    name: str
    info: tzinfo | None

    def show(self, moment: datetime) -> datetime:
        """The same moment on this zone's clock."""
        return moment.astimezone(self.info)


UTC_ZONE = Zone("UTC", UTC)


def local_zone() -> Zone:
    """The zone of this machine: by its IANA name where one can be found, else named `local`."""
    name = os.environ.get("TZ", "").lstrip(":") or _linked_name()
    if name:
        try:
            return Zone(name, ZoneInfo(name))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    return Zone("local", None)


def _linked_name() -> str:
    try:
        target = str(Path("/etc/localtime").readlink())
    except OSError:
        return ""
    return target.partition("zoneinfo/")[2]
