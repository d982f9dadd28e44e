"""Every command on a real log, for people and for programs."""

import psycopg
import pytest

from audit_tui.core.clock import from_datetime, rfc3339
from audit_tui.core.model import COLUMNS
from tests.cli.events import HOSTILE
from tests.cli.program import call, run

ACME = ("--tenant", "org_acme")
XYZ = ("--tenant", "org_xyz789")


def test_tenants_lists_them_with_their_events(either_log: str) -> None:
    ran = call(either_log, "tenants")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0].startswith("2 tenants with 35 events in postgres@")
    assert lines[3].split()[:2] == ["org_acme", "30"]


def test_tenants_as_a_document(either_log: str) -> None:
    told = call(either_log, "tenants", "--json").document
    assert told["format"] == "audit-tui/tenants/1"
    acme, xyz = told["tenants"]
    assert (acme["tenant_id"], acme["events"], acme["first_sequence"], acme["last_sequence"]) == (
        "org_acme",
        30,
        1,
        30,
    )
    assert xyz["witness"] is None
    assert acme["last_time"].endswith("Z")
    assert len(acme["last_time"]) == len("2026-11-02T17:40:11.204000Z")


def test_tenants_tells_what_was_witnessed(log: str) -> None:
    call(log, "verify", "--tenant", "org_acme")
    acme, xyz = call(log, "tenants", "--json").document["tenants"]
    assert acme["witness"]["sequence"] == 30
    assert acme["witness"]["event_hash"] == acme["head_hash"]
    assert xyz["witness"] is None


def test_timeline_streams_every_event_as_a_document(either_log: str) -> None:
    told = call(either_log, "timeline", *ACME, "--json").documents
    assert [each["event"]["sequence_number"] for each in told] == list(range(1, 31))
    assert {each["format"] for each in told} == {"audit-tui/timeline/1"}
    assert told[0]["event"].keys() == set(COLUMNS)
    assert {each["check"]["content"] for each in told} == {"ok"}
    assert {each["check"]["link"] for each in told} == {"ok"}


def test_timeline_keeps_numbers_as_the_server_prints_them(either_log: str) -> None:
    first = call(either_log, "timeline", *ACME, "--json", "-n", "1").out
    assert '"price": 1.10' in first
    assert '"big": 12345678901234567890' in first


def test_timeline_filters_and_limits_to_the_newest(either_log: str) -> None:
    told = call(either_log, "timeline", *ACME, "--json", "type:auth.*", "-n", "3").documents
    assert [each["event"]["sequence_number"] for each in told] == [26, 28, 29]
    assert {each["event"]["event_type"] for each in told} == {"auth.login", "auth.login_failed"}


def test_timeline_limits_beyond_one_page(long_log: str) -> None:
    told = call(long_log, "timeline", "--json", "-n", "1200", "type:auth.*").documents
    sequences = [each["event"]["sequence_number"] for each in told]
    assert sequences == [n for n in range(1, 3001) if n % 3][-1200:]


def test_timeline_says_what_part_it_shows(either_log: str) -> None:
    assert call(either_log, "timeline", *ACME).out.startswith("All 30 events of org_acme.\n")
    assert call(either_log, "timeline", *ACME, "-n", "4").out.startswith(
        "The newest 4 of 30 events of org_acme.\n"
    )
    filtered = call(either_log, "timeline", *ACME, "type:auth.*", "-n", "4").out
    assert filtered.startswith("20 of 30 events of org_acme match type:auth.*. Shown are the newest 4.\n")
    assert len(filtered.splitlines()) == 3 + 4


def test_timeline_with_no_match_says_so(either_log: str) -> None:
    ran = call(either_log, "timeline", *ACME, "type:nothing.*")
    assert ran.code == 0
    assert ran.out.strip() == "0 of 30 events of org_acme match type:nothing.*."


def test_show_by_sequence_and_by_event_id(either_log: str) -> None:
    by_sequence = call(either_log, "show", "7", *ACME, "--json").document
    assert by_sequence["format"] == "audit-tui/show/1"
    by_id = call(either_log, "show", by_sequence["event"]["event_id"], "--json").document
    assert by_id == by_sequence


def test_show_tells_what_is_sealed(log: str, guide_log: str) -> None:
    ours = call(log, "show", "2", *XYZ).out
    assert "✓ actor_email" in ours
    assert '~ role: "member" → "admin"' in ours
    guide = call(guide_log, "show", "2", *XYZ).out
    assert "○ actor_email" in guide
    assert "11 columns lie outside the seal of version 1" in guide


def test_history_lists_a_resource_and_its_edits(either_log: str) -> None:
    told = call(either_log, "history", "user/usr_456", *XYZ, "--json").document
    assert told["format"] == "audit-tui/history/1"
    assert [each["event"]["sequence_number"] for each in told["events"]] == [1, 2, 4]
    edit = {"op": "changed", "path": "/role", "old": "member", "new": "admin", "from_path": None}
    assert told["events"][1]["edits"] == [edit]
    assert told["more"] is False
    text = call(either_log, "history", "user/usr_456", *XYZ, "--diff").out
    assert '~ role: "member" → "admin"' in text


def test_history_reads_on_where_a_limit_ended(either_log: str) -> None:
    newest = call(either_log, "history", "user/usr_456", *XYZ, "--limit", "1")
    assert "older ones exist (--before 4)" in newest.out
    older = call(either_log, "history", "user/usr_456", *XYZ, "--json", "--before", "4").document
    assert [each["event"]["sequence_number"] for each in older["events"]] == [1, 2]


