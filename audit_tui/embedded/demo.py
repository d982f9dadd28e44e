"""The demo's world: a throwaway server with the story in two databases, tampered with, gone at the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg

from audit_tui.core.findings import Report
from audit_tui.embedded.guide import install_guide
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.embedded.story.erasure import TENANT as ERASED_TENANT
from audit_tui.embedded.story.erasure import erase_ines
from audit_tui.embedded.story.load import import_events, insert_into_guide
from audit_tui.embedded.story.script import GUIDE_PLANS, PLANS, tell
from audit_tui.embedded.story.tampering import tamper_with, tamper_with_guide
from audit_tui.service.api import AuditService, Target, VerifyRequest
from audit_tui.store.install import install

MAIN = "incident"
GUIDE = "legacy"
_STATE = "state"


class OpenService(Protocol):
    """What `bootstrap.open_service` offers; handed in, because bootstrap stands above this package."""

    def __call__(
        self, dsn: str | None, *, name: str | None = None, state_dir: Path | None = None
    ) -> AuditService: ...


@dataclass(frozen=True, slots=True)
class Demo:
    """What is there while the demo runs. `state_dir` holds its witnesses, never the user's."""

    dsn: str
    guide_dsn: str
    state_dir: Path
    targets: tuple[Target, Target]
    """The incident's log first, the guide-built one second."""


@contextmanager
def open_demo(open_service: OpenService, on_step: Callable[[str], None] = lambda _: None) -> Iterator[Demo]:
    """Starts a server, loads and tampers; on leaving, server and folder are gone. `on_step` hears progress.

    AuditError where no throwaway PostgreSQL can be had.
    """
    on_step("starting a throwaway PostgreSQL")
    with EmbeddedServer.start() as server:
        # Inside the server's folder: whatever removes that, after a crash too, removes the witnesses.
        state_dir = server.folder / _STATE
        state_dir.mkdir(mode=0o700)
        on_step("loading the story")
        dsn = server.create_database(name=MAIN)
        guide_dsn = server.create_database(name=GUIDE)
        load_story(dsn)
        load_guide_story(guide_dsn)
        on_step("taking witnesses, as an analyst would have yesterday")
        for name, database in ((MAIN, dsn), (GUIDE, guide_dsn)):
            take_witness(open_service, database, name, state_dir)
        on_step("tampering")
        with psycopg.connect(dsn, autocommit=True) as conn:
            tamper_with(conn)
        with psycopg.connect(guide_dsn, autocommit=True) as conn:
            tamper_with_guide(conn)
        targets = (
            Target(MAIN, lambda: open_service(dsn, name=MAIN, state_dir=state_dir)),
            Target(GUIDE, lambda: open_service(guide_dsn, name=GUIDE, state_dir=state_dir)),
        )
        yield Demo(dsn, guide_dsn, state_dir, targets)


def load_story(dsn: str) -> None:
    """Installs our schema and loads the six tenants, the authorised erasure included, untampered."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        install(conn)
        for plan in PLANS:
            events = tell(plan)
            import_events(conn, plan.tenant_id, events)
            if plan.tenant_id == ERASED_TENANT:
                erase_ines(conn, events)
        conn.execute("VACUUM ANALYZE audit.logs")


def load_guide_story(dsn: str) -> None:
    """Installs the guide's schema and loads its two tenants, untampered."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        install_guide(conn)
        for plan in GUIDE_PLANS:
            insert_into_guide(conn, plan.tenant_id, tell(plan))
        conn.execute("VACUUM ANALYZE audit.logs")


def take_witness(open_service: OpenService, dsn: str, name: str, state_dir: Path) -> Report:
    """The report of a complete check of the untouched log, whose heads are remembered."""
    service = open_service(dsn, name=name, state_dir=state_dir)
    try:
        return service.verify(VerifyRequest())
    finally:
        service.close()
