"""Upgrading brings version 1 to exactly what a fresh install makes, and touches no event on the way."""

from collections.abc import Iterator
from threading import Event, Thread

import psycopg
import pytest

from audit_tui import __version__
from audit_tui.bootstrap import write_script
from audit_tui.core.errors import AuditError, UnsupportedSchemaError
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.store import script
from audit_tui.store.install import install, upgrade
from audit_tui.store.script import SCHEMA_VERSION, InstallOptions
from audit_tui.store.sql_files import read_sql
from tests.schema.conftest import Connection
from tests.schema.erasing import erase, group
from tests.schema.events import chain, log, value
from tests.schema.scripts import catalogue, install_version_1, run_psql

OURS = "FROM audit.logs l WHERE tenant_id <> '_audit'"
ROWS = f"SELECT array_agg(l::text ORDER BY tenant_id, sequence_number) {OURS}"
FILE = "SELECT pg_relation_filenode('audit.logs')"


@pytest.fixture
def old_db(empty_db: str) -> str:
    """A log of version 1 with events of two tenants, one of them partly erased."""
    install_version_1(empty_db)
    with psycopg.connect(empty_db, autocommit=True) as conn:
        for number in range(10):
            log(conn, tenant=f"t{number % 2}", changes={"n": {"old": number, "new": 1}}, session_id="s")
        erase(conn, group([2, 3]), tenant="t0")
    return empty_db


@pytest.fixture
def old(old_db: str) -> Iterator[Connection]:
    with psycopg.connect(old_db, autocommit=True) as conn:
        yield conn


@pytest.fixture
def fresh_db(server: EmbeddedServer) -> Iterator[str]:
    dsn = server.create_database()
    yield dsn
    server.drop_database(dsn)


@pytest.mark.parametrize("road", ["upgrade", "psql"])
@pytest.mark.parametrize(
    "options", [InstallOptions(), InstallOptions(tenant_isolation=True), InstallOptions(ddl_trigger=False)]
)
def test_an_upgraded_schema_is_a_fresh_one(
    old_db: str, fresh_db: str, road: str, options: InstallOptions
) -> None:
    if road == "psql":
        ran = run_psql(old_db, write_script(options, upgrade=True))
        assert ran.returncode == 0, ran.stderr
    else:
        with psycopg.connect(old_db) as conn:
            upgrade(conn, options)
    with psycopg.connect(fresh_db) as conn:
        install(conn, options)
    assert catalogue(old_db) == catalogue(fresh_db)


def test_no_event_is_touched_and_logging_goes_on(old: Connection) -> None:
    before = (value(old, ROWS), value(old, FILE), value(old, "SELECT log_id FROM audit.schema_info"))
    writers = f"SELECT array_agg(xmin::text ORDER BY id) {OURS}"
    xmins = value(old, writers)
    result = upgrade(old)
    assert result.changed
    assert (result.earlier, result.version) == (1, SCHEMA_VERSION)
    assert "Upgraded the audit schema from version 1: version 2" in result.messages[0]
    assert (value(old, ROWS), value(old, FILE), value(old, "SELECT log_id FROM audit.schema_info")) == before
    assert value(old, writers) == xmins
    log(old, tenant="t0")
    log(old, tenant="t1")
    assert chain(old, "t1") == (6, True)
    verdicts = old.execute("SELECT bool_and(is_valid) FROM audit.verify_chain('t0')").fetchone()
    assert verdicts == (True,)


def test_the_steps_are_recorded(old: Connection) -> None:
    upgrade(old)
    version, tool, options, history = old.execute(
        "SELECT version, tool_version, options, history FROM audit.schema_info"
    ).fetchone() or (None, None, None, None)
    assert (version, tool) == (SCHEMA_VERSION, __version__)
    assert options["layout"] == "plain"
    first, second = history
    assert (first["version"], first["steps"], first["by"]) == (1, ["install"], None)
    assert (second["version"], second["by"]) == (2, "postgres")
    assert "0002_options" in second["steps"]
    assert second["at"] > first["at"]


def test_of_the_reserved_tenant_nothing_is_said_where_nobody_used_it(old: Connection) -> None:
    assert not [message for message in upgrade(old).messages if "_audit" in message]


def test_events_in_the_reserved_tenant_stay_and_verify(old: Connection) -> None:
    event_id = log(old, tenant="_audit")
    (note,) = [message for message in upgrade(old).messages if "_audit" in message]
    assert note.startswith('Note: the tenant "_audit" holds events of an application')
    first = "SELECT event_id FROM audit.logs WHERE tenant_id = '_audit' AND sequence_number = 1"
    assert value(old, first) == event_id
    assert chain(old, "_audit")[1]
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="reserved"):
        log(old, tenant="_audit")


def test_the_present_version_has_nothing_to_upgrade(db: Connection) -> None:
    result = upgrade(db)
    assert not result.changed
    assert "Nothing changed" in result.messages[0]


def test_a_newer_schema_is_not_upgraded(db: Connection) -> None:
    db.execute("UPDATE audit.schema_info SET version = 99")
    with pytest.raises(UnsupportedSchemaError, match="version 99, newer than") as caught:
        upgrade(db)
    assert caught.value.hint == "use a newer audit-tui"


