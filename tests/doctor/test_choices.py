"""What an installation was asked for, and what an adopted log brought along, is no hole."""

from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from audit_tui.bootstrap import open_adopter
from audit_tui.embedded.guide import install_guide
from audit_tui.store.install import install
from audit_tui.store.script import InstallOptions
from tests.doctor.conftest import examined, holes, role, run


def adopt(dsn: str, *before: str) -> None:
    with psycopg.connect(dsn) as conn:
        install_guide(conn)
    run(dsn, *before)
    with open_adopter(dsn, InstallOptions(adopt=True)) as adopter:
        adopter.adopt(adopter.examine(), lambda _: None)


def test_what_an_adopted_log_no_longer_calls_is_nothing_to_tell(bare_log: str) -> None:
    adopt(bare_log)
    run(
        bare_log, "CREATE FUNCTION public.digest(int, int) RETURNS bytea LANGUAGE sql AS 'SELECT NULL::bytea'"
    )
    assert "names-shadowed" not in {check.id for check in examined(bare_log).notices}


def test_an_adopted_log_may_lack_the_guides_own_indexes(bare_log: str) -> None:
    adopt(bare_log, "DROP INDEX audit.idx_audit_logs_timestamp", "DROP INDEX audit.idx_audit_logs_actor")
    assert holes(bare_log) == {}


def test_an_adopted_log_may_show_readers_their_tenants_only(bare_log: str) -> None:
    adopt(bare_log)
    before = {check.id for check in examined(bare_log).notices}
    with psycopg.connect(bare_log) as conn:
        install(conn, InstallOptions(tenant_isolation=True))
    report = examined(bare_log)
    assert report.holes == ()
    assert {check.id for check in report.notices} == before


def test_an_adopted_log_needs_the_index_that_keeps_sequences_single(bare_log: str) -> None:
    adopt(bare_log)
    run(bare_log, "DROP INDEX audit.idx_audit_logs_tenant_sequence")
    assert holes(bare_log).keys() == {"indexes-changed"}


def test_applications_of_an_adopted_log_keep_their_rights_and_are_named(bare_log: str) -> None:
    with role(bare_log, "doctor_application", "LOGIN"):
        adopt(
            bare_log, "GRANT USAGE ON SCHEMA audit TO doctor_application",
            "GRANT INSERT, SELECT, UPDATE ON audit.logs TO doctor_application",
        )  # fmt: skip
        report = examined(bare_log)
        assert report.holes == ()
        told = {check.id: check.message for check in report.notices}
        assert "doctor_application has INSERT on audit.logs" in told["grants-table"]
        run(bare_log, "GRANT UPDATE ON audit.logs TO doctor_application")
        assert holes(bare_log).keys() == {"grants-table"}


def test_an_owner_of_another_name_is_no_hole_and_a_stranger_is(bare_log: str) -> None:
    with role(bare_log, "doctor_keeper"), role(bare_log, "doctor_stranger", "LOGIN"):
        with psycopg.connect(bare_log) as conn:
            install(conn, InstallOptions(owner="doctor_keeper"))
        report = examined(bare_log)
        assert (report.owner, report.holes) == ("doctor_keeper", ())
        run(bare_log, "GRANT doctor_keeper TO doctor_stranger")
        assert holes(bare_log).keys() == {"owner-members"}
        run(bare_log, "DROP SCHEMA audit CASCADE")


def test_a_log_that_was_handed_to_somebody_whole_is_not_taken_for_a_choice(log: str) -> None:
    with role(log, "doctor_thief", "LOGIN"):
        run(
            log, *(f"ALTER EVENT TRIGGER audit_record_{name} DISABLE" for name in ("ddl", "drop", "recorder"))
        )
        run(
            log,
            "DO $$ DECLARE o text; BEGIN FOR o IN SELECT format('ALTER TABLE %s OWNER TO doctor_thief', c.oid"
            "::regclass) FROM pg_class c WHERE c.relnamespace = 'audit'::regnamespace AND c.relkind = 'r'"
            " UNION ALL SELECT format('ALTER FUNCTION %s OWNER TO doctor_thief', p.oid::regprocedure)"
            " FROM pg_proc p WHERE p.pronamespace = 'audit'::regnamespace"
            " UNION ALL SELECT 'ALTER SCHEMA audit OWNER TO doctor_thief' LOOP EXECUTE o; END LOOP; END $$",
        )
        found = holes(log)
        assert {"owner-login", "function-body"} <= found.keys()
        run(log, "DROP EVENT TRIGGER audit_record_ddl", "DROP EVENT TRIGGER audit_record_drop",
            "DROP EVENT TRIGGER audit_record_recorder", "DROP SCHEMA audit CASCADE")  # fmt: skip


def test_a_log_installed_without_roles_misses_none(bare_log: str) -> None:
    with role(bare_log, "doctor_alone"):
        with psycopg.connect(bare_log) as conn:
            install(conn, InstallOptions(owner="doctor_alone", roles=False))
        checks = {check.id: check for check in examined(bare_log).checks}
        assert not any(check.state == "hole" for check in checks.values())
        assert "role-missing" not in checks
        run(bare_log, "DROP SCHEMA audit CASCADE")


def test_who_installs_without_being_a_superuser_is_named_and_no_hole(bare_log: str) -> None:
    with role(bare_log, "doctor_installer", "LOGIN", "CREATEROLE"):
        with psycopg.connect(bare_log, autocommit=True) as conn:
            database = conn.info.dbname
            conn.execute(f'GRANT CREATE ON DATABASE "{database}" TO doctor_installer'.encode())
        theirs = make_conninfo(bare_log, user="doctor_installer")
        with psycopg.connect(theirs) as conn:
            install(conn, InstallOptions(owner="doctor_made_owner", ddl_trigger=False))
        report = examined(bare_log)
        told = {check.id: check.message for check in report.holes}
        notices = {check.id: check.message for check in report.notices}
        run(
            bare_log,
            "DROP SCHEMA audit CASCADE",
            "DROP OWNED BY doctor_made_owner",
            "DROP ROLE doctor_made_owner",
        )
    assert told == {}
    assert "doctor_installer" in notices.get("owner-members", "") + notices["role-powers"]


def test_the_data_lies_where_a_wheel_takes_it() -> None:
    assert (Path(__file__).parents[2] / "sql" / "doctor" / "expected.json").is_file()


def test_the_trigger_for_rules_of_the_site_is_ours_as_long_as_it_fires(bare_log: str) -> None:
    adopt(bare_log, "ALTER TABLE audit.logs ADD CONSTRAINT site CHECK (actor_id <> 'nobody')")
    assert "logs_20_keep_rules" not in str(holes(bare_log))
    with psycopg.connect(bare_log) as conn:
        conn.execute("ALTER TABLE audit.logs DISABLE TRIGGER logs_20_keep_rules")
    assert "logs_20_keep_rules of audit.logs is disabled" in holes(bare_log)["trigger-disabled"]
