"""Adopting and rights: whoever could log or read goes on, what was too wide ends, and both are said."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo

from audit_tui.core.errors import AuditError, PermissionMissingError
from audit_tui.embedded.guide import install_guide
from audit_tui.store.install import install
from audit_tui.store.script import InstallOptions
from tests.schema.adopting import Connection, adopt, examine, fill, lines_of
from tests.schema.events import chain, insert, log, value

STEP_9 = """
GRANT USAGE ON SCHEMA audit TO audit_reader, audit_writer, audit_admin;
GRANT SELECT ON audit.logs TO audit_reader, audit_admin;
GRANT INSERT ON audit.logs TO audit_writer;
GRANT USAGE, SELECT ON SEQUENCE audit.logs_id_seq TO audit_writer;
GRANT EXECUTE ON FUNCTION audit.log_event TO audit_writer;
GRANT EXECUTE ON FUNCTION audit.verify_chain TO audit_admin;
"""
"""The guide's step 9, for roles that are there already."""

LOGGER = "GRANT USAGE ON SCHEMA audit TO {0}; GRANT INSERT, SELECT ON audit.logs TO {0};" \
         " GRANT USAGE ON SEQUENCE audit.logs_id_seq TO {0}"  # fmt: skip


@pytest.fixture
def guide(guide_db: str) -> Iterator[Connection]:
    with psycopg.connect(guide_db, autocommit=True) as conn:
        fill(conn)
        yield conn


def role(conn: Connection, name: str, *options: str) -> str:
    """A role of that name, made on first use; roles outlive databases."""
    if not conn.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).rowcount:
        words = sql.SQL(" ".join(options or ("LOGIN",)))  # type: ignore[arg-type]
        conn.execute(sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(name), words))
    return name


def as_login(dsn: str, name: str, **options: Any) -> Connection:
    return psycopg.connect(make_conninfo(dsn, user=name), autocommit=True, **options)


def grant(conn: Connection, statements: str, name: str) -> None:
    for statement in statements.format(name).split(";"):
        conn.execute(statement)


def test_the_applications_login_that_owned_everything_goes_on(empty_db: str) -> None:
    """The guide is often installed by the application itself."""
    with psycopg.connect(empty_db, autocommit=True) as conn:
        role(conn, "adopt_app")
        conn.execute(f"GRANT CREATE ON DATABASE {conn.info.dbname} TO adopt_app")
        conn.execute("GRANT CREATE ON SCHEMA public TO adopt_app")
        with as_login(empty_db, "adopt_app") as app:
            install_guide(app)
            fill(app)
            adopt(empty_db)
            log(app, tenant="org_a")
            insert(app, event_id="evt_direct", tenant_id="org_a")
            assert value(app, "SELECT count(*) FROM audit.logs") == 35
            assert value(app, "SELECT bool_and(is_valid) FROM audit.verify_chain('org_a')") is True
            assert value(app, "SELECT lastval() > 30") is True
            for refused in (
                "UPDATE audit.logs SET actor_email = NULL",
                "DELETE FROM audit.logs",
                "TRUNCATE audit.logs",
                "ALTER TABLE audit.logs DISABLE TRIGGER ALL",
                "DROP TABLE audit.logs",
                "CREATE TABLE audit.more ()",
                "CREATE OR REPLACE FUNCTION audit.seal_event() RETURNS trigger LANGUAGE sql AS 'SELECT 1'",
                "SELECT audit.import_events('org_a', 's', '[]')",
                "SELECT setval('audit.logs_id_seq', 1)",
            ):
                with pytest.raises(errors.InsufficientPrivilege):
                    app.execute(refused)
        assert not install(conn).changed
        assert chain(conn, "org_a") == (13, True)


def test_the_report_names_what_is_kept_and_what_ends(guide: Connection, guide_db: str) -> None:
    grant(guide, LOGGER, role(guide, "adopt_logger"))
    role(guide, "adopt_reader")
    guide.execute("GRANT USAGE, CREATE ON SCHEMA audit TO adopt_reader")
    guide.execute("GRANT SELECT, UPDATE, TRIGGER ON audit.logs TO adopt_reader WITH GRANT OPTION")
    guide.execute("GRANT DELETE ON audit.logs TO PUBLIC")
    guide.execute("ALTER TABLE audit.logs DISABLE TRIGGER trigger_prevent_delete")
    examined = examine(guide_db)
    assert lines_of(examined, "kept") == [
        "adopt_logger goes on logging",
        "adopt_logger goes on reading, and may call audit.verify_chain",
        "adopt_reader goes on reading, and may call audit.verify_chain",
    ]
    assert lines_of(examined, "taken away") == [
        "PUBLIC on audit.logs: DELETE",
        "adopt_reader on audit.logs: TRIGGER, UPDATE",
        "adopt_reader may no longer grant rights on audit.logs to others",
        "PUBLIC: EXECUTE on audit.log_event",
        "PUBLIC: EXECUTE on audit.verify_chain",
        "adopt_reader: CREATE in the schema audit",
    ]
    assert "trigger trigger_prevent_delete (it was disabled)" in lines_of(examined, "replaced")