def test_nothing_to_upgrade_says_install(empty: Connection) -> None:
    with pytest.raises(UnsupportedSchemaError, match="no audit schema to upgrade") as caught:
        upgrade(empty)
    assert caught.value.hint == "audit-tui install"


def test_a_guide_schema_is_not_upgraded_but_adopted(guide_db: str) -> None:
    with psycopg.connect(guide_db) as conn, pytest.raises(UnsupportedSchemaError) as caught:
        upgrade(conn)
    assert "install --adopt" in str(caught.value.hint)


def test_install_on_an_older_schema_says_upgrade(old: Connection, old_db: str) -> None:
    before = catalogue(old_db)
    with pytest.raises(UnsupportedSchemaError, match="is version 1, this audit-tui makes") as caught:
        install(old)
    assert caught.value.hint == "audit-tui upgrade"
    assert catalogue(old_db) == before


def test_an_old_log_whose_row_is_gone_is_still_old(old: Connection) -> None:
    old.execute("DELETE FROM audit.schema_info")
    with pytest.raises(UnsupportedSchemaError, match="is version 1"):
        install(old)
    assert upgrade(old).earlier == 1
    assert value(old, "SELECT version FROM audit.schema_info") == SCHEMA_VERSION


def test_an_old_log_that_calls_itself_new_is_still_old(old: Connection) -> None:
    old.execute("UPDATE audit.schema_info SET version = 2")
    with pytest.raises(UnsupportedSchemaError, match="is version 1"):
        install(old)
    assert upgrade(old).earlier == 1


def test_what_others_were_granted_stays_and_public_gets_nothing(old: Connection) -> None:
    old.execute("CREATE ROLE upgrade_app NOLOGIN")
    old.execute("CREATE ROLE upgrade_boss NOLOGIN")
    try:
        old.execute("GRANT USAGE ON SCHEMA audit TO upgrade_app")
        old.execute("GRANT INSERT, SELECT ON audit.logs TO upgrade_app")
        old.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA audit TO upgrade_app")
        old.execute("GRANT EXECUTE ON FUNCTION audit.verify_chain TO upgrade_boss WITH GRANT OPTION")
        held = (
            "SELECT count(DISTINCT p.proname) FROM pg_proc p WHERE p.pronamespace = 'audit'::regnamespace"
            " AND has_function_privilege('upgrade_app', p.oid, 'EXECUTE')"
        )
        before = value(old, held)
        old.execute("GRANT EXECUTE ON FUNCTION audit.erase TO PUBLIC")
        upgrade(old)
        assert value(old, held) == before
        for right in ("INSERT", "SELECT"):
            assert value(old, f"SELECT has_table_privilege('upgrade_app', 'audit.logs', '{right}')") is True
        assert value(
            old,
            "SELECT has_function_privilege('upgrade_boss', p.oid, 'EXECUTE WITH GRANT OPTION')"
            " FROM pg_proc p WHERE p.proname = 'verify_chain' AND p.pronamespace = 'audit'::regnamespace",
        )
        assert (
            value(old, "SELECT has_function_privilege('upgrade_boss', 'audit.erase'::regproc, 'EXECUTE')")
            is False
        )
    finally:
        for role in ("upgrade_app", "upgrade_boss"):
            old.execute(f"DROP OWNED BY {role} CASCADE")
            old.execute(f"DROP ROLE {role}")


def test_writers_wait_but_do_not_fail(old: Connection, old_db: str) -> None:
    stop = Event()
    failures: list[Exception] = []
    logged = []

    def write() -> None:
        with psycopg.connect(old_db, autocommit=True) as conn:
            while not stop.is_set():
                try:
                    logged.append(log(conn, tenant="t1"))
                except psycopg.Error as error:
                    failures.append(error)
                    return

    writers = [Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        while len(logged) < 5 and not failures:
            pass
        result = upgrade(old)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert result.changed
    assert failures == []
    assert chain(old, "t1") == (5 + len(logged), True)


def test_a_busy_table_ends_the_upgrade_with_one_line(
    old: Connection, old_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script, "LOCK_TIMEOUT", "50ms")
    before = catalogue(old_db)
    with psycopg.connect(old_db) as busy:
        log(busy, tenant="t1")
        with pytest.raises(AuditError, match="someone holds a lock on the audit schema"):
            upgrade(old)
    assert catalogue(old_db) == before
    assert upgrade(old).changed


def test_a_view_on_verify_chain_survives(old: Connection) -> None:
    old.execute("CREATE VIEW public.daily AS SELECT * FROM audit.verify_chain('t0')")
    upgrade(old)
    assert value(old, "SELECT bool_and(is_valid) FROM public.daily") is True


def test_what_stands_on_a_function_that_must_go_is_named(
    old: Connection, old_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old.execute("CREATE VIEW public.daily AS SELECT * FROM audit.verify_chain('t0')")
    drop = "DROP FUNCTION audit.verify_chain(varchar);"
    monkeypatch.setattr(script, "read_sql", lambda name: drop if "0002" in name else read_sql(name))
    before = catalogue(old_db)
    with pytest.raises(AuditError, match=r"cannot drop function .* \(view public.daily depends"):
        upgrade(old)
    assert catalogue(old_db) == before
