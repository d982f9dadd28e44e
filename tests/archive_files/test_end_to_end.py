"""What `archive` writes is what `verify --archive` and `open` read: the same rows, in log, file and copy."""

from pathlib import Path

import psycopg
import pytest

from audit_tui.bootstrap import open_archives, open_service
from audit_tui.core.findings import Verdict
from audit_tui.core.model import Event
from audit_tui.embedded.opened import open_loaded
from audit_tui.service.api import PageRequest
from tests.archive.logs import fill
from tests.archive_files import build
from tests.archive_files.proving import findings, prove
from tests.cli.program import call
from tests.verify import verifiers

TENANTS = ("t1", "t2")


@pytest.fixture
def before(audit_db: str) -> dict[str, list[Event]]:
    """Every row before anything is archived."""
    with psycopg.connect(audit_db) as conn:
        fill(conn, tenants=2, events=240)
        conn.commit()
    return {tenant: build.read_events(audit_db, tenant, (1, 10_000)) for tenant in TENANTS}


def archive(dsn: str, place: Path, until: str) -> None:
    done = call(dsn, "archive", "--before", until, "--to", str(place), "--write", "--requester", "dpo")
    assert done.code == 0, done.err


def test_from_the_log_into_files_and_into_a_copy(
    audit_db: str, before: dict[str, list[Event]], tmp_path: Path
) -> None:
    place = tmp_path / "archives"
    for until in ("2023-04-01", "2023-07-01"):
        archive(audit_db, place, until)
    alone, joined = prove(place), prove(place, dsn=audit_db)
    assert (alone.verdict, findings(alone)) == (Verdict.INTACT, [])
    assert (joined.verdict, findings(joined)) == (Verdict.INTACT, [])
    assert [tenant.first_sequence for tenant in joined.tenants] == [1, 1]
    with psycopg.connect(audit_db) as conn:
        left = dict(
            conn.execute("SELECT tenant_id, min(sequence_number) FROM audit.logs GROUP BY 1").fetchall()
        )
    files = open_archives((place,))
    with open_loaded(open_service, files, alone) as found:
        service = found.target.open()
        try:
            for tenant in TENANTS:
                copied = [e.event for e in service.list_events(PageRequest(tenant, 1, 10_000)).events]
                assert copied == before[tenant][: left[tenant] - 1]
        finally:
            service.close()


def test_both_verifiers_still_agree_on_what_is_left(
    audit_db: str, before: dict[str, list[Event]], tmp_path: Path
) -> None:
    archive(audit_db, tmp_path / "archives", "2023-07-01")
    assert verifiers.sql_says(audit_db, "t1").valid is True
    assert verifiers.report_of(audit_db, tmp_path, "t1").verdict is Verdict.INTACT
