"""A database with the schema, as superuser and as anyone else."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from audit_tui.embedded.server import EmbeddedServer
from tests.schema.events import log

if TYPE_CHECKING:
    from tests.schema.cluster import Cluster

Connection = psycopg.Connection[Any]
Login = Callable[..., Connection]


@pytest.fixture
def db(audit_db: str) -> Iterator[Connection]:
    """The superuser's connection to a fresh log; every statement commits by itself."""
    with psycopg.connect(audit_db, autocommit=True) as connection:
        yield connection


@pytest.fixture
def partitioned(partitioned_db: str) -> Iterator[Connection]:
    """The superuser's connection to a fresh log in the layout by time range."""
    with psycopg.connect(partitioned_db, autocommit=True) as connection:
        yield connection


@pytest.fixture
def owner(audit_db: str) -> Iterator[Connection]:
    """The same log with the rights of the owner role."""
    with psycopg.connect(audit_db, autocommit=True) as connection:
        connection.execute("SET ROLE audit_owner")
        yield connection


@pytest.fixture
def login(db: Connection, audit_db: str) -> Iterator[Login]:
    """Connects as a login role, made on first use with the given memberships, dropped after the test."""
    made: set[str] = set()
    # Every connection closes before any role goes: an open transaction would hold what is dropped.
    with ExitStack() as roles, ExitStack() as connections:

        def connect(name: str, *member_of: str, **options: Any) -> Connection:
            if name not in made:
                db.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
                made.add(name)
                # Roles belong to the cluster: one that is left behind meets the next test that makes it.
                roles.callback(_drop_role, audit_db, name)
            for group in member_of:
                db.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(group), sql.Identifier(name)))
            dsn = make_conninfo(audit_db, user=name)
            return connections.enter_context(psycopg.connect(dsn, autocommit=True, **options))

        yield connect


def _drop_role(dsn: str, name: str) -> None:
    """Drop what a login owns in the database of `dsn`, what it was granted there, and the login."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        role = sql.Identifier(name)
        # What a test changed hands of goes first: its owner may own the schema as well.
        conn.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(role))
        conn.execute(sql.SQL("DROP ROLE {}").format(role))


@pytest.fixture
def full(db: Connection) -> Connection:
    """Five events with something in every part."""
    for number in range(5):
        log(
            db,
            changes={"n": {"old": number, "new": 1}},
            resource_before={"a": number},
            resource_after=None,
            session_id="s",
            user_agent="curl",
        )
    return db


@pytest.fixture
def empty(empty_db: str) -> Iterator[Connection]:
    with psycopg.connect(empty_db, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def own_server() -> Iterator[EmbeddedServer]:
    """A server that only the tests of one file use: roles belong to a whole cluster."""
    with EmbeddedServer.start(in_memory=True) as running:
        yield running


@pytest.fixture
def cluster(own_server: EmbeddedServer) -> Iterator["Cluster"]:
    """An empty database, and a cluster that holds no role but the superuser; both are cleared afterwards."""
    from tests.schema.cluster import Cluster

    one = Cluster(own_server)
    yield one
    one.clear()
