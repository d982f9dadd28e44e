"""The layout by time range: what may be written, what its partitions refuse, what is as in the plain one."""

from datetime import UTC, datetime

import psycopg
import pytest
from psycopg import errors
from psycopg.conninfo import make_conninfo

from audit_tui.store.install import install
from audit_tui.store.script import InstallOptions
from tests.schema.conftest import Connection
from tests.schema.events import chain, event, insert, log, rows, value
from tests.schema.importing import import_month

COLUMNS = (
    "SELECT attname, format_type(atttypid, atttypmod), attnotnull, col_description(attrelid, attnum)"
    " FROM pg_attribute WHERE attrelid = 'audit.logs'::regclass AND attnum > 0 ORDER BY attnum"
)
ROW_TRIGGERS = (
    "SELECT c.relname, t.tgname, t.tgenabled::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    " WHERE c.relnamespace = 'audit'::regnamespace AND c.relname LIKE 'logs%'"
    " AND (NOT t.tgisinternal OR t.tgparentid <> 0)"  # 14 calls the ones that partitions inherit internal
)
MODES = {
    "logs_10_guard_insert": "O",
    "logs_20_forget_place": "R",
    "logs_90_refuse_delete": "A",
    "logs_90_refuse_update": "A",
    "logs_90_seal_event": "O",
    "logs_91_prove_removal": "A",
    "logs_refuse_truncate": "A",
}
NAMES = "SELECT array_agg(partition) FROM audit.list_partitions()"


def this_month(conn: Connection) -> str:
    """The partition of now."""
    return str(value(conn, "SELECT to_char(timezone('UTC', now()), '\"logs_\"YYYY_MM')"))


def test_it_has_the_columns_of_the_plain_layout(partitioned: Connection, db: Connection) -> None:
    assert partitioned.execute(COLUMNS).fetchall() == db.execute(COLUMNS).fetchall()


def test_a_new_log_has_this_month_three_more_and_a_default(partitioned: Connection) -> None:
    names = value(partitioned, NAMES)
    assert isinstance(names, list)
    assert names[0] == this_month(partitioned)
    assert len(names) == 5
    assert names[-1] == "logs_default"
    assert names == sorted(names)


def test_installing_again_changes_nothing(partitioned: Connection) -> None:
    log(partitioned)
    assert install(partitioned).changed is False


def test_every_partition_has_every_trigger_in_its_mode(partitioned: Connection) -> None:
    partitioned.execute("SELECT audit.add_partitions(audit.missing_months('2001-05-01 00:00:00+00', 1))")
    found: dict[str, dict[str, str]] = {}
    for table, trigger, mode in partitioned.execute(ROW_TRIGGERS).fetchall():
        found.setdefault(table, {})[trigger] = mode
    assert len(found) == 7
    assert all(triggers == MODES for triggers in found.values())


def test_an_install_puts_lost_guards_back(partitioned: Connection) -> None:
    part = this_month(partitioned)
    partitioned.execute(f"DROP TRIGGER logs_refuse_truncate ON audit.{part}".encode())
    partitioned.execute(f"ALTER TABLE audit.{part} DISABLE TRIGGER logs_90_refuse_update".encode())
    partitioned.execute(f"ALTER TABLE audit.{part} ENABLE TRIGGER logs_91_prove_removal".encode())
    lacks = f"SELECT missing_guards FROM audit.list_partitions() WHERE partition = '{part}'"
    assert value(partitioned, lacks) == [
        "logs_90_refuse_update", "logs_91_prove_removal", "logs_refuse_truncate",
    ]  # fmt: skip
    assert install(partitioned).changed is True
    assert value(partitioned, lacks) == []


@pytest.mark.parametrize("where", ["logs", "{part}", "logs_default", "{part}, audit.logs_default"])
@pytest.mark.parametrize("role", ["origin", "replica"])
def test_nothing_can_be_truncated(partitioned: Connection, where: str, role: str) -> None:
    log(partitioned)
    partitioned.execute(f"SET session_replication_role = {role}".encode())
    target = where.format(part=this_month(partitioned))
    with pytest.raises(errors.RestrictViolation, match="TRUNCATE is not allowed"):
        partitioned.execute(f"TRUNCATE audit.{target}".encode())


