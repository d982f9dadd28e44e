"""Options of `verify` that say how much is read, and what is looked at beside the chain."""

import psycopg

from audit_tui.embedded import tamper
from tests.cli.events import log_events
from tests.cli.program import call


def test_an_incremental_check_says_what_it_did_not_read_again(long_log: str) -> None:
    assert call(long_log, "verify", "-q").code == 0
    with psycopg.connect(long_log, autocommit=True) as connection:
        log_events(connection, "org_long", 10)
    (tenant,) = call(long_log, "verify", "--incremental", "--json").document["tenants"]
    assert (tenant["checked_from"], tenant["proven_through"], tenant["events"]) == (3000, 3010, 3010)
    assert tenant["full_at"] is not None
    assert any("only a full check can say so" in line for line in tenant["not_claimed"])
    (tenant,) = call(long_log, "verify", "--full", "--json").document["tenants"]
    assert (tenant["checked_from"], tenant["full_at"]) == (None, None)


def test_several_connections_read_side_by_side(long_log: str) -> None:
    assert call(long_log, "verify", "-q", "--jobs", "3").code == 0
    refused = call(long_log, "verify", "--jobs", "0")
    assert refused.code == 2


def test_a_hole_in_the_protection_is_suspicious_and_no_tampering(log: str) -> None:
    with psycopg.connect(log, autocommit=True) as connection:
        connection.execute("ALTER TABLE audit.logs DISABLE TRIGGER logs_90_seal_event")
    ran = call(log, "verify")
    assert ran.code == 0
    assert "Protection of the log" in ran.out
    assert "audit-tui doctor tells how each is closed." in ran.out
    document = call(log, "verify", "--json").document
    assert [each["kind"] for each in document["attestation"]] == ["protection_missing"]
    assert document["tenants"][0]["axes"]["attestation"]["state"] == "failed"
    assert call(log, "verify", "--strict", "-q").code == 1
    assert call(log, "verify", "--strict", "--no-attest", "-q").code == 0


def test_continuity_speaks_of_what_no_seal_covers(guide_log: str) -> None:
    def axis(*options: str) -> str:
        tenants = call(guide_log, "verify", "--json", *options).document["tenants"]
        found = {each["tenant_id"]: each["axes"]["continuity"]["state"] for each in tenants}
        return str(found["org_xyz789"])

    with psycopg.connect(guide_log, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO audit.logs (event_id, event_type, tenant_id, actor_type, actor_id, resource_type,"
            " resource_id, resource_before, resource_after) SELECT 'evt_c' || n, 'user.updated',"
            " 'org_xyz789', 'user', 'u', 'user', 'usr_c', jsonb_build_object('role', 'r' || n),"
            " jsonb_build_object('role', 'r' || n + 1) FROM generate_series(1, 4) AS n"
        )
        assert axis() == "ok"
        row = connection.execute(
            "SELECT sequence_number FROM audit.logs WHERE event_id = 'evt_c2'"
        ).fetchone()
        assert row is not None
        tamper.edit_field(connection, "org_xyz789", row[0], "resource_after", '{"role": "admin"}')
    assert axis() == "failed"
    assert axis("--no-continuity") == "not_run"
