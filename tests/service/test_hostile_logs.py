"""Logs that are odd or damaged: no false alarm, and one bad row hides no other."""

import json
from collections.abc import Callable

import psycopg
import pytest

from audit_tui.core.errors import UnsupportedSchemaError, UsageError
from audit_tui.core.findings import Axis, Kind, Verdict
from audit_tui.core.model import State
from audit_tui.embedded import tamper
from audit_tui.embedded.guide import install_guide
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.embedded.tamper_guard import unguarded
from audit_tui.service.api import AuditService, PageRequest, VerifyRequest
from audit_tui.store.connect import parse_dsn
from tests.service.conftest import log_events

Open = Callable[[str], AuditService]


def spoil(conn: psycopg.Connection, assignment: str, where: str) -> None:
    """Writes bytes that are no valid text, as only a superuser can: by a cast that checks nothing."""
    conn.execute("CREATE CAST (bytea AS text) WITHOUT FUNCTION")
    with unguarded(conn):
        conn.execute(f"UPDATE audit.logs SET {assignment} WHERE {where}".encode())


def test_a_guide_log_in_another_encoding_is_no_alarm(server: EmbeddedServer, open_service: Open) -> None:
    name = "latin_one"
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as conn:
        conn.execute(
            "CREATE DATABASE latin_one TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
        )
    try:
        dsn = server.dsn(name)
        with psycopg.connect(dsn, client_encoding="utf8") as conn:
            install_guide(conn)
            conn.execute(
                "SELECT audit.log_event('user.updated', 'org', 'user', 'usr_1', NULL, NULL, 'user', 'café',"
                ' NULL, NULL, \'{"name": {"old": "Zoë", "new": "Zoé"}}\')'
            )
        service = open_service(dsn)
        report = service.verify(VerifyRequest())
        assert (report.verdict, report.tenants[0].finding_counts) == (
            Verdict.INTACT, {Kind.UNCOVERED_COLUMNS: 1},
        )  # fmt: skip
        assert service.get_event("org", "1").check.content is State.OK
        service.close()
    finally:
        server.drop_database(name)


def test_text_that_is_not_valid_hides_no_other_event(audit_db: str, open_service: Open) -> None:
    log_events(audit_db, "org", 12)
    with psycopg.connect(audit_db) as conn:
        tamper.edit_field(conn, "org", 3, "actor_id", "usr_evil")
        spoil(conn, r"user_agent = '\xff41'::bytea::text", "sequence_number = 5")
    service = open_service(audit_db)
    (tenant,) = service.verify(VerifyRequest()).tenants
    assert [(f.kind, f.first_sequence) for f in tenant.findings] == [
        (Kind.CONTENT_MISMATCH, 3), (Kind.UNREADABLE_EVENT, 5),
    ]  # fmt: skip
    assert tenant.verdict is Verdict.TAMPERED
    contents = {
        c.event.sequence_number: c.check.content for c in service.list_events(PageRequest("org", 1)).events
    }
    assert contents[5] is State.INCONCLUSIVE
    assert contents[6] is State.OK


def test_nothing_is_proven_beyond_an_event_that_cannot_be_read(audit_db: str, open_service: Open) -> None:
    log_events(audit_db, "org", 12)
    with psycopg.connect(audit_db) as conn:
        spoil(conn, r"user_agent = '\xff41'::bytea::text", "sequence_number = 5")
    (tenant,) = open_service(audit_db).verify(VerifyRequest()).tenants
    assert (tenant.verdict, tenant.proven_through) == (Verdict.INCONCLUSIVE, 4)
    assert "1 event could not be read" in tenant.claim


