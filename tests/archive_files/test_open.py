"""`open`: archives in a throwaway PostgreSQL, bit for bit, and what its screens can say about them."""

import io
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from audit_tui.bootstrap import open_archives, open_service
from audit_tui.cli.open import is_wanted
from audit_tui.core.archive.lines import line_to_event
from audit_tui.core.errors import AuditError
from audit_tui.core.findings import Axis, Report, Verdict
from audit_tui.core.model import Event, State
from audit_tui.embedded.opened import OpenedArchives, open_loaded
from audit_tui.service.api import AuditService, PageRequest, VerifyRequest
from tests.archive_files import build
from tests.archive_files.conftest import Archived
from tests.archive_files.proving import prove
from tests.archive_files.test_tampered_files import SECOND, edited, rewrite
from tests.cli.program import COMMAND, run
from tests.verify.chains import ACME, OTHER


@contextmanager
def opened(*places: Path) -> Iterator[tuple[OpenedArchives, AuditService]]:
    files = open_archives(places)
    with open_loaded(open_service, files, files.verify()) as found:
        service = found.target.open()
        try:
            yield found, service
        finally:
            service.close()


def check(service: AuditService) -> Report:
    return service.verify(VerifyRequest(record_witness=False))


def page(service: AuditService, tenant: str, first: int) -> list[Event]:
    return [each.event for each in service.list_events(PageRequest(tenant, first, 100)).events]


def events_of(folder: Path, number: int = 0) -> list[Event]:
    tenant = build.manifest_of(folder).tenants[number]
    return [line_to_event(line) for file in tenant.files for line in build.lines_of(folder / file.name)]


def test_every_row_is_the_archived_one_bit_for_bit(archived: Archived) -> None:
    with opened(archived.place) as (found, service):
        assert found.loaded.events == 23
        assert page(service, ACME, 1) == events_of(archived.january) + events_of(archived.february)
        assert page(service, OTHER, 1) == events_of(archived.january, 1)
        report = check(service)
        assert (report.verdict, [t.proven_through for t in report.tenants]) == (Verdict.INTACT, [20, 3])
        folder = Path(psycopg.conninfo.conninfo_to_dict(found.dsn)["host"]).parent
        assert folder.exists()
    assert not folder.exists()


def test_the_copy_cannot_be_written(archived: Archived) -> None:
    refused = pytest.raises(psycopg.errors.ReadOnlySqlTransaction)
    with opened(archived.january) as (found, _), psycopg.connect(found.dsn) as conn, refused:
        conn.execute("DELETE FROM audit.logs")


def test_a_later_archive_begins_where_it_begins(archived: Archived) -> None:
    with opened(archived.february) as (_, service):
        report = check(service)
        (acme,) = report.tenants
        assert (acme.verdict, acme.findings, acme.first_sequence) == (Verdict.INCONCLUSIVE, (), 11)
        assert acme.axes[Axis.GENESIS].state is State.NOT_RUN
        assert "begins at event 11" in acme.claim
        assert service.reproduce_command(ACME).endswith(
            f"verify --archive {archived.february} --tenant {ACME}"
        )


def test_a_stretch_between_archives_that_is_not_there(archived: Archived) -> None:
    acme = build.read_events(archived.dsn, ACME, (21, 28))
    before = events_of(archived.january) + events_of(archived.february)
    build.write(archived.place, build.MARCH, [(ACME, before, acme[:5])])
    with opened(archived.january, archived.place / build.MARCH) as (found, service):
        assert [f.first_sequence for t in found.report.tenants for f in t.findings] == [11]
        report = check(service)
        acme_now = next(tenant for tenant in report.tenants if tenant.tenant_id == ACME)
        assert (acme_now.verdict, acme_now.findings) == (Verdict.INCONCLUSIVE, ())
        assert "events 11 to 20 lie in none of the archives" in (acme_now.axes[Axis.SEQUENCE].reason or "")


def test_what_can_be_read_of_a_damaged_archive_is_opened(archived: Archived) -> None:
    second = archived.january / "0001-0002.ndjson.gz"
    second.write_bytes(second.read_bytes()[:-20])
    with opened(archived.january) as (found, service):
        assert found.report.verdict is Verdict.TAMPERED
        assert "damaged" in found.target.name
        assert "damaged" in service.connection.name
        report = check(service)
        assert report.verdict is Verdict.TAMPERED
        kinds = {str(f.kind) for t in report.tenants if t.tenant_id == ACME for f in t.findings}
        assert kinds == {"sequence_gap"}


