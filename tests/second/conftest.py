"""Logs to be compared with copies of themselves."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from audit_tui.embedded.guide import install_guide
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.store.install import install
from tests.conftest import Templates, _lend
from tests.second.logs import Bench, log_guide_events
from tests.service.conftest import log_events


@pytest.fixture
def bench(server: EmbeddedServer, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(server, tmp_path / "witness")
    yield made
    made.close()


def _ours(connection: psycopg.Connection) -> None:
    install(connection)
    connection.commit()
    log_events(connection.info.dsn, "org_a", 60)
    log_events(connection.info.dsn, "org_b", 5)


def _long(connection: psycopg.Connection) -> None:
    install(connection)
    connection.commit()
    log_events(connection.info.dsn, "org_a", 1000)


def _guide(connection: psycopg.Connection) -> None:
    install_guide(connection)
    connection.commit()
    log_guide_events(connection.info.dsn, "org_a", 20)
    log_guide_events(connection.info.dsn, "org_a", 20, "Asia/Kolkata")


@pytest.fixture
def log(server: EmbeddedServer, templates: Templates) -> Iterator[str]:
    """Our schema: org_a with 60 events, org_b with 5."""
    yield from _lend(server, templates.copy("second_ours", _ours))


@pytest.fixture
def long_log(server: EmbeddedServer, templates: Templates) -> Iterator[str]:
    """Our schema: org_a with 1,000 events."""
    yield from _lend(server, templates.copy("second_long", _long))


@pytest.fixture
def guide_log(server: EmbeddedServer, templates: Templates) -> Iterator[str]:
    """The guide's schema: org_a with 20 events written in UTC and 20 in India."""
    yield from _lend(server, templates.copy("second_guide", _guide))
