"""What only a memory outside the database can see: cut tails, rewritten chains, vanished tenants."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from audit_tui.core.findings import Axis, Kind, Report, StoryKind, Verdict, VerifyStatus
from audit_tui.core.model import State
from audit_tui.embedded import tamper
from audit_tui.service.api import AuditService, VerifyRequest
from tests.service.conftest import log_events

Open = Callable[[str], AuditService]


@pytest.fixture
def witnessed(audit_db: str, open_service: Open) -> str:
    """A log of two tenants after its first complete check."""
    log_events(audit_db, "org_a", 20)
    log_events(audit_db, "org_b", 10)
    report = open_service(audit_db).verify(VerifyRequest())
    assert report.verdict is Verdict.INTACT
    assert {t.axes[Axis.WITNESS].state for t in report.tenants} == {State.NOT_RUN}
    return audit_db


def check(dsn: str, open_service: Open) -> Report:
    return open_service(dsn).verify(VerifyRequest(continuity=False))


def attack(dsn: str, action: Callable[[psycopg.Connection], object]) -> None:
    with psycopg.connect(dsn) as conn:
        action(conn)


def kinds(report: Report) -> dict[str, list[tuple[Kind, int | None, int | None]]]:
    return {
        t.tenant_id: [(f.kind, f.first_sequence, f.last_sequence) for f in t.findings] for t in report.tenants
    }


def test_an_unchanged_log_agrees_with_its_witness(witnessed: str, open_service: Open) -> None:
    log_events(witnessed, "org_a", 5)
    report = check(witnessed, open_service)
    assert report.verdict is Verdict.INTACT
    assert {t.axes[Axis.WITNESS].state for t in report.tenants} == {State.OK}
    assert "compared with the witness" in report.tenants[0].claim


def test_a_cut_tail_is_found(witnessed: str, open_service: Open) -> None:
    attack(witnessed, lambda conn: tamper.cut_tail(conn, "org_a", 15))
    report = check(witnessed, open_service)
    assert kinds(report) == {"org_a": [(Kind.HEAD_REWOUND, 15, 20)], "org_b": []}
    assert [s.kind for s in report.tenants[0].stories] == [StoryKind.TAIL_CUT]
    assert "backup" in (report.tenants[0].stories[0].alternative or "")


def test_a_rewritten_chain_is_found_and_nothing_of_it_called_proven(
    witnessed: str, open_service: Open
) -> None:
    def rewrite(conn: psycopg.Connection) -> None:
        tamper.edit_field(conn, "org_a", 7, "actor_id", "usr_else")
        tamper.rehash_from(conn, "org_a", 7)

    attack(witnessed, rewrite)
    report = check(witnessed, open_service)
    assert kinds(report)["org_a"] == [(Kind.HEAD_REWRITTEN, 20, 20)]
    assert report.tenants[0].proven_through is None


def test_a_vanished_tenant_is_found(witnessed: str, open_service: Open) -> None:
    attack(witnessed, lambda conn: tamper.remove_tenant(conn, "org_b"))
    report = check(witnessed, open_service)
    assert kinds(report) == {"org_a": [], "org_b": [(Kind.TENANT_MISSING, 1, 10)]}
    assert report.verdict is Verdict.TAMPERED
    one = open_service(witnessed).verify(VerifyRequest(tenants=("org_b",)))
    assert one.verdict is Verdict.TAMPERED


def test_the_glance_at_connect_sees_the_same(witnessed: str, open_service: Open) -> None:
    attack(witnessed, lambda conn: tamper.cut_tail(conn, "org_a", 15))
    attack(witnessed, lambda conn: tamper.remove_tenant(conn, "org_b"))
    found = open_service(witnessed).compare_witnesses()
    assert [(f.tenant_id, f.kind) for f in found] == [
        ("org_a", Kind.HEAD_REWOUND), ("org_b", Kind.TENANT_MISSING),
    ]  # fmt: skip


def test_a_failed_check_overwrites_no_witness(witnessed: str, open_service: Open) -> None:
    attack(witnessed, lambda conn: tamper.cut_tail(conn, "org_a", 15))
    before = open_service(witnessed).list_witnesses()
    check(witnessed, open_service)
    assert [w for w in open_service(witnessed).list_witnesses() if w.tenant_id == "org_a"] == [
        w for w in before if w.tenant_id == "org_a"
    ]
    assert kinds(check(witnessed, open_service))["org_a"] == [(Kind.HEAD_REWOUND, 15, 20)]


def test_another_log_under_the_same_name_is_not_called_tampered(witnessed: str, open_service: Open) -> None:
    attack(witnessed, lambda conn: conn.execute("UPDATE audit.schema_info SET log_id = gen_random_uuid()"))
    report = check(witnessed, open_service)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert Kind.LOG_REPLACED in report.tenants[0].finding_counts


def test_a_check_stands_even_where_it_cannot_be_remembered(
    audit_db: str, tmp_path: Path, open_service: Open
) -> None:
    log_events(audit_db, "org", 5)

    def spoil(_status: VerifyStatus) -> None:
        (tmp_path / "witness").mkdir(exist_ok=True)
        (tmp_path / "witness" / "witnesses").write_text("a file in the folder's place")

    report = open_service(audit_db).verify(VerifyRequest(), spoil)
    assert report.verdict is Verdict.INTACT
    assert "could not be remembered" in report.claim


def test_a_witness_cut_short_by_a_crash_is_said(witnessed: str, tmp_path: Path, open_service: Open) -> None:
    (file,) = (tmp_path / "witness" / "witnesses").iterdir()
    with file.open("ab") as handle:
        handle.write(b'{"format": "audit-tui/wit')
    report = check(witnessed, open_service)
    assert report.verdict is Verdict.INTACT
    assert "cut short" in report.claim
