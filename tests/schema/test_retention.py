"""Retention rules as data: the seeds, who may change them, what is refused, and that every change is told."""

from typing import Any

import psycopg
import pytest
from psycopg import errors

from audit_tui.store.install import install
from tests.schema.conftest import Connection, Login
from tests.schema.events import log, value

RULES = "SELECT name, event_pattern, tenant_id, keep::text, hot::text, warm::text FROM audit.retention_rules"
SEEDS = {
    ("security", "security.*", None, None, "1 year", "3 years"),
    ("failed-login", "auth.login_failed", None, None, "1 year", "3 years"),
    ("failed-authentication", "auth.failed", None, None, "1 year", "3 years"),
    ("own-records", "audit.*", None, None, "1 year", "3 years"),
    ("everything", "*", None, "7 years", "1 year", "3 years"),
}


@pytest.fixture
def archivist(db: Connection, login: Login) -> Connection:
    log(db, "t1")
    return login("keeper_of_rules", "audit_archivist")


def rules(conn: Connection) -> set[tuple[Any, ...]]:
    return set(conn.execute(RULES).fetchall())


def put(conn: Connection, name: str, pattern: str, keep: str | None = "2 years", **named: Any) -> bool:
    values = {"name": name, "event_pattern": pattern, "keep": keep} | named
    arguments = ", ".join(f"p_{key} => %({key})s" for key in values)
    row = conn.execute(f"SELECT audit.set_retention_rule({arguments})", values).fetchone()
    assert row is not None
    return bool(row[0])


def changes(conn: Connection) -> list[dict[str, Any]]:
    found = conn.execute(
        "SELECT metadata FROM audit.logs WHERE tenant_id = '_audit'"
        " AND event_type = 'audit.retention_changed' ORDER BY sequence_number"
    )
    return [metadata for (metadata,) in found]


def test_the_recommended_rules_are_there_from_the_first_install(archivist: Connection) -> None:
    assert rules(archivist) == SEEDS


def test_a_later_install_brings_none_back(archivist: Connection, db: Connection, audit_db: str) -> None:
    archivist.execute("SELECT audit.remove_retention_rule('security')")
    put(archivist, "everything", "*", "10 years")
    before = rules(archivist)
    with psycopg.connect(audit_db) as conn:
        install(conn)
    assert rules(archivist) == before


def test_a_rule_is_made_changed_and_removed_and_each_is_told(archivist: Connection, db: Connection) -> None:
    assert put(archivist, "logins", "auth.*", "90 days") is True
    assert put(archivist, "logins", "auth.*", "90 days") is False
    assert put(archivist, "logins", "auth.*", None) is True
    archivist.execute("SELECT audit.remove_retention_rule('logins')")
    assert rules(archivist) == SEEDS
    made, changed, removed = changes(archivist)
    assert (made["rule"], made["before"], made["after"]["keep"]) == ("logins", None, "90 days")
    assert (made["after"]["hot"], made["after"]["warm"]) == ("90 days", "90 days")
    assert (changed["before"]["keep"], changed["after"]["keep"]) == ("90 days", None)
    assert (removed["before"]["name"], removed["after"]) == ("logins", None)
    actor = value(db, "SELECT DISTINCT actor_id FROM audit.logs WHERE event_type = 'audit.retention_changed'")
    assert actor == "keeper_of_rules"
    assert value(db, "SELECT is_valid FROM audit.verify_chain('_audit') LIMIT 1") is True


def test_a_change_by_hand_is_told_too(archivist: Connection, db: Connection) -> None:
    db.execute("UPDATE audit.retention_rules SET keep = '1 year', warm = '1 year' WHERE name = 'everything'")
    db.execute("DELETE FROM audit.retention_rules WHERE name = 'security'")
    assert [change["rule"] for change in changes(db)] == ["everything", "security"]


def test_a_rule_about_the_same_events_is_refused_by_name(archivist: Connection) -> None:
    put(archivist, "users", "user.*")
    with pytest.raises(errors.InvalidParameterValue, match="the rule users is about the same events"):
        put(archivist, "people", "user.*", "1 year")
    put(archivist, "users-of-t1", "user.*", tenant_id="t1")
    with pytest.raises(errors.InvalidParameterValue, match="the rule users-of-t1"):
        put(archivist, "more-users-of-t1", "user.*", tenant_id="t1")
    put(archivist, "updates", "user.updated", "1 year")  # more specific: no contradiction


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "Upper"}, "a rule is named"),
        ({"name": ""}, "a rule is named"),
        ({"name": None}, "a rule is named"),
        ({"name": "x" * 64}, "a rule is named"),
        ({"event_pattern": "user*"}, "a pattern is"),
        ({"event_pattern": "*.updated"}, "a pattern is"),
        ({"event_pattern": ""}, "a pattern is"),
        ({"event_pattern": None}, "a pattern is"),
        ({"event_pattern": "x" * 101}, "a pattern is"),
        ({"keep": "0"}, "longer than nothing"),
        ({"keep": "-1 day"}, "longer than nothing"),
        ({"keep": "1 day", "hot": "2 days"}, "follow each other"),
        ({"hot": "3 years", "warm": "1 year"}, "follow each other"),
        ({"tenant_id": "t9"}, "no events of that tenant"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    archivist: Connection, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(errors.InvalidParameterValue, match=said):
        put(archivist, **({"name": "mine", "pattern": "a.b"} | _renamed(given)))
    assert rules(archivist) == SEEDS
    assert changes(archivist) == []


def _renamed(given: dict[str, Any]) -> dict[str, Any]:
    return {{"event_pattern": "pattern"}.get(name, name): each for name, each in given.items()}


def test_removing_what_is_not_there(archivist: Connection) -> None:
    with pytest.raises(errors.InvalidParameterValue, match="no retention rule of that name"):
        archivist.execute("SELECT audit.remove_retention_rule('nothing')")


def test_everyone_who_reads_may_read_them_and_nobody_may_write(db: Connection, login: Login) -> None:
    for role in ("audit_reader", "audit_admin", "audit_eraser", "audit_archivist"):
        person = login(f"rules_{role}", role)
        assert len(rules(person)) == 5
        with pytest.raises(errors.InsufficientPrivilege):
            person.execute("UPDATE audit.retention_rules SET keep = NULL")
        if role != "audit_archivist":
            with pytest.raises(errors.InsufficientPrivilege):
                put(person, "mine", "a.b")
    writer = login("rules_audit_writer", "audit_writer")
    with pytest.raises(errors.InsufficientPrivilege):
        rules(writer)
