"""Runs the program, and does something bad to it when the check is in the middle of a chain.

`python -m tests.cli.ending_badly interrupt|lose-server COMMAND...`. The moment is the first status that
tells of some events but not of all, so the test needs no clock.
"""

import os
import signal
import sys

import psycopg

from audit_tui.cli.progress import Progress
from audit_tui.core.findings import VerifyStatus
from audit_tui.service.live import work


def _interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def _lose_server() -> None:
    dsn = sys.argv[sys.argv.index("--dsn") + 1]
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE application_name = 'audit-tui' AND datname = current_database()"
        )


_ACTS = {"interrupt": _interrupt, "lose-server": _lose_server}


def main() -> None:
    """Arms the act and runs the rest of the command line."""
    waiting = [_ACTS[sys.argv.pop(1)]]
    genuine = Progress.__call__

    def watch(self: Progress, status: VerifyStatus) -> None:
        genuine(self, status)
        if waiting and 0 < status.events_done < status.events_total:
            waiting.pop()()

    Progress.__call__ = watch  # type: ignore[method-assign]  # the one seam that sees every status
    work.STATUS_SECONDS = 0.0  # every status is told, however fast the machine is
    from audit_tui.__main__ import main as run

    run()


if __name__ == "__main__":
    main()
