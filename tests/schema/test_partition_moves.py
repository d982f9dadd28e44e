"""Adding partitions: ahead, overlapping, and for months whose events already lie in the default partition."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import errors

from tests.schema.conftest import Connection
from tests.schema.events import chain, log, rows, value
from tests.schema.importing import import_month

DEFAULT = "SELECT count(*) FROM audit.logs_default"
SHAPES = """
SELECT format('%s %s', CASE c.relkind WHEN 'i' THEN 'index' ELSE 'table' END, pg_get_indexdef(c.oid)),
       obj_description(c.oid, 'pg_class')
  FROM pg_class c
 WHERE c.relnamespace = 'audit'::regnamespace AND c.relname ~ '^logs_' AND c.relkind IN ('r', 'i')
UNION ALL
SELECT format('%s %s %s', c.relname, k.conname, pg_get_constraintdef(k.oid)),
       obj_description(k.oid, 'pg_constraint')
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
 WHERE c.relnamespace = 'audit'::regnamespace AND k.contype <> 'n'
UNION ALL
SELECT format('%s %s %s', c.relname, t.tgname, t.tgenabled), obj_description(t.oid, 'pg_trigger')
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE c.relnamespace = 'audit'::regnamespace AND (NOT t.tgisinternal OR t.tgparentid <> 0)
 ORDER BY 1
"""


def months(conn: Connection, first: str, count: int) -> list[str]:
    query = "SELECT audit.add_partitions(audit.missing_months(%s, %s))"
    return [name for (name,) in conn.execute(query, [f"{first}-01 00:00:00+00", count]).fetchall()]


@pytest.fixture
def strayed(partitioned: Connection) -> Connection:
    """Two tenants' events of three months without partitions, one of them with the head there."""
    partitioned.execute("SET ROLE audit_owner")
    for month in ("2023-11", "2023-12", "2024-02"):
        import_month(partitioned, "t1", month, 3)
    import_month(partitioned, "t2", "2023-12", 2)
    log(partitioned)
    partitioned.execute("RESET ROLE")
    return partitioned


def test_months_ahead_are_added_once(partitioned: Connection) -> None:
    added = partitioned.execute("SELECT audit.ensure_partitions(5)").fetchall()
    assert len(added) == 2
    assert partitioned.execute("SELECT audit.ensure_partitions(5)").fetchall() == []


@pytest.mark.parametrize("ahead", [-1, 121, None])
def test_months_ahead_are_bounded(partitioned: Connection, ahead: int | None) -> None:
    with pytest.raises(errors.InvalidParameterValue, match="0 to 120"):
        partitioned.execute("SELECT audit.ensure_partitions(%s)", [ahead])


@pytest.mark.parametrize(
    ("spans", "problem"),
    [
        ("[2001-05-10, 2001-06-10)", "already takes times"),
        ("[2001-03-01, 2001-04-01);[2001-03-15, 2001-04-15)", "share the time"),
        ("[2001-03-01, 2001-03-01)", "a beginning"),
        ("[2001-03-01, 2001-04-01]", "a beginning"),
        ("(2001-03-01, 2001-04-01)", "a beginning"),
        ("[,2001-03-01)", "a beginning"),
        ("[9999-12-01, 10000-02-01)", "1 to 9999"),
        ("[2001-03-01, infinity)", "1 to 9999"),
    ],
)
def test_a_span_that_cannot_be_is_refused(partitioned: Connection, spans: str, problem: str) -> None:
    months(partitioned, "2001-05", 1)
    before = value(partitioned, "SELECT count(*) FROM audit.list_partitions()")
    with pytest.raises(errors.InvalidParameterValue, match=problem):
        partitioned.execute("SELECT audit.add_partitions(%s::tstzrange[])", [spans.split(";")])
    assert value(partitioned, "SELECT count(*) FROM audit.list_partitions()") == before


def test_a_partition_need_not_be_a_month(partitioned: Connection) -> None:
    span = ["[2001-05-07 00:00:00+00, 2001-05-14 00:00:00+00)"]
    name = value_of(partitioned, "SELECT audit.add_partitions(%s::tstzrange[])", span)
    assert name == "logs_20010507t000000000000_20010514t000000000000"
    # of a month that it takes in part, the rest
    assert len(months(partitioned, "2001-05", 1)) == 2


