"""A log with a year of history, and the archiver on it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest

from audit_tui.bootstrap import open_archiving
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.service.archiving import ArchivingService
from audit_tui.store.install import install
from tests.archive.logs import fill
from tests.conftest import Templates, _lend

Connection = psycopg.Connection[Any]
Archivers = Callable[..., ArchivingService]


def _year(connection: psycopg.Connection) -> None:
    install(connection)
    fill(connection, tenants=3, events=360)


@pytest.fixture
def year(server: EmbeddedServer, templates: Templates) -> Iterator[str]:
    """The DSN of a log: tenants t1 to t3 with 120 events each, spread over 2023, and an audit.imported."""
    yield from _lend(server, templates.copy("archive_year", _year))


@pytest.fixture
def db(year: str) -> Iterator[Connection]:
    """The superuser's connection to it; every statement commits by itself."""
    with psycopg.connect(year, autocommit=True) as connection:
        yield connection


@pytest.fixture
def open_archiver() -> Iterator[Archivers]:
    """Opens archivers that are closed at the end."""
    with ExitStack() as stack:

        def opened(dsn: str) -> ArchivingService:
            archiver = open_archiving(dsn)
            stack.callback(archiver.close)
            return archiver

        yield opened


@pytest.fixture
def archiver(year: str, open_archiver: Archivers) -> ArchivingService:
    """An archiver on the year, as superuser."""
    return open_archiver(year)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where archives go; not made yet."""
    return tmp_path / "archives"
