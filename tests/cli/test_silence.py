"""`verify --silence`: who usually logs and has stopped."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from audit_tui.core.durations import parse_duration
from audit_tui.core.errors import UsageError
from audit_tui.embedded import tamper
from tests.cli.program import call
from tests.cli.test_metrics import read, sample

NOW = datetime.now(UTC)


@pytest.fixture
def quiet_log(audit_db: str) -> str:
    """`daily` logged every day until two days ago, `lively` until now, `rare` every month."""
    with psycopg.connect(audit_db) as conn:
        conn.execute("SET ROLE audit_owner")
        for tenant, days in (("daily", range(2, 20)), ("lively", range(20)), ("rare", (5, 35, 65))):
            events = [
                {
                    "event_id": f"evt_{tenant}{day}", "timestamp": (NOW - timedelta(days=day)).isoformat(),
                    "event_type": "a.b", "actor_type": "user", "actor_id": "u", "resource_type": "r",
                    "resource_id": "1",
                }
                for day in sorted(days, reverse=True)
            ]  # fmt: skip
            conn.execute("SELECT audit.import_events(%s, 'test', %s)", (tenant, json.dumps(events)))
    return audit_db


def test_a_tenant_that_stopped_is_named_and_exits_3(quiet_log: str, tmp_path: Path) -> None:
    file = tmp_path / "audit.prom"
    ran = call(quiet_log, "verify", "--silence", "1d", "--metrics", str(file))
    assert ran.code == 3
    assert "All 3 tenants are intact." in ran.out
    assert "daily is silent" in ran.out
    assert "lively is silent" not in ran.out
    found = read(file.read_text(encoding="utf-8"))
    assert sample(found, "audit_tui_tenant_silent", tenant="daily") == 1
    assert sample(found, "audit_tui_tenant_silent", tenant="lively") == 0
    assert call(quiet_log, "verify", "-q", "--silence", "3d").code == 0
    assert call(quiet_log, "verify", "-q").code == 0


def test_the_document_names_them(quiet_log: str) -> None:
    told = call(quiet_log, "verify", "--json", "--silence", "36h").document
    assert told["verdict"] == "intact"
    (silent,) = told["silent"]
    assert silent["tenant_id"] == "daily"
    assert silent["since"].endswith("Z")
    assert "silent" not in call(quiet_log, "verify", "--json").document


def test_only_the_tenants_that_are_checked(quiet_log: str) -> None:
    assert call(quiet_log, "verify", "-q", "--silence", "1d", "--tenant", "lively").code == 0


def test_tampering_wins(quiet_log: str) -> None:
    with psycopg.connect(quiet_log, autocommit=True) as conn:
        tamper.edit_field(conn, "lively", 3, "actor_id", "x")
    assert call(quiet_log, "verify", "-q", "--silence", "1d").code == 1


def test_the_client_and_the_database_say_the_same(quiet_log: str) -> None:
    with psycopg.connect(quiet_log) as conn:
        rows = conn.execute("SELECT tenant_id FROM audit.check_and_alert('1 day') WHERE status = 'silent'")
        assert [tenant for (tenant,) in rows] == ["daily"]


def test_a_guide_schema_can_be_listened_to(guide_log: str) -> None:
    assert call(guide_log, "verify", "-q", "--silence", "1d").code == 0


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("5 min", 300), ("36h", 129_600), ("2 weeks", 1_209_600)]
)
def test_lengths_of_time(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "1", "d", "-1d", "0s", "1.5h", "11000d", "1y", "٣d", "1d1h"])
def test_what_is_no_length_of_time(log: str, text: str) -> None:
    with pytest.raises(UsageError):
        parse_duration(text)
    if text:
        assert call(log, "verify", "--silence", text).code == 2