@pytest.mark.parametrize("where", ["logs", "{part}"])
@pytest.mark.parametrize("role", ["origin", "replica"])
def test_nothing_can_be_changed_or_deleted(partitioned: Connection, where: str, role: str) -> None:
    log(partitioned)
    partitioned.execute(f"SET session_replication_role = {role}".encode())
    target = where.format(part=this_month(partitioned))
    with pytest.raises(errors.RestrictViolation, match="immutable"):
        partitioned.execute(f"UPDATE audit.{target} SET actor_id = 'x' WHERE tenant_id = 't1'".encode())
    with pytest.raises(errors.RestrictViolation, match="immutable"):
        partitioned.execute(f"DELETE FROM audit.{target} WHERE tenant_id = 't1'".encode())
    assert chain(partitioned) == (1, True)


def test_an_insert_is_sealed_and_numbered(partitioned: Connection) -> None:
    insert(partitioned, event_id="evt_mine")
    partitioned.execute(
        "INSERT INTO audit.logs (event_type, tenant_id, actor_type, actor_id, resource_type, resource_id)"
        " SELECT 'a.b', 't1', 'u', 'u', 'r', n::text FROM generate_series(1, 3) n"
    )
    assert chain(partitioned) == (4, True)
    assert [row["id"] for row in rows(partitioned)] == sorted({row["id"] for row in rows(partitioned)})
    assert event(partitioned, 1)["event_id"] == "evt_mine"
    assert event(partitioned, 2)["event_id"].startswith("evt_")


def test_log_event_returns_the_event_id_that_was_drawn(partitioned: Connection) -> None:
    drawn = [log(partitioned) for _ in range(3)]
    assert [row["event_id"] for row in rows(partitioned)] == drawn
    with partitioned.transaction():
        drawn = [log(partitioned, tenant=tenant) for tenant in ("a", "b", "a")]
    assert [row["event_id"] for row in rows(partitioned, "a")] == [drawn[0], drawn[2]]


@pytest.mark.parametrize("moment", ["2001-05-05 00:00:00+00", "infinity", "2090-01-01", "-infinity"])
def test_a_time_of_another_partition_is_refused_clearly(partitioned: Connection, moment: str) -> None:
    partitioned.execute("SELECT audit.add_partitions(audit.missing_months('2001-05-01 00:00:00+00', 1))")
    log(partitioned)
    with pytest.raises(errors.InvalidParameterValue, match="names one of another partition") as refusal:
        insert(partitioned, timestamp=moment)
    assert "leave the column timestamp out" in str(refusal.value.diag.message_hint)
    assert chain(partitioned) == (1, True)


def test_a_time_of_this_month_is_overwritten_as_ever(partitioned: Connection) -> None:
    before = datetime.now(UTC)
    insert(partitioned, timestamp=before.replace(day=1, hour=0, minute=0, second=0, microsecond=1))
    assert event(partitioned, 1)["timestamp"] >= before


def test_a_time_that_is_null_is_refused(partitioned: Connection) -> None:
    with pytest.raises(errors.NotNullViolation, match="leave the column out"):
        insert(partitioned, timestamp=None)


def test_an_event_id_occurs_once_in_whichever_partition(partitioned: Connection) -> None:
    partitioned.execute("SELECT audit.add_partitions(audit.missing_months('2024-01-01 00:00:00+00', 1))")
    partitioned.execute("SET ROLE audit_owner")
    import_month(partitioned, "t1", "2024-01", 2)
    used = event(partitioned, 1)["event_id"]
    with pytest.raises(errors.UniqueViolation) as refusal:
        insert(partitioned, event_id=used)
    diag = refusal.value.diag
    assert diag.message_detail == f"Key (tenant_id, event_id)=(t1, {used}) already exists."
    assert diag.constraint_name == "logs_tenant_id_event_id_key"
    assert event(partitioned, 3)["event_hash"] not in str(refusal.value)
    insert(partitioned, event_id=used, tenant_id="t2")
    with pytest.raises(errors.UniqueViolation):
        partitioned.execute(
            "INSERT INTO audit.logs (event_id, event_type, tenant_id, actor_type, actor_id, resource_type,"
            " resource_id) SELECT 'evt_twice', 'a.b', 't1', 'u', 'u', 'r', 'r' FROM generate_series(1, 2)"
        )
    assert chain(partitioned) == (3, True)


