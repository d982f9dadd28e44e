"""One opened database: its service, the queue of its blocking work, and what was verified in it."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from textual.app import App

from audit_tui.core.errors import AuditError
from audit_tui.service.api import AuditService, Target, VerifyRequest
from audit_tui.tui.checks import Checks, Run
from audit_tui.tui.messages import CheckEnded, CheckProgressed
from audit_tui.tui.workers import Jobs, fault


class Session:
    """Lives from connect to switch or quit. Belongs to the UI thread; only `verify` works in another.

    `report_folder` is where the last report was written: the next one most likely belongs beside it.
    """

    def __init__(self, app: App[Any], target: Target, service: AuditService) -> None:
        self.app = app
        self.target = target
        self.service = service
        self.jobs = Jobs(app)
        self.checks = Checks()
        self.report_folder: str | None = None

    def verify(self, request: VerifyRequest) -> Run:
        """Starts a verification beside everything else; its news reach `checks` through messages."""
        run = self.checks.begin(request)
        self.app.run_worker(
            self._verification(run),
            name=f"verify-{run.id}",
            group="verify",
            description="verification",
            exit_on_error=False,
            thread=True,
        )
        return run

    def _verification(self, run: Run) -> Callable[[], None]:
        app, service = self.app, self.service

        def work() -> None:
            report, error = None, None
            try:
                report = service.verify(
                    run.request, lambda status: _post(app, CheckProgressed(run.id, status)), run.cancel
                )
            except AuditError as known:
                error = known
            except Exception as unknown:  # a fault must be shown, not swallowed with its thread
                error = fault(unknown)
            _post(app, CheckEnded(run.id, report, error))

        return work

    def close(self) -> None:
        """Stops what runs and closes the connection; never raises."""
        self.checks.stop()
        for end in (self.service.cancel, self.service.close):
            with suppress(AuditError):
                end()


def _post(app: App[Any], message: CheckProgressed | CheckEnded) -> None:
    app.post_message(message)
