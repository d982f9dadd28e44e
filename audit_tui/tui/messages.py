"""What comes home from worker threads. Past participles; the app hands them to whoever asked."""

from collections.abc import Callable

from textual.message import Message

from audit_tui.core.errors import AuditError
from audit_tui.core.findings import Report, VerifyStatus


class JobFinished(Message):
    """A job of `workers.Jobs` came to its end; `deliver` hands the outcome to whoever asked."""

    def __init__(self, deliver: Callable[[], None]) -> None:
        super().__init__()
        self.deliver = deliver


class CheckProgressed(Message):
    """A running verification is further; a newer one of the same run replaces an older in the queue."""

    def __init__(self, run_id: int, status: VerifyStatus) -> None:
        super().__init__()
        self.run_id = run_id
        self.status = status

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, CheckProgressed) and message.run_id == self.run_id


class CheckEnded(Message):
    """A verification came to its end: with its report, or with the error that stopped it."""

    def __init__(self, run_id: int, report: Report | None, error: AuditError | None) -> None:
        super().__init__()
        self.run_id = run_id
        self.report = report
        self.error = error
