"""What witnesses say of the log: each way to differ is told apart, and accepted only knowingly."""

import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from audit_tui.embedded import tamper
from audit_tui.embedded.server import EmbeddedServer
from tests.cli.program import call
from tests.service.conftest import log_events
from tests.witness.conftest import TENANT, Conn, attack, done


def says(dsn: str, *more: str, code: int) -> dict[str, str]:
    ran = done(call(dsn, "witness", "compare", "--json", *more), code)
    assert ran.document["format"] == "audit-tui/witness-compare/1"
    return {each["tenant_id"]: each["says"] for each in ran.document["answers"]}


def rewrite(conn: Conn) -> None:
    tamper.edit_field(conn, TENANT, 7, "actor_id", "usr_else")
    tamper.rehash_from(conn, TENANT, 7)


def of_another_cluster(state: Path, **identity: object) -> None:
    """As if the witnesses had been taken of another cluster, database or log."""
    (file,) = (state / "witnesses").iterdir()
    lines = [json.loads(line) | identity for line in file.read_text().splitlines()]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_a_log_that_only_grew(log: str) -> None:
    log_events(log, TENANT, 5)
    log_events(log, "org_new", 1)
    assert says(log, code=0) == {TENANT: "intact", "org_b": "intact"}
    ran = done(call(log, "witness", "compare"))
    assert "All 2 witnesses fit the log" in ran.out
    assert "No witness yet of org_new" in ran.out


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (lambda conn: tamper.cut_tail(conn, TENANT, 15), {TENANT: "rewound", "org_b": "intact"}),
        (rewrite, {TENANT: "rewritten", "org_b": "intact"}),
        (lambda conn: tamper.remove_tenant(conn, "org_b"), {TENANT: "intact", "org_b": "missing"}),
    ],
)
def test_what_was_done_to_the_log(
    log: str, action: Callable[[Conn], object], expected: dict[str, str]
) -> None:
    attack(log, action)
    assert says(log, code=1) == expected
    ran = done(call(log, "witness", "compare"), 1)
    assert "1 of 2 witnesses do not fit the log" in ran.out


def test_a_restored_backup_shows_by_its_cluster(log: str, tmp_path: Path) -> None:
    attack(log, lambda conn: tamper.cut_tail(conn, TENANT, 15))
    of_another_cluster(tmp_path / "state", system_identifier="7000000000000000001")
    assert says(log, code=3) == {TENANT: "restored", "org_b": "moved"}
    assert "system identifier" in done(call(log, "witness", "compare"), 3).out


def test_a_restored_backup_that_went_on_too(log: str, tmp_path: Path) -> None:
    attack(log, lambda conn: tamper.cut_tail(conn, TENANT, 15))
    log_events(log, TENANT, 12)
    assert says(log, code=1)[TENANT] == "rewritten"
    of_another_cluster(tmp_path / "state", timeline=99)
    assert says(log, code=3) == {TENANT: "restored", "org_b": "moved"}


def test_another_database_behind_the_name(log: str) -> None:
    attack(log, lambda conn: conn.execute("UPDATE audit.schema_info SET log_id = gen_random_uuid()"))
    assert says(log, code=3) == {TENANT: "another_database", "org_b": "another_database"}


def test_nothing_to_compare_with(audit_db: str) -> None:
    log_events(audit_db, TENANT, 1)
    ran = done(call(audit_db, "witness", "compare"), 3)
    assert "no witness to compare with" in ran.out
    done(call(audit_db, "witness", "compare", "--tenant", "org_nobody"), 4)
    assert "Nothing is remembered" in done(call(audit_db, "witness", "list")).out
    done(call(audit_db, "witness", "show", TENANT), 4)


def test_a_witness_below_an_archive_is_out_of_reach(audit_db: str, tmp_path: Path) -> None:
    from tests.archive.logs import fill

    attack(audit_db, lambda conn: fill(conn, tenants=1, events=60))
    done(call(audit_db, "verify", "--quiet"))
    (file,) = (tmp_path / "state" / "witnesses").iterdir()
    early = json.loads(file.read_text())
    with psycopg.connect(audit_db) as conn:
        row = conn.execute("SELECT event_hash FROM audit.logs WHERE sequence_number = 5").fetchone()
    assert row is not None
    place = tmp_path / "archive"
    done(
        call(
            audit_db, "archive", "--before", "2023-07-01", "--to", str(place), "--write", "--requester", "dpo"
        )
    )
    assert says(audit_db, "--all", code=0) == {"t1": "intact"}
    file.write_text(json.dumps(early | {"sequence": 5, "event_hash": row[0]}) + "\n")
    assert says(audit_db, code=3) == {"t1": "out_of_reach"}