def test_an_unreadable_vouching_event_stops_no_other_tenant(audit_db: str, open_service: Open) -> None:
    log_events(audit_db, "org_a", 3)
    log_events(audit_db, "org_b", 3)
    with psycopg.connect(audit_db) as conn:
        spoil(
            conn,
            r"event_type = 'audit.erased', user_agent = '\xff41'::bytea::text",
            "tenant_id = 'org_a' AND sequence_number = 2",
        )
        tamper.edit_field(conn, "org_b", 2, "actor_id", "usr_evil")
    first, second = open_service(audit_db).verify(VerifyRequest()).tenants
    assert Kind.UNREADABLE_EVENT in first.finding_counts
    assert second.finding_counts == {Kind.CONTENT_MISMATCH: 1}


def test_a_tenant_whose_name_is_not_valid_is_named_as_tampering(audit_db: str, open_service: Open) -> None:
    log_events(audit_db, "org_a", 3)
    log_events(audit_db, "org_b", 3)
    with psycopg.connect(audit_db) as conn:
        spoil(conn, r"tenant_id = '\xff41'::bytea::text", "tenant_id = 'org_b'")
    service = open_service(audit_db)
    report = service.verify(VerifyRequest())
    assert (report.verdict, len(report.orphans)) == (Verdict.TAMPERED, 1)
    assert [t.tenant_id for t in report.tenants] == ["org_a"]
    assert [t.tenant_id for t in service.list_tenants()] == ["org_a"]


def test_a_missing_column_accuses_no_authorised_erasure(audit_db: str, open_service: Open) -> None:
    log_events(audit_db, "org", 6)
    group = {"sequences": [[3, 3]], "parts": ["identity"], "actor_id": "usr_gone", "actor_email": None}
    with psycopg.connect(audit_db) as conn:
        conn.execute(
            "SELECT audit.erase('org', %s, 'asked', 'Art. 17', 'dpo', p_single_operator := true)",
            [json.dumps([group])],
        )
    assert open_service(audit_db).verify(VerifyRequest(record_witness=False)).verdict is Verdict.INTACT
    with psycopg.connect(audit_db) as conn:
        conn.execute("ALTER TABLE audit.logs DROP COLUMN resource_id CASCADE")
    (tenant,) = open_service(audit_db).verify(VerifyRequest()).tenants
    assert tenant.verdict is Verdict.INCONCLUSIVE
    assert tenant.axes[Axis.ERASURE].state is State.NOT_RUN


def test_a_column_of_another_type_is_refused_in_one_line(guide_db: str, open_service: Open) -> None:
    with psycopg.connect(guide_db, autocommit=True) as conn:
        conn.execute("ALTER TABLE audit.logs ALTER user_agent TYPE float8 USING 1.5")
    with pytest.raises(UnsupportedSchemaError, match="user_agent is float8"):
        open_service(guide_db)


def test_the_claim_names_a_view_in_the_tables_place(guide_db: str, open_service: Open) -> None:
    log_events(guide_db, "org", 5)
    with psycopg.connect(guide_db, autocommit=True) as conn:
        conn.execute("ALTER TABLE audit.logs RENAME TO kept")
        conn.execute("CREATE VIEW audit.logs AS SELECT * FROM audit.kept WHERE sequence_number < 3")
    assert "it may show what it likes" in open_service(guide_db).verify(VerifyRequest()).claim


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://u:s3c@ret/w0rd!@host/db",
        "postgresql://u:s3cret@x@127.0.0.1:1/db",
        "postgresql://u:s3c/ret@host/db",
        "postgresql://u:s3c?ret@host/db",
        "postgresql://u:s3c#ret@host/db",
    ],
)
def test_a_password_that_breaks_its_uri_is_not_said_aloud(dsn: str) -> None:
    with pytest.raises(UsageError, match="%40") as caught:
        parse_dsn(dsn)
    assert "s3c" not in str(caught.value)


@pytest.mark.parametrize(
    "dsn",
    ["postgresql://u:p%40ss@host:5432/db", "postgresql:///db?user=a@b", "postgresql://[::1]:5432/db",
     "postgres://h1:1,h2:2/db", "postgresql://u@h/db", "host=x password=a@b/c"],
)  # fmt: skip
def test_a_plain_dsn_is_read(dsn: str) -> None:
    assert parse_dsn(dsn).parameters
