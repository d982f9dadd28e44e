"""A server that keeps commit times, and logs on it of every layout that were written event by event."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from audit_tui import bootstrap
from audit_tui.core.evidence import Evidence, EvidenceName, Piece
from audit_tui.embedded.guide import install_guide
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.store.install import install
from audit_tui.store.script import InstallOptions
from tests.conftest import Templates
from tests.verify.test_continuity import insert

Conn = psycopg.Connection[Any]
EVENTS = 20
LAYOUTS: dict[str, Callable[[Conn], object]] = {
    "plain": install,
    "partitioned": lambda conn: install(conn, InstallOptions(layout="partitioned")),
    "guide": install_guide,
}


@pytest.fixture(scope="session")
def keeping() -> Iterator[EmbeddedServer]:
    """A server with track_commit_timestamp."""
    with EmbeddedServer.start(
        {"track_commit_timestamp": "on", "autovacuum": "off"}, in_memory=True
    ) as server:
        yield server


@pytest.fixture(scope="session")
def keeping_templates(keeping: EmbeddedServer) -> Templates:
    return Templates(keeping)


@pytest.fixture(params=LAYOUTS)
def log(
    request: pytest.FixtureRequest, keeping: EmbeddedServer, keeping_templates: Templates
) -> Iterator[str]:
    """Twenty events of `acme`, each of a transaction of its own, in each layout."""
    dsn = keeping_templates.copy(f"evidence_{request.param}", LAYOUTS[request.param])
    fill(dsn)
    yield dsn
    keeping.drop_database(dsn)


@pytest.fixture
def plain(keeping: EmbeddedServer, keeping_templates: Templates) -> Iterator[str]:
    """The same in our plain layout."""
    dsn = keeping_templates.copy("evidence_plain", LAYOUTS["plain"])
    fill(dsn)
    yield dsn
    keeping.drop_database(dsn)


def fill(dsn: str, events: int = EVENTS) -> None:
    with psycopg.connect(dsn, autocommit=True) as conn:
        for number in range(1, events + 1):
            insert(conn, {"resource_id": f"usr_{number}", "actor_id": f"actor {number}"})


def taken(dsn: str, sequence: int, *, compare_paths: bool = False, tenant: str = "acme") -> Evidence:
    service = bootstrap.open_service(dsn)
    try:
        return service.list_evidence(tenant, sequence, compare_paths=compare_paths)
    finally:
        service.close()


def piece(found: Evidence, name: EvidenceName) -> Piece:
    return next(each for each in found.pieces if each.name is name)


def states(found: Evidence) -> dict[str, str]:
    return {each.name.value: each.state.value for each in found.pieces}
