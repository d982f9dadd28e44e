"""What one line of the timeline can be, and the interface of whatever tells it, line by line."""

from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from audit_tui.core.model import CheckedEvent
from audit_tui.service.api import EventPage, PageRequest

Key = TypeVar("Key")
Page = TypeVar("Page")

PAGE = 200
"""Events per page: large enough that a screenful needs two at most, small enough to come in milliseconds."""
PAGES_KEPT = 6
"""Pages held in memory, whatever the length of the chain."""


class SlotKind(StrEnum):
    EVENT = "event"
    MISSING = "missing"
    LOADING = "loading"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Slot:
    """One line. `events` holds more than one where several rows carry the same sequence.

    MISSING: the sequence is not in the log. LOADING: its page is on the way. UNREAD: more rows share
    sequences here than a page can hold, so nothing is claimed about this one. `gap_before` are the first and
    last missing sequence between this event and the one on the line above, where lines are not arithmetic.
    """

    kind: SlotKind
    sequence: int | None
    events: tuple[CheckedEvent, ...] = ()
    gap_before: tuple[int, int] | None = None

    @property
    def checked(self) -> CheckedEvent | None:
        """The event of the line (the first one where several share a sequence)."""
        return self.events[0] if self.events else None


LOADING = Slot(SlotKind.LOADING, None)


@dataclass(frozen=True, slots=True)
class Landing:
    """What a page that arrived did: lines inserted above everything, and where the cursor must go, if so."""

    inserted_above: int = 0
    cursor: int | None = None


class Rows(Protocol):
    """Lines by number, of which only some pages are in memory."""

    @property
    def length(self) -> int: ...

    def slot(self, row: int) -> Slot:
        """The line, LOADING where its page is not here. Never blocks."""
        ...

    def row_of(self, sequence: int) -> int | None:
        """The line of a sequence where that is known without reading."""
        ...

    def seek(self, sequence: int) -> int | None:
        """Asks for a sequence (or its nearest): the line now, or None where a page must come first."""
        ...

    def seek_start(self) -> int | None: ...

    def seek_end(self) -> int | None: ...

    def wants(self, top: int, bottom: int) -> PageRequest | None:
        """The page that is needed next to draw lines top..bottom; None where all is here."""
        ...

    def accept(self, request: PageRequest, page: EventPage) -> Landing:
        """Takes in a page that was asked for."""
        ...


class PageCache(Generic[Key, Page]):
    """The few pages used last."""

    def __init__(self, keep: int = PAGES_KEPT) -> None:
        self._keep = keep
        self._pages: OrderedDict[Key, Page] = OrderedDict()

    def __len__(self) -> int:
        return len(self._pages)

    def get(self, key: Key) -> Page | None:
        page = self._pages.get(key)
        if page is not None:
            self._pages.move_to_end(key)
        return page

    def put(self, key: Key, page: Page) -> None:
        self._pages[key] = page
        self._pages.move_to_end(key)
        while len(self._pages) > self._keep:
            self._pages.popitem(last=False)

    def drop(self, key: Key) -> None:
        self._pages.pop(key, None)

    def clear(self) -> None:
        self._pages.clear()


def by_sequence(events: tuple[CheckedEvent, ...]) -> dict[int, tuple[CheckedEvent, ...]]:
    """Events grouped by their sequence, in order; a group of two is a doubled sequence."""
    groups: dict[int, tuple[CheckedEvent, ...]] = {}
    for checked in events:
        sequence = checked.event.sequence_number
        if sequence is not None:
            groups[sequence] = (*groups.get(sequence, ()), checked)
    return groups
