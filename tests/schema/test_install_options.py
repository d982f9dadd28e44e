"""What an install is asked for: given, else recorded, else the default; and what stays for good."""

import psycopg
import pytest
from psycopg import errors

from audit_tui.core.errors import AuditError, UnsupportedSchemaError
from audit_tui.store import script
from audit_tui.store.install import install
from audit_tui.store.rolename import RESERVED
from audit_tui.store.script import InstallOptions
from tests.schema.conftest import Connection, Login
from tests.schema.events import chain, insert, log, value
from tests.schema.scripts import catalogue

RECORDED = "SELECT options FROM audit.schema_info"
DEFAULTS = {"layout": "plain", "tenant_isolation": False, "roles": True, "ddl_trigger": True}


def test_the_defaults_are_recorded(db: Connection) -> None:
    assert value(db, RECORDED) == DEFAULTS


@pytest.mark.parametrize(
    ("options", "recorded"),
    [
        (InstallOptions(tenant_isolation=True), {"tenant_isolation": True}),
        (InstallOptions(ddl_trigger=False), {"ddl_trigger": False}),
        (InstallOptions(layout="partitioned"), {"layout": "partitioned"}),
        (InstallOptions(layout="plain"), {}),
    ],
    ids=str,
)
def test_what_was_asked_for_once_stays(empty: Connection, options: InstallOptions, recorded: object) -> None:
    install(empty, options)
    assert value(empty, RECORDED) == DEFAULTS | recorded  # type: ignore[operator]
    assert not install(empty).changed
    assert value(empty, RECORDED) == DEFAULTS | recorded  # type: ignore[operator]


def test_a_choice_can_be_turned_and_is_said(db: Connection, audit_db: str) -> None:
    before = catalogue(audit_db)
    on = install(db, InstallOptions(tenant_isolation=True))
    assert on.messages[0].startswith("Changed the audit schema as asked (tenant isolation on): version")
    assert catalogue(audit_db) != before
    off = install(db, InstallOptions(tenant_isolation=False))
    assert off.messages[0].startswith("Changed the audit schema as asked (tenant isolation off)")
    assert catalogue(audit_db) == before


@pytest.mark.parametrize(("made", "asked"), [("plain", "partitioned"), ("partitioned", "plain")])
def test_a_log_keeps_its_layout(empty: Connection, empty_db: str, made: str, asked: str) -> None:
    install(empty, InstallOptions(layout=made))  # type: ignore[arg-type]
    before = catalogue(empty_db)
    with pytest.raises(UnsupportedSchemaError, match=f"this log has the layout {made}") as caught:
        install(empty, InstallOptions(layout=asked))  # type: ignore[arg-type]
    assert "another database" in str(caught.value.hint)
    assert catalogue(empty_db) == before


@pytest.mark.parametrize("record", ['{"layout": "partitioned"}', '{"layout": "no such"}', "{}", "[]", "7"])
def test_the_table_itself_counts_for_more_than_the_record(db: Connection, record: str) -> None:
    digest = install(db).digest
    db.execute("UPDATE audit.schema_info SET options = %s::jsonb", [record])
    assert install(db).digest == digest
    assert value(db, RECORDED) == DEFAULTS


@pytest.mark.parametrize("record", ['"yes"', "null", "[]", '{"a": 1}'])
def test_a_record_that_is_no_choice_is_the_default(db: Connection, record: str) -> None:
    db.execute(
        "UPDATE audit.schema_info SET options = options || jsonb_build_object('roles', %s::jsonb)", [record]
    )
    install(db)
    assert value(db, RECORDED) == DEFAULTS


def test_there_is_nothing_to_adopt_in_a_log_of_ours_or_in_no_log(db: Connection, empty: Connection) -> None:
    for conn, words in ((db, "a log of audit-tui already"), (empty, "this database has no audit.logs")):
        with pytest.raises(UnsupportedSchemaError, match=words):
            install(conn, InstallOptions(adopt=True))


