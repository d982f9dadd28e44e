"""Blocking work: one at a time per connection, stale work is dropped, results come home on the UI thread."""

import threading
from typing import Any

from textual.app import App

from audit_tui.core.errors import AuditError
from audit_tui.tui.messages import JobFinished
from audit_tui.tui.workers import Job, Jobs


class Bench(App[None]):
    """Just enough of an app for jobs."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs = Jobs(self)
        self.done: list[Any] = []
        self.failed: list[AuditError] = []
        self.threads: set[int] = set()
        self.cancelled = 0

    def on_job_finished(self, message: JobFinished) -> None:
        self.threads.add(threading.get_ident())
        message.deliver()

    def start(self, work: Any, group: str = "page") -> Job[Any]:
        job = Job(self, group, group, work, self.done.append, self.failed.append, self._cancel)
        return self.jobs.start(job)

    def _cancel(self) -> None:
        self.cancelled += 1


async def _idle(app: Bench, pilot: Any) -> None:
    await app.workers.wait_for_complete()
    await pilot.pause()


async def test_a_result_comes_home_on_the_ui_thread() -> None:
    app = Bench()
    async with app.run_test() as pilot:
        app.start(lambda: 7)
        await _idle(app, pilot)
        assert app.done == [7]
        assert app.threads == {threading.get_ident()}


async def test_a_newer_request_of_a_group_drops_the_older_one() -> None:
    app, gate, begun = Bench(), threading.Event(), threading.Event()

    def first() -> str:
        begun.set()
        gate.wait()
        return "first"

    ran: list[str] = []
    async with app.run_test() as pilot:
        app.start(first)
        while not begun.is_set():
            await pilot.pause()
        app.start(lambda: ran.append("second") or "second")
        app.start(lambda: ran.append("third") or "third")
        assert app.cancelled == 1
        gate.set()
        await _idle(app, pilot)
        assert app.done == ["third"]
        assert ran == ["third"]


async def test_other_groups_keep_their_results() -> None:
    app = Bench()
    async with app.run_test() as pilot:
        app.start(lambda: "page")
        app.start(lambda: "count", group="count")
        await _idle(app, pilot)
        assert sorted(app.done) == ["count", "page"]
        assert app.cancelled == 0


async def test_jobs_of_one_connection_never_run_at_the_same_time() -> None:
    app, inside, most = Bench(), [0], [0]

    def work() -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        threading.Event().wait(0.001)
        inside[0] -= 1

    async with app.run_test() as pilot:
        for number in range(12):
            app.start(work, group=f"group {number}")
        await _idle(app, pilot)
        assert len(app.done) == 12
        assert most[0] == 1


async def test_an_error_is_handed_over_and_a_fault_names_no_value() -> None:
    app = Bench()

    def known() -> None:
        raise AuditError("no such tenant")

    def unknown() -> None:
        raise KeyError("secret-value")

    async with app.run_test() as pilot:
        app.start(known)
        app.start(unknown, group="other")
        await _idle(app, pilot)
        told = sorted((str(error) for error in app.failed), key=len)
        assert told[0] == "no such tenant"
        assert "KeyError in unknown" in told[1]
        assert "secret-value" not in told[1]
