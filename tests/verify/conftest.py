"""A copy of each small chain per test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from audit_tui.embedded.server import EmbeddedServer
from tests.conftest import Templates
from tests.verify import chains

Conn = psycopg.Connection[Any]
Lend = Callable[[str, Callable[[Conn], None]], str]


@pytest.fixture
def lend(server: EmbeddedServer, templates: Templates) -> Iterator[Lend]:
    """Copies of databases that are built once per test process, dropped after the test."""
    with ExitStack() as stack:

        def copy(name: str, build: Callable[[Conn], None]) -> str:
            dsn = templates.copy(f"verify_{name}", build)
            stack.callback(server.drop_database, dsn)
            return dsn

        yield copy


@pytest.fixture
def ours(lend: Lend) -> str:
    """Twelve events of `acme`, four of `other`, sealed by our schema."""
    return lend("ours", chains.build_ours)


@pytest.fixture
def guide(lend: Lend) -> str:
    """The same events in the guide's schema."""
    return lend("guide", chains.build_guide)


@pytest.fixture
def adopted(lend: Lend) -> str:
    """The same events, sealed by the guide, in our table."""
    return lend("adopted", chains.build_adopted)


@pytest.fixture
def kolkata(lend: Lend) -> str:
    """A guide schema with a thousand events written from Asia/Kolkata."""
    return lend("kolkata", chains.build_kolkata)