def test_an_archive_without_a_manifest_is_opened_by_its_files(archived: Archived) -> None:
    (archived.january / "manifest.json").unlink()
    with opened(archived.january) as (found, service):
        assert found.loaded.events == 13
        assert check(service).verdict is Verdict.INTACT
        assert found.report.verdict is Verdict.TAMPERED


def test_what_no_table_can_hold_is_left_out_and_named(archived: Archived) -> None:
    lines = build.lines_of(archived.january / SECOND)
    lines = edited(lines, 0, b"203.0.113.", b"999.0.113.") if b"203.0.113." in lines[0] else lines
    rewrite(archived.january, SECOND, edited(lines, 1, b'"user.updated"', b"null"), listed=True)
    with opened(archived.january) as (found, _):
        assert found.loaded.refused == 1
        assert found.loaded.events == 12
        tenant, sequence, why = found.loaded.reasons[0]
        assert (tenant, sequence) == (ACME, 5)
        assert "inet" in why


def test_events_that_two_archives_hold_are_loaded_once(archived: Archived) -> None:
    acme = events_of(archived.january)
    build.write(archived.place, build.MARCH, [(ACME, acme[:4], acme[4:])])
    with opened(archived.place) as (found, service):
        assert (found.loaded.events, found.loaded.doubled) == (23, 6)
        assert check(service).verdict is Verdict.INTACT


def test_nothing_readable_is_nothing_to_open(archived: Archived) -> None:
    for path in archived.february.glob("*.gz"):
        path.write_bytes(b"")
    files = open_archives((archived.february,))
    with pytest.raises(AuditError, match="nothing to open"), open_loaded(open_service, files, files.verify()):
        pass


def test_the_command_on_nothing_readable_shows_what_is_wrong(archived: Archived) -> None:
    for path in archived.february.glob("*.gz"):
        path.write_bytes(b"")
    done = run("open", str(archived.february))
    assert done.code == 1
    assert done.out.startswith("✗ 1 of 1 tenant is tampered with.")
    assert done.err.endswith("so there is nothing to open\n")


def test_the_command_without_a_terminal(archived: Archived) -> None:
    done = run("open", str(archived.place))
    assert done.code == 0
    assert "All 2 tenants are intact." in done.out
    assert "Loaded 23 events into a throwaway PostgreSQL: All 2 tenants are intact." in done.out
    assert done.err.splitlines() == [
        "starting a throwaway PostgreSQL ...",
        "loading 23 events of 2 archives ...",
    ]


def test_the_command_on_a_damaged_archive(archived: Archived) -> None:
    (archived.january / "0001-0001.ndjson.gz").unlink()
    done = run("open", str(archived.january))
    assert done.code == 1
    assert "File 0001-0001.ndjson.gz" in done.out
    assert "Loaded 9 events" in done.out


def test_before_a_damaged_archive_opens_on_screen_it_is_said_whose_events_are_concerned(
    archived: Archived, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (archived.january / "0001-0001.ndjson.gz").unlink()
    report = prove(archived.january)
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert is_wanted(report)
    out = capsys.readouterr().out
    assert out.startswith("✗ 1 of 2 tenants is tampered with.\n")
    assert f"  {ACME}: File 0001-0001.ndjson.gz of archive {build.JANUARY} is missing." in out
    assert out.endswith("Enter opens what can be read of it, Ctrl-C leaves.\n")
    assert not is_wanted(report)


def test_the_command_on_what_is_no_archive(tmp_path: Path) -> None:
    done = run("open", str(tmp_path))
    assert done.code == 2
    assert done.complaint.startswith("audit-tui: there is no archive in")


@pytest.mark.parametrize("word", [signal.SIGINT, signal.SIGTERM])
def test_ended_while_it_works_it_leaves_nothing(
    archived: Archived, tmp_path: Path, word: signal.Signals
) -> None:
    before = {path.name: path.read_bytes() for path in archived.january.iterdir()}
    place = tmp_path / "temporary"
    place.mkdir()
    place.chmod(0o755)
    process = subprocess.Popen(
        [*COMMAND, "open", str(archived.january)],
        env={**os.environ, "TMPDIR": str(place)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "starting a throwaway PostgreSQL ...\n"
    process.send_signal(word)
    _, said = process.communicate(timeout=60)
    assert process.returncode in (3, -signal.SIGTERM, 128 + signal.SIGTERM)
    assert "Traceback" not in said
    assert list(place.iterdir()) == []
    assert {path.name: path.read_bytes() for path in archived.january.iterdir()} == before
