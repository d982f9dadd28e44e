"""Which lines the timeline draws, and the pages of events they need, read in the background."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from audit_tui.core.errors import AuditError
from audit_tui.core.filters import EventFilter
from audit_tui.core.model import CheckedEvent, TenantSummary
from audit_tui.core.words import plural
from audit_tui.service.api import EventPage, PageRequest
from audit_tui.tui.present.chain_rows import ChainRows
from audit_tui.tui.present.match_rows import MatchRows
from audit_tui.tui.present.slots import Slot, SlotKind
from audit_tui.tui.present.timeline import LINES_AT_MOST
from audit_tui.tui.screens.timeline_counts import MatchCounting

if TYPE_CHECKING:
    from audit_tui.tui.screens.timeline import TimelineScreen


class TimelinePages:
    """Belongs to one timeline: its tenant's bounds, its filter, and everything that is read for it."""

    def __init__(
        self, screen: "TimelineScreen", summary: TenantSummary | None, at_sequence: int | None
    ) -> None:
        self._screen = screen
        self._start_at = at_sequence
        self.summary = summary
        self.filter_text = ""
        self.filter = EventFilter()
        self.counts = MatchCounting(screen)

    def start(self) -> None:
        """Reads what is needed to draw the first lines."""
        if self.summary is not None:
            self._open(self.summary)
        else:
            self._read_summary(self._open)

    def start_again(self) -> None:
        """There is a connection again: reads what could not be read."""
        if self.summary is None:
            self.start()
        else:
            self._screen.table.ask_again()

    def reload(self) -> None:
        """Looks how far the chain goes now."""
        self._read_summary(self._reloaded)

    def show(self, text: str, event_filter: EventFilter, around: int | None = None) -> None:
        """Draws what matches; the cursor stays on its event, or goes to the nearest that matches."""
        summary, screen = self.summary, self._screen
        if summary is None:
            return
        self.filter_text, self.filter = text, event_filter
        self.counts.forget()
        screen.table.show_empty(None)
        here = around if around is not None else screen.table.current.sequence
        start = here if here is not None else summary.last_sequence
        if event_filter.is_empty and summary.events <= LINES_AT_MOST:
            rows = ChainRows(summary.tenant_id, summary.first_sequence, summary.last_sequence)
            screen.table.show(rows, summary.last_sequence, screen.audit.zone)
            screen.table.move_to(rows.seek(start), centre=True)
        else:
            matches = MatchRows(summary.tenant_id, event_filter, start)
            screen.table.show(matches, summary.last_sequence, screen.audit.zone)
        screen.progress()
        screen.redraw_lines()

    def fetch(self, request: PageRequest) -> None:
        """Reads a page; one that was asked for before and has not come is dropped."""
        self.counts.pause()
        service = self._screen.service
        self._screen.ask(
            lambda: service.list_events(request),
            lambda page: self._landed(request, page),
            self._failed,
            group="page",
            description="reading a page",
        )

    def explain_missing(self, slot: Slot) -> None:
        """Reads the neighbours of a sequence that is not there, so that the run it belongs to is told."""
        sequence, screen = slot.sequence, self._screen
        if slot.kind is SlotKind.MISSING and sequence is not None:
            screen.ask(
                lambda: screen.service.list_neighbours(screen.tenant_id, sequence),
                lambda around: self._neighbours(sequence, around),
                group="neighbours",
            )

    def go(self, sequence: int) -> None:
        """The cursor to a sequence, or to what comes next after it under the filter."""
        rows = self._screen.table.rows
        if rows is not None:
            self._screen.table.move_to(rows.seek(sequence), centre=True)

    def _read_summary(self, done: Callable[[TenantSummary], None]) -> None:
        screen = self._screen
        screen.ask(lambda: screen.service.get_tenant(screen.tenant_id), done, group="tenant")

    def _open(self, summary: TenantSummary) -> None:
        self.summary = summary
        self._screen.opened()
        self.show("", EventFilter(), around=self._start_at)

    def _landed(self, request: PageRequest, page: EventPage) -> None:
        self._screen.table.accept(request, page)
        self.counts.after(page)
        self._screen.redraw_lines()

    def _failed(self, error: AuditError) -> None:
        self._screen.table.forget_request()
        self._screen.show_failure(error)

    def _neighbours(self, sequence: int, around: tuple[CheckedEvent, ...]) -> None:
        if self._screen.table.current.sequence == sequence:
            self._screen.pane.show_around(around)

    def _reloaded(self, summary: TenantSummary) -> None:
        before, self.summary = self.summary, summary
        table = self._screen.table
        grown = summary.last_sequence - before.last_sequence if before else 0
        same_start = before is not None and summary.first_sequence == before.first_sequence
        if isinstance(table.rows, ChainRows) and same_start and grown >= 0:
            table.rows.extend(summary.last_sequence)
            table.grown(summary.last_sequence)
        else:
            self.show(self.filter_text, self.filter)
        self._screen.say(f"{plural(grown, 'new event')}." if grown > 0 else "No new events.")
        self._screen.redraw_lines()