def test_events_move_as_they_were_sealed(strayed: Connection) -> None:
    before = {tenant: rows(strayed, tenant) for tenant in ("t1", "t2")}
    assert value(strayed, DEFAULT) == 15
    assert months(strayed, "2023-12", 1) == ["logs_2023_12"]
    assert value(strayed, DEFAULT) == 8
    assert value(strayed, "SELECT count(*) FROM audit.logs_2023_12") == 7
    settled = [name for (name,) in strayed.execute("SELECT audit.settle_default()").fetchall()]
    assert settled == ["logs_2023_11", "logs_2024_02"]
    assert value(strayed, DEFAULT) == 0
    assert {tenant: rows(strayed, tenant) for tenant in before} == before
    for tenant, events in before.items():
        log(strayed, tenant=tenant)
        assert chain(strayed, tenant) == (len(events) + 1, True)
    assert strayed.execute("SELECT audit.settle_default()").fetchall() == []


def test_what_was_moved_has_the_shape_of_what_was_made(strayed: Connection, server: object) -> None:
    months(strayed, "2023-11", 4)
    months(strayed, "2022-11", 1)

    def shapes(name: str) -> list[tuple[str, str]]:
        found = strayed.execute(SHAPES).fetchall()
        return sorted((shape.replace(name, "THE"), remark) for shape, remark in found if name in shape)

    assert len(shapes("logs_2022_11")) > 15
    assert shapes("logs_2023_11") == shapes("logs_2022_11")
    default = shapes("logs_default")
    assert [shape for shape, _ in default] == [shape for shape, _ in shapes("logs_2022_11")]


def test_a_default_that_was_made_anew_looks_as_at_first(strayed: Connection, db: Connection) -> None:
    digest = "SELECT count(*), count(DISTINCT c.relname) FROM pg_class c WHERE c.relname ~ 'logs_default'"
    before = strayed.execute(digest).fetchone()
    shape = [row for row in strayed.execute(SHAPES).fetchall() if "default" in row[0]]
    strayed.execute("SELECT audit.settle_default()")
    assert strayed.execute(digest).fetchone() == before
    assert [row for row in strayed.execute(SHAPES).fetchall() if "default" in row[0]] == shape


@pytest.mark.parametrize("known", [True, False])
def test_a_stale_snapshot_is_refused_after_a_move(
    strayed: Connection, partitioned_db: str, known: bool
) -> None:
    """It sees the rows neither in their old place nor in the new one: it must not begin the chain anew."""
    if not known:
        strayed.execute("UPDATE audit.chain_places SET partition = NULL")
    with psycopg.connect(partitioned_db) as stale:
        stale.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        stale.execute("SELECT 1")
        strayed.execute("SELECT audit.settle_default()")
        with pytest.raises(errors.SerializationFailure):
            log(stale, tenant="t2")
        stale.rollback()
        log(stale, tenant="t2")
    assert chain(strayed, "t2") == (4, True)


def test_writers_wait_while_events_move(strayed: Connection, partitioned_db: str) -> None:
    """Eight writers log on into the default partition and elsewhere, while months are taken out of it."""
    strayed.execute(
        "DO $$ DECLARE p name; BEGIN"
        " FOR p IN SELECT partition FROM audit.list_partitions() WHERE NOT is_default"
        " LOOP EXECUTE format('DROP TABLE audit.%I', p); END LOOP; END $$"
    )
    gone = value(strayed, "SELECT count(*) FROM audit.logs WHERE tenant_id = 't1'")
    assert gone == 12  # the head went with its partition: these writers go on behind the imported events
    done = threading.Event()

    def writer(number: int) -> int:
        with psycopg.connect(partitioned_db, autocommit=True) as conn:
            written = 0
            while not done.is_set():
                log(conn, tenant=f"w{number % 4}")
                written += 1
            return written

    with ThreadPoolExecutor(8) as pool:
        writers = [pool.submit(writer, number) for number in range(8)]
        try:
            assert months(strayed, "2023-11", 2) == ["logs_2023_11", "logs_2023_12"]
            strayed.execute("SELECT audit.settle_default()")
            assert len(strayed.execute("SELECT audit.ensure_partitions(2)").fetchall()) == 2
        finally:
            done.set()
        written = sum(each.result() for each in writers)
    assert sum(chain(strayed, f"w{number}")[0] for number in range(4)) == written
    assert all(chain(strayed, f"w{number}")[1] for number in range(4))
    assert value(strayed, "SELECT count(*) FROM audit.logs_default WHERE tenant_id LIKE 'w%'") == 0


def test_a_log_in_use_is_waited_for_briefly(strayed: Connection, partitioned_db: str) -> None:
    strayed.execute("ALTER FUNCTION audit.add_partitions SET lock_timeout = '100ms'")
    with psycopg.connect(partitioned_db) as writer:
        log(writer)
        for month in ("2023-12", "2030-01"):
            with pytest.raises(errors.LockNotAvailable):
                months(strayed, month, 1)
    assert months(strayed, "2023-12", 1) == ["logs_2023_12"]


def value_of(conn: Connection, query: str, span: list[str]) -> object:
    row = conn.execute(query.encode(), [span]).fetchone()
    return None if row is None else row[0]