def test_history_is_routed_where_it_belongs(partitioned: Connection) -> None:
    partitioned.execute("SELECT audit.add_partitions(audit.missing_months('2024-01-01 00:00:00+00', 3))")
    partitioned.execute("SET ROLE audit_owner")
    for month in ("2023-12", "2024-01", "2024-02", "2024-03"):
        import_month(partitioned, "t1", month, 2)
    log(partitioned)
    places = "SELECT tableoid::regclass::text FROM audit.logs WHERE tenant_id = 't1' ORDER BY sequence_number"
    found = [name.removeprefix("audit.") for (name,) in partitioned.execute(places).fetchall()]
    months = ["logs_default", "logs_2024_01", "logs_2024_02", "logs_2024_03"]
    assert found == [name for name in months for _ in range(3)] + [this_month(partitioned)]
    assert chain(partitioned) == (13, True)


def test_a_log_without_partitions_ahead_goes_on_in_the_default_one(partitioned: Connection) -> None:
    log(partitioned)
    drop = "ALTER TABLE audit.logs DETACH PARTITION audit.{0}; ALTER TABLE audit.{0} RENAME TO gone"
    partitioned.execute(drop.format(this_month(partitioned)).encode())
    log(partitioned, tenant="t2")
    insert(partitioned, event_id="evt_2", tenant_id="t2")
    where = "SELECT DISTINCT tableoid::regclass::text FROM audit.logs WHERE tenant_id = 't2'"
    assert value(partitioned, where) == "audit.logs_default"
    assert chain(partitioned, "t2") == (2, True)


def test_a_writer_can_log_and_do_nothing_else(partitioned: Connection, partitioned_db: str) -> None:
    partitioned.execute("CREATE ROLE by_time_writer LOGIN IN ROLE audit_writer")
    try:
        with psycopg.connect(make_conninfo(partitioned_db, user="by_time_writer"), autocommit=True) as writer:
            assert log(writer).startswith("evt_")
            insert(writer)
            for statement in (
                "SELECT 1 FROM audit.logs",
                "SELECT 1 FROM audit.logs_default",
                "SELECT * FROM audit.chain_places",
                f"INSERT INTO audit.{this_month(partitioned)} SELECT * FROM audit.logs",
                "SELECT nextval('audit.logs_id_seq')",
                "SELECT audit.ensure_partitions(1)",
                "SELECT audit.list_partitions()",
                "SELECT audit.drop_archived_partition('logs_default')",
                "SELECT audit.enter_partition('t1', 1, now())",
            ):
                with pytest.raises(errors.InsufficientPrivilege):
                    writer.execute(statement.encode())
            with pytest.raises(errors.InsufficientPrivilege, match=r"audit\."):
                log(writer, event_type="audit.erased")
    finally:
        partitioned.execute("DROP ROLE by_time_writer")
    assert chain(partitioned) == (2, True)


def test_a_writer_cannot_hold_the_logs_own_chain(partitioned: Connection, partitioned_db: str) -> None:
    with psycopg.connect(partitioned_db) as holder:
        holder.execute("SELECT audit.take_turn('_audit')")
        partitioned.execute("SET lock_timeout = '100ms'")
        partitioned.execute("SET ROLE audit_owner")
        log(partitioned, tenant="_audit")


def test_the_layout_is_chosen_once(partitioned: Connection, db: Connection) -> None:
    from audit_tui.core.errors import UnsupportedSchemaError

    with pytest.raises(UnsupportedSchemaError, match="keeps the layout"):
        install(partitioned, InstallOptions(layout="plain"))
    with pytest.raises(UnsupportedSchemaError, match="keeps the layout"):
        install(db, InstallOptions(layout="partitioned"))


@pytest.mark.parametrize("call", ["ensure_partitions(1)", "settle_default()", "add_partitions('{}')"])
def test_a_plain_log_says_that_it_has_no_partitions(db: Connection, call: str) -> None:
    with pytest.raises(errors.ObjectNotInPrerequisiteState, match="has no partitions"):
        db.execute(f"SELECT audit.{call}".encode())
    assert db.execute("SELECT * FROM audit.list_partitions()").fetchall() == []
