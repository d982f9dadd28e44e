"""Archives beside the log: where they meet, what the log remembers, and witnesses older than the boundary."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from audit_tui.bootstrap import open_archives, open_service
from audit_tui.core.archive.lines import event_to_line, line_to_event
from audit_tui.core.findings import Axis, Report, TenantReport, Verdict, VerifyStatus
from audit_tui.core.model import State
from audit_tui.embedded import tamper
from audit_tui.service.api import AuditService, VerifyRequest
from tests.archive_files import build
from tests.archive_files.build import JANUARY
from tests.archive_files.conftest import Archived, fill
from tests.archive_files.proving import findings, places, prove, told
from tests.verify import chains
from tests.verify.chains import ACME, OTHER


@pytest.fixture
def full(audit_db: str) -> str:
    """The log of 26 events of acme before anything is archived."""
    with psycopg.connect(audit_db) as conn:
        fill(conn)
    return audit_db


def archive(dsn: str, place: Path, last: int = 10) -> Path:
    return build.write(place, JANUARY, [(ACME, [], build.read_events(dsn, ACME, (1, last)))])


def acme_of(report: Report) -> TenantReport:
    return next(tenant for tenant in report.tenants if tenant.tenant_id == ACME)


def verify(dsn: str) -> Report:
    service = open_service(dsn)
    try:
        return service.verify(VerifyRequest())
    finally:
        service.close()


def test_written_and_recorded_but_not_removed(full: str, tmp_path: Path) -> None:
    folder = archive(full, tmp_path)
    with psycopg.connect(full) as conn:
        build.record(conn, folder, event_id="evt_r", remove=False)
    report = prove(folder, dsn=full)
    assert (report.verdict, findings(report)) == (Verdict.INTACT, [])


def test_written_but_never_recorded_while_the_events_are_still_there(full: str, tmp_path: Path) -> None:
    report = prove(archive(full, tmp_path), dsn=full)
    assert report.verdict is Verdict.INTACT
    notices = [f.message for f in acme_of(report).findings]
    assert len(notices) == 1
    assert "never recorded" in notices[0]


def test_the_log_was_changed_after_it_was_archived_and_before_it_was_removed(
    full: str, tmp_path: Path
) -> None:
    folder = archive(full, tmp_path)
    with psycopg.connect(full) as conn:
        build.record(conn, folder, event_id="evt_r", remove=False)
        tamper.edit_field(conn, ACME, 4, "actor_id", "usr_x")
        tamper.rehash_from(conn, ACME, 4)
        conn.commit()
    report = prove(folder, dsn=full)
    assert report.verdict is Verdict.TAMPERED
    assert ("archive_mismatch", 10, 10) in places(report)
    assert "in archive" in told(report)


def test_a_rewritten_beginning_of_the_log_does_not_fit_the_archive(archived: Archived) -> None:
    with psycopg.connect(archived.dsn) as conn:
        tamper.edit_field(conn, ACME, 21, "previous_hash", "f" * 64)
        tamper.rehash_from(conn, ACME, 21)
        conn.commit()
    report = prove(archived.place, dsn=archived.dsn)
    assert report.verdict is Verdict.TAMPERED
    assert ("archive_mismatch", 20, 20) in places(report)
    assert ("genesis_mismatch", 21, 21) in places(report)


def test_a_tenant_that_vanished_from_the_log(archived: Archived) -> None:
    with psycopg.connect(archived.dsn) as conn:
        tamper.remove_tenant(conn, OTHER)
        conn.commit()
    report = prove(archived.place, dsn=archived.dsn)
    assert report.verdict is Verdict.TAMPERED
    assert "The log holds no event of tenant other, though archiving leaves the head" in told(report)


def test_another_log_than_the_archived_one(archived: Archived, audit_db: str) -> None:
    path = archived.january / "manifest.json"
    build.write_document(path, json.loads(path.read_bytes()) | {"log_id": "11111111-2222"})
    report = prove(archived.january, dsn=audit_db)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "by their log ids this is another log" in told(report)


def test_only_the_tenants_asked_for(archived: Archived) -> None:
    report = prove(archived.place, dsn=archived.dsn, tenants=(OTHER,))
    assert [tenant.tenant_id for tenant in report.tenants] == [OTHER]


def test_a_tenant_that_no_archive_holds_is_checked_in_the_log(archived: Archived) -> None:
    with psycopg.connect(archived.dsn) as conn:
        chains.append(conn, "user.created", {}, "third", event_id="evt_third1")
        conn.commit()
    report = prove(archived.place, dsn=archived.dsn)
    assert [tenant.tenant_id for tenant in report.tenants] == [ACME, OTHER, "third"]
    assert report.verdict is Verdict.INTACT


class Meanwhile:
    """The log's service, during whose first look at an event something happens to the log."""

    def __init__(self, service: AuditService, happens: Callable[[], None]) -> None:
        self._service, self._happens = service, [happens]

    def __getattr__(self, name: str) -> Any:
        if name == "get_event" and self._happens:
            self._happens.pop()()
        return getattr(self._service, name)


