"""How long a run waits for a server that went away, and how it is woken from it."""

import time
from dataclasses import dataclass, field

from audit_tui.core.errors import InterruptedCheckError
from audit_tui.service.api import Cancel

_STEP = 0.05
_SHORTEST, _LONGEST = 0.1, 2.0


@dataclass(slots=True)
class Patience:
    """Grows impatient while nothing moves: `seconds` in all since the last event that was judged."""

    seconds: float
    cancel: Cancel | None
    _waited: float = 0.0
    _pause: float = _SHORTEST
    _seen: int = field(default=-1)

    def lasts(self, events_done: int) -> bool:
        """Whether another try is due. Progress since the last one renews it."""
        if events_done > self._seen:
            self._seen, self._waited, self._pause = events_done, 0.0, _SHORTEST
        return self._waited < self.seconds

    def wait(self) -> None:
        """Pauses before the next try, longer each time. InterruptedCheckError as soon as it is cancelled."""
        pause, self._pause = self._pause, min(self._pause * 2, _LONGEST)
        self._waited += pause
        until = time.monotonic() + pause
        while time.monotonic() < until:
            if self.cancel is not None and self.cancel.is_set():
                raise InterruptedCheckError("the check was interrupted")
            time.sleep(_STEP)
