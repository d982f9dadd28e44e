"""Logs that the commands are tried on."""

from collections.abc import Iterator

import psycopg
import pytest

from audit_tui.embedded.guide import install_guide
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.store.install import install
from tests.cli.events import log_events, log_story
from tests.conftest import Templates, _lend


def _ours(connection: psycopg.Connection) -> None:
    install(connection)
    log_story(connection)


def _guide(connection: psycopg.Connection) -> None:
    install_guide(connection)
    log_story(connection)


def _long(connection: psycopg.Connection) -> None:
    install(connection)
    log_events(connection, "org_long", 3000)


def _one_tenant(connection: psycopg.Connection) -> None:
    install(connection)
    log_events(connection, "org_only", 5)


@pytest.fixture
def log(server: EmbeddedServer, templates: Templates) -> Iterator[str]:
    """Our schema: org_xyz789 with the guide's examples, org_acme with 30 events."""
    yield from _lend(server, templates.copy("cli_ours", _ours))


@pytest.fixture
def guide_log(server: EmbeddedServer, templates: Templates) -> Iterator[str]:
    """The same in a guide schema."""
    yield from _lend(server, templates.copy("cli_guide", _guide))


@pytest.fixture
def long_log(server: EmbeddedServer, templates: Templates) -> Iterator[str]:
    """Our schema: one tenant of 3,000 events, more than the check reads at once."""
    yield from _lend(server, templates.copy("cli_long", _long))


@pytest.fixture
def one_tenant_log(server: EmbeddedServer, templates: Templates) -> Iterator[str]:
    """Our schema: one tenant of five events."""
    yield from _lend(server, templates.copy("cli_one", _one_tenant))


@pytest.fixture(params=["ours", "guide"])
def either_log(request: pytest.FixtureRequest) -> str:
    """The same test on both schemas."""
    chosen: str = request.getfixturevalue("log" if request.param == "ours" else "guide_log")
    return chosen
