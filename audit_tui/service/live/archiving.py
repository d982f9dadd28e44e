"""The archiver that the front ends get: plans on its own connection, runs one archive after another."""

from collections.abc import Callable
from dataclasses import replace

import psycopg

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
        self.plan(replace(request, before_us=None, replace=None))  # rights and folder, before all else
        run = Run(
            conn=self._conn,
            seen=self._seen,
            request=request,
            plan_for=self.plan,
            verify=lambda names: self._service.verify(VerifyRequest(names), on_status, cancel),
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