def test_a_clock_that_is_wrong_by_years_changes_no_answer(
    log: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for year in ("2019", "2031"):
        of_another_cluster(tmp_path / "state", taken_at=f"{year}-11-01T00:00:00Z")
        assert set(says(log, code=0).values()) == {"intact"}
        assert done(call(log, "verify", "--quiet")).code == 0
    monkeypatch.setattr("audit_tui.bootstrap.now_us", lambda: 1_500_000_000_000_000)
    assert set(says(log, code=0).values()) == {"intact"}
    listed = done(call(log, "witness", "list")).out
    assert "in the future" in listed
    log_events(log, TENANT, 1)
    done(call(log, "verify", "--quiet"))
    newest = done(call(log, "witness", "list", "--json")).document["witnesses"][0]
    assert newest["sequence"] == 21, "the newest is the last one appended, not the one with the latest time"


def test_accepting_keeps_the_old_and_begins_anew(log: str, tmp_path: Path) -> None:
    attack(log, lambda conn: tamper.cut_tail(conn, TENANT, 15))
    of_another_cluster(tmp_path / "state", system_identifier="7000000000000000001")
    assert "Nothing" not in done(call(log, "witness", "accept", "--reason", "new cluster, change 47")).out
    assert says(log, code=0) == {TENANT: "intact", "org_b": "intact"}
    done(call(log, "verify", "--quiet"))
    shown = done(call(log, "witness", "show", TENANT, "--json")).document
    assert [(w["sequence"], w["source"], w["reason"]) for w in shown["witnesses"][:2]] == [
        (20, "check", None), (14, "baseline", "new cluster, change 47"),
    ]  # fmt: skip
    assert "change 47" in done(call(log, "witness", "show", TENANT)).out
    again = done(call(log, "witness", "accept", "--reason", "again"))
    assert "Nothing to accept" in again.out


def test_what_looks_like_tampering_is_accepted_by_name_alone(log: str) -> None:
    attack(log, rewrite)
    refused = done(call(log, "witness", "accept", "--reason", "whatever"), 2)
    assert TENANT in refused.complaint
    assert says(log, code=1)[TENANT] == "rewritten"
    ran = done(call(log, "witness", "accept", "--tenant", TENANT, "--reason", "incident 12", "--json"))
    (accepted,) = ran.document["accepted"]
    assert (accepted["said"], accepted["new"]["sequence"], accepted["old"]["sequence"]) == (
        "rewritten",
        20,
        20,
    )
    assert says(log, code=0) == {TENANT: "intact", "org_b": "intact"}


def test_a_chain_that_does_not_hold_is_never_a_baseline(log: str) -> None:
    attack(log, rewrite, lambda conn: tamper.edit_field(conn, TENANT, 3, "actor_id", "x"))
    refused = done(call(log, "witness", "accept", "--tenant", TENANT, "--reason", "incident"), 1)
    assert "by itself" in refused.complaint
    assert says(log, code=1)[TENANT] == "rewritten"


def test_a_tenant_that_is_gone_can_be_let_go(log: str) -> None:
    attack(log, lambda conn: tamper.remove_tenant(conn, "org_b"))
    done(call(log, "verify", "--quiet"), 1)
    done(call(log, "witness", "accept", "--tenant", "org_b", "--reason", "contract ended, deleted by order"))
    done(call(log, "verify", "--quiet"))
    assert says(log, code=0) == {TENANT: "intact"}
    assert (
        done(call(log, "witness", "show", "org_b", "--json")).document["witnesses"][-1]["source"] == "closed"
    )
    log_events(log, "org_b", 3)
    done(call(log, "verify", "--quiet"))
    assert says(log, code=0) == {TENANT: "intact", "org_b": "intact"}


@pytest.mark.parametrize("reason", ["", "   ", "x" * 2001])
def test_a_reason_says_something(log: str, reason: str) -> None:
    done(call(log, "witness", "accept", "--reason", reason), 2)


def test_a_copy_under_another_name_is_another_target(log: str, server: EmbeddedServer) -> None:
    name = psycopg.conninfo.conninfo_to_dict(log)["dbname"]
    copy = server.create_database(template=str(name))
    try:
        assert says(copy, code=3) == {}
    finally:
        server.drop_database(copy)


def test_the_list_and_its_digest(log: str) -> None:
    document = done(call(log, "witness", "list", "--json")).document
    assert document["format"] == "audit-tui/witness-list/1"
    assert (document["events"], [w["tenant_id"] for w in document["witnesses"]]) == (30, [TENANT, "org_b"])
    from tests.core.test_merkle import tree_hash

    lines = [line.encode() for line in document["digest"]["heads"]]
    assert document["digest"]["root"] == tree_hash(lines).hex()
    text = done(call(log, "witness", "list")).out
    assert document["digest"]["root"] in text
    assert TENANT in text