def test_another_owner_owns_everything(empty: Connection) -> None:
    options = InstallOptions(owner="options_keeper")
    assert install(empty, options).changed
    for kind, owner, home in (
        ("pg_class", "relowner", "relnamespace"),
        ("pg_proc", "proowner", "pronamespace"),
        ("pg_namespace", "nspowner", "oid"),
    ):
        found = f"SELECT DISTINCT {owner}::regrole::text FROM {kind} WHERE {home} = 'audit'::regnamespace"
        if kind == "pg_proc":  # what the event triggers call is a superuser's
            found += " AND proname NOT IN ('record_ddl', 'record_recorder')"
        assert empty.execute(found).fetchall() == [("options_keeper",)]
    log(empty)
    assert chain(empty) == (1, True)
    assert not install(empty, options).changed


def test_another_owner_is_the_one_that_reserved_types_are_for(empty: Connection) -> None:
    install(empty, InstallOptions(owner="options_keeper"))
    with pytest.raises(errors.InsufficientPrivilege, match="reserved"):
        insert(empty, event_type="audit.erased")
    empty.execute("SET ROLE options_keeper")
    insert(empty, event_type="audit.erased")
    assert chain(empty) == (1, True)


def test_the_owner_must_be_named_again(empty: Connection, empty_db: str) -> None:
    install(empty, InstallOptions(owner="options_keeper"))
    before = catalogue(empty_db)
    with pytest.raises(
        UnsupportedSchemaError, match="belongs to the role options_keeper, not to audit_owner"
    ) as caught:
        install(empty)
    assert "--owner options_keeper" in str(caught.value.hint)
    assert catalogue(empty_db) == before


def test_every_word_that_the_server_reserves_is_known(empty: Connection) -> None:
    words = empty.execute("SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')").fetchall()
    assert {word for (word,) in words} <= RESERVED


@pytest.mark.parametrize("word", ["between", "row", "owner", "role", "update", "values", "session", "_"])
def test_a_word_that_is_not_reserved_can_own_the_log(empty: Connection, word: str) -> None:
    with empty.transaction(force_rollback=True):
        assert install(empty, InstallOptions(owner=word)).changed
        assert value(
            empty, "SELECT relowner::regrole::text FROM pg_class WHERE oid = 'audit.logs'::regclass"
        ) in (
            word,
            f'"{word}"',
        )


def test_the_tenant_of_the_schema_itself_is_reserved(login: Login, db: Connection) -> None:
    writer = login("w_own_tenant", "audit_writer")
    for conn in (writer, db):
        with pytest.raises(errors.InsufficientPrivilege, match='the tenant "_audit" is reserved'):
            log(conn, tenant="_audit")
        with pytest.raises(errors.InsufficientPrivilege, match="reserved"):
            insert(conn, tenant_id="_audit", hash_version=0)
    for tenant in ("_audit2", "audit", "_AUDIT"):
        log(writer, tenant=tenant)
    before = chain(db, "_audit")[0]
    db.execute("SET ROLE audit_owner")
    insert(db, tenant_id="_audit")
    db.execute("RESET ROLE")
    assert chain(db, "_audit") == (before + 1, True)


def test_a_shadowed_operator_does_not_open_the_reserved_tenant(login: Login, db: Connection) -> None:
    writer = login("w_own_tenant_shadow", "audit_writer")
    db.execute("CREATE SCHEMA w_own_tenant AUTHORIZATION w_own_tenant_shadow")
    for statement in (
        "CREATE FUNCTION w_own_tenant.never(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false'",
        "CREATE OPERATOR w_own_tenant.= (LEFTARG = text, RIGHTARG = text, FUNCTION = w_own_tenant.never)",
        "SET search_path = w_own_tenant, pg_catalog",
    ):
        writer.execute(statement)
    with pytest.raises(errors.InsufficientPrivilege, match="reserved"):
        insert(writer, tenant_id="_audit")


def test_another_install_is_waited_for_and_then_named(
    empty: Connection, empty_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script, "TURN_TIMEOUT", "50ms")
    with psycopg.connect(empty_db) as other:
        other.execute("SELECT 1")  # so that the transaction stays open
        install(other)
        with pytest.raises(AuditError, match="another install of the audit schema is running") as caught:
            install(empty)
        assert f"held by {other.info.backend_pid} (postgres, " in str(caught.value.hint)
        other.commit()
    assert not install(empty).changed
