"""`audit-tui evidence`, for people and for programs."""

import psycopg

from audit_tui.embedded import tamper
from tests.cli.program import call
from tests.evidence.test_tampering import hide_from_index


def test_it_is_told_in_sentences_with_their_caveats(plain: str) -> None:
    with psycopg.connect(plain) as conn:
        tamper.edit_field(conn, "acme", 7, "actor_id", "usr_evil")
    ran = call(plain, "evidence", "7", "--tenant", "acme")
    assert ran.code == 0
    assert "never a verdict of its own" in ran.out
    assert "! transaction: The row of event 7 was written by transaction" in ran.out
    assert "A transaction that began earlier and logged later" in ran.out
    assert "– index: Not available: the whole table is read only when that is asked for." in ran.out


def test_it_is_a_document(plain: str) -> None:
    told = call(plain, "evidence", "7", "--json").document
    assert told["format"] == "audit-tui/evidence/1"
    assert (told["tenant_id"], told["sequence"], told["finding"]) == ("acme", 7, None)
    assert [each["name"] for each in told["pieces"]] == [
        "transaction", "commit_time", "counters", "index", "dead_rows", "wal",
    ]  # fmt: skip
    assert all(each["sentence"] and each["caveat"] for each in told["pieces"])


def test_a_hidden_row_exits_1(plain: str) -> None:
    hide_from_index(plain, "audit.logs_pkey", 9)
    ran = call(plain, "evidence", "9", "--count", "--json")
    assert ran.code == 1
    assert ran.document["finding"]["kind"] == "index_disagreement"


def test_wrong_usage_and_unknown_tenants(plain: str) -> None:
    assert call(plain, "evidence", "evt_1").code == 2
    assert call(plain, "evidence", "0").code == 2
    assert call(plain, "evidence", "1", "--tenant", "nobody").code == 4
