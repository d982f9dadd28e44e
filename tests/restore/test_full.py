"""pg_dump and pg_restore of everything: what arrives is the same log, whole, watched, and it goes on."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from audit_tui.core.findings import Axis, Kind, Severity, Verdict
from audit_tui.core.model import State
from audit_tui.service.api import VerifyRequest
from audit_tui.store.install import install
from tests.restore.conftest import Open, log_rich
from tests.restore.programs import Programs, everything
from tests.schema.events import chain

TRIGGERS = """
SELECT c.relname, t.tgname, t.tgenabled::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'audit'::regnamespace AND (NOT t.tgisinternal OR t.tgparentid <> 0)
UNION ALL SELECT evtname, evtevent, evtenabled::text FROM pg_event_trigger ORDER BY 1, 2
"""
VERIFIED = """
SELECT t.id, v.is_valid FROM (VALUES ('t1'), ('t2'), ('_audit')) AS t (id), audit.verify_chain(t.id) v
"""


def moved(programs: Programs, source: str, target: str, tmp_path: Path) -> None:
    """Move a log: the roles first, then the database."""
    programs.copy_roles(source, target)
    assert programs.restore(target, programs.dump(source, tmp_path / "log.dump")) == ""


def test_a_whole_restore_is_the_same_log(
    programs: Programs, source: str, target: str, tmp_path: Path
) -> None:
    moved(programs, source, target, tmp_path)
    for table, order in (("audit.logs", "tenant_id, sequence_number"), ("audit.chains", "tenant_id"),
                         ("audit.schema_info", "version")):  # fmt: skip
        assert everything(source, table, order) == everything(target, table, order)
    with psycopg.connect(source) as before, psycopg.connect(target, autocommit=True) as after:
        assert after.execute(TRIGGERS).fetchall() == before.execute(TRIGGERS).fetchall()
        assert after.execute(VERIFIED).fetchall() == [("t1", True), ("t2", True), ("_audit", True)]
        assert install(after).changed is False


@pytest.fixture
def address() -> Iterator[Path]:
    """A folder that stands for a server's address: it can lead to one server and later to another."""
    folder = Path(tempfile.mkdtemp(prefix="at"))
    yield folder / "s"
    shutil.rmtree(folder)


def reached_by(address: Path, dsn: str) -> str:
    """Let the address lead to the server of this DSN; return the DSN that goes by the address."""
    address.unlink(missing_ok=True)
    address.symlink_to(str(conninfo_to_dict(dsn)["host"]))
    return make_conninfo(dsn, host=str(address))


@pytest.mark.parametrize("source_server", ["older"], indirect=True)
def test_the_witness_knows_the_log_again(
    programs: Programs, source: str, target: str, tmp_path: Path, open_service: Open, address: Path
) -> None:
    """The same address, another server: the witness says so once, and goes on from there."""
    assert open_service(reached_by(address, source)).verify(VerifyRequest()).verdict is Verdict.INTACT
    moved(programs, source, target, tmp_path)
    report = open_service(reached_by(address, target)).verify(VerifyRequest())
    assert report.verdict is Verdict.INTACT
    for tenant in report.tenants:
        assert tenant.axes[Axis.WITNESS].state is State.OK
        assert [(f.kind, f.severity) for f in tenant.findings] == [(Kind.LOG_REPLACED, Severity.NOTICE)]
    assert open_service(reached_by(address, target)).compare_witnesses() == ()


def test_logging_goes_on_where_it_stopped(
    programs: Programs, source: str, target: str, tmp_path: Path
) -> None:
    moved(programs, source, target, tmp_path)
    with psycopg.connect(target, autocommit=True) as after:
        known = chain(after)[0]
        log_rich(after, "t1", 1)
        after.execute("ALTER TABLE audit.chains SET (fillfactor = 60)")
        assert chain(after) == (known + 1, True)
        assert chain(after, "_audit") == (3, True)
        highest = after.execute("SELECT count(*), count(DISTINCT id) FROM audit.logs").fetchone()
        assert highest is not None
        assert highest[0] == highest[1]


def test_a_log_whose_locks_were_left_behind_chains_all_the_same(
    programs: Programs, source: str, target: str, tmp_path: Path
) -> None:
    programs.copy_roles(source, target)
    dump = programs.dump(source, tmp_path / "log.dump", "--exclude-table-data=audit.chains")
    assert programs.restore(target, dump) == ""
    with psycopg.connect(target, autocommit=True) as after:
        known = chain(after)[0]
        log_rich(after, "t1", 1)
        assert chain(after) == (known + 1, True)


@pytest.mark.parametrize("layout", ["plain"], indirect=True)
def test_a_restore_over_the_log_that_is_there(
    programs: Programs, source: str, target: str, tmp_path: Path
) -> None:
    """Of partitions pg_restore --clean drops each inherited key by itself, which PostgreSQL refuses."""
    moved(programs, source, target, tmp_path)
    assert programs.restore(target, tmp_path / "log.dump", "--clean") == ""
    assert everything(source) == everything(target)


def test_a_restore_in_the_place_of_the_log_that_was_there(
    programs: Programs, source: str, target: str, tmp_path: Path
) -> None:
    moved(programs, source, target, tmp_path)
    with psycopg.connect(target) as conn:
        conn.execute("DROP SCHEMA audit CASCADE")
    assert programs.restore(target, tmp_path / "log.dump") == ""
    assert everything(source) == everything(target)


def test_a_restore_with_many_hands(programs: Programs, source: str, target: str, tmp_path: Path) -> None:
    programs.copy_roles(source, target)
    assert programs.restore(target, programs.dump(source, tmp_path / "log.dump"), "-j", "3") == ""
    assert everything(source) == everything(target)
