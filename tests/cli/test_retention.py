"""`retention` and `hold` on a real log: what is due, what is held, who may change it, and bad input."""

import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.cli.program import assert_told, call

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
YEAR = timedelta(days=365)


def bring(dsn: str, tenant: str, *events: tuple[timedelta, str, str]) -> None:
    """Imports events of (age, type, actor), oldest first."""
    rows = [
        {
            "event_id": f"evt_{sum(map(ord, tenant))}x{number}", "timestamp": (NOW - age).isoformat(),
            "event_type": kind, "actor_type": "user", "actor_id": actor, "resource_type": "invoice",
            "resource_id": "2024/17",
        }
        for number, (age, kind, actor) in enumerate(sorted(events, reverse=True))
    ]  # fmt: skip
    with psycopg.connect(dsn) as conn:
        conn.execute("SET ROLE audit_owner")
        conn.execute("SELECT audit.import_events(%s, 'test', %s)", (tenant, json.dumps(rows)))


@pytest.fixture
def old_log(audit_db: str) -> str:
    """org_acme: two events of 8 years, three of 4, one of 2, one of yesterday; org_new: one of yesterday."""
    bring(
        audit_db, "org_acme",
        (8 * YEAR + 9 * DAY, "user.updated", "a"), (8 * YEAR, "security.alert", "b"),
        (4 * YEAR + 9 * DAY, "user.updated", "a"), (4 * YEAR + 3 * DAY, "user.viewed", "b"),
        (4 * YEAR, "auth.login_failed", "a"), (2 * YEAR, "user.updated", "a"), (DAY, "user.updated", "a"),
    )  # fmt: skip
    bring(audit_db, "org_new", (DAY, "user.updated", "a"))
    return audit_db


def test_what_is_due_and_since_when(old_log: str) -> None:
    told = call(old_log, "retention", "--json").document
    acme, new = told["tenants"]
    by_rule = {each["rule"]: each for each in acme["rules"]}
    everything = by_rule["everything"]
    assert (everything["events"], everything["hot"], everything["warm"]) == (5, 1, 1)
    assert (everything["cold"], everything["expired"], everything["event_types"]) == (3, 1, 2)
    born = NOW - 8 * YEAR - 9 * DAY
    assert everything["oldest"].startswith(f"{born:%Y-%m-%dT%H:%M}")
    assert everything["due_since"].startswith(f"{born.replace(year=born.year + 3):%Y-%m}")
    assert everything["expired_since"].startswith(f"{born.replace(year=born.year + 7):%Y-%m}")
    assert (by_rule["security"]["permanent"], by_rule["security"]["expired"]) == (True, 0)
    assert (by_rule["failed-login"]["cold"], by_rule["failed-login"]["events"]) == (1, 1)
    assert (acme["due"], acme["due_through"]) == (5, 5)
    stays = NOW - 2 * YEAR
    assert acme["archive_before"].startswith(f"{stays:%Y-%m-%dT%H:%M:%S}")
    assert (new["due"], new["due_through"], new["archive_before"]) == (0, None, None)
    assert [rule["name"] for rule in told["rules"]][-1] == "everything"


def test_the_report_for_people(old_log: str) -> None:
    ran = call(old_log, "retention", "--tenant", "org_acme")
    assert (ran.code, ran.err) == (0, "")
    assert "5 events through 5 are due for an archive: archive --before 20" in ran.out
    assert "org_new" not in ran.out


def test_an_event_that_is_not_due_keeps_what_follows_it(old_log: str) -> None:
    """A chain is taken from its beginning: a rule that keeps one type warm holds the rest up, and says so."""
    alerts = ("--pattern", "security.*", "--keep", "permanent")
    assert_told(
        call(old_log, "retention", "set", "alerts", *alerts), 4, "the rule security is about the same"
    )
    done = call(old_log, "retention", "set", "security", *alerts, "--warm", "100y")
    assert done.out == "security.* is kept: permanent.\n"
    acme = call(old_log, "retention", "--json", "--tenant", "org_acme").document["tenants"][0]
    assert (acme["due"], acme["due_through"]) == (1, 1)


