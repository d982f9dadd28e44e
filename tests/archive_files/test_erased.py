"""Erasures and archives: what covers an erased event lies in the archive, in a later one, or in the log."""

from pathlib import Path

import psycopg
import pytest

from audit_tui.bootstrap import open_archives, open_service
from audit_tui.core.findings import Axis, TenantReport, Verdict
from audit_tui.core.model import State
from audit_tui.embedded import tamper
from audit_tui.embedded.opened import open_loaded
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.service.api import PageRequest, VerifyRequest
from tests.archive_files import build
from tests.archive_files.proving import places, prove
from tests.schema.erasing import erase, group
from tests.verify import chains
from tests.verify.chains import ACME


def acme_of(*folders: Path, dsn: str | None = None) -> TenantReport:
    report = prove(*folders, dsn=dsn)
    return next(tenant for tenant in report.tenants if tenant.tenant_id == ACME)


@pytest.fixture
def erased(audit_db: str) -> str:
    """Twelve events of acme; the details of 3 and 4 were erased, recorded in event 13."""
    with psycopg.connect(audit_db) as conn:
        chains.build_ours(conn)
        erase(conn, group([3, 4], parts=("details",)), tenant=ACME)
        conn.commit()
    return audit_db


def archive(dsn: str, place: Path, last: int, name: str = build.JANUARY, first: int = 1) -> Path:
    events = build.read_events(dsn, ACME, (1, last))
    return build.write(place, name, [(ACME, events[: first - 1], events[first - 1 :])])


def test_covered_within_the_archive(erased: str, tmp_path: Path) -> None:
    acme = acme_of(archive(erased, tmp_path, 13))
    assert (acme.verdict, acme.findings, acme.erased_events) == (Verdict.INTACT, (), 2)


def test_covered_by_the_log(erased: str, tmp_path: Path) -> None:
    folder = archive(erased, tmp_path, 8)
    with psycopg.connect(erased) as conn:
        build.record(conn, folder, event_id="evt_r")
    alone = acme_of(folder)
    assert (alone.verdict, alone.findings, alone.erased_events) == (Verdict.INCONCLUSIVE, (), 0)
    assert alone.axes[Axis.ERASURE].state is State.NOT_RUN
    both = acme_of(folder, dsn=erased)
    assert (both.verdict, both.findings, both.erased_events) == (Verdict.INTACT, (), 2)


def test_covered_by_a_later_archive(erased: str, tmp_path: Path) -> None:
    first = archive(erased, tmp_path, 8)
    second = archive(erased, tmp_path, 13, build.FEBRUARY, 9)
    assert acme_of(first).verdict is Verdict.INCONCLUSIVE
    both = acme_of(first, second)
    assert (both.verdict, both.findings, both.erased_events) == (Verdict.INTACT, (), 2)
    # What it covers lies below the second archive: that alone is no incomplete erasure.
    alone = acme_of(second)
    assert (alone.findings, alone.erased_events) == ((), 0)


def test_covered_by_nothing(erased: str, tmp_path: Path) -> None:
    with psycopg.connect(erased) as conn:
        tamper.erase_without_authority(conn, ACME, 7, "details")
        conn.commit()
    folder = archive(erased, tmp_path, 8)
    with psycopg.connect(erased) as conn:
        build.record(conn, folder, event_id="evt_r")
    assert acme_of(folder).verdict is Verdict.INCONCLUSIVE
    both = prove(folder, dsn=erased)
    assert both.verdict is Verdict.TAMPERED
    assert places(both) == [("unauthorised_erasure", 7, 7)]


def test_what_no_event_at_all_could_cover_is_tampering_from_the_files_alone(
    erased: str, tmp_path: Path
) -> None:
    """The salt is still there, which every authorised erasure overwrites."""
    with psycopg.connect(erased) as conn:
        tamper.edit_field(conn, ACME, 3, "part_salts", b"\x01" * 64)
        conn.commit()
    folder = archive(erased, tmp_path, 8)
    kinds = {str(finding.kind) for finding in acme_of(folder).findings}
    assert "unauthorised_erasure" in kinds


def test_opened_an_erased_event_is_not_accused(erased: str, tmp_path: Path) -> None:
    folder = archive(erased, tmp_path, 8)
    files = open_archives((folder,))
    with open_loaded(open_service, files, files.verify()) as found:
        service = found.target.open()
        try:
            (acme,) = service.verify(VerifyRequest(record_witness=False)).tenants
            checks = [each.check for each in service.list_events(PageRequest(ACME, 3, 2)).events]
        finally:
            service.close()
    assert (acme.verdict, acme.findings) == (Verdict.INCONCLUSIVE, ())
    assert [(check.content, check.covered) for check in checks] == [(State.OK, None)] * 2


def test_version_1_events_are_hashed_in_the_encoding_of_their_database(
    server: EmbeddedServer, tmp_path: Path
) -> None:
    with psycopg.connect(server.dsn(), autocommit=True) as conn:
        conn.execute("CREATE DATABASE latin_archive ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    dsn = server.dsn("latin_archive")
    with psycopg.connect(dsn, client_encoding="utf8") as conn:
        chains.build_guide(conn)
    events = build.read_events(dsn, ACME, (1, 4))
    server.drop_database("latin_archive")
    folder = build.write(tmp_path, build.JANUARY, [(ACME, [], events)], encoding="LATIN1")
    report = prove(folder)
    assert report.verdict is Verdict.INTACT
    files = open_archives((folder,))
    with open_loaded(open_service, files, report) as found:
        service = found.target.open()
        try:
            assert service.verify(VerifyRequest(record_witness=False)).verdict is Verdict.INTACT
        finally:
            service.close()
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    assert prove(build.write(tmp_path, build.JANUARY, [(ACME, [], events)])).verdict is Verdict.TAMPERED


def test_version_1_events_keep_their_seal_in_an_archive(audit_db: str, tmp_path: Path) -> None:
    with psycopg.connect(audit_db) as conn:
        chains.adopt(conn, ACME, 8, "Asia/Kolkata")
    acme = acme_of(archive(audit_db, tmp_path, 8))
    assert acme.verdict is Verdict.INTACT
    assert {str(finding.kind) for finding in acme.findings} == {"foreign_zone", "uncovered_columns"}
    files = open_archives((tmp_path,))
    with open_loaded(open_service, files, files.verify()) as found:
        service = found.target.open()
        try:
            (copy,) = service.verify(VerifyRequest(record_witness=False)).tenants
        finally:
            service.close()
    assert (copy.verdict, copy.findings) == (acme.verdict, acme.findings)
