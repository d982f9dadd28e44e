"""Two clusters of different major versions side by side, and a log with something of everything in it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.types.json import Jsonb

from audit_tui import bootstrap
from audit_tui.embedded.binaries import find_versions
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.service.api import AuditService
from audit_tui.store.install import install
from audit_tui.store.script import InstallOptions
from tests.restore.programs import Programs, has_programs
from tests.schema.erasing import erase, group
from tests.schema.events import log

SETTINGS = {"wal_level": "logical"}
Open = Callable[[str], AuditService]


@pytest.fixture(scope="session")
def clusters() -> Iterator[tuple[EmbeddedServer, EmbeddedServer]]:
    """An old cluster and a new one. Without two versions: skipped, or failed where CI insists."""
    versions = [one for one in find_versions() if has_programs(one)]
    if len(versions) < 2:
        here = ", ".join(one.version for one in versions) or "none"
        reason = f"needs two versions of PostgreSQL with pg_dump and psql, found {here}"
        (pytest.fail if os.environ.get("NEEDED_VERSIONS") else pytest.skip)(reason)
    with (
        EmbeddedServer.start(SETTINGS, binaries=versions[0], in_memory=True) as old,
        EmbeddedServer.start(SETTINGS, binaries=versions[-1], in_memory=True) as new,
    ):
        yield old, new


@pytest.fixture(params=["older", "same"])
def source_server(
    request: pytest.FixtureRequest, clusters: tuple[EmbeddedServer, EmbeddedServer]
) -> EmbeddedServer:
    """The cluster that a log comes from: of an older version, or of the same."""
    return clusters[0] if request.param == "older" else clusters[1]


@pytest.fixture
def old(clusters: tuple[EmbeddedServer, EmbeddedServer]) -> EmbeddedServer:
    """The cluster of the older version."""
    return clusters[0]


@pytest.fixture
def new(clusters: tuple[EmbeddedServer, EmbeddedServer]) -> EmbeddedServer:
    """The cluster of the newer version, which every log is restored into."""
    return clusters[1]


@pytest.fixture
def programs(new: EmbeddedServer) -> Programs:
    """The newer version's programs."""
    return Programs(new.binaries)


@pytest.fixture(params=["plain", "partitioned"])
def layout(request: pytest.FixtureRequest) -> str:
    """Each layout of the log."""
    return str(request.param)


@pytest.fixture
def source(source_server: EmbeddedServer, old: EmbeddedServer, layout: str) -> Iterator[str]:
    """The DSN of a filled log in the cluster it comes from."""
    dsn = source_server.create_database(name="production" if source_server is old else "before")
    make_log(dsn, layout)
    yield dsn
    source_server.drop_database(dsn)


@pytest.fixture
def target(new: EmbeddedServer) -> Iterator[str]:
    """The DSN of an empty database in the newer cluster, called as the one in the older."""
    dsn = new.create_database(name="production")
    yield dsn
    new.drop_database(dsn)


@pytest.fixture
def open_service(tmp_path: Path) -> Iterator[Open]:
    """Opens services that share one folder of witnesses."""
    opened: list[AuditService] = []

    def open_one(dsn: str) -> AuditService:
        service = bootstrap.open_service(dsn, state_dir=tmp_path / "witness")
        opened.append(service)
        return service

    yield open_one
    for service in opened:
        service.close()


def make_log(dsn: str, layout: str = "plain") -> None:
    """Fill a log: two tenants, values of every kind, an erasure, a recorded change of the schema."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        install(conn, InstallOptions(layout=layout))  # type: ignore[arg-type] # one of the two names
        for number in range(12):
            log_rich(conn, "t1", number)
            log_rich(conn, "t2", number)
        erase(conn, group([2, 3], [7, 7], parts=("identity", "details")))
        conn.execute("CREATE INDEX extra ON audit.logs (session_id)")
        conn.execute("DROP INDEX audit.extra")


def log_rich(conn: psycopg.Connection, tenant: str, number: int) -> None:
    """One event with something in every column that a dump could get wrong."""
    log(
        conn,
        tenant,
        actor_ip_address=("203.0.113.7", "2001:db8::/32", "10.0.0.0/8")[number % 3],
        changes={"n": {"old": number, "new": number + 1.50}, "tab\t": {"old": None, "new": "\\N"}},
        resource_before={"big": 10**30, "text": "line\nfeed", "empty": ""},
        resource_after=None if number % 2 else {"unicode": "zażółć \U0001f600"},
        session_id="\\N" if number % 2 else "",
        user_agent="curl\t'quoted' \\ \r\n",
        metadata=Jsonb({"number": number, "nested": {"list": [1, None, True]}}),
    )
