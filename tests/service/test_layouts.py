"""Connecting to what is there: every kind of audit schema, and none."""

from collections.abc import Callable

import psycopg
import pytest

from audit_tui.core.errors import (
    ConnectError,
    NoAuditSchemaError,
    PermissionMissingError,
    UnsupportedSchemaError,
    UsageError,
)
from audit_tui.core.findings import Axis, Kind, Verdict
from audit_tui.core.model import SchemaKind, State
from audit_tui.service.api import AuditService, PageRequest, VerifyRequest
from tests.service.conftest import log_events

Open = Callable[[str], AuditService]


def test_our_schema_is_recognised(audit_db: str, open_service: Open) -> None:
    seen = open_service(audit_db).connection
    assert (seen.schema, seen.schema_version, seen.notes) == (SchemaKind.OURS, 2, ())


@pytest.mark.parametrize("fixture", ["guide_db", "guide_min_db"])
def test_a_guide_schema_is_recognised_and_verified(
    fixture: str, request: pytest.FixtureRequest, open_service: Open
) -> None:
    dsn = request.getfixturevalue(fixture)
    log_events(dsn, "org", 30)
    service = open_service(dsn)
    assert service.connection.schema is SchemaKind.GUIDE
    assert service.connection.can("verify in SQL").allowed is (fixture == "guide_db")
    report = service.verify(VerifyRequest())
    assert report.verdict is Verdict.INTACT
    assert report.tenants[0].finding_counts == {Kind.UNCOVERED_COLUMNS: 1}


def test_no_schema_offers_the_install_command(empty_db: str, open_service: Open) -> None:
    with pytest.raises(NoAuditSchemaError, match="audit-tui install"):
        open_service(empty_db)


def test_an_empty_log_is_intact_and_says_it_holds_nothing(audit_db: str, open_service: Open) -> None:
    service = open_service(audit_db)
    assert service.list_tenants() == ()
    report = service.verify(VerifyRequest())
    assert (report.verdict, report.tenants) == (Verdict.INTACT, ())


def test_select_alone_is_enough_on_a_guide_schema(guide_db: str, open_service: Open) -> None:
    log_events(guide_db, "org", 5)
    dsn = _login(guide_db, "GRANT USAGE ON SCHEMA audit TO {0}", "GRANT SELECT ON audit.logs TO {0}")
    assert open_service(dsn).verify(VerifyRequest()).verdict is Verdict.INTACT


def test_without_select_the_grant_is_named(audit_db: str, open_service: Open) -> None:
    with pytest.raises(PermissionMissingError, match="GRANT audit_reader TO"):
        open_service(_login(audit_db))


def test_without_select_and_without_a_role_for_it_both_grants_are_named(
    guide_db: str, open_service: Open
) -> None:
    _run(guide_db, "REVOKE ALL ON audit.logs FROM audit_reader")
    with pytest.raises(PermissionMissingError, match=r"GRANT USAGE .*GRANT SELECT ON audit\.logs"):
        open_service(_login(guide_db))


def test_a_missing_unsealed_column_is_named_and_read_as_empty(guide_db: str, open_service: Open) -> None:
    log_events(guide_db, "org", 5)
    _run(guide_db, "ALTER TABLE audit.logs DROP COLUMN user_agent, ADD COLUMN shard int DEFAULT 1")
    service = open_service(guide_db)
    assert [note.split(" the column ")[1].split(";")[0] for note in service.connection.notes[:1]] == [
        "user_agent"
    ]
    assert "shard" in service.connection.notes[1]
    assert service.verify(VerifyRequest()).verdict is Verdict.INTACT
    assert service.get_event("org", "3").event.user_agent is None


def test_a_missing_sealed_column_is_never_called_intact(guide_db: str, open_service: Open) -> None:
    log_events(guide_db, "org", 5)
    _run(guide_db, "ALTER TABLE audit.logs DROP COLUMN changes")
    report = open_service(guide_db).verify(VerifyRequest())
    (tenant,) = report.tenants
    assert report.verdict is Verdict.INCONCLUSIVE
    assert tenant.axes[Axis.CONTENT].state is State.NOT_RUN
    assert "changes" in (tenant.axes[Axis.CONTENT].reason or "")
    assert tenant.proven_through is None


def test_a_table_without_a_chain_is_refused_in_one_line(guide_db: str, open_service: Open) -> None:
    _run(guide_db, "ALTER TABLE audit.logs DROP COLUMN previous_hash")
    with pytest.raises(UnsupportedSchemaError, match="previous_hash"):
        open_service(guide_db)


def test_a_view_in_the_tables_place_is_said(guide_db: str, open_service: Open) -> None:
    _run(
        guide_db,
        "ALTER TABLE audit.logs RENAME TO kept",
        "CREATE VIEW audit.logs AS SELECT * FROM audit.kept",
    )
    assert "a view" in open_service(guide_db).connection.notes[0]


def test_rows_without_a_tenant_make_the_run_tampered(audit_db: str, open_service: Open) -> None:
    log_events(audit_db, "org", 5)
    _run(
        audit_db,
        "SET session_replication_role = replica",
        "ALTER TABLE audit.logs DROP CONSTRAINT IF EXISTS logs_pkey",
        "ALTER TABLE audit.logs ALTER COLUMN tenant_id DROP NOT NULL",
        "ALTER TABLE audit.logs DISABLE TRIGGER ALL",
        "UPDATE audit.logs SET tenant_id = NULL WHERE tenant_id = 'org' AND sequence_number = 5",
    )
    report = open_service(audit_db).verify(VerifyRequest())
    assert report.verdict is Verdict.TAMPERED
    assert [(f.kind, f.tenant_id) for f in report.orphans] == [(Kind.CONTENT_MISMATCH, None)]


def test_reading_is_read_only_and_named(audit_db: str, open_service: Open) -> None:
    log_events(audit_db, "org", 5)
    service = open_service(audit_db)
    service.list_events(PageRequest("org", 1))
    with psycopg.connect(audit_db) as conn:
        rows = conn.execute(
            "SELECT application_name, query FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        ).fetchall()
    assert [name for name, _ in rows] == ["audit-tui"]


@pytest.mark.parametrize(
    ("dsn", "error"),
    [
        ("host=/nowhere dbname=x", ConnectError),
        ("postgresql://u:s3cret@127.0.0.1:1/x", ConnectError),
        ("host=s3cret password", UsageError),
        ("postgresql://u:s3cret@host:notaport/x", (UsageError, ConnectError)),
    ],
)
def test_a_bad_dsn_is_one_line_without_its_password(
    dsn: str, error: type[Exception], open_service: Open
) -> None:
    with pytest.raises(error) as caught:
        open_service(dsn)
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def _run(dsn: str, *statements: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as conn:
        for statement in statements:
            conn.execute(statement.encode())


def _login(dsn: str, *grants: str) -> str:
    """A fresh login role with these grants alone; returns the DSN for it."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        row = conn.execute("SELECT 'analyst_' || replace(gen_random_uuid()::text, '-', '')").fetchone()
        assert row is not None
        conn.execute(f"CREATE ROLE {row[0]} LOGIN".encode())
        for grant in grants:
            conn.execute(grant.format(row[0]).encode())
    return psycopg.conninfo.make_conninfo(dsn, user=row[0])
