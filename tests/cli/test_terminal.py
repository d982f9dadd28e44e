"""What only shows on a terminal: widths, colours, progress, and the way into the interface."""

import os
import pty
import re
import signal
import struct
import sys
import termios
from fcntl import ioctl

import psycopg
import pytest

from audit_tui.embedded import tamper

COMMAND = (sys.executable, "-m", "audit_tui")
STYLE = re.compile(r"\x1b\[[0-9;]*m")


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, columns: int, *arguments: str, **environment: str) -> None:
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            # The size must be there before the program asks for it.
            ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 34, columns, 0, 0))
            os.execve(
                COMMAND[0], [*COMMAND, *arguments], {**os.environ, "TERM": "xterm-256color", **environment}
            )
        self.seen = ""

    def read(self) -> bool:
        """Reads some more; False at the end."""
        try:
            data = os.read(self._fd, 65536)
        except OSError:
            data = b""
        self.seen += data.decode(errors="replace").replace("\r\n", "\n")
        return bool(data)

    def wait_for(self, text: str) -> None:
        while text not in self.seen:
            assert self.read(), f"ended without {text!r}: {self.seen[-2000:]}"

    def type(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def end(self) -> int:
        """Reads to the end; the exit code."""
        while self.read():
            pass
        os.close(self._fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def lines_of(columns: int, *arguments: str) -> list[str]:
    terminal = Terminal(columns, *arguments)
    terminal.end()
    return STYLE.sub("", terminal.seen.rpartition("\r\x1b[K")[2]).splitlines()


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize(
    "command",
    [
        "tenants",
        "timeline -t org_acme",
        "show 2 -t org_xyz789",
        "history user/usr_456 -t org_xyz789 --diff",
        "verify",
    ],
)
def test_no_line_is_wider_than_the_terminal(log: str, command: str, columns: int) -> None:
    with psycopg.connect(log, autocommit=True) as connection:
        tamper.edit_field(connection, "org_acme", 12, "actor_id", "usr_intruder")
    lines = lines_of(columns, *command.split(), "--dsn", log)
    assert len(lines) > 3
    assert max(map(len, lines)) <= columns


def test_the_verdict_is_never_cut(log: str) -> None:
    with psycopg.connect(log, autocommit=True) as connection:
        tamper.drop_rows(connection, "org_acme", 11, 13)
    for columns in (60, 80, 120):
        assert any("3 events missing, 11 to 13" in line for line in lines_of(columns, "verify", "--dsn", log))


def test_colours_are_for_those_who_want_them(log: str) -> None:
    coloured = Terminal(80, "verify", "--dsn", log)
    assert coloured.end() == 0
    assert "\x1b[32m" in coloured.seen
    plain = Terminal(80, "verify", "--dsn", log, NO_COLOR="1")
    plain.end()
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", plain.seen)


def test_progress_is_shown_and_taken_away(long_log: str) -> None:
    terminal = Terminal(100, "verify", "--dsn", long_log)
    assert terminal.end() == 0
    assert "of 3,000 events proven" in terminal.seen
    progress, _, rest = terminal.seen.rpartition("\r\x1b[K")
    assert "events proven" in progress
    assert "events proven" not in rest


@pytest.mark.parametrize("arguments", [("--quiet",), ("--json", "--quiet")])
def test_quiet_shows_no_progress(long_log: str, arguments: tuple[str, ...]) -> None:
    terminal = Terminal(100, "verify", *arguments, "--dsn", long_log)
    assert terminal.end() == 0
    assert "events proven" not in terminal.seen


def test_without_a_command_the_interface_opens_and_q_leaves(log: str) -> None:
    terminal = Terminal(100, "--dsn", log)
    terminal.wait_for("org_acme")
    terminal.type("q")
    assert terminal.end() == 0


def test_a_malformed_dsn_is_said_before_the_screen_is_taken() -> None:
    terminal = Terminal(100, "--dsn", "postgresql://[oops")
    assert terminal.end() == 2
    assert terminal.seen.startswith("audit-tui: the DSN cannot be read")
