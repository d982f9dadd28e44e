"""The event triggers: a command on the schema leaves one sealed audit.ddl event, any other leaves none."""

from typing import Any

import pytest

from audit_tui.store.install import install
from tests.schema.conftest import Connection, Login
from tests.schema.ddl import ALL, RECORDERS, recorded
from tests.schema.events import chain, value


def test_a_fresh_log_is_empty_and_watched(db: Connection) -> None:
    assert db.execute(RECORDERS).fetchall() == ALL
    assert value(db, "SELECT count(*) FROM audit.logs") == 0
    assert value(db, "SELECT options ->> 'ddl_trigger' FROM audit.schema_info") == "true"


@pytest.mark.parametrize(
    ("statement", "command", "thing"),
    [
        ("ALTER TABLE audit.logs DISABLE TRIGGER logs_90_refuse_update", "ALTER TABLE", "audit.logs"),
        ("ALTER TABLE audit.logs DISABLE TRIGGER USER", "ALTER TABLE", "audit.logs"),
        ("ALTER TABLE audit.logs ENABLE TRIGGER logs_refuse_truncate", "ALTER TABLE", "audit.logs"),
        ("DROP TRIGGER logs_90_seal_event ON audit.logs", "DROP TRIGGER", "logs_90_seal_event on audit.logs"),
        ("GRANT UPDATE ON audit.logs TO audit_writer", "GRANT", "audit.logs"),
        ("GRANT UPDATE (metadata) ON audit.logs TO audit_writer", "GRANT", "audit.logs.metadata"),
        ("GRANT USAGE ON SCHEMA audit TO PUBLIC", "GRANT", "audit"),
        ("REVOKE SELECT ON audit.logs FROM audit_reader", "REVOKE", "audit.logs"),
        ("CREATE INDEX extra ON audit.logs (id)", "CREATE INDEX", "audit.extra"),
        ("CREATE RULE no AS ON DELETE TO audit.logs DO INSTEAD NOTHING", "CREATE RULE", "no on audit.logs"),
        ("CREATE POLICY hides ON audit.logs USING (false)", "CREATE POLICY", "hides on audit.logs"),
        ("ALTER TABLE audit.logs ENABLE ROW LEVEL SECURITY", "ALTER TABLE", "audit.logs"),
        ("ALTER TABLE audit.logs DROP CONSTRAINT logs_pkey", "ALTER TABLE", "audit.logs"),
        ("ALTER FUNCTION audit.seal_event() RESET search_path", "ALTER FUNCTION", "audit.seal_event()"),
        ("DROP FUNCTION audit.verify_chain", "DROP FUNCTION", "audit.verify_chain(character varying)"),
        ("CREATE TABLE audit.extra ()", "CREATE TABLE", "audit.extra"),
        ("CREATE PUBLICATION leak FOR TABLE audit.logs", "CREATE PUBLICATION", "leak"),
        ("CREATE TABLE public.child () INHERITS (audit.logs)", "CREATE TABLE", "public.child"),
        ("ALTER FUNCTION audit.seal_event() SET SCHEMA public", "ALTER FUNCTION", "public.seal_event()"),
    ],
)  # fmt: skip
def test_a_command_leaves_one_sealed_event(db: Connection, statement: str, command: str, thing: str) -> None:
    db.execute("SET application_name = 'a test'")
    db.execute(statement)
    assert (command, thing) in recorded(db)
    found = db.execute(
        "SELECT l.actor_type, l.actor_id, l.resource_type, l.resource_id, l.metadata, audit.event_verifies(l)"
        " FROM audit.logs l WHERE metadata ->> 'object' = %s",
        [thing],
    ).fetchone()
    assert found is not None
    metadata: dict[str, Any] = found[4]
    assert found[:4] == ("database_login", "postgres", "audit_schema", thing[:50])
    assert found[5] is True
    assert metadata["statement"] == statement
    assert (metadata["login"], metadata["application"]) == ("postgres", "a test")
    assert chain(db, "_audit")[1]


def test_one_event_for_each_command_and_object(db: Connection) -> None:
    for statement in (
        "GRANT SELECT ON audit.logs, audit.chains TO audit_writer",
        "CREATE VIEW audit.daily AS SELECT 1 AS one",
        "DROP VIEW audit.daily",
        "ALTER TABLE audit.chains SET (fillfactor = 60), ALTER tenant_id SET STATISTICS 10",
        "GRANT SELECT ON audit.logs, audit.chains TO audit_writer",
    ):
        db.execute(statement)
    assert recorded(db) == [
        ("GRANT", "audit.chains"),
        ("GRANT", "audit.logs"),
        ("CREATE VIEW", "audit.daily"),
        ("DROP VIEW", "audit.daily"),
        ("ALTER TABLE", "audit.chains"),
        ("GRANT", "audit.chains"),
        ("GRANT", "audit.logs"),
    ]


