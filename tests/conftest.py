"""One throwaway PostgreSQL per test process, and a database of its own for every test that asks."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from audit_tui.embedded.guide import install_guide
from audit_tui.embedded.server import EmbeddedServer

# Timing depends on the machine, and a run must be repeatable: neither may decide whether a test passes.
settings.register_profile(
    "audit-tui",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("audit-tui")

# The developer's own settings would change connections, colours and widths.
for _name in list(os.environ):
    if _name.startswith("PG") or _name in {"AUDIT_TUI_DSN", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"}:
        del os.environ[_name]

Build = Callable[[psycopg.Connection], object]


class Templates:
    """Databases that are built once, when first asked for, and copied for each test."""

    def __init__(self, server: EmbeddedServer) -> None:
        self._server = server
        self._built: set[str] = set()

    def copy(self, name: str, build: Build) -> str:
        """Return the DSN of a fresh copy of template `name`, which `build` fills the first time."""
        template = f"template_{name}"
        if template not in self._built:
            dsn = self._server.create_database(name=template)
            try:
                with psycopg.connect(dsn) as connection:
                    build(connection)
            except BaseException:
                self._server.drop_database(template)
                raise
            self._built.add(template)
        return self._server.create_database(template=template)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep witnesses and configuration of a test out of the developer's folders, and of other tests'."""
    monkeypatch.setenv("AUDIT_TUI_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("AUDIT_TUI_CONFIG_DIR", str(tmp_path / "config"))


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """The throwaway PostgreSQL of this test process."""
    with EmbeddedServer.start(in_memory=True) as running:
        yield running


@pytest.fixture(scope="session")
def templates(server: EmbeddedServer) -> Templates:
    """The template databases of this test process."""
    return Templates(server)


@pytest.fixture
def empty_db(server: EmbeddedServer) -> Iterator[str]:
    """The DSN of a database with nothing in it."""
    yield from _lend(server, server.create_database())


@pytest.fixture
def audit_db(server: EmbeddedServer, templates: Templates) -> Iterator[str]:
    """The DSN of a database with our schema freshly installed."""
    yield from _lend(server, templates.copy("audit", _install_ours))


@pytest.fixture
def partitioned_db(server: EmbeddedServer, templates: Templates) -> Iterator[str]:
    """The DSN of a database with our schema in the layout by time range."""
    yield from _lend(server, templates.copy("partitioned", _install_by_time))


@pytest.fixture
def guide_db(server: EmbeddedServer, templates: Templates) -> Iterator[str]:
    """The DSN of a database with the guide's steps 1 to 5 and 7."""
    yield from _lend(server, templates.copy("guide", install_guide))


@pytest.fixture
def guide_min_db(server: EmbeddedServer, templates: Templates) -> Iterator[str]:
    """The DSN of a database with the guide's steps 1 to 5 only: no verify_chain, no roles."""
    yield from _lend(server, templates.copy("guide_min", lambda c: install_guide(c, verification=False)))


def _lend(server: EmbeddedServer, dsn: str) -> Iterator[str]:
    yield dsn
    server.drop_database(dsn)


def _install_ours(connection: psycopg.Connection) -> None:
    from audit_tui.store.install import install

    install(connection)


def _install_by_time(connection: psycopg.Connection) -> None:
    from audit_tui.store.install import install
    from audit_tui.store.script import InstallOptions

    install(connection, InstallOptions(layout="partitioned"))
