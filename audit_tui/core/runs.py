"""Notices that hold for many events on end are told once, with the first and the last sequence.

A chain is checked in ranges, so what one range says of its runs can be joined to what the next one says.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from audit_tui.core.findings import FINDINGS_CAP, Finding
from audit_tui.core.model import Event


@dataclass(frozen=True, slots=True)
class RunLog:
    """The runs of a range: all are counted, the first FINDINGS_CAP listed, and the last is always kept.

    `from_start`: the first run begins at the range's first row; `open_ended`: the last one reaches its last
    row. Only such runs can go on in a neighbouring range.
    """

    count: int = 0
    listed: tuple[Finding, ...] = ()
    last: Finding | None = None
    from_start: bool = False
    open_ended: bool = False


@dataclass(slots=True)
class Runs:
    """Notices that are told once per run of consecutive events with one key (an offset, a version)."""

    make: Callable[[Event, int | None, int], Finding]
    _listed: list[Finding] = field(default_factory=list)
    _count: int = 0
    _ended: Finding | None = None
    _first: Event | None = None
    _last: int | None = None
    _key: int | None = None
    _from_start: bool = False
    _started: bool = False

    def extend(self, event: Event, key: int | None, through: int | None = None) -> None:
        """Takes the next event (key None: in no run), and with it all that follow through a sequence."""
        last = event.sequence_number if through is None else through
        if self._first is not None and key == self._key and _follows(event, self._last):
            self._last = last
            return
        self._end()
        if key is not None:
            self._first, self._last, self._key = event, last, key
            self._from_start = self._from_start or not self._started
        self._started = True

    def log(self) -> RunLog:
        """What was found so far, the run in progress included."""
        open_ended = self._first is not None
        self._end()
        return RunLog(self._count, tuple(self._listed), self._ended, self._from_start, open_ended)

    def _end(self) -> None:
        if self._first is None or self._key is None:
            return
        self._ended = self.make(self._first, self._last, self._key)
        self._count += 1
        if self._count <= FINDINGS_CAP:
            self._listed.append(self._ended)
        self._first = self._last = self._key = None


def join_runs(logs: Iterable[RunLog]) -> RunLog:
    """The runs of ranges that follow each other, as one walk over all of them would have told them."""
    joined = RunLog()
    for number, log in enumerate(logs):
        joined = log if number == 0 else _join(joined, log)
    return joined


def _join(before: RunLog, after: RunLog) -> RunLog:
    if after.last is None or before.last is None:
        some = before if after.last is None else after
        return replace(
            some,
            from_start=some.from_start and some is before,
            open_ended=some.open_ended and some is after,
        )
    first = after.listed[0]
    if not (before.open_ended and after.from_start and _goes_on(before.last, first)):
        listed = (*before.listed, *after.listed)[:FINDINGS_CAP]
        count = before.count + after.count
        return RunLog(count, listed, after.last, before.from_start, after.open_ended)
    whole = replace(before.last, last_sequence=first.last_sequence)
    kept = before.listed[: before.count - 1]
    listed = (*kept, *([whole] if before.count <= FINDINGS_CAP else []), *after.listed[1:])[:FINDINGS_CAP]
    last = whole if after.count == 1 else after.last
    return RunLog(before.count + after.count - 1, listed, last, before.from_start, after.open_ended)


def _goes_on(last: Finding, first: Finding) -> bool:
    same = (last.kind, last.found) == (first.kind, first.found)
    return same and (first.first_sequence or 0) - (last.last_sequence or 0) in (0, 1)


def _follows(event: Event, last: int | None) -> bool:
    return (event.sequence_number or 0) - (last or 0) in (0, 1)
