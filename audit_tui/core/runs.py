"""Notices that hold for many events on end are told once, with the first and the last sequence."""

from collections.abc import Callable
from dataclasses import dataclass

from audit_tui.core.findings import Finding
from audit_tui.core.model import Event


@dataclass(slots=True)
class Runs:
    """Notices that are told once per run of consecutive events with one key (an offset, a version)."""

    make: Callable[[Event, int | None, int], Finding]
    _first: Event | None = None
    _last: int | None = None
    _key: int | None = None

    def extend(self, event: Event, key: int | None) -> list[Finding]:
        """Takes the next event (key None: in no run). Returns the finding of a run that ended before it."""
        if self._first is not None and key == self._key and _follows(event, self._last):
            self._last = event.sequence_number
            return []
        ended = self.end()
        if key is not None:
            self._first, self._last, self._key = event, event.sequence_number, key
        return ended

    def end(self) -> list[Finding]:
        """Closes the run in progress, if any."""
        if self._first is None or self._key is None:
            return []
        finding = self.make(self._first, self._last, self._key)
        self._first = self._last = self._key = None
        return [finding]


def _follows(event: Event, last: int | None) -> bool:
    return (event.sequence_number or 0) - (last or 0) in (0, 1)
