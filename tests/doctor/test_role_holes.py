"""What roles can do beyond an installation, one thing at a time: each is named, and only it."""

import psycopg
import pytest

from tests.doctor.conftest import examined, role, run

ROLES: list[tuple[str, str, tuple[str, ...], tuple[str, ...]]] = [
    ("owner-members", "doctor_someone", ("GRANT audit_owner TO doctor_someone",), ()),
    ("owner-attributes", "row security", (
        "ALTER ROLE audit_owner BYPASSRLS",), ("ALTER ROLE audit_owner NOBYPASSRLS",)),
    ("role-attributes", "audit_reader", (
        "ALTER ROLE audit_reader LOGIN",), ("ALTER ROLE audit_reader NOLOGIN",)),
    ("role-nested", "pg_read_all_data", (
        "GRANT pg_read_all_data TO audit_writer",), ("REVOKE pg_read_all_data FROM audit_writer",)),
    ("role-nested", "audit_admin", (
        "GRANT audit_admin TO audit_reader",), ("REVOKE audit_admin FROM audit_reader",)),
    ("grants-table", "doctor_someone", ("GRANT TRUNCATE ON audit.logs TO doctor_someone",), ()),
    ("replication-role", "doctor_someone", (
        "ALTER ROLE doctor_someone SET session_replication_role = replica",), ()),
    ("preloaded", "auto_explain", (
        "ALTER ROLE doctor_someone SET session_preload_libraries = 'auto_explain'",), ()),
    ("names-shadowed", "search_path", (
        "ALTER ROLE doctor_someone SET search_path = public, pg_catalog",), ()),
    ("names-shadowed", "public.sha256", (
        "ALTER ROLE doctor_someone SET search_path = public, pg_catalog",
        "CREATE FUNCTION public.sha256(text) RETURNS bytea LANGUAGE sql AS 'SELECT NULL::bytea'"), ()),
]  # fmt: skip


@pytest.mark.parametrize(("ident", "word", "made", "undone"), ROLES, ids=[f"{r[0]}: {r[1]}" for r in ROLES])
def test_what_roles_can_do_is_named(
    log: str, ident: str, word: str, made: tuple[str, ...], undone: tuple[str, ...]
) -> None:
    with role(log, "doctor_someone", "LOGIN"):
        run(log, *made)
        try:
            (hole,) = examined(log).holes
        finally:
            run(log, *undone)
    assert hole.id == ident
    assert word in hole.message
    assert hole.remedy or ident == "names-shadowed"


def test_who_may_play_a_replica_is_named(log: str) -> None:
    with psycopg.connect(log) as conn:
        if conn.info.server_version < 150000:
            pytest.skip("rights on settings came with PostgreSQL 15")
    with role(log, "doctor_someone", "LOGIN"):
        run(log, "GRANT SET ON PARAMETER session_replication_role TO doctor_someone")
        (hole,) = examined(log).holes
        assert (hole.id, hole.weight) == ("replication-role", "high")
        assert "doctor_someone may set session_replication_role" in hole.message
        run(log, str(hole.remedy))
        assert examined(log).holes == ()


def test_event_triggers_of_others_are_worth_knowing(log: str) -> None:
    run(log, "CREATE FUNCTION public.watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "CREATE EVENT TRIGGER watching ON ddl_command_start EXECUTE FUNCTION public.watch()")  # fmt: skip
    report = examined(log)
    assert report.holes == ()
    assert any(check.id == "event-trigger" and "public.watch()" in check.message for check in report.notices)