def test_the_first_slash_ends_the_type(either_log: str) -> None:
    told = call(either_log, "history", "user/with/a/slash", *XYZ, "--json").document
    assert told["resource_id"] == "with/a/slash"
    assert len(told["events"]) == 1


def test_reconstruct_before_and_after_a_change(either_log: str) -> None:
    with psycopg.connect(either_log) as connection:
        row = connection.execute(
            "SELECT timestamp FROM audit.logs WHERE tenant_id = 'org_xyz789' AND sequence_number = 2"
        ).fetchone()
    assert row is not None
    changed_us = from_datetime(row[0])
    command = ("reconstruct", "user/usr_456", *XYZ, "--json", "--at")
    before = call(either_log, *command, rfc3339(changed_us - 1)).document
    after = call(either_log, *command, rfc3339(changed_us)).document
    assert before["state"]["role"] == "member"
    assert after["state"]["role"] == "admin"
    assert before["provenance"]["/role"]["sequence"] == 1
    assert after["provenance"]["/role"]["sequence"] == 2


def test_reconstruct_keeps_the_contract(either_log: str) -> None:
    told = call(either_log, "reconstruct", "user/usr_456", *XYZ, "--json").document
    assert told["format"] == "audit-tui/reconstruct/1"
    assert told.keys() >= {
        "tenant_id", "resource_type", "resource_id", "at", "exists", "state", "complete", "base_sequence",
        "applied", "conflicts", "provenance",
    }  # fmt: skip
    assert (told["exists"], told["complete"], told["base_sequence"]) == (True, True, 1)
    assert told["applied"] == [1, 2]
    assert told["conflicts"] == []
    role = told["provenance"]["/role"]
    assert role.keys() >= {"sequence", "event_id", "actor_id", "timestamp", "sealed"}
    assert role["sealed"] is True
    assert role["timestamp"].endswith("Z")
    assert told["at"].endswith("Z")


def test_a_snapshot_of_a_guide_event_is_not_called_sealed(guide_log: str) -> None:
    told = call(guide_log, "reconstruct", "user/usr_456", *XYZ, "--json").document
    assert told["provenance"]["/settings/theme"]["sealed"] is False
    assert "○ not covered" in call(guide_log, "reconstruct", "user/usr_456", *XYZ).out


def test_reconstruct_of_what_was_never_there(either_log: str) -> None:
    told = call(either_log, "reconstruct", "user/nobody", *XYZ, "--json").document
    assert (told["exists"], told["state"]) == (False, None)
    text = call(either_log, "reconstruct", "user/nobody", *XYZ)
    assert text.code == 0
    assert text.out.startswith("No event concerns user/nobody of org_xyz789 up to ")


@pytest.mark.parametrize("where", ["before", "after", "environment"])
def test_the_dsn_is_taken_before_and_after_the_command_and_from_the_environment(
    log: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if where == "environment":
        monkeypatch.setenv("AUDIT_TUI_DSN", log)
    after = ("--dsn", log) if where == "after" else ()
    ran = call(log if where == "before" else None, "tenants", "--json", *after)
    assert len(ran.document["tenants"]) == 2


def test_the_only_tenant_needs_no_name(one_tenant_log: str) -> None:
    assert call(one_tenant_log, "timeline").out.startswith("All 5 events of org_only.")


def test_times_follow_the_zone(one_tenant_log: str) -> None:
    text = call(one_tenant_log, "timeline", "--zone", "Asia/Kolkata").out
    assert "TIME (Asia/Kolkata)" in text
    assert "+05:30" in text


def test_install_says_what_it_did_and_the_second_time_that_it_did_nothing(empty_db: str) -> None:
    first = call(empty_db, "install")
    assert first.code == 0
    assert first.out.startswith("Installed the audit schema")
    second = call(empty_db, "install", "--json").document
    assert second["format"] == "audit-tui/install/1"
    assert second["changed"] is False
    assert second["messages"]


@pytest.mark.parametrize(
    "command",
    [
        ("tenants",), ("timeline", *XYZ), ("timeline", *XYZ, "--json"), ("show", "5", *XYZ),
        ("show", "5", *XYZ, "--json"), ("history", "user/with/a/slash", *XYZ, "--diff"), ("verify",),
        ("verify", "--json"),
    ],
)  # fmt: skip
def test_no_value_of_the_database_acts_on_the_terminal(log: str, command: tuple[str, ...]) -> None:
    out = call(log, *command).out
    assert all(character.isprintable() or character == "\n" for character in out)


def test_a_hostile_value_survives_as_evidence(log: str) -> None:
    assert call(log, "show", "5", *XYZ, "--json").document["event"]["user_agent"] == HOSTILE


def test_the_version_is_printed_without_a_database() -> None:
    assert run("--version").out.startswith("audit-tui ")
    assert run("verify", "--help").code == 0


def test_without_a_command_and_a_terminal_it_says_so() -> None:
    ran = run()
    assert ran.code == 2
    assert "needs a terminal" in ran.complaint


@pytest.mark.parametrize(
    "command", ["tenants", "timeline", "show", "history", "reconstruct", "verify", "install", "demo"]
)
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    ran = call(None, command, "--help")
    assert ran.code == 0
    assert f"  audit-tui {command}" in ran.out or f"audit-tui {command}" in ran.out.partition("Examples:")[2]
