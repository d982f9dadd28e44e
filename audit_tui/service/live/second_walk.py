"""Two views looked at in step: all bisections at once, and one tenant's events in line."""

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass

from audit_tui.core.errors import AuditError, InterruptedCheckError
from audit_tui.core.second.bisection import Bisection, Look
from audit_tui.core.second.in_line import InLine, merge
from audit_tui.service.api import Cancel
from audit_tui.service.live.second_sides import View

LOOK_EVERY = 256
"""Events between two looks at whether to stop: a few milliseconds."""
BATCH_TENANTS = 10_000
"""Tenants in one query."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Both views, and what may end the work."""

    here: View
    there: View
    cancel: Cancel | None

    def bisect(self, searches: Mapping[str, Bisection]) -> dict[str, str]:
        """Answers all searches in step, a query on either side a round. Returns why some could not end."""
        failed: dict[str, str] = {}
        while True:
            self.stop_if_asked()
            open_ = {t: s.place for t, s in searches.items() if s.place is not None and t not in failed}
            if not open_:
                return failed
            for places in _batches(open_):
                ours, theirs = self.look(places)
                for tenant_id, place in places.items():
                    if tenant_id in ours and tenant_id in theirs:
                        searches[tenant_id].take(ours[tenant_id], theirs[tenant_id])
                    else:
                        failed[tenant_id] = f"event {place} was removed while they were compared"

    def look(self, places: Mapping[str, int]) -> tuple[Mapping[str, Look], Mapping[str, Look]]:
        """One place of each tenant on both sides."""
        return self.here.look(places), self.there.look(places)

    def walk(self, tenant_id: str, first: int, last: int, found: InLine) -> None:
        """Compares first..last event by event into `found`, which keeps what an error leaves behind."""
        for low, high in self.there.spans(tenant_id, first, last):
            # A stream that is left open holds its connection: nobody could end the transaction around it.
            with (
                closing(self.here.stream(tenant_id, low, high)) as here,
                closing(self.there.stream(tenant_id, low, high)) as there,
            ):
                for number, (one, other) in enumerate(merge(here, there)):
                    if number % LOOK_EVERY == 0:
                        self.stop_if_asked()
                    found.take(one, other)

    def stop_if_asked(self) -> None:
        """InterruptedCheckError where somebody asked to stop."""
        if self.cancel is not None and self.cancel.is_set():
            raise InterruptedCheckError("the check was interrupted")


def _batches(places: Mapping[str, int | None]) -> Iterable[dict[str, int]]:
    known = [(tenant_id, place) for tenant_id, place in places.items() if place is not None]
    return (dict(known[at : at + BATCH_TENANTS]) for at in range(0, len(known), BATCH_TENANTS))


def why(error: BaseException) -> str:
    """What ended the work early."""
    return error.title if isinstance(error, AuditError) else "the check was interrupted"