def test_a_tenants_own_rule_counts_for_it_alone(old_log: str) -> None:
    command = ("retention", "set", "acme", "--pattern", "*", "--tenant", "org_acme", "--keep", "90d")
    assert call(old_log, *command, "--json").document == {
        "format": "audit-tui/retention-set/1", "changed": True,
        "rule": {"name": "acme", "pattern": "*", "tenant_id": "org_acme", "keep": "90 days",
                 "permanent": False, "hot": "90 days", "warm": "90 days"},
    }  # fmt: skip
    assert call(old_log, *command, "--json").document["changed"] is False
    tenants = {t["tenant_id"]: t for t in call(old_log, "retention", "--json").document["tenants"]}
    assert {each["rule"] for each in tenants["org_acme"]["rules"]} == {"acme"}
    assert tenants["org_acme"]["rules"][0]["expired"] == 6
    assert {each["rule"] for each in tenants["org_new"]["rules"]} == {"everything", "own-records"}


def test_without_any_rule_everything_is_kept(old_log: str) -> None:
    with psycopg.connect(old_log) as conn:
        conn.execute("DELETE FROM audit.retention_rules")
    told = call(old_log, "retention", "--json", "--tenant", "org_acme").document
    (kept,) = told["tenants"][0]["rules"]
    assert (kept["rule"], kept["permanent"], kept["cold"], kept["expired"]) == (None, True, 0, 0)
    assert "(no rule: kept)" in call(old_log, "retention").out


def test_removing_a_rule(old_log: str) -> None:
    assert call(old_log, "retention", "remove", "security").code == 0
    assert_told(call(old_log, "retention", "remove", "security"), 4, "no retention rule of that name")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("retention", "set", "Bad Name", "--pattern", "*", "--keep", "1y"), "called"),
        (("retention", "set", "x", "--pattern", "user*", "--keep", "1y"), "pattern"),
        (("retention", "set", "x", "--pattern", "a.b", "--keep", "soon"), "period"),
        (("retention", "set", "x", "--pattern", "a.b", "--keep", "1y", "--hot", "0d"), "period"),
        (("retention", "set", "x", "--pattern", "a.b"), "--keep"),
        (("retention", "--time-limit", "never"), "length of time"),
        (("hold", "add", "--tenant", "org_acme", "--reason", " "), "a reason is required"),
        (("hold", "add", "--tenant", "org_acme", "--reason", "x" * 2001), "2,000"),
        (
            ("hold", "add", "--tenant", "org_acme", "--reason", "x", "--actor", "a", "--resource", "b/c"),
            "not both",
        ),
        (("hold", "add", "--tenant", "org_acme", "--reason", "x", "--resource", "bc"), "TYPE/ID"),
        (("hold", "add", "--reason", "x"), "--tenant"),
    ],
)
def test_wrong_words_are_refused(old_log: str, words: tuple[str, ...], said: str) -> None:
    ran = call(old_log, *words)
    assert ran.code == 2
    assert said in ran.complaint


def test_holds_are_placed_listed_seen_in_the_report_and_released(old_log: str) -> None:
    added = call(old_log, "hold", "add", "-t", "org_acme", "--actor", "b", "--reason", "case 17", "--json")
    hold = added.document["hold"]
    assert (added.document["active"], added.document["actor_id"]) == (True, "b")
    acme = call(old_log, "retention", "--json", "--tenant", "org_acme").document["tenants"][0]
    assert acme["held"] == [{"hold": hold, "reason": "case 17", "events": 3, "due": 2}]
    assert f"{hold} holds 3 events, 2 of those that are due: case 17" in call(old_log, "retention").out
    on_resource = call(
        old_log, "hold", "add", "--tenant", "org_acme", "--resource", "invoice/2024/17", "--reason", "tax"
    )
    assert "holds invoice/2024/17 of org_acme" in on_resource.out
    ended = call(old_log, "hold", "release", hold, "--reason", "closed", "--json").document
    assert (ended["active"], ended["release_reason"]) == (False, "closed")
    listed = call(old_log, "hold", "list", "--json").document["holds"]
    assert [each["active"] for each in listed] == [False, True]
    assert call(old_log, "hold", "list", "-t", "org_new", "--json").document["holds"] == []
    both = ("hold", "list", "-t", "org_new", "-t", "org_acme", "--json")
    assert call(old_log, *both).document["holds"] == listed
    assert_told(call(old_log, "hold", "list", "--tenant", "nobody"), 4, "there is no tenant nobody")
    lines = call(old_log, "hold", "list").out.splitlines()
    assert ["active" in line for line in lines[1:]] == [True, False]
    assert_told(call(old_log, "hold", "release", hold, "--reason", "again"), 4, "released before")


