"""Ranges checked side by side: each worker is a thread with a connection of its own, all on one snapshot.

Threads pay where reading waits for the server and where hashing leaves the interpreter alone (the compiled
filter does, for whole blocks). The caller's thread waits, tells where the run stands, and hears Ctrl-C.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Condition, Lock, Thread

import psycopg

from audit_tui.core.errors import ConnectionLostError, InterruptedCheckError, SnapshotLostError
from audit_tui.service.api import Cancel
from audit_tui.service.live.chains import ChainCheck, Range

TELL_SECONDS = 0.05
"""How often the waiting thread looks around: cancelling has to be felt at once."""

RESUMABLE = (ConnectionLostError, SnapshotLostError)
"""After these a run can go on in another snapshot; the other workers finish what they can in this one."""

Prepare = Callable[[psycopg.Connection, ChainCheck], None]
Check = Callable[[psycopg.Connection, Range, Callable[[], None]], None]
Ahead = Callable[[psycopg.Connection, Range], int | None]
End = Callable[[psycopg.Connection, ChainCheck], None]


@dataclass(slots=True)
class Pool:
    """Checks the ranges of `chains` in order.

    `prepare` reads what a chain authorises, `check` judges a range, `ahead` finds the next event behind one
    that held fewer events than it spans; `end` does what is to be done when all ranges of a chain are judged,
    `done` takes the chain then, `tell` says where the run
    stands (asked when `is_due`).
    """

    chains: Sequence[ChainCheck]
    prepare: Prepare
    check: Check
    ahead: Ahead
    end: End
    done: Callable[[ChainCheck], None]
    tell: Callable[[], None]
    is_due: Callable[[], bool]
    cancel: Cancel | None
    _turn: Condition = field(default_factory=Condition)
    _preparing: Lock = field(default_factory=Lock)
    _prepared: int = 0
    _at: int = 0
    _moves: int = 0
    _working: int = 0
    _asked: bool = False
    _stopping: bool = False
    _failure: BaseException | None = None

    def run(self, connections: Sequence[psycopg.Connection]) -> None:
        """Works with these connections, each inside a transaction on the snapshot, until all is done.

        InterruptedCheckError where it was cancelled; else the first error that a worker met, after the
        others have done what they can.
        """
        workers = [
            Thread(target=self._work, args=(conn,), name=f"verify-{number}", daemon=True)
            for number, conn in enumerate(connections)
        ]
        self._working = len(workers)
        for worker in workers:
            worker.start()
        try:
            self._wait()
        finally:
            self._stop(connections, workers)
        if self._failure is not None:
            raise self._failure
        if self._stopping:
            raise InterruptedCheckError("the check was interrupted")

    def _wait(self) -> None:
        seen = -1
        while True:
            with self._turn:
                self._turn.wait_for(lambda: self._asked or not self._working, TELL_SECONDS)
                stuck, seen = seen == self._moves, self._moves
                failed = self._failure is not None and not isinstance(self._failure, RESUMABLE)
                if not self._working:
                    return
            self.tell()
            # Workers look at the flag themselves, but not while they wait for the server.
            if self._stopping or failed or (stuck and self._is_cancelled()):
                return
            with self._turn:
                self._asked = False
                self._turn.notify_all()

    def _stop(self, connections: Sequence[psycopg.Connection], workers: Sequence[Thread]) -> None:
        """Returns when no worker runs any more; what they wait for is cancelled on the server."""
        with self._turn:
            self._stopping = self._stopping or self._working > 0
            self._asked = False
            self._turn.notify_all()
        for worker in workers:
            worker.join(TELL_SECONDS)
        while any(worker.is_alive() for worker in workers):
            for conn, worker in zip(connections, workers, strict=True):
                if worker.is_alive():
                    with suppress(psycopg.Error):
                        conn.cancel_safe(timeout=1)
                worker.join(TELL_SECONDS)

    def _work(self, conn: psycopg.Connection) -> None:
        taken: Range | None = None
        try:
            while (task := self._claim(conn)) is not None:
                if isinstance(task, Range):
                    taken = task
                    self.check(conn, taken, self._look)
                    self._settle(conn, taken)
                    taken = None
                else:
                    self._end(conn, task)
        except BaseException as error:  # the waiting thread raises it again
            with self._turn:
                if taken is not None:
                    taken.chain.give_up(taken)
                if isinstance(error, InterruptedCheckError):
                    self._stopping = True
                else:
                    self._failure = self._failure or error
        finally:
            with self._turn:
                self._working -= 1
                self._turn.notify_all()

    def _claim(self, conn: psycopg.Connection) -> Range | ChainCheck | None:
        while self._at < len(self.chains) and not self._stopping:
            at = self._at
            self._prepare_through(conn, at)
            with self._turn:
                chain = self.chains[at]
                task = chain.claim() if not chain.is_complete else None
                if task is not None:
                    return task
                self._at = max(self._at, at + 1)
                if chain.is_complete and not chain.is_ending:
                    chain.is_ending = True
                    return chain
        return None

    def _end(self, conn: psycopg.Connection, chain: ChainCheck) -> None:
        try:
            self.end(conn, chain)
        except BaseException:
            chain.is_ending = False
            raise
        with self._turn:
            self.done(chain)

    def _prepare_through(self, conn: psycopg.Connection, at: int) -> None:
        """One worker reads what a chain authorises, before any range of it is taken."""
        with self._preparing:
            if self._prepared <= at and not self.chains[at].is_complete:
                self.prepare(conn, self.chains[at])
            self._prepared = max(self._prepared, at + 1)

    def _settle(self, conn: psycopg.Connection, taken: Range) -> None:
        chain = taken.chain
        sparse = taken.is_sparse and taken.high < chain.head.sequence
        ahead = self.ahead(conn, taken) if sparse else 0
        with self._turn:
            chain.settle(taken)
            if sparse:
                chain.step_over(ahead)
            self._moves += 1
            ends = chain.is_complete and not chain.is_ending
            chain.is_ending = chain.is_ending or ends
        if ends:
            self._end(conn, chain)

    def _look(self) -> None:
        """Between two stretches of work: lets the waiting thread tell where the run stands, and stops."""
        with self._turn:
            self._moves += 1
            if self.is_due():
                self._asked = True
                self._turn.notify_all()
                self._turn.wait_for(lambda: not self._asked)
        if self._stopping or self._is_cancelled():
            raise InterruptedCheckError("the check was interrupted")

    def _is_cancelled(self) -> bool:
        return self.cancel is not None and self.cancel.is_set()