def test_a_grant_elsewhere_is_not_taken_for_one_here(db: Connection) -> None:
    db.execute("CREATE TABLE public.other ()")
    with db.transaction():
        db.execute("ALTER TABLE audit.chains SET (fillfactor = 60)")
        db.execute("GRANT SELECT ON public.other TO audit_reader")
        with db.transaction():
            db.execute("GRANT SELECT ON audit.chains TO audit_reader")
        with db.transaction(force_rollback=True):
            db.execute("GRANT INSERT ON audit.chains TO audit_reader")
        db.execute("REVOKE SELECT ON public.other FROM audit_reader")
    assert recorded(db) == [("ALTER TABLE", "audit.chains"), ("GRANT", "audit.chains")]


def test_what_is_rolled_back_leaves_nothing(db: Connection) -> None:
    with db.transaction(force_rollback=True):
        db.execute("ALTER TABLE audit.logs DISABLE TRIGGER USER")
        assert recorded(db) == [("ALTER TABLE", "audit.logs")]
    assert recorded(db) == []


def test_default_privileges_and_what_a_block_hides(db: Connection) -> None:
    db.execute(
        "ALTER DEFAULT PRIVILEGES FOR ROLE audit_owner IN SCHEMA audit GRANT SELECT ON TABLES TO PUBLIC"
    )
    db.execute(
        "ALTER DEFAULT PRIVILEGES FOR ROLE audit_owner IN SCHEMA audit REVOKE SELECT ON TABLES FROM PUBLIC"
    )
    db.execute("DO $$ BEGIN EXECUTE 'GRANT DELETE ON au' || 'dit.logs TO audit_writer'; END $$")
    assert [command for command, _ in recorded(db)] == [*["ALTER DEFAULT PRIVILEGES"] * 2, "GRANT"]


def test_index_builds_outside_a_transaction_are_recorded(db: Connection) -> None:
    db.execute("CREATE INDEX CONCURRENTLY extra ON audit.logs (id)")
    db.execute("DROP INDEX CONCURRENTLY audit.extra")
    assert recorded(db) == [("CREATE INDEX", "audit.extra"), ("DROP INDEX", "audit.extra")]


def test_no_password_is_kept(db: Connection) -> None:
    db.execute(
        "ALTER TABLE audit.logs SET (fillfactor = 90); ALTER ROLE audit_reader PASSWORD 'se''cret-1';"
        " ALTER ROLE audit_reader PASSWORD $p$secret-2$p$; ALTER ROLE audit_reader PASSWORD NULL"
    )
    db.execute("ALTER TABLE audit.logs RESET (fillfactor) /* host=a password=secret-3 user=b */")
    kept = value(db, "SELECT string_agg(metadata ->> 'statement', ' ') FROM audit.logs")
    assert "cret" not in str(kept)
    assert "user=b" in str(kept)


def test_a_replicas_session_is_seen_too(db: Connection) -> None:
    db.execute("SET session_replication_role = replica")
    db.execute("ALTER TABLE audit.logs DISABLE TRIGGER USER")
    db.execute("RESET session_replication_role")
    db.execute("ALTER TABLE audit.logs ENABLE TRIGGER USER")
    assert chain(db, "_audit") == (2, True)


def test_others_go_on_as_before(db: Connection, login: Login) -> None:
    db.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
    mine = login("ddl_somebody")
    notices: list[str] = []
    mine.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
    for statement in (
        "CREATE TABLE public.mine (id int PRIMARY KEY, metadata jsonb)",
        "CREATE TEMP TABLE logs (id int)",
        "ALTER TABLE public.mine ADD COLUMN note text",
        "CREATE VIEW public.seen AS SELECT id FROM public.mine",
        "GRANT SELECT ON public.mine TO PUBLIC",
        "CREATE FUNCTION public.record_ddl() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "DROP TABLE public.mine CASCADE",
    ):
        mine.execute(statement)
    assert notices == ["drop cascades to view seen"]
    assert recorded(db) == []


def test_others_do_not_wait(db: Connection, audit_db: str, login: Login) -> None:
    """Whoever changes the schema holds the chain of the tenant _audit; nobody else needs it."""
    db.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
    mine = login("ddl_somebody", options="-c lock_timeout=5s")
    with db.transaction():
        db.execute("GRANT SELECT ON audit.chains TO audit_reader")
        mine.execute("CREATE TABLE public.mine (id int)")
        mine.execute("DROP TABLE public.mine")
    assert recorded(db) == [("GRANT", "audit.chains")]


def test_the_whole_schema_can_be_dropped(db: Connection) -> None:
    db.execute("DROP SCHEMA audit CASCADE")
    assert db.execute(RECORDERS).fetchall() == []
    db.execute("CREATE TABLE public.other ()")
    assert install(db).changed


def test_comments_extensions_and_upkeep_leave_nothing(db: Connection) -> None:
    names = db.execute("SELECT name FROM pg_available_extensions WHERE name IN ('pg_trgm', 'lo', 'pgcrypto')")
    db.execute("COMMENT ON TABLE audit.logs IS 'changed'")
    db.execute("REINDEX TABLE audit.chains")
    for (name,) in names.fetchall():
        db.execute(f"CREATE EXTENSION {name}")
        db.execute(f"DROP EXTENSION {name}")
    assert recorded(db) == []
