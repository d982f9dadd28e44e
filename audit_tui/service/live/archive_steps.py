"""Telling where a run stands, and asking whether it shall stop."""

from dataclasses import dataclass

from audit_tui.core.errors import InterruptedCheckError
from audit_tui.service.api import Cancel
from audit_tui.service.archiving import INTERRUPTED, OnProgress, Progress, Step

TELL_EVERY = 256
"""Events between two looks at the flag and two statuses."""


@dataclass(slots=True)
class Teller:
    """Passes progress on; `archive` is the one at work. InterruptedCheckError where the flag was set."""

    on_progress: OnProgress | None
    cancel: Cancel | None
    archive: str | None = None

    def __call__(self, step: Step, tenant_id: str | None = None, done: int = 0, total: int = 0) -> None:
        """Tells a step, or how far it is, and stops there if asked to."""
        if self.on_progress is not None:
            self.on_progress(Progress(step, self.archive, tenant_id, done, total))
        if self.cancel is not None and self.cancel.is_set():
            raise InterruptedCheckError(*INTERRUPTED)

    def count(self, step: Step, tenant_id: str, done: int, total: int) -> None:
        """Tells every so many events."""
        if done % TELL_EVERY == 0:
            self(step, tenant_id, done, total)
