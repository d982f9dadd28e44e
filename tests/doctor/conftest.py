"""A server with the settings of a careful one, and on it fresh logs of every layout."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
import pytest

from audit_tui.bootstrap import open_adopter
from audit_tui.core.doctor.model import DoctorReport
from audit_tui.embedded.guide import install_guide
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.service.live.doctor import examine
from audit_tui.store.connect import connect, parse_dsn
from audit_tui.store.install import install
from audit_tui.store.script import InstallOptions
from tests.conftest import Templates, _lend

CAREFUL = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
NOW_US = 1_793_641_267_000_000

Connection = psycopg.Connection[Any]


def examined(dsn: str) -> DoctorReport:
    """What an examination of that database finds, by the server's own clock."""
    conn = connect(parse_dsn(dsn))
    try:
        return examine(conn, lambda: _server_clock(dsn))
    finally:
        conn.close()


def _server_clock(dsn: str) -> int:
    with psycopg.connect(dsn) as conn:
        row = conn.execute("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8").fetchone()
    assert row is not None
    return int(row[0])


def holes(dsn: str) -> dict[str, str]:
    """The holes of that database, by name, with what is said of them."""
    return {check.id: check.message for check in examined(dsn).holes}


@pytest.fixture(scope="session")
def careful() -> Iterator[EmbeddedServer]:
    """A server that keeps what it is told: roles that a test makes touch no other test's."""
    with EmbeddedServer.start(CAREFUL, in_memory=True) as server:
        yield server


@pytest.fixture(scope="session")
def careful_templates(careful: EmbeddedServer) -> Templates:
    return Templates(careful)


LAYOUTS: dict[str, InstallOptions] = {
    "plain": InstallOptions(),
    "partitioned": InstallOptions(layout="partitioned"),
    "isolated": InstallOptions(tenant_isolation=True),
    "partitioned_isolated": InstallOptions(layout="partitioned", tenant_isolation=True),
    "unrecorded": InstallOptions(ddl_trigger=False),
}


def _adopt(server: EmbeddedServer) -> str:
    dsn = server.create_database()
    with psycopg.connect(dsn) as conn:
        install_guide(conn)
    with open_adopter(dsn, InstallOptions(adopt=True)) as adopter:
        adopter.adopt(adopter.examine(), lambda _: None)
    return dsn


Fresh = Callable[[str], str]


@pytest.fixture
def fresh(careful: EmbeddedServer, careful_templates: Templates) -> Iterator[Fresh]:
    """Makes databases with a fresh log of a layout (`adopted`, `guide`, or one of LAYOUTS)."""
    lent: list[str] = []

    def make(layout: str) -> str:
        if layout == "adopted":
            dsn = _adopt(careful)
        elif layout == "guide":
            dsn = careful_templates.copy("doctor_guide", install_guide)
        else:
            options = LAYOUTS[layout]
            dsn = careful_templates.copy(f"doctor_{layout}", lambda conn: install(conn, options))
        lent.append(dsn)
        return dsn

    yield make
    for dsn in lent:
        careful.drop_database(dsn)


@pytest.fixture
def log(fresh: Fresh) -> str:
    """A fresh plain log."""
    return fresh("plain")


@pytest.fixture
def bare_log(careful: EmbeddedServer) -> Iterator[str]:
    """A database without anything."""
    yield from _lend(careful, careful.create_database())


@contextmanager
def role(dsn: str, name: str, *attributes: str) -> Iterator[str]:
    """A role that is gone afterwards: roles outlive databases."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute(f"CREATE ROLE {name} {' '.join(attributes)}".encode())
        try:
            yield name
        finally:
            conn.execute(f"DROP OWNED BY {name}".encode())
            conn.execute(f"DROP ROLE {name}".encode())


def run(dsn: str, *statements: str) -> None:
    """Statements of an intruder with a superuser's rights, each by itself."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        for statement in statements:
            try:
                conn.execute(statement.encode())
            except psycopg.errors.FeatureNotSupported as refusal:
                pytest.skip(f"on this server there is no such hole: {refusal.diag.message_primary}")


def follow(dsn: str, remedy: str) -> None:
    """What a person does who copies a remedy: each line is a statement, or a command of this program."""
    for line in remedy.split("\n"):
        if line == "audit-tui install":
            with psycopg.connect(dsn) as conn:
                install(conn)
        else:
            run(dsn, line)


UNRECORDED = ("audit_record_ddl", "audit_record_drop", "audit_record_recorder")


@contextmanager
def unrecorded(dsn: str) -> Iterator[Connection]:
    """The event triggers are off meanwhile, as an intruder has them; what they do to events is theirs."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        for name in UNRECORDED:
            conn.execute(f"ALTER EVENT TRIGGER {name} DISABLE".encode())
        yield conn
        for name in UNRECORDED:
            conn.execute(f"ALTER EVENT TRIGGER {name} ENABLE ALWAYS".encode())


Making = Callable[[str], AbstractContextManager[object]]
