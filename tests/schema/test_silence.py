"""The alarm for silence: a tenant that usually logs, and has stopped."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from psycopg import errors

from tests.schema.conftest import Connection
from tests.schema.events import log
from tests.schema.test_monitoring import check, listener

__all__ = ["listener"]

DAY = timedelta(days=1)


def history(db: Connection, tenant: str, *ages: timedelta) -> None:
    """Imports an event of each age, oldest first; the import's own closing event has the last one's time."""
    now = datetime.now(UTC)
    events = [
        {
            "event_id": f"evt_{tenant}{number}",
            "timestamp": (now - age).isoformat(),
            "event_type": "user.updated",
            "actor_type": "user",
            "actor_id": "u",
            "resource_type": "user",
            "resource_id": "r",
        }
        for number, age in enumerate(sorted(ages, reverse=True))
    ]
    db.execute("SET ROLE audit_owner")
    db.execute("SELECT audit.import_events(%s, 'history', %s)", [tenant, json.dumps(events)])
    db.execute("RESET ROLE")


def silent(db: Connection, span: str) -> set[str]:
    rows = db.execute(
        "SELECT tenant_id, is_valid FROM audit.check_and_alert(%s) WHERE status = 'silent'", [span]
    ).fetchall()
    assert all(valid for _, valid in rows)
    return {tenant for tenant, _ in rows}


def test_who_logged_daily_and_stopped_is_silent(db: Connection) -> None:
    history(db, "daily", *(DAY * n for n in range(2, 20)))
    history(db, "lively", *(DAY * n for n in range(20)))
    assert silent(db, "1 day") == {"daily"}
    assert silent(db, "3 days") == set()


def test_who_never_logged_often_is_not_silent(db: Connection) -> None:
    history(db, "monthly", *(DAY * n for n in (5, 35, 65, 95)))
    history(db, "young", *(timedelta(minutes=m) + 2 * DAY for m in range(60)))
    assert silent(db, "1 day") == set()


def test_weekends_are_no_reason_to_call_a_tenant_irregular(db: Connection) -> None:
    """Five days of seven are half of the spans: one who then stops is told."""
    history(db, "weekdays", *(DAY * n for n in range(2, 30) if n % 7 not in (5, 6)))
    assert silent(db, "1 day") == {"weekdays"}


def test_the_schemas_own_events_do_not_break_a_silence(db: Connection) -> None:
    history(db, "daily", *(DAY * n for n in range(2, 20)))
    db.execute("SET ROLE audit_owner")
    log(db, "daily", "audit.archived")
    log(db, "only_own", "audit.ddl")
    db.execute("RESET ROLE")
    assert silent(db, "1 day") == {"daily"}


def test_it_is_told_like_tampering(db: Connection, listener: Connection) -> None:
    history(db, "daily", *(DAY * n for n in range(2, 20)))
    told = check(db, listener, "1 day")
    (warning,) = told.warnings
    assert warning.startswith("SECURITY ALERT: Audit log silent for tenant daily since 20")
    (note,) = told.notes
    assert (note["status"], note["tenant_id"]) == ("silent", "daily")
    assert note["silent_since"].endswith("Z")
    said = (
        "Audit chain is valid - no tampering detected. Silent: this tenant usually logs, and its last event"
    )
    assert told.rows["daily"]["message"].startswith(said)


@pytest.mark.parametrize("span", ["0", "-1 day", "20 years"])
def test_a_span_that_makes_no_sense_is_refused(db: Connection, span: str) -> None:
    with pytest.raises(errors.InvalidParameterValue, match="p_silence"):
        db.execute("SELECT audit.check_and_alert(%s)", [span])
