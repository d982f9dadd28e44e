"""Blocking work in threads: the one place of the TUI where threads are started.

Calls on a service are serialised on one connection, so jobs queue here instead of in the service: a job
that became stale while it waited never runs, and one that is running is cancelled on the server.
"""

import itertools
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from textual.app import App
from textual.dom import DOMNode

from audit_tui.core.errors import AuditError
from audit_tui.tui.messages import JobFinished

T = TypeVar("T")


class FaultError(AuditError):
    """A fault of the tool itself, named by its place: never by values, which could be secrets."""


def fault(error: BaseException) -> FaultError:
    """What is shown of an unexpected exception: its type and where it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    place = (
        f" in {frames[-1].name}, {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}"
        if frames
        else ""
    )
    return FaultError(
        f"the program met a fault of its own: {type(error).__name__}{place}",
        "what was proven before stands; please report it",
    )


@dataclass(eq=False, slots=True)
class Job(Generic[T]):
    """One piece of blocking work. `stale` is set when a newer one of its group took its place."""

    node: DOMNode
    group: str
    description: str
    work: Callable[[], T]
    done: Callable[[T], None]
    failed: Callable[[AuditError], None]
    cancel_running: Callable[[], None] | None
    stale: threading.Event = field(default_factory=threading.Event)


class Jobs:
    """The jobs of one connection, one at a time, newest of each group only."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._connection = threading.Lock()
        self._running: Job[Any] | None = None
        self._newest: dict[tuple[int, str], Job[Any]] = {}
        self._ids = itertools.count()

    def start(self, job: Job[T]) -> Job[T]:
        """Runs the job in a thread; an older one of the same node and group becomes stale."""
        key = (id(job.node), job.group)
        self.drop(self._newest.get(key))
        self._newest[key] = job
        job.node.run_worker(
            lambda: self._run(job),
            name=f"job-{next(self._ids)}",
            group=job.group,
            description=job.description,
            exit_on_error=False,
            thread=True,
        )
        return job

    def drop(self, job: Job[Any] | None) -> None:
        """Makes a job stale: it will not run, or is cancelled on the server, and its result is not shown."""
        if job is None or job.stale.is_set():
            return
        job.stale.set()
        if self._running is job and job.cancel_running is not None:
            job.cancel_running()

    def _deliver(self, job: Job[T], result: T | None, error: AuditError | None) -> None:
        key = (id(job.node), job.group)
        if self._newest.get(key) is job:
            del self._newest[key]
        if job.stale.is_set() or not job.node.is_attached:
            return
        if error is not None:
            job.failed(error)
        else:
            job.done(cast("T", result))

    def _run(self, job: Job[T]) -> None:
        result: T | None = None
        error: AuditError | None = None
        with self._connection:
            if job.stale.is_set():
                return
            self._running = job
            try:
                result = job.work()
            except AuditError as known:
                error = known
            except Exception as unknown:  # a fault must be shown, not swallowed with its thread
                error = fault(unknown)
            finally:
                self._running = None
        self._app.post_message(JobFinished(lambda: self._deliver(job, result, error)))
