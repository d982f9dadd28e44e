"""The daily check, silence, holds and the retention report where the log is laid out by time."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from audit_tui.embedded import tamper
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.store.install import install
from audit_tui.store.script import InstallOptions
from tests.cli.program import call
from tests.conftest import Templates
from tests.schema.conftest import Connection
from tests.schema.events import log

MONTHS = 6


def _install(conn: psycopg.Connection) -> None:
    """Two tenants with an event every three days over half a year, and one of now."""
    install(conn, InstallOptions(layout="partitioned"))
    now = datetime.now(UTC)
    conn.execute("SET ROLE audit_owner")
    for tenant in ("acme", "other"):
        events = [
            {
                "event_id": f"evt_{tenant}{day}", "timestamp": (now - timedelta(days=day)).isoformat(),
                "event_type": "user.updated", "actor_type": "user", "actor_id": f"usr_{day % 2}",
                "resource_type": "user", "resource_id": "usr_2",
            }
            for day in range(30 * MONTHS, 3, -3)
        ]  # fmt: skip
        conn.execute("SELECT audit.import_events(%s, 'history', %s)", [tenant, json.dumps(events)])
    conn.execute("RESET ROLE")


@pytest.fixture
def dsn(server: EmbeddedServer, templates: Templates) -> Iterator[str]:
    found = templates.copy("monitoring_partitioned", _install)
    yield found
    server.drop_database(found)


@pytest.fixture
def parts(dsn: str) -> Iterator[Connection]:
    with psycopg.connect(dsn, autocommit=True) as conn:
        yield conn


def status(conn: Connection, *, full: bool = False) -> dict[str, tuple[str, int]]:
    rows = conn.execute(
        "SELECT tenant_id, status, events_checked FROM audit.check_and_alert(p_full => %s)"
        " WHERE tenant_id <> '_audit'",
        [full],
    ).fetchall()
    return {tenant: (said, read) for tenant, said, read in rows}


def test_the_next_run_reads_what_is_new(parts: Connection) -> None:
    first = status(parts)
    assert {said for said, _ in first.values()} == {"intact"}
    log(parts, "acme")
    assert status(parts) == {"acme": ("intact", 1), "other": ("intact", 0)}


def test_an_old_month_is_the_business_of_a_full_run_and_a_missing_one_of_any(parts: Connection) -> None:
    status(parts)
    tamper.edit_field(parts, "acme", 3, "actor_id", "evil")
    assert status(parts)["acme"][0] == "intact"
    assert status(parts, full=True)["acme"][0] == "tampered"
    tamper.drop_first(parts, "other", 5)
    assert status(parts)["other"][0] == "tampered"


def test_silence_is_heard_over_the_turn_of_months(parts: Connection) -> None:
    log(parts, "other")
    said = dict(parts.execute("SELECT tenant_id, status FROM audit.check_and_alert('4 days')").fetchall())
    assert (said["acme"], said["other"]) == ("silent", "intact")


def test_holds_and_the_report(parts: Connection, dsn: str) -> None:
    row = parts.execute("SELECT audit.place_hold('acme', 'case', 'usr_1')").fetchone()
    assert row is not None
    held = parts.execute("SELECT hold, events FROM audit.held_events('acme', 1, 20)").fetchall()
    assert held == [(row[0], 10)]
    set_rule = ("retention", "set", "short", "--pattern", "user.*", "--keep", "30d")
    assert call(dsn, *set_rule).code == 0
    told = call(dsn, "retention", "--json", "--tenant", "acme").document["tenants"][0]
    short = next(each for each in told["rules"] if each["rule"] == "short")
    assert short["cold"] == short["expired"] == told["due"]
    assert told["held"][0]["due"] == told["due"] // 2
