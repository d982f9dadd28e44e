"""A chain of any length that exists only where it is looked at: every event follows from its sequence."""

from audit_tui.core.errors import UnknownTenantError
from audit_tui.core.filters import EventFilter
from audit_tui.core.model import CheckedEvent, Event, EventCheck, State, TenantSummary
from audit_tui.service.api import Direction, EventPage, MatchCount, PageRequest
from tests.builders import START_US, STEP_US, make_event, server_text
from tests.fakes import FakeService

TENANT = "org_huge"


class HugeService(FakeService):
    """`length` events of one tenant. A filter by type matches every `every`-th event."""

    def __init__(self, length: int, *, first: int = 1, every: int = 7) -> None:
        super().__init__({})
        self.length, self.first, self.every = length, first, every
        self.requests: list[PageRequest] = []

    @property
    def last(self) -> int:
        return self.first + self.length - 1

    def list_tenants(self) -> tuple[TenantSummary, ...]:
        return (self.get_tenant(TENANT),)

    def get_tenant(self, tenant_id: str) -> TenantSummary:
        if tenant_id != TENANT:
            raise UnknownTenantError(f"no tenant is called {tenant_id}")
        first, last = server_text(START_US), server_text(START_US + 1000 * STEP_US)
        return TenantSummary(TENANT, self.first, self.last, first, last, "ab" * 32)

    def list_events(self, request: PageRequest) -> EventPage:
        self.requests.append(request)
        step = 1 if request.filter.is_empty else self.every
        if request.direction is Direction.FORWARD:
            start = max(self._up(request.anchor, step), self._up(self.first, step))
            found = range(start, min(self.last, start + (request.limit - 1) * step) + 1, step)
            more = bool(found) and found[-1] + step <= self.last
        else:
            end = min(request.anchor, self.last) // step * step
            start = max(self._up(self.first, step), end - (request.limit - 1) * step)
            found = range(start, end + 1, step)
            more = bool(found) and found[0] - step >= self.first
        return EventPage(tuple(_checked(sequence) for sequence in found), more, 1.0)

    def count_events(self, tenant_id: str, event_filter: EventFilter, limit: int = 10_000) -> MatchCount:
        found = self.last // self.every - (self.first - 1) // self.every
        return MatchCount(min(found, limit), found <= limit, 1.0)

    def find_sequence_at(self, tenant_id: str, at_us: int) -> int | None:
        sequence = max(self.first, -((START_US - at_us) // STEP_US))
        return sequence if sequence <= self.last else None

    @staticmethod
    def _up(anchor: int, step: int) -> int:
        return -(-anchor // step) * step


def event_at(tenant_id: str, sequence: int) -> Event:
    """An event of any sequence. Hours repeat in a chain so long that they would pass the year 9999."""
    return make_event(tenant_id, sequence % 10**6)._replace(id=sequence, sequence_number=sequence)


def _checked(sequence: int) -> CheckedEvent:
    event = event_at(TENANT, sequence)
    return CheckedEvent(event, EventCheck(State.OK, State.OK, event.event_hash))