def test_loggers_and_readers_go_on_and_nothing_more(guide: Connection, guide_db: str) -> None:
    grant(guide, LOGGER, role(guide, "adopt_logger"))
    guide.execute(f"GRANT USAGE ON SCHEMA audit TO {role(guide, 'adopt_reader')}")
    guide.execute("GRANT SELECT, UPDATE, DELETE ON audit.logs TO adopt_reader WITH GRANT OPTION")
    with as_login(guide_db, "adopt_logger") as logger, as_login(guide_db, "adopt_reader") as reader:
        log(logger, tenant="org_a")
        adopt(guide_db)
        log(logger, tenant="org_a")
        assert value(reader, "SELECT count(*) FROM audit.logs") == 35
        assert value(reader, "SELECT bool_and(is_valid) FROM audit.verify_chain('org_a')") is True
        for refused in ("UPDATE audit.logs SET id = 1", "DELETE FROM audit.logs"):
            with pytest.raises(errors.InsufficientPrivilege):
                reader.execute(refused)
        assert value(guide, "SELECT bool_or(is_grantable) FROM pg_class, aclexplode(relacl) WHERE oid ="
                            " 'audit.logs'::regclass AND grantee <> relowner") is False  # fmt: skip
        with pytest.raises(errors.InsufficientPrivilege):
            log(reader, tenant="org_a")
        with pytest.raises(errors.InsufficientPrivilege):
            logger.execute("SELECT * FROM audit.chains")


def test_who_was_granted_by_someone_else_goes_on(guide: Connection, guide_db: str) -> None:
    """A right that hangs on another's grant option must not end with that option."""
    grant(guide, LOGGER, role(guide, "adopt_logger"))
    role(guide, "adopt_second")
    guide.execute("GRANT INSERT, SELECT ON audit.logs TO adopt_logger WITH GRANT OPTION")
    guide.execute("GRANT USAGE ON SCHEMA audit TO adopt_second")
    guide.execute("GRANT USAGE ON SEQUENCE audit.logs_id_seq TO adopt_second")
    with as_login(guide_db, "adopt_logger") as logger:
        logger.execute("GRANT INSERT, SELECT ON audit.logs TO adopt_second")
    with as_login(guide_db, "adopt_second") as second:
        log(second, tenant="org_b")
        adopt(guide_db)
        log(second, tenant="org_b")
    assert chain(guide, "org_b") == (13, True)


def test_rights_on_columns_are_kept(guide: Connection, guide_db: str) -> None:
    role(guide, "adopt_columns")
    guide.execute("GRANT USAGE ON SCHEMA audit TO adopt_columns")
    guide.execute("GRANT SELECT (event_id, tenant_id), UPDATE (actor_email) ON audit.logs TO adopt_columns")
    with as_login(guide_db, "adopt_columns") as narrow:
        adopt(guide_db)
        assert value(narrow, "SELECT count(event_id) FROM audit.logs") == 33
        with pytest.raises(errors.InsufficientPrivilege):
            narrow.execute("SELECT actor_email FROM audit.logs")
        with pytest.raises(errors.InsufficientPrivilege):
            narrow.execute("UPDATE audit.logs SET actor_email = NULL")


def test_a_log_event_that_lent_rights_to_everyone_leaves_nobody_out(guide: Connection, guide_db: str) -> None:
    role(guide, "adopt_anyone")
    role(guide, "adopt_outsider")
    guide.execute("ALTER FUNCTION audit.log_event SECURITY DEFINER")
    guide.execute("GRANT USAGE ON SCHEMA audit TO adopt_anyone")
    with as_login(guide_db, "adopt_anyone") as anyone, as_login(guide_db, "adopt_outsider") as outsider:
        log(anyone, tenant="org_a")
        examined = examine(guide_db)
        assert "adopt_anyone goes on logging" in lines_of(examined, "kept")
        assert "function audit.log_event: it is no longer the guide's" in "".join(
            lines_of(examined, "replaced")
        )
        adopt(guide_db)
        log(anyone, tenant="org_a")
        with pytest.raises(errors.InsufficientPrivilege):
            log(outsider, tenant="org_a")
        with pytest.raises(errors.InsufficientPrivilege):
            anyone.execute("SELECT * FROM audit.logs")
    assert value(guide, "SELECT NOT prosecdef FROM pg_proc WHERE oid = 'audit.log_event'::regproc") is True


