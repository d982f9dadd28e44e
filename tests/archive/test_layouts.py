"""Archiving logs of other kinds: adopted from the guide, with tenant isolation, in another encoding."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from audit_tui.bootstrap import open_service
from audit_tui.core.findings import Verdict
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.service.api import VerifyRequest
from audit_tui.service.archiving import ArchiveRequest
from audit_tui.store.install import install
from audit_tui.store.script import InstallOptions
from tests.archive.conftest import Archivers
from tests.archive.logs import fill
from tests.archive.state import HALF_US, account, filed_events, intact, manifests
from tests.schema.adopting import adopt
from tests.schema.adopting import fill as fill_guide

THROUGH, LAST = 60, 121


def verdict_of(dsn: str) -> Verdict:
    service = open_service(dsn)
    try:
        return service.verify(VerifyRequest()).verdict
    finally:
        service.close()


def test_an_adopted_log_loses_its_old_part(guide_db: str, folder: Path, open_archiver: Archivers) -> None:
    """Version 1 events go as they are, in part or together with the seam."""
    with psycopg.connect(guide_db, autocommit=True) as conn:
        fill_guide(conn, 15, ("org_a",))
        row = conn.execute("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8").fetchone()
        fill_guide(conn, 15, ("org_a",))
    assert row is not None
    adopt(guide_db)
    open_archiver(guide_db).archive(ArchiveRequest(folder, row[0]))
    assert account(guide_db, folder, "org_a").table == list(range(16, 33))
    assert {event["hash_version"] for event in filed_events(folder)} == {1}
    assert manifests(folder)[0]["layout"] == "adopted"
    assert intact(guide_db)
    with psycopg.connect(guide_db, autocommit=True) as conn:
        row = conn.execute("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8").fetchone()
        assert row is not None
        fill_guide(conn, 3, ("org_a",))
    open_archiver(guide_db).archive(ArchiveRequest(folder, row[0]))
    assert account(guide_db, folder, "org_a").table[0] == 33
    assert intact(guide_db)
    assert verdict_of(guide_db) is Verdict.INTACT


@pytest.fixture
def isolated(empty_db: str) -> str:
    """A log in which readers see only the tenants granted to them."""
    with psycopg.connect(empty_db) as conn:
        install(conn, InstallOptions(tenant_isolation=True))
        fill(conn, tenants=2, events=240)
    return empty_db


def test_tenant_isolation_hides_nothing_from_an_archivist(
    isolated: str, folder: Path, open_archiver: Archivers
) -> None:
    with psycopg.connect(isolated, autocommit=True) as conn:
        conn.execute(
            "DO $$ BEGIN CREATE ROLE arch_isolated LOGIN; EXCEPTION WHEN duplicate_object THEN END $$"
        )
        conn.execute("GRANT audit_archivist TO arch_isolated")
        try:
            archiver = open_archiver(make_conninfo(isolated, user="arch_isolated"))
            result = archiver.archive(ArchiveRequest(folder, HALF_US))
        finally:
            conn.execute("REVOKE audit_archivist FROM arch_isolated")
    assert [tenant.tenant_id for tenant in result.finished[0].tenants] == ["t1", "t2"]
    assert account(isolated, folder, "t2").table == list(range(THROUGH + 1, LAST + 2))
    assert intact(isolated)


@pytest.fixture
def latin(server: EmbeddedServer) -> Iterator[str]:
    """A log in a database that is encoded in LATIN1."""
    dsn = server.dsn("archive_latin")
    with psycopg.connect(server.dsn(), autocommit=True) as conn:
        name = sql.Identifier(str(conninfo_to_dict(dsn)["dbname"]))
        make = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
        conn.execute(make.format(name))
    with psycopg.connect(dsn) as conn:
        install(conn)
        conn.execute("SET client_encoding = 'UTF8'")
        fill(conn, tenants=1, events=120, words="schöne Grüße")
    yield dsn
    server.drop_database("archive_latin")


def test_another_encoding(latin: str, folder: Path, open_archiver: Archivers) -> None:
    open_archiver(latin).archive(ArchiveRequest(folder, HALF_US))
    assert account(latin, folder, "t1").table == list(range(THROUGH + 1, LAST + 2))
    assert "schöne Grüße" in filed_events(folder)[0]["changes"]
    assert manifests(folder)[0]["encoding"] == "LATIN1"
    assert verdict_of(latin) is Verdict.INTACT
