"""One small log with archives of it: built once per test process, copied for each test."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from audit_tui.embedded.server import EmbeddedServer
from tests.archive_files import build
from tests.archive_files.build import FEBRUARY, JANUARY
from tests.conftest import Templates
from tests.verify import chains
from tests.verify.chains import ACME, OTHER

EVENTS = 26
"""Events of `acme` before anything is archived."""


@dataclass(frozen=True)
class Archived:
    """`place` holds two archives: of acme 1..10 and other 1..3, then of acme 11..20. `dsn` is the log, from
    which they are removed with sealed records.
    """

    place: Path
    dsn: str

    @property
    def january(self) -> Path:
        return self.place / JANUARY

    @property
    def february(self) -> Path:
        return self.place / FEBRUARY


def fill(conn: psycopg.Connection) -> None:
    """Our schema with 26 events of `acme` and 6 of `other`."""
    chains.build_ours(conn)
    for number in range(chains.EVENTS + 1, EVENTS + 1):
        chains.append(conn, "user.updated", {"n": number}, ACME, event_id=f"evt_more{number}")
    for number in (5, 6):
        chains.append(conn, "user.updated", {"n": number}, OTHER, event_id=f"evt_otherer{number}")
    conn.commit()


@pytest.fixture(scope="session")
def made(server: EmbeddedServer, templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Archived:
    """The archives and the log that every test gets a copy of."""
    place = tmp_path_factory.mktemp("made")
    dsn = templates.copy("archived_full", fill)
    acme, other = build.read_events(dsn, ACME, (1, 20)), build.read_events(dsn, OTHER, (1, 3))
    build.write(place, JANUARY, [(ACME, [], acme[:10]), (OTHER, [], other)])
    build.write(place, FEBRUARY, [(ACME, acme[:10], acme[10:])])
    with psycopg.connect(dsn) as conn:
        build.record(conn, place / JANUARY, event_id="evt_archived1")
        build.record(conn, place / FEBRUARY, event_id="evt_archived2")
    return Archived(place, dsn)


@pytest.fixture
def archived(made: Archived, server: EmbeddedServer, tmp_path: Path) -> Iterator[Archived]:
    """A copy to tamper with."""
    place = tmp_path / "archives"
    shutil.copytree(made.place, place)
    name = psycopg.conninfo.conninfo_to_dict(made.dsn)["dbname"]
    dsn = server.create_database(template=str(name))
    yield Archived(place, dsn)
    server.drop_database(dsn)
