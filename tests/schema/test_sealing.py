"""What the trigger makes of an inserted row, and what it refuses before it has read the chain."""

from datetime import UTC, datetime, timedelta

import pytest
from psycopg import errors

from tests.schema.conftest import Connection, Login
from tests.schema.events import chain, event, insert, log, rows


def test_a_logged_event_is_sealed_and_linked(db: Connection) -> None:
    for number in range(5):
        log(db, changes={"n": {"old": number, "new": number + 1}})
        log(db, tenant="t2", resource_after={"n": number})
    assert chain(db, "t1") == (5, True)
    assert chain(db, "t2") == (5, True)
    assert len({bytes(row["part_salts"]) for row in rows(db)}) == 5


def test_a_direct_insert_is_sealed_whatever_it_brings(db: Connection) -> None:
    log(db)
    insert(
        db,
        sequence_number=77,
        previous_hash="a" * 64,
        timestamp=datetime(1999, 1, 1, tzinfo=UTC),
        hash_version=1,
        event_hash="b" * 64,
    )
    insert(db, event_id="evt_2", hash_version=0, part_salts=b"mine", timestamp=None, sequence_number=None)
    assert chain(db) == (3, True)
    brought = event(db, 2)
    assert brought["hash_version"] == 2
    assert brought["timestamp"].year > 1999
    assert len(event(db, 3)["part_salts"]) == 64


def test_several_rows_of_one_statement_are_chained(db: Connection) -> None:
    db.execute(
        "INSERT INTO audit.logs"
        " (event_id, event_type, tenant_id, actor_type, actor_id, resource_type, resource_id)"
        " SELECT 'evt_' || n, 'a.b', 't' || n % 2, 'user', 'u', 'user', 'r' FROM generate_series(1, 40) n"
    )
    assert chain(db, "t0") == (20, True)
    assert chain(db, "t1") == (20, True)


def test_copy_is_sealed(db: Connection) -> None:
    with db.cursor().copy(
        "COPY audit.logs (event_id, event_type, tenant_id, actor_type, actor_id, resource_type, resource_id)"
        " FROM STDIN"
    ) as copy:
        for number in range(20):
            copy.write_row((f"evt_{number}", "a.b", "t1", "user", "u", "user", "r"))
    assert chain(db) == (20, True)


def test_a_rolled_back_event_leaves_no_gap(db: Connection) -> None:
    log(db)
    with db.transaction(force_rollback=True):
        log(db)
    with db.transaction():
        log(db)
        with db.transaction(force_rollback=True):
            log(db)
        log(db)
    assert chain(db) == (3, True)
    assert [row["id"] for row in rows(db)] != [1, 2, 3]


def test_a_json_null_is_not_a_missing_value(db: Connection) -> None:
    log(db, resource_before={"a": 1}, resource_after=None)
    log(db, resource_before={"a": 1}, resource_after="null")
    first, second = db.execute(
        "SELECT audit.part_text(l, 'snapshots') FROM audit.logs l ORDER BY sequence_number"
    ).fetchall()
    assert first == ('{"a": 1}\n',)
    assert second == ('{"a": 1}\nnull',)
    assert chain(db) == (2, True)


@pytest.mark.parametrize(
    ("column", "value", "error"),
    [
        ("tenant_id", None, errors.NotNullViolation),
        ("event_id", None, errors.NotNullViolation),
        ("event_type", None, errors.NotNullViolation),
        ("actor_type", None, errors.NotNullViolation),
        ("actor_id", None, errors.NotNullViolation),
        ("resource_type", None, errors.NotNullViolation),
        ("resource_id", None, errors.NotNullViolation),
        ("event_id", "evt_", errors.CheckViolation),
        ("event_id", "evt_ab\n", errors.CheckViolation),
        ("event_id", "id_1", errors.CheckViolation),
        ("erased_parts", '{"identity": "x"}', errors.CheckViolation),
        ("resource_id", "x" * 51, errors.StringDataRightTruncation),
        ("event_id", "evt_taken", errors.UniqueViolation),
    ],
)
def test_a_refused_row_tells_a_writer_nothing_of_the_chain(
    db: Connection, login: Login, column: str, value: object, error: type[errors.Error]
) -> None:
    insert(db, event_id="evt_taken")
    sealed = event(db, 1)
    writer = login("w_refused", "audit_writer")
    columns = {
        "event_hash": "x",
        "previous_hash": None,
        "sequence_number": None,
        "hash_version": None,
        column: value,
    }
    with pytest.raises(error) as caught:
        insert(writer, **columns)
    told = str(caught.value) + str(caught.value.diag.message_detail)
    assert sealed["event_hash"] not in told
    assert "Failing row" not in told


