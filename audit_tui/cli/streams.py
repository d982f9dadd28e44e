"""Standard output and error as a script meets them: pipes that close, disks that fill, no terminal.

Results go to stdout, everything else to stderr, and a reader that leaves early (`| head`) is no error.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TextIO

from audit_tui.cli.secrets import redact
from audit_tui.core.errors import AuditError
from audit_tui.core.safe import safe_line

LINE_LIMIT = 1000
"""Characters of a line on stderr: enough for a server's sentence, too few to flood a screen."""


class OutputError(AuditError):
    """The results could not be written (a full disk, a closed descriptor); the verdict was another."""


def prepare_streams() -> None:
    """Makes sure that no text can fail to be encoded: what a locale cannot show is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal; False for a closed or missing one."""
    try:
        return stream is not None and stream.isatty()
    except (OSError, ValueError):
        return False


def complain(text: str) -> None:
    """One line on stderr, `audit-tui: ...`, without a password and without control characters."""
    say(f"audit-tui: {text}")


def say(text: str) -> None:
    """One safe line on stderr; a stderr that is gone is no reason to fail."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(safe_line(redact(text), limit=LINE_LIMIT) + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        _point_at_nothing(sys.stderr)


def write(text: str) -> None:
    """Writes text to stdout as it is. BrokenPipeError where the reader left, OutputError where it cannot."""
    with writing():
        if sys.stdout is not None:
            sys.stdout.write(text)


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """Inside: writing to stdout. A reader that left is BrokenPipeError, all else that fails OutputError."""
    try:
        yield
    except BrokenPipeError:
        _point_at_nothing(sys.stdout)
        raise
    except OSError as error:
        _point_at_nothing(sys.stdout)
        title = f"the results could not be written: {error.strerror or error}"
        raise OutputError(title) from error


def flush() -> None:
    """Hands over what is still buffered; raises as `write` does."""
    with writing():
        if sys.stdout is not None:
            sys.stdout.flush()


def _point_at_nothing(stream: TextIO) -> None:
    """So that the interpreter's own flush at exit neither prints nor changes the exit code."""
    with contextlib.suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, stream.fileno())
        os.close(nothing)
