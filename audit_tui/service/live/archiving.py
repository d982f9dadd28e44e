"""The archiver that the front ends get: plans on its own connection, runs one archive after another."""

from collections.abc import Callable
from dataclasses import replace

import psycopg

from audit_tui.core.errors import AuditError, UsageError
from audit_tui.core.safe import SURROGATE
from audit_tui.service.api import AuditService, Cancel, VerifyRequest
from audit_tui.service.archiving import (
    ArchivePlan,
    ArchiveRequest,
    ArchiveResult,
    OnProgress,
    OnStatus,
)
from audit_tui.service.live.archive_plan import make_plan
from audit_tui.service.live.archive_run import ChainsNotIntactError, Run
from audit_tui.service.live.archive_steps import Teller
from audit_tui.store import archive_rows as rows
from audit_tui.store.archive_folder import locked_folder
from audit_tui.store.probe import probe
from audit_tui.store.session import NO_TIMEOUT, reading

MAX_PLACE = 700
"""Characters of a folder's path, so that the record has room for the host's name as well."""


class LiveArchiver:
    """`service.archiving.ArchivingService` over a PostgreSQL. Construct with `bootstrap.open_archiving`."""

    def __init__(self, service: AuditService, conn: psycopg.Connection, *, now_us: Callable[[], int]) -> None:
        """`service` verifies; `conn` is a connection of the archiver's own. Both are closed by `close`."""
        self._service, self._conn, self._now_us = service, conn, now_us
        self._seen = probe(conn)

    def plan(self, request: ArchiveRequest) -> ArchivePlan:
        with reading(self._conn, timeout=NO_TIMEOUT, snapshot=True):
            return make_plan(self._conn, self._seen, request, self._now_us())

    def archive(
        self,
        request: ArchiveRequest,
        on_progress: OnProgress | None = None,
        on_status: OnStatus | None = None,
        cancel: Cancel | None = None,
    ) -> ArchiveResult:
        _check_words(request)
        if request.before_us is None and request.replace is None and not request.folder.exists():
            raise AuditError(
                f"there is no folder {request.folder}", "give the one that the killed run wrote to"
            )
        self.plan(replace(request, before_us=None, replace=None))  # rights and folder, before all else
        run = Run(
            conn=self._conn,
            seen=self._seen,
            request=request,
            plan_for=self.plan,
            verify=lambda names: self._service.verify(VerifyRequest.of_chains(names), on_status, cancel),
            now_us=self._now_us,
            tell=Teller(on_progress, cancel),
        )
        with rows.alone(self._conn), locked_folder(request.folder) as folder:
            folder.clean()
            try:
                run.finish_old(folder)
                run.move_new(folder)
            except ChainsNotIntactError as stopped:
                return run.result(stopped.report)
        return run.result(None)

    def close(self) -> None:
        self._conn.close()
        self._service.close()


def _check_words(request: ArchiveRequest) -> None:
    """Refuses what the log would refuse, before files are written that it would never record."""
    for name, text, most in (("requester", request.requester, 200), ("reason", request.reason, 2000)):
        if text is None:
            continue
        if not text.strip() or len(text) > most:
            raise UsageError(f"--{name} takes 1 to {most:,} characters, and not blanks alone")
        if "\0" in text or SURROGATE.search(text):
            raise UsageError(f"--{name} is not valid text", "write it in UTF-8")
    if len(str(request.folder)) > MAX_PLACE or SURROGATE.search(str(request.folder)):
        raise UsageError("the path of the folder is too long or no valid text", "give a simpler one")