def test_an_archiver_that_removes_meanwhile_is_no_alarm(full: str, tmp_path: Path) -> None:
    folder = archive(full, tmp_path)

    def remove() -> None:
        with psycopg.connect(full) as conn:
            build.record(conn, folder, event_id="evt_r")

    service = open_service(full)
    try:
        report = open_archives((folder,)).verify(live=Meanwhile(service, remove))  # type: ignore[arg-type]
    finally:
        service.close()
    assert (report.verdict, findings(report)) == (Verdict.INTACT, [])
    assert acme_of(report).boundary is not None


class TestWitnesses:
    """A head that was remembered when it still stood in the log, and now stands in an archive."""

    @pytest.fixture
    def witnessed(self, audit_db: str, tmp_path: Path) -> tuple[str, Path]:
        with psycopg.connect(audit_db) as conn:
            chains.build_ours(conn)
        assert verify(audit_db).verdict is Verdict.INTACT  # the witness is at 12
        with psycopg.connect(audit_db) as conn:
            for number in range(13, 21):
                chains.append(conn, "user.updated", {}, ACME, event_id=f"evt_n{number}")
            conn.commit()
        folder = archive(audit_db, tmp_path / "archives", 16)
        with psycopg.connect(audit_db) as conn:
            build.record(conn, folder, event_id="evt_r")
        return audit_db, folder

    def test_without_the_archive_it_cannot_be_decided(self, witnessed: tuple[str, Path]) -> None:
        dsn, _ = witnessed
        acme = acme_of(verify(dsn))
        assert acme.verdict is Verdict.INCONCLUSIVE
        assert acme.axes[Axis.WITNESS].state is State.INCONCLUSIVE

    def test_the_archive_decides_it_and_a_newer_one_is_remembered(self, witnessed: tuple[str, Path]) -> None:
        dsn, folder = witnessed
        acme = acme_of(prove(folder, dsn=dsn))
        assert (acme.verdict, acme.axes[Axis.WITNESS].state) == (Verdict.INTACT, State.OK)
        assert verify(dsn).verdict is Verdict.INTACT

    def test_a_chain_that_was_rewritten_before_it_was_archived(self, audit_db: str, tmp_path: Path) -> None:
        with psycopg.connect(audit_db) as conn:
            chains.build_ours(conn)
        verify(audit_db)
        with psycopg.connect(audit_db) as conn:
            tamper.edit_field(conn, ACME, 5, "actor_id", "usr_x")
            tamper.rehash_from(conn, ACME, 5)
            for number in range(13, 21):
                chains.append(conn, "user.updated", {}, ACME, event_id=f"evt_n{number}")
            conn.commit()
        folder = archive(audit_db, tmp_path / "archives", 16)
        with psycopg.connect(audit_db) as conn:
            build.record(conn, folder, event_id="evt_r")
        report = prove(folder, dsn=audit_db)
        assert report.verdict is Verdict.TAMPERED
        assert places(report) == [("head_rewritten", 12, 12)]

    def test_damaged_files_decide_nothing(self, witnessed: tuple[str, Path]) -> None:
        dsn, folder = witnessed
        (folder / "0001-0001.ndjson.gz").unlink()
        report = prove(folder, dsn=dsn)
        assert report.verdict is Verdict.TAMPERED
        assert Counter(kind for kind, *_ in places(report)) == {"archive_mismatch": 1}

    def test_a_forged_archive_does_not_make_the_log_look_rewritten(self, witnessed: tuple[str, Path]) -> None:
        dsn, folder = witnessed
        name = "0001-0003.ndjson.gz"
        lines = build.lines_of(folder / name)
        event = line_to_event(lines[3])
        assert event.sequence_number == 12
        lines[3] = event_to_line(event._replace(event_hash="f" * 64))
        build.write_lines(folder, name, lines, 9)
        build.list_as_it_is(folder, name)
        report = prove(folder, dsn=dsn)
        assert report.verdict is Verdict.TAMPERED
        assert "head_rewritten" not in {kind for kind, *_ in places(report)}


class Pressed:
    """A cancel flag that is set from the start."""

    def is_set(self) -> bool:
        return True


def test_a_check_that_was_cancelled_concludes_nothing(
    archived: Archived, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit_tui.service.live.archived.LOOK_EVERY", 4)
    report = open_archives((archived.place,)).verify(cancel=Pressed())
    assert report.verdict is Verdict.INCONCLUSIVE
    assert {tenant.verdict for tenant in report.tenants} == {Verdict.INCONCLUSIVE}
    assert "interrupted" in report.claim


def test_statuses_count_the_events_of_the_files(archived: Archived) -> None:
    seen: list[VerifyStatus] = []
    open_archives((archived.place,)).verify(on_status=seen.append)
    assert (seen[-1].events_done, seen[-1].events_total, seen[-1].tenants_total) == (23, 23, 2)
