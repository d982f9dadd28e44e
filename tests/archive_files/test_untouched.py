"""Archives as they were written: what they prove by themselves, together, and beside the log."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from audit_tui.core.findings import Axis, Verdict
from audit_tui.core.model import State
from tests.archive_files.conftest import Archived
from tests.archive_files.proving import findings, places, prove, told
from tests.verify.chains import ACME, OTHER


def test_both_archives_prove_their_events_from_the_files_alone(archived: Archived) -> None:
    report = prove(archived.place)
    assert (report.verdict, findings(report)) == (Verdict.INTACT, [])
    acme, other = report.tenants
    assert (acme.tenant_id, acme.events, acme.first_sequence, acme.last_sequence) == (ACME, 20, 1, 20)
    assert (other.tenant_id, other.events, other.last_sequence) == (OTHER, 3, 3)
    assert acme.axes[Axis.WITNESS].state is State.NOT_RUN
    assert "only the chain vouches for" in report.claim + acme.claim


def test_beside_the_log_one_report_covers_the_whole_chain(archived: Archived) -> None:
    report = prove(archived.place, dsn=archived.dsn)
    assert (report.verdict, findings(report)) == (Verdict.INTACT, [])
    acme = next(tenant for tenant in report.tenants if tenant.tenant_id == ACME)
    assert (acme.events, acme.first_sequence, acme.last_sequence) == (28, 1, 28)
    assert acme.boundary is not None
    assert acme.boundary.last_sequence == 20
    assert acme.proven_through == 28
    assert "recorded by the chain" in acme.claim


def test_the_first_archive_alone(archived: Archived) -> None:
    report = prove(archived.january)
    assert (report.verdict, findings(report)) == (Verdict.INTACT, [])


def test_a_later_archive_alone_cannot_say_what_came_before_it(archived: Archived) -> None:
    report = prove(archived.february)
    assert (report.verdict, findings(report)) == (Verdict.INCONCLUSIVE, [])
    genesis = report.tenants[0].axes[Axis.GENESIS]
    assert genesis.state is State.NOT_RUN
    assert "begins at event 11" in (genesis.reason or "")
    assert report.tenants[0].axes[Axis.CONTENT].state is State.OK


def test_a_missing_archive_is_named_and_accuses_nobody(archived: Archived) -> None:
    report = prove(archived.january, dsn=archived.dsn)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert places(report) == [("archive_mismatch", 11, 20)]
    assert "20260301T030000Z-0000000b" in told(report)


def test_the_same_archive_given_twice_counts_once(archived: Archived, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(archived.january, copy)
    report = prove(archived.january, copy)
    assert report.verdict is Verdict.INTACT
    assert sum(tenant.events for tenant in report.tenants) == 13
    assert "given twice" in report.claim


def test_one_tenant_of_several(archived: Archived) -> None:
    assert [tenant.tenant_id for tenant in prove(archived.place, tenants=(OTHER,)).tenants] == [OTHER]


def test_a_file_that_cannot_be_read_accuses_nobody(
    archived: Archived, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader's own rights, or its disk: root may read anything, so the refusal is put in its way."""
    real = os.open

    def refuse(path: Path, flags: int) -> int:
        if Path(path).name == "0001-0002.ndjson.gz":
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, flags)

    monkeypatch.setattr("audit_tui.store.archive_reader.os.open", refuse)
    report = prove(archived.january)
    assert report.verdict is Verdict.INCONCLUSIVE
    acme, other = report.tenants
    assert "0001-0002.ndjson.gz of archive" in (acme.axes[Axis.CONTENT].reason or "")
    assert acme.proven_through == 4
    assert other.verdict is Verdict.INTACT