def test_the_guides_roles_get_what_the_guide_meant(guide: Connection, guide_db: str, audit_db: str) -> None:
    """By the guide itself audit_writer cannot log: its trigger wants SELECT."""
    assert audit_db  # another database of the cluster: the roles exist
    for statement in STEP_9.strip().split(";\n"):
        guide.execute(statement)  # type: ignore[arg-type]
    try:
        guide.execute(f"GRANT audit_writer TO {role(guide, 'adopt_api')}")
        guide.execute(f"GRANT audit_reader TO {role(guide, 'adopt_analyst')}")
        with as_login(guide_db, "adopt_api") as api, as_login(guide_db, "adopt_analyst") as analyst:
            with pytest.raises(errors.InsufficientPrivilege):
                log(api, tenant="org_a")
            assert not [
                line for line in lines_of(examine(guide_db), "kept") if "audit_" in line.split(" goes on")[0]
            ]
            adopt(guide_db)
            log(api, tenant="org_a")
            with pytest.raises(errors.InsufficientPrivilege):
                api.execute("SELECT * FROM audit.logs")
            assert value(analyst, "SELECT count(*) FROM audit.logs") == 34
            with pytest.raises(errors.InsufficientPrivilege):
                analyst.execute("SELECT * FROM audit.verify_chain('org_a')")
    finally:
        guide.execute("REVOKE audit_writer FROM adopt_api")
        guide.execute("REVOKE audit_reader FROM adopt_analyst")


def test_a_view_and_helpers_of_others_go_on(guide: Connection, guide_db: str) -> None:
    role(guide, "adopt_maker")
    guide.execute("GRANT USAGE, CREATE ON SCHEMA audit TO adopt_maker")
    guide.execute("GRANT SELECT, INSERT ON audit.logs TO adopt_maker")
    guide.execute("GRANT USAGE ON SEQUENCE audit.logs_id_seq TO adopt_maker")
    with as_login(guide_db, "adopt_maker") as maker:
        maker.execute("CREATE VIEW audit.recent AS SELECT * FROM audit.logs WHERE id > 25")
        maker.execute("CREATE FUNCTION audit.note() RETURNS text LANGUAGE sql AS $$ SELECT audit.log_event("
                      "'a.b', 'org_a', 'user', 'u', NULL, NULL, 'user', 'r', NULL, NULL) $$")  # fmt: skip
        maker.execute("REVOKE ALL ON FUNCTION audit.note FROM PUBLIC")
        kept = lines_of(examine(guide_db), "kept")
        assert "view audit.recent, which belongs to adopt_maker" in kept
        assert "function audit.note(), which belongs to adopt_maker" in kept
        adopt(guide_db)
        assert str(value(maker, "SELECT audit.note()")).startswith("evt_")
        assert value(maker, "SELECT count(*) FROM audit.recent") == 9
    assert not install(guide).changed


def test_an_owner_without_superuser_adopts(empty_db: str) -> None:
    with psycopg.connect(empty_db, autocommit=True) as conn:
        role(conn, "adopt_dba", "LOGIN", "CREATEROLE")
        conn.execute(f"GRANT CREATE ON DATABASE {conn.info.dbname} TO adopt_dba")
        conn.execute("GRANT CREATE ON SCHEMA public TO adopt_dba")
        dsn = make_conninfo(empty_db, user="adopt_dba")
        with psycopg.connect(dsn, autocommit=True) as dba:
            role(dba, "adopt_landlord", "NOLOGIN")
            install_guide(dba)
            fill(dba)
            adopt(dsn, owner="adopt_landlord", roles=False)
            log(dba, tenant="org_a")
            owner = value(
                conn, "SELECT relowner::regrole::text FROM pg_class WHERE oid = 'audit.logs'::regclass"
            )
            assert owner == "adopt_landlord"
        assert chain(conn, "org_a") == (12, True)
        assert not install(conn, InstallOptions(owner="adopt_landlord", roles=False)).changed


def test_whoever_does_not_own_the_log_is_told_who_does(guide: Connection, guide_db: str) -> None:
    role(guide, "adopt_stranger", "LOGIN", "CREATEROLE")
    grant(guide, LOGGER, "adopt_stranger")
    dsn = make_conninfo(guide_db, user="adopt_stranger")
    with pytest.raises(PermissionMissingError, match="schema audit"):
        adopt(dsn, owner="adopt_stranger_owner", roles=False)
    assert value(guide, "SELECT to_regclass('audit.schema_info') IS NULL") is True


