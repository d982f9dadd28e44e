"""What the owner of a throwaway server changes in its own process while the server lives."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def without_libpq_variables() -> Iterator[None]:
    """Hide the caller's PG* variables: PGHOSTADDR or PGOPTIONS would bend every connection made here."""
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PG")}
    try:
        yield
    finally:
        for name, value in hidden.items():
            os.environ.setdefault(name, value)


@contextmanager
def orderly_end() -> Iterator[None]:
    """Turn a polite end from outside (SIGTERM, a closed terminal) into SystemExit, which cleans up.

    Handlers that somebody else set stay; outside the main thread Python allows none, so nothing happens.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [n for n in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) is signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, _leave)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
