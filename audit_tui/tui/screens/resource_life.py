"""The events of one resource and the state at the place that is chosen, read in the background."""

from typing import TYPE_CHECKING

from audit_tui.core.model import CheckedEvent
from audit_tui.core.state import Reconstruction
from audit_tui.service.api import ResourceHistory
from audit_tui.tui.present.resource import Place, index_at, index_of, step_change

if TYPE_CHECKING:
    from audit_tui.tui.screens.resource import ResourceScreen

HELD_AT_MOST = 5000
"""Events of one resource held in memory; older ones are in the timeline."""


class ResourceLife:
    """Belongs to one Resource screen. `state` is None while it is being reconstructed."""

    def __init__(self, screen: "ResourceScreen", resource: tuple[str, str, str], at: int | None) -> None:
        self._screen = screen
        self._resource = resource
        self._start_at = at
        self.events: tuple[CheckedEvent, ...] = ()
        self.more = False
        self.place = Place(None)
        self.state: Reconstruction | None = None

    @property
    def chosen(self) -> CheckedEvent | None:
        """The event whose outcome is shown."""
        return self.events[self.place.index] if self.place.index is not None else None

    def read(self) -> None:
        """Reads the newest events; the place stays on its event."""
        service = self._screen.service
        if self.chosen is not None:
            self._start_at = self.chosen.event.sequence_number
        self._screen.ask(
            lambda: service.list_resource_events(*self._resource),
            self._came,
            group="events",
            description="reading the resource's events",
        )

    def read_again(self) -> None:
        """There is a connection again: reads what could not be read."""
        if self.events:
            self._read_state()
        else:
            self.read()

    def go(self, index: int | None, at_us: int | None = None) -> None:
        """Another event, or a moment: the state follows when it is read."""
        self.place, self.state = Place(index, at_us), None
        self._screen.moved()
        self._read_state()
        if index == 0 and self.more and len(self.events) < HELD_AT_MOST:
            self._read_older()

    def step(self, direction: int) -> None:
        """To the event before or after, as far as there is one."""
        if self.events:
            outside = -1 if direction > 0 else 1
            here = self.place.index if self.place.index is not None else outside
            self.go(min(max(here + direction, 0), len(self.events) - 1))

    def step_change(self, direction: int) -> bool:
        """To the next event that changed something; False where there is none."""
        found = step_change(self.events, self.place.index, direction)
        if found is not None:
            self.go(found)
        return found is not None

    def go_to_moment(self, at_us: int) -> None:
        """The state at a moment, microseconds since 1970 UTC."""
        self.go(index_at(self.events, at_us), at_us)

    def _came(self, history: ResourceHistory) -> None:
        self.events, self.more = history.events, history.more
        self._screen.listed()
        if self.events:
            start, self._start_at = self._start_at, None
            self.go(index_of(self.events, start))

    def _read_state(self) -> None:
        service, at_us = self._screen.service, self.place.at_us
        through = self.chosen.event.sequence_number if self.chosen is not None and at_us is None else None
        self._screen.ask(
            lambda: service.reconstruct(*self._resource, at_us=at_us, through=through),
            self._state_came,
            group="state",
            description="reconstructing the state",
        )

    def _state_came(self, state: Reconstruction) -> None:
        self.state = state
        self._screen.draw_state()

    def _read_older(self) -> None:
        service, before = self._screen.service, self.events[0].event.sequence_number
        self._screen.ask(
            lambda: service.list_resource_events(*self._resource, before=before),
            self._older_came,
            group="older",
            description="reading older events",
        )

    def _older_came(self, history: ResourceHistory) -> None:
        self.events, self.more = history.events + self.events, history.more
        if self.place.index is not None:
            self.place = Place(self.place.index + len(history.events), self.place.at_us)
        self._screen.listed()
        self._screen.moved()
