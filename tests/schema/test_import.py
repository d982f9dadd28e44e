"""History with given times: only for the owner role, in order, and sealed like everything else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from tests.schema.conftest import Connection
from tests.schema.events import chain, event, log, rows

START = datetime(2024, 1, 1, tzinfo=UTC)


def history(count: int, **changed: Any) -> list[dict[str, Any]]:
    """`count` events an hour apart."""
    return [
        {
            "event_id": f"evt_{number}",
            "timestamp": (START + timedelta(hours=number)).isoformat(),
            "event_type": "user.updated",
            "actor_type": "user",
            "actor_id": "usr_1",
            "resource_type": "user",
            "resource_id": "usr_2",
            **changed,
        }
        for number in range(count)
    ]


def bring(conn: Connection, events: object, tenant: str = "t1", source: str = "the old log") -> int:
    row = conn.execute("SELECT audit.import_events(%s, %s, %s)", [tenant, source, Jsonb(events)]).fetchone()
    assert row is not None
    return int(row[0])


def test_history_keeps_ids_and_times_and_says_what_it_is(owner: Connection) -> None:
    assert bring(owner, history(5)) == 5
    assert chain(owner) == (6, True)
    events = rows(owner)
    assert [row["timestamp"] for row in events[:5]] == [START + timedelta(hours=n) for n in range(5)]
    assert [row["event_id"] for row in events[:5]] == [f"evt_{n}" for n in range(5)]
    closing = events[5]
    assert closing["event_type"] == "audit.imported"
    assert closing["timestamp"] == START + timedelta(hours=4)
    assert {k: v for k, v in closing["metadata"].items() if k not in {"imported_at", "login"}} == {
        "first_sequence": 1,
        "last_sequence": 5,
        "events": 5,
        "source": "the old log",
    }
    assert datetime.fromisoformat(closing["metadata"]["imported_at"]) > START + timedelta(days=365)


def test_a_second_batch_goes_on_and_events_after_it_have_the_true_time(owner: Connection) -> None:
    bring(owner, history(3))
    later = [
        {**e, "event_id": f"evt_b{n}", "timestamp": "2024-06-01T00:00:00+02:00"}
        for n, e in enumerate(history(2))
    ]
    bring(owner, later)
    log(owner)
    assert chain(owner) == (8, True)
    assert event(owner, 6)["timestamp"] == datetime(2024, 5, 31, 22, tzinfo=UTC)
    assert event(owner, 8)["timestamp"] > START + timedelta(days=365)


def test_null_is_missing_and_a_json_null_has_to_be_named(owner: Connection) -> None:
    absent, null, named = history(3)
    null |= {"resource_after": None, "changes": None, "actor_email": None}
    named |= {"resource_before": {"a": 1.10}, "json_null": ["resource_after"]}
    bring(owner, [absent, null, named])
    texts = owner.execute("SELECT resource_after::text FROM audit.logs ORDER BY sequence_number").fetchall()
    assert texts[:3] == [(None,), (None,), ("null",)]


REFUSED: tuple[tuple[object, str], ...] = (
    ([], "non-empty"),
    ({}, "non-empty"),
    ([1], "event 1 is not an object"),
    (history(1, event_type="audit.erased"), "reserved"),
    (history(1, event_type="AUDIT.x"), "reserved"),
    (history(1, timestamp="2024-01-01 00:00:00"), "UTC offset"),
    (history(1, timestamp="infinity"), "UTC offset"),
    (history(1, timestamp=None), "UTC offset"),
    (history(1, tenant_id="t2"), "another tenant"),
    (history(1, event_hash="a"), "cannot be imported"),
    (history(1, sequence_number=7), "cannot be imported"),
    (history(1, part_salts="x"), "cannot be imported"),
    (history(1, json_null=["actor_email"]), "json_null"),
    (history(1, json_null=["changes"], changes={}), "json_null"),
)


@pytest.mark.parametrize(("events", "sentence"), REFUSED)
def test_events_that_do_not_fit_are_refused(owner: Connection, events: object, sentence: str) -> None:
    with pytest.raises(errors.InvalidParameterValue, match=sentence):
        bring(owner, events)


@pytest.mark.parametrize(
    "events",
    [
        history(1, timestamp=(datetime.now(UTC) + timedelta(hours=1)).isoformat()),
        [*history(2)[::-1]],
        history(1, timestamp="0001-01-01T00:00:00+01:00"),
        history(1, event_id="id 1"),
        history(1, actor_id=None),
        history(2, event_id="evt_same"),
        history(1, resource_id="x" * 51),
    ],
    ids=["future", "backwards", "before year 1", "event_id", "no actor", "same id", "too long"],
)
def test_a_batch_with_one_bad_event_leaves_nothing(owner: Connection, events: object) -> None:
    with pytest.raises(errors.Error):
        bring(owner, events)
    assert chain(owner) == (0, True)


def test_history_before_the_head_is_refused(owner: Connection) -> None:
    log(owner)
    with pytest.raises(errors.CheckViolation, match="before the event it follows"):
        bring(owner, history(1))


def test_only_the_owner_role_imports(db: Connection) -> None:
    with pytest.raises(errors.InsufficientPrivilege, match="owner role"):
        bring(db, history(1))


def test_the_sessions_zone_does_not_move_a_time(owner: Connection) -> None:
    owner.execute("SET timezone = 'Asia/Kolkata'")
    owner.execute("SET datestyle = 'SQL, DMY'")
    bring(owner, history(1, timestamp="2024-02-03T04:05:06Z"))
    owner.execute("RESET datestyle")
    assert event(owner, 1)["timestamp"] == datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC)