def test_a_row_that_is_already_sealed_is_refused(db: Connection) -> None:
    with pytest.raises(errors.RestrictViolation, match="already sealed") as caught:
        insert(db, event_hash="a" * 64, part_salts=b"\x01" * 64)
    assert "session_replication_role" in str(caught.value.diag.message_hint)


def test_a_data_only_restore_keeps_rows_only_as_a_replica(db: Connection) -> None:
    log(db, changes={"a": 1})
    log(db)
    before = rows(db)
    db.execute("CREATE TABLE dump AS SELECT * FROM audit.logs")
    db.execute("SET session_replication_role = replica")
    db.execute("DELETE FROM dump WHERE false")
    db.execute("ALTER TABLE audit.logs DISABLE TRIGGER USER")
    db.execute("DELETE FROM audit.logs")
    db.execute("ALTER TABLE audit.logs ENABLE TRIGGER USER")
    db.execute("SET session_replication_role = origin")
    with pytest.raises(errors.RestrictViolation, match="already sealed"):
        db.execute("INSERT INTO audit.logs SELECT * FROM dump ORDER BY sequence_number")
    db.execute("SET session_replication_role = replica")
    db.execute("INSERT INTO audit.logs SELECT * FROM dump ORDER BY sequence_number")
    assert rows(db) == before


def _stamp_head(db: Connection, ahead: timedelta) -> datetime:
    """As if the head had been logged while the clock was `ahead`. Returns the head's time."""
    db.execute("ALTER TABLE audit.logs DISABLE TRIGGER logs_90_refuse_update")
    row = db.execute(
        "UPDATE audit.logs SET timestamp = clock_timestamp() + %s RETURNING timestamp", [ahead]
    ).fetchone()
    db.execute("ALTER TABLE audit.logs ENABLE ALWAYS TRIGGER logs_90_refuse_update")
    assert row is not None
    stamped: datetime = row[0]
    return stamped


def test_a_head_a_little_ahead_holds_the_time(db: Connection) -> None:
    log(db)
    head = _stamp_head(db, timedelta(seconds=55))
    log(db)
    assert event(db, 2)["timestamp"] == head


def test_a_head_far_ahead_does_not_freeze_the_time(db: Connection) -> None:
    log(db)
    head = _stamp_head(db, timedelta(days=365))
    log(db)
    assert event(db, 2)["timestamp"] < head - timedelta(days=364)


def test_times_within_a_transaction_go_on(db: Connection) -> None:
    with db.transaction():
        log(db)
        log(db)
    first, second = (row["timestamp"] for row in rows(db))
    assert first < second


def test_an_event_too_long_to_be_read_again_is_refused(db: Connection) -> None:
    # A number of few bytes prints as 131,072 digits: the row is small, its text is not.
    digits = "SELECT jsonb_agg(('1e131071')::numeric) FROM generate_series(1, 4200)"
    with pytest.raises(errors.ProgramLimitExceeded):
        db.execute(
            "SELECT audit.log_event('a.b', 't1', 'user', 'u', NULL, NULL, 'user', 'r', NULL, NULL,"
            f" ({digits}))"
        )
    assert chain(db) == (0, True)


def test_the_chain_row_is_written_once_per_transaction(db: Connection) -> None:
    with db.transaction():
        for _ in range(10):
            log(db)
        row = db.execute("SELECT ctid::text, holder = pg_current_xact_id() FROM audit.chains").fetchone()
    assert row == ("(0,1)", True)