EVIL = (
    "CREATE FUNCTION public.planted(text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN"
    " RESET ROLE; ALTER ROLE adopt_evil SUPERUSER; RETURN true; END $$"
)


@pytest.mark.parametrize(
    "where",
    [
        "ALTER TABLE audit.logs ADD COLUMN region text, ADD CHECK (public.planted(region))",
        "ALTER TABLE audit.logs ADD COLUMN region boolean DEFAULT public.planted('x')",
        "CREATE DOMAIN public.area AS text;ALTER TABLE audit.logs ADD COLUMN region public.area DEFAULT NULL;"
        "ALTER DOMAIN public.area ADD CHECK (public.planted(VALUE)) NOT VALID",
        "ALTER FUNCTION public.planted IMMUTABLE;CREATE INDEX lure ON audit.logs (public.planted(actor_id))",
        "CREATE FUNCTION public.sprung() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN PERFORM public.planted(NULL)#RETURN NEW#END';"
        "CREATE TRIGGER aa BEFORE INSERT ON audit.logs FOR EACH ROW EXECUTE FUNCTION public.sprung()",
    ],
    ids=["check", "default", "domain", "index", "trigger"],
)
def test_code_of_the_old_owner_never_runs_with_better_rights(empty_db: str, where: str) -> None:
    with psycopg.connect(empty_db, autocommit=True) as conn:
        role(conn, "adopt_evil")
        conn.execute(f"GRANT CREATE ON DATABASE {conn.info.dbname} TO adopt_evil")
        conn.execute("GRANT CREATE ON SCHEMA public TO adopt_evil")
        with as_login(empty_db, "adopt_evil") as evil:
            install_guide(evil)
            evil.execute(EVIL)
            for statement in where.split(";"):
                evil.execute(statement.replace("#", ";"))  # type: ignore[arg-type]
        with pytest.raises(AuditError, match="run with your rights"):
            adopt(empty_db)
        assert value(conn, "SELECT rolsuper FROM pg_roles WHERE rolname = 'adopt_evil'") is False


def test_an_owner_that_nobody_logs_in_as_may_stay_the_owner(guide: Connection, guide_db: str) -> None:
    role(guide, "adopt_house", "NOLOGIN")
    grant(guide, LOGGER, role(guide, "adopt_logger"))
    for statement in (
        "ALTER SCHEMA audit OWNER TO adopt_house",
        "ALTER TABLE audit.logs OWNER TO adopt_house",
        "ALTER FUNCTION audit.log_event OWNER TO adopt_house",
        "ALTER FUNCTION audit.verify_chain OWNER TO adopt_house",
    ):
        guide.execute(statement)
    with as_login(guide_db, "adopt_logger") as logger:
        adopt(guide_db, owner="adopt_house")
        log(logger, tenant="org_a")
    assert chain(guide, "org_a") == (12, True)
    assert not install(guide, InstallOptions(owner="adopt_house")).changed


def test_tenant_isolation_shuts_nobody_out_unsaid(guide: Connection, guide_db: str) -> None:
    """Row-level security passes roles, not rights: who has only a right of their own would fail to log."""
    grant(guide, LOGGER, role(guide, "adopt_isolated"))
    with pytest.raises(AuditError, match="could log or read no more: adopt_isolated"):
        adopt(guide_db, tenant_isolation=True)
    adopt(guide_db)
    with pytest.raises(AuditError, match=r"adopt_isolated .INSERT., adopt_isolated .SELECT."):
        install(guide, InstallOptions(tenant_isolation=True))
    try:
        guide.execute("GRANT audit_writer, audit_reader TO adopt_isolated")
        install(guide, InstallOptions(tenant_isolation=True))
        with as_login(guide_db, "adopt_isolated") as isolated:
            log(isolated, tenant="org_a")
            assert value(isolated, "SELECT count(*) FROM audit.logs") == 0
            guide.execute("SET ROLE audit_owner")
            guide.execute("SELECT audit.grant_tenant('adopt_isolated', 'org_a')")
            guide.execute("RESET ROLE")
            assert value(isolated, "SELECT count(*) >= 12 FROM audit.logs") is True
    finally:
        guide.execute("REVOKE audit_writer, audit_reader FROM adopt_isolated")


def test_a_log_without_such_roles_is_adopted_with_tenant_isolation(guide: Connection, guide_db: str) -> None:
    adopt(guide_db, tenant_isolation=True)
    assert chain(guide, "org_a") == (11, True)
    assert not install(guide).changed
