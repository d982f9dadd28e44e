"""Tenant isolation: readers see what was granted, verification says so, foreign policies are no disguise."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psycopg
import pytest
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo

from audit_tui.bootstrap import open_service
from audit_tui.core.errors import PermissionMissingError, UnknownTenantError
from audit_tui.core.findings import Verdict
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.service.api import AuditService, VerifyRequest
from audit_tui.store.install import install
from audit_tui.store.script import InstallOptions
from tests.schema.events import log

READER, VERIFIER, WRITER = "isolated_reader", "isolated_verifier", "isolated_writer"
LOGINS = {READER: "audit_reader", VERIFIER: "audit_admin", WRITER: "audit_writer"}
Open = Callable[[str], AuditService]


@pytest.fixture
def isolated(server: EmbeddedServer, empty_db: str) -> Iterator[psycopg.Connection]:
    """A log of three tenants with isolation on; the reader may see t1 alone."""
    with ExitStack() as stack:
        db = stack.enter_context(psycopg.connect(empty_db, autocommit=True))
        install(db, InstallOptions(tenant_isolation=True))
        for name, group in LOGINS.items():
            db.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
            stack.callback(db.execute, sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))
            db.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(group), sql.Identifier(name)))
        for tenant in ("t1", "t2", "t3"):
            for _ in range(3):
                log(db, tenant=tenant)
        db.execute("SELECT audit.grant_tenant(%s, 't1')", [READER])
        yield db


@pytest.fixture
def open_as(isolated: psycopg.Connection, empty_db: str) -> Iterator[Open]:
    with ExitStack() as stack:

        def connect(user: str) -> AuditService:
            service = open_service(make_conninfo(empty_db, user=user))
            stack.callback(service.close)
            return service

        yield connect


def _as(dsn: str, user: str) -> psycopg.Connection:
    return psycopg.connect(make_conninfo(dsn, user=user), autocommit=True)


def _tenants(conn: psycopg.Connection) -> list[str]:
    return [row[0] for row in conn.execute("SELECT DISTINCT tenant_id FROM audit.logs ORDER BY 1")]


def test_a_reader_sees_the_granted_tenant_alone(isolated: psycopg.Connection, empty_db: str) -> None:
    with _as(empty_db, READER) as reader:
        assert _tenants(reader) == ["t1"]
        isolated.execute("SELECT audit.grant_tenant(%s, 't3')", [READER])
        assert _tenants(reader) == ["t1", "t3"]
        isolated.execute("SELECT audit.revoke_tenant(%s, 't1')", [READER])
        assert _tenants(reader) == ["t3"]
    with _as(empty_db, VERIFIER) as verifier:
        assert _tenants(verifier) == ["_audit", "t1", "t2", "t3"]


def test_a_grant_to_a_group_reaches_its_members(isolated: psycopg.Connection, empty_db: str) -> None:
    isolated.execute("SELECT audit.grant_tenant('audit_reader', 't2')")
    with _as(empty_db, READER) as reader:
        assert _tenants(reader) == ["t1", "t2"]


def test_a_writer_logs_for_every_tenant_and_sees_none(isolated: psycopg.Connection, empty_db: str) -> None:
    with _as(empty_db, WRITER) as writer:
        log(writer, tenant="t2")
        log(writer, tenant="t9")
        with pytest.raises(errors.InsufficientPrivilege):
            writer.execute("SELECT FROM audit.logs")
    assert isolated.execute(
        "SELECT max(sequence_number) FROM audit.logs WHERE tenant_id = 't2'"
    ).fetchone() == (4,)


def test_nobody_grants_themselves_a_tenant_and_every_grant_is_told(
    isolated: psycopg.Connection, empty_db: str
) -> None:
    with _as(empty_db, READER) as reader:
        with pytest.raises(errors.InsufficientPrivilege):
            reader.execute("SELECT audit.grant_tenant(%s, 't2')", [READER])
        with pytest.raises(errors.InsufficientPrivilege):
            reader.execute(
                "INSERT INTO audit.tenant_readers (role_name, tenant_id) VALUES (%s, 't2')", [READER]
            )
        assert reader.execute("SELECT role_name, tenant_id FROM audit.tenant_readers").fetchall() == [
            (READER, "t1")
        ]
    told = isolated.execute(
        "SELECT event_type, metadata ->> 'role', metadata ->> 'tenant' FROM audit.logs"
        " WHERE tenant_id = '_audit'"
    ).fetchall()
    assert ("audit.access_granted", READER, "t1") in told


def test_verification_says_what_it_could_see(open_as: Open) -> None:
    report = open_as(READER).verify(VerifyRequest())
    assert [tenant.tenant_id for tenant in report.tenants] == ["t1"]
    assert report.verdict is Verdict.INTACT
    assert "only the tenants granted to this role are in sight" in report.claim
    whole = open_as(VERIFIER).verify(VerifyRequest())
    assert {"t1", "t2", "t3"} <= {tenant.tenant_id for tenant in whole.tenants}
    assert "in sight" not in whole.claim


def test_witnesses_of_tenants_out_of_sight_accuse_nobody(isolated: psycopg.Connection, open_as: Open) -> None:
    isolated.execute("SELECT audit.grant_tenant(%s, 't2')", [READER])
    open_as(READER).verify(VerifyRequest())
    isolated.execute("SELECT audit.revoke_tenant(%s, 't2')", [READER])
    service = open_as(READER)
    assert service.compare_witnesses() == ()
    report = service.verify(VerifyRequest())
    assert report.verdict is Verdict.INTACT
    assert "1 witnessed tenant out of sight, not run" in report.claim
    with pytest.raises(UnknownTenantError):
        service.verify(VerifyRequest(("t2",)))


def test_a_cut_tail_is_still_found_by_who_may_see_the_tenant(
    isolated: psycopg.Connection, open_as: Open
) -> None:
    open_as(READER).verify(VerifyRequest())
    isolated.execute("ALTER TABLE audit.logs DISABLE TRIGGER USER")
    isolated.execute("DELETE FROM audit.logs WHERE tenant_id = 't1' AND sequence_number = 3")
    assert open_as(READER).verify(VerifyRequest()).verdict is Verdict.TAMPERED


@pytest.mark.parametrize(
    "disguise",
    [
        "CREATE POLICY hides ON audit.logs AS RESTRICTIVE FOR SELECT USING (sequence_number < 3)",
        "ALTER POLICY tenant_isolation_keepers ON audit.logs USING (sequence_number < 3)",
        "ALTER POLICY tenant_isolation_keepers ON audit.logs TO audit_admin",
    ],
    ids=["another policy", "another condition", "other roles"],
)
def test_a_policy_that_is_not_ours_is_refused_not_believed(
    isolated: psycopg.Connection, open_as: Open, disguise: str
) -> None:
    isolated.execute(disguise)
    with pytest.raises(PermissionMissingError, match="row"):
        open_as(VERIFIER).verify(VerifyRequest())


def test_a_second_install_keeps_isolation_until_it_is_told_otherwise(isolated: psycopg.Connection) -> None:
    on = "SELECT relrowsecurity FROM pg_class WHERE oid = 'audit.logs'::regclass"
    assert install(isolated).changed is False
    assert isolated.execute(on).fetchone() == (True,)
    assert install(isolated, InstallOptions(tenant_isolation=False)).changed is True
    assert isolated.execute(on).fetchone() == (False,)
