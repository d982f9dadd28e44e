"""The events that match a filter as lines: a window of known matches that grows both ways by keyset.

Where the n-th match lies cannot be computed, so a window around the last place asked for is known exactly
and says at its ends that there is more. No OFFSET: each page starts where its neighbour ended. Only the
bounds of the pages are kept; their events live in a small cache and are read again when one comes back.
"""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

from audit_tui.core.filters import EventFilter
from audit_tui.core.model import CheckedEvent
from audit_tui.service.api import Direction, EventPage, PageRequest
from audit_tui.tui.present.slots import LOADING, PAGE, Landing, PageCache, Slot, SlotKind

LOWEST, HIGHEST = -(2**63), 2**63 - 1
Events = tuple[CheckedEvent, ...]


@dataclass(frozen=True, slots=True)
class _Run:
    """A page that was read: its bounds and how many rows it holds."""

    first: int
    last: int
    count: int


class MatchRows:
    """Matches of one filter within one tenant, ascending."""

    def __init__(
        self, tenant_id: str, event_filter: EventFilter, around: int, keep: int | None = None
    ) -> None:
        self.tenant_id = tenant_id
        self.filter = event_filter
        self._pages: PageCache[int, Events] = PageCache() if keep is None else PageCache(keep)
        self._runs: list[_Run] = []
        self._starts: list[int] = [0]
        self._low = self._high = around
        self._more_before = self._more_after = True
        self._seek: PageRequest | None = self._request(around, Direction.FORWARD)
        self._sought = around

    @property
    def known(self) -> int:
        """How many matches lie in the window."""
        return self._starts[-1]

    @property
    def pages_held(self) -> int:
        return len(self._pages)

    @property
    def is_whole(self) -> bool:
        """True where the window holds every match."""
        return self._seek is None and not self._more_before and not self._more_after

    @property
    def length(self) -> int:
        return self._above + self.known + (1 if self._more_after else 0)

    @property
    def _above(self) -> int:
        return 1 if self._more_before else 0

    def slot(self, row: int) -> Slot:
        place = row - self._above
        if not 0 <= place < self.known:
            return LOADING
        number = bisect_right(self._starts, place) - 1
        events = self._pages.get(self._runs[number].first)
        offset = place - self._starts[number]
        if events is None or offset >= len(events):
            return LOADING
        checked = events[offset]
        gap = self._gap_before(number, offset, events) if self.filter.is_empty else None
        return Slot(SlotKind.EVENT, checked.event.sequence_number, (checked,), gap)

    def row_of(self, sequence: int) -> int | None:
        """The line of a match that is in memory, or the next one after it within its page."""
        for number, run in enumerate(self._runs):
            if run.first <= sequence <= run.last:
                events = self._pages.get(run.first)
                if events is None:
                    return None
                found = sum((e.event.sequence_number or 0) < sequence for e in events)
                return self._above + self._starts[number] + min(found, run.count - 1)
        return None

    def seek(self, sequence: int) -> int | None:
        row = self.row_of(sequence)
        if row is None:
            self._sought = sequence
            self._seek = self._request(sequence, Direction.FORWARD)
        return row

    def seek_start(self) -> int | None:
        if not self._more_before and self._seek is None:
            return 0
        return self.seek(LOWEST)

    def seek_end(self) -> int | None:
        if not self._more_after and self._seek is None:
            return max(0, self.length - 1)
        self._sought = HIGHEST
        self._seek = self._request(HIGHEST, Direction.BACKWARD)
        return None

    def wants(self, top: int, bottom: int) -> PageRequest | None:
        if self._seek is not None:
            return self._seek
        first = max(0, top - self._above)
        last = min(bottom - self._above, self.known - 1)
        if first <= last:
            for number in range(bisect_right(self._starts, first) - 1, bisect_right(self._starts, last)):
                run = self._runs[number]
                if self._pages.get(run.first) is None:
                    return PageRequest(self.tenant_id, run.first, run.count, Direction.FORWARD, self.filter)
        if self._more_after and bottom >= self.length - 1:
            return self._request(self._high + 1, Direction.FORWARD)
        if self._more_before and top <= 0:
            return self._request(self._low - 1, Direction.BACKWARD)
        return None

    def accept(self, request: PageRequest, page: EventPage) -> Landing:
        events = _whole_groups(page, request.direction)
        if request == self._seek:
            return self._land(request, page, events)
        if any(request.anchor == run.first for run in self._runs):
            self._pages.put(request.anchor, events)
            return Landing()
        if request.direction is Direction.FORWARD and request.anchor == self._high + 1:
            self._append(events, more=page.more)
            return Landing()
        if request.direction is Direction.BACKWARD and request.anchor == self._low - 1:
            before = self._above
            self._prepend(events, more=page.more)
            return Landing(inserted_above=len(events) + self._above - before)
        return Landing()

    def _land(self, request: PageRequest, page: EventPage, events: Events) -> Landing:
        """A place was asked for: the window starts anew around it."""
        forward = request.direction is Direction.FORWARD
        self._seek = None
        self._runs, self._starts = [], [0]
        self._pages.clear()
        self._low, self._high = request.anchor, request.anchor
        if forward:
            self._more_before = self._sought > LOWEST
            self._high = request.anchor - 1
            self._append(events, more=page.more)
            return Landing(cursor=min(self._above, max(0, self.length - 1)))
        self._more_after = False
        self._low = HIGHEST
        self._prepend(events, more=page.more)
        return Landing(cursor=max(0, self.length - 1))

    def _append(self, events: Events, *, more: bool) -> None:
        self._more_after = more
        if events:
            self._add(len(self._runs), events)
            self._high = self._runs[-1].last

    def _prepend(self, events: Events, *, more: bool) -> None:
        self._more_before = more
        if events:
            self._add(0, events)
            self._low = self._runs[0].first

    def _add(self, at: int, events: Events) -> None:
        first, last = events[0].event.sequence_number, events[-1].event.sequence_number
        run = _Run(first or 0, last or 0, len(events))
        self._runs.insert(at, run)
        self._pages.put(run.first, events)
        self._starts = [0, *accumulate(r.count for r in self._runs)]

    def _gap_before(self, number: int, offset: int, events: Events) -> tuple[int, int] | None:
        here = events[offset].event.sequence_number
        if offset > 0:
            above = events[offset - 1].event.sequence_number
        else:
            above = self._runs[number - 1].last if number > 0 else None
        if here is None or above is None or here <= above + 1:
            return None
        return above + 1, here - 1

    def _request(self, anchor: int, direction: Direction) -> PageRequest:
        return PageRequest(self.tenant_id, anchor, PAGE, direction, self.filter)


def _whole_groups(page: EventPage, direction: Direction) -> Events:
    """Rows that share the outermost sequence wait for the next page, so that a page never splits them."""
    events = page.events
    if not page.more or not events:
        return events
    outermost = events[-1 if direction is Direction.FORWARD else 0].event.sequence_number
    kept = tuple(e for e in events if e.event.sequence_number != outermost)
    return kept or events
