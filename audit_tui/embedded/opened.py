"""Archives opened without a database of one's own: a throwaway server that holds a copy of their events."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg import sql

from audit_tui.core.errors import AuditError
from audit_tui.core.findings import Report, Verdict
from audit_tui.core.words import plural
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.service.api import AuditService, Target
from audit_tui.service.archived import ArchivedFiles, Opened
from audit_tui.store.archive_loader import Loaded, load_events
from audit_tui.store.install import install
from audit_tui.store.script import InstallOptions

DATABASE = "archive"
_STATE = "state"
_ENCODING = re.compile(r"[A-Z0-9_]{3,20}\Z", re.ASCII)


class OpenService(Protocol):
    """What `bootstrap.open_service` offers; handed in, because bootstrap stands above this package."""

    def __call__(
        self,
        dsn: str | None,
        *,
        name: str | None = None,
        state_dir: Path | None = None,
        opened: Opened | None = None,
    ) -> AuditService: ...


class NothingToOpenError(AuditError):
    """Not one event of the archives can be read."""


@dataclass(frozen=True, slots=True)
class OpenedArchives:
    """What is there while the archives are open. `report` is the proof of the files; `loaded` what of them
    is in the database.
    """

    target: Target
    dsn: str
    report: Report
    loaded: Loaded


@contextmanager
def open_loaded(
    open_service: OpenService,
    files: ArchivedFiles,
    report: Report,
    on_step: Callable[[str], None] = lambda _: None,
    on_loaded: Callable[[int, int], None] = lambda _done, _total: None,
) -> Iterator[OpenedArchives]:
    """Starts a server and loads what can be read; on leaving, server and folder are gone. `on_loaded` hears
    how many events of how many are in it.

    AuditError where no throwaway PostgreSQL can be had, or where nothing in the files can be read.
    """
    on_step("starting a throwaway PostgreSQL")
    with EmbeddedServer.start() as server:
        # Inside the server's folder: whatever removes that, after a crash too, removes the witnesses.
        state_dir = server.folder / _STATE
        state_dir.mkdir(mode=0o700)
        dsn = _create_database(server, files)
        notes = files.list_archives()
        total = sum(note.events or 0 for note in notes)
        on_step(f"loading {plural(total, 'event')} of {plural(len(notes), 'archive')}")
        loaded = _load(dsn, files, lambda done: on_loaded(done, total))
        if not loaded.events:
            title = "no event of these archives can be read, so there is nothing to open"
            raise NothingToOpenError(title, "audit-tui verify --archive DIR says what is wrong with them")
        name, opened = _name(files, report), files.describe_opened(report)
        yield OpenedArchives(
            Target(name, lambda: open_service(dsn, name=name, state_dir=state_dir, opened=opened)),
            dsn,
            report,
            loaded,
        )


def _create_database(server: EmbeddedServer, files: ArchivedFiles) -> str:
    """A database in the archives' own encoding: version 1 events were hashed in it."""
    encodings = files.list_encodings()
    encoding = encodings[0] if len(encodings) == 1 else "UTF8"
    if not _ENCODING.match(encoding) or encoding in ("UTF8", "SQL_ASCII"):
        return server.create_database(name=DATABASE)
    create = sql.SQL("CREATE DATABASE {} ENCODING {} LOCALE 'C' TEMPLATE template0")
    try:
        with psycopg.connect(server.dsn(), autocommit=True) as conn:
            conn.execute(create.format(sql.Identifier(DATABASE), sql.Literal(encoding)))
    except psycopg.Error:
        return server.create_database(name=DATABASE)
    return server.dsn(DATABASE)


def _load(dsn: str, files: ArchivedFiles, on_batch: Callable[[int], None]) -> Loaded:
    with psycopg.connect(dsn, autocommit=True, client_encoding="utf8") as conn:
        # An archive says nothing of what is done to this copy, so no event is to tell of it.
        install(conn, InstallOptions(ddl_trigger=False))
        loaded = load_events(conn, files.stream_events(), on_batch)
        conn.execute("VACUUM ANALYZE audit.logs")
        conn.execute(
            sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(
                sql.Identifier(DATABASE)
            )
        )
    return loaded


def _name(files: ArchivedFiles, report: Report) -> str:
    """Short enough for a header, and it says when something is wrong."""
    notes = files.list_archives()
    name = f"archive {notes[0].name[:8]}" if len(notes) == 1 else plural(len(notes), "archive")
    return f"{name} ✗ damaged" if report.verdict is Verdict.TAMPERED else name