def test_no_holds(old_log: str) -> None:
    assert call(old_log, "hold", "list").out == "There are no holds.\n"


def test_a_hold_for_an_unknown_tenant(old_log: str) -> None:
    assert_told(
        call(old_log, "hold", "add", "--tenant", "org_x", "--reason", "x"), 4, "no events of that tenant"
    )
    assert_told(call(old_log, "retention", "--tenant", "org_x"), 4, "there is no tenant org_x")


def test_a_hold_that_is_not_there(old_log: str) -> None:
    assert_told(call(old_log, "hold", "release", "hld_1", "--reason", "x"), 4, "no intact hold of that name")


def test_who_may_not_change_is_told_what_is_missing(old_log: str) -> None:
    with psycopg.connect(old_log, autocommit=True) as conn:
        conn.execute("DROP ROLE IF EXISTS cli_keeps_nothing")
        conn.execute("CREATE ROLE cli_keeps_nothing LOGIN")
        conn.execute("GRANT audit_reader TO cli_keeps_nothing")
        dsn = make_conninfo(old_log, user="cli_keeps_nothing")
        try:
            for words in (
                ("hold", "add", "--tenant", "org_acme", "--reason", "x"),
                ("retention", "set", "x", "--pattern", "a.b", "--keep", "1y"),
            ):
                assert_told(call(dsn, *words), 4, "GRANT audit_archivist")
            assert call(dsn, "retention").code == 0
            assert call(dsn, "hold", "list").code == 0
        finally:
            conn.execute("REVOKE audit_reader FROM cli_keeps_nothing")


def test_a_guide_schema_has_neither(guide_log: str) -> None:
    for words in (("retention",), ("hold", "list")):
        assert_told(call(guide_log, *words), 4, "no retention rules and no holds")


def test_a_tenant_that_takes_too_long_is_said_and_hides_no_other(
    old_log: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from audit_tui.core.errors import QueryTimeoutError
    from audit_tui.store import retention as store

    real = store.count_events

    def slow(conn: psycopg.Connection, tenant_id: str, types: object) -> object:
        if tenant_id == "org_acme":
            raise QueryTimeoutError("the query ran beyond its time limit")
        return real(conn, tenant_id, types)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "count_events", slow)
    ran = call(old_log, "retention", "--json")
    assert ran.code == 3
    acme, new = ran.document["tenants"]
    assert acme["problem"] == "the query ran beyond its time limit"
    assert (new["problem"], new["rules"][0]["events"]) == (None, 1)
    assert "not counted: the query ran beyond its time limit" in call(old_log, "retention").out


def test_the_counting_is_of_an_index(old_log: str) -> None:
    from audit_tui.store.queries import load

    with psycopg.connect(old_log) as conn:
        conn.execute("SET enable_seqscan = off")
        query = load("retention_counts").as_string(conn)
        parameters = {
            "tenant": "org_acme", "types": ["user.updated"], "rules": [1], "hot": ["P12M"],
            "warm": ["P36M"], "keep": [None],
        }  # fmt: skip
        plan = "\n".join(line for (line,) in conn.execute("EXPLAIN " + query, parameters))
    assert "Index Only Scan using logs_tenant_type_idx" in plan
    assert "Seq Scan on logs" not in plan


def test_hostile_names_are_drawn_safely(audit_db: str) -> None:
    bring(audit_db, "org_\u202ex", (4 * YEAR, "x.\u001b[31my", "a"))
    ran = call(audit_db, "retention")
    assert ran.code == 0
    assert "\u202e" not in ran.out
    assert "\x1b" not in ran.out
