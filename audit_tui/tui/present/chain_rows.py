"""The whole chain as lines: line = sequence - first sequence, so any position is one index look-up.

Sequences are gapless in an honest log. Where one is not in the log its line says so: nothing is closed up
or skipped, and nothing needs counting, at any length.
"""

from dataclasses import dataclass

from audit_tui.core.model import CheckedEvent
from audit_tui.service.api import Direction, EventPage, PageRequest
from audit_tui.tui.present.slots import PAGE, Landing, PageCache, Slot, SlotKind, by_sequence

WIDEST_PAGE = PAGE * 16
"""Rows that one page may grow to where sequences are doubled; beyond that lines are UNREAD."""


@dataclass(frozen=True, slots=True)
class _Page:
    groups: dict[int, tuple[CheckedEvent, ...]]
    read_through: int
    """The last sequence about which the page is complete."""


class ChainRows:
    """Lines of one tenant from its first to its last sequence."""

    def __init__(self, tenant_id: str, first: int, last: int, keep: int | None = None) -> None:
        self.tenant_id = tenant_id
        self.first = first
        self.last = last
        self._pages: PageCache[int, _Page] = PageCache() if keep is None else PageCache(keep)
        self._limits: dict[int, int] = {}

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    @property
    def pages_held(self) -> int:
        return len(self._pages)

    def slot(self, row: int) -> Slot:
        sequence = self.first + row
        page = self._pages.get(row // PAGE)
        if page is None:
            return Slot(SlotKind.LOADING, sequence)
        events = page.groups.get(sequence, ())
        if events:
            return Slot(SlotKind.EVENT, sequence, events)
        kind = SlotKind.MISSING if sequence <= page.read_through else SlotKind.UNREAD
        return Slot(kind, sequence)

    def row_of(self, sequence: int) -> int | None:
        return sequence - self.first if self.first <= sequence <= self.last else None

    def seek(self, sequence: int) -> int | None:
        return min(max(sequence, self.first), self.last) - self.first

    def seek_start(self) -> int | None:
        return 0

    def seek_end(self) -> int | None:
        return self.length - 1

    def extend(self, last: int) -> None:
        """The log grew: the page that held the old end is read again."""
        if last > self.last:
            self._pages.drop((self.length - 1) // PAGE)
            self.last = last

    def wants(self, top: int, bottom: int) -> PageRequest | None:
        top, bottom = max(top, 0), min(bottom, self.length - 1)
        for index in range(top // PAGE, bottom // PAGE + 1):
            if top <= bottom and self._pages.get(index) is None:
                limit = self._limits.get(index, PAGE + 1)
                return PageRequest(self.tenant_id, self.first + index * PAGE, limit, Direction.FORWARD)
        return None

    def accept(self, request: PageRequest, page: EventPage) -> Landing:
        index = (request.anchor - self.first) // PAGE
        end = request.anchor + PAGE - 1
        groups = by_sequence(page.events)
        last_read = max(groups, default=end)
        # One row more than a page has sequences reaches beyond its end, unless sequences are doubled in it.
        cut_short = page.more and last_read <= end
        if cut_short and request.limit < WIDEST_PAGE:
            self._limits[index] = request.limit * 2
            return Landing()
        self._limits.pop(index, None)
        here = {sequence: group for sequence, group in groups.items() if sequence <= end}
        self._pages.put(index, _Page(here, last_read if cut_short else end))
        return Landing()
