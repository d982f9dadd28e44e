"""Installs and the recording of changes: one event for each that changed something, none at the first."""

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from audit_tui.core.errors import UnsupportedSchemaError
from audit_tui.store.install import install
from audit_tui.store.script import InstallOptions
from tests.schema.conftest import Connection, Login
from tests.schema.ddl import ALL, RECORDERS, recorded
from tests.schema.events import chain, log, value


def test_an_install_is_one_event_where_it_changed_something(db: Connection) -> None:
    assert not install(db).changed
    assert recorded(db) == []
    db.execute("DROP INDEX audit.logs_tenant_type_idx")
    assert install(db).changed
    assert recorded(db) == [("DROP INDEX", "audit.logs_tenant_type_idx"), ("INSTALL", "audit")]
    assert chain(db, "_audit") == (2, True)
    assert not install(db).changed


def test_without_superuser_an_install_is_one_event_too(db: Connection, login: Login) -> None:
    db.execute("DROP INDEX audit.logs_tenant_type_idx")
    installer = login("ddl_installer")
    db.execute("GRANT audit_owner TO ddl_installer")
    try:
        assert install(installer).changed
    finally:
        db.execute("REVOKE audit_owner FROM ddl_installer")
    assert recorded(db, after=1) == [("INSTALL", "audit")]
    assert (
        value(db, "SELECT actor_id FROM audit.logs ORDER BY sequence_number DESC LIMIT 1") == "ddl_installer"
    )
    assert db.execute(RECORDERS).fetchall() == ALL


def test_without_superuser_a_first_install_says_what_is_missing(empty: Connection, login: Login) -> None:
    installer = login("ddl_installer")
    empty.execute(f"GRANT CREATE ON DATABASE {empty.info.dbname} TO ddl_installer")
    empty.execute("GRANT audit_owner TO ddl_installer")
    try:
        with psycopg.connect(make_conninfo(installer.info.dsn, dbname=empty.info.dbname)) as conn:
            assert any("changes of the schema are not recorded" in line for line in install(conn).messages)
    finally:
        empty.execute("REVOKE audit_owner FROM ddl_installer")
    assert not any(
        "not recorded" in line for line in install(empty, InstallOptions(ddl_trigger=True)).messages
    )
    assert empty.execute(RECORDERS).fetchall() == ALL


def test_an_install_mends_a_log_that_cannot_record(db: Connection) -> None:
    db.execute("DROP TRIGGER logs_90_seal_event ON audit.logs")
    db.execute(
        "DROP FUNCTION audit.seal_by_hand(audit.logs)"
    )  # told by a warning only: it cannot be recorded
    assert install(db).changed
    log(db)
    assert chain(db) == (1, True)
    assert recorded(db)[-1] == ("INSTALL", "audit")


def test_an_install_can_do_without(db: Connection, empty: Connection) -> None:
    assert install(empty, InstallOptions(ddl_trigger=False)).changed
    assert empty.execute(RECORDERS).fetchall() == []
    assert install(db, InstallOptions(ddl_trigger=False)).changed
    assert db.execute(RECORDERS).fetchall() == []
    assert "no longer recorded" in str(value(db, "SELECT metadata ->> 'statement' FROM audit.logs"))
    assert not install(db).changed
    assert install(db, InstallOptions(ddl_trigger=True)).changed
    assert db.execute(RECORDERS).fetchall() == ALL


def test_somebody_elses_event_trigger_of_that_name_is_left_alone(empty: Connection) -> None:
    empty.execute("CREATE FUNCTION mine() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'")
    empty.execute("CREATE EVENT TRIGGER audit_record_ddl ON sql_drop EXECUTE FUNCTION mine()")
    with pytest.raises(
        UnsupportedSchemaError, match="an event trigger audit_record_ddl that this tool did not"
    ):
        install(empty)
    assert install(empty, InstallOptions(ddl_trigger=False)).changed
    assert empty.execute(RECORDERS).fetchall() == [("audit_record_ddl", "O")]


def test_a_recorder_that_was_moved_away_is_put_back(db: Connection) -> None:
    db.execute("ALTER FUNCTION audit.record_ddl() SET SCHEMA public")
    known = len(recorded(db))
    assert install(db).changed
    assert recorded(db, after=known)[-1] == ("INSTALL", "audit")
    assert db.execute(RECORDERS).fetchall() == ALL
    db.execute("DROP FUNCTION public.record_ddl()")  # nothing hangs on it any more
    assert not install(db).changed
