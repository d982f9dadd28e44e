"""How many events match the filter, counted in the background: pages of events always go first."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from audit_tui.core.errors import AuditError
from audit_tui.core.filters import EventFilter
from audit_tui.service.api import EventPage, MatchCount
from audit_tui.tui.present.filtering import Less, empty_lines, without_last
from audit_tui.tui.present.lines import Line
from audit_tui.tui.present.match_rows import MatchRows
from audit_tui.tui.workers import Job

if TYPE_CHECKING:
    from audit_tui.tui.screens.timeline import TimelineScreen


class MatchCounting:
    """Belongs to one timeline. `matched` is None until something certain can be said."""

    def __init__(self, screen: "TimelineScreen") -> None:
        self._screen = screen
        self._job: Job[MatchCount] | None = None
        self.matched: MatchCount | None = None
        self._less: Less | None = None
        self._less_matched: MatchCount | None = None

    def forget(self) -> None:
        """The filter is another."""
        self.pause()
        self.matched = self._less = self._less_matched = None

    def pause(self) -> None:
        """A page is wanted: a count that runs or waits gives way, and begins anew after the page."""
        if self._job is not None:
            self._screen.session.jobs.drop(self._job)
            self._job = None

    def after(self, page: EventPage) -> None:
        """A page of matches has come in."""
        rows = self._screen.table.rows
        if not isinstance(rows, MatchRows) or self._screen.pages.filter.is_empty:
            return
        if rows.is_whole and self.matched is None:
            self.matched = MatchCount(rows.known, complete=True, milliseconds=page.milliseconds)
        if self.matched is None:
            self._start(self._screen.pages.filter, self._counted)
        elif self.matched.matched == 0:
            self._explain_nothing()

    def empty(self, width: int) -> list[Line]:
        """What is drawn where nothing matches."""
        return empty_lines(self._screen.pages.filter_text, self._less, self._less_matched, width)

    def _start(self, event_filter: EventFilter, done: Callable[[MatchCount], None]) -> None:
        screen = self._screen
        if self._job is None:
            self._job = screen.ask(
                lambda: screen.service.count_events(screen.tenant_id, event_filter),
                done,
                self._failed,
                group="count",
                description="counting matches",
            )

    def _counted(self, matched: MatchCount) -> None:
        self._job = None
        self.matched = matched
        self._screen.redraw_lines()

    def _failed(self, _error: AuditError) -> None:
        # A count is a courtesy: without it the line keeps saying what is known so far.
        self._job = None

    def _explain_nothing(self) -> None:
        screen = self._screen
        self._less = without_last(screen.pages.filter_text, screen.audit.now_us(), screen.audit.zone)
        screen.table.show_empty(self.empty)
        if self._less is not None:
            self._start(self._less.filter, self._counted_less)

    def _counted_less(self, matched: MatchCount) -> None:
        self._job = None
        self._less_matched = matched
        self._screen.table.show_empty(self.empty)
