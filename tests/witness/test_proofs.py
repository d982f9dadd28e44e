"""Proofs from real logs: made, checked offline, and useless for whoever rewrote the chain."""

import json
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from audit_tui.core.note import Note, parse_note
from audit_tui.embedded import tamper
from tests.cli.program import Ran, call
from tests.core.test_proof import run_alone
from tests.service.conftest import log_events
from tests.verify import chains
from tests.witness.conftest import TENANT, Conn, Key, attack, done, export


def prove(dsn: str, event: str, to: Path, *more: str, code: int = 0) -> Ran:
    return done(call(dsn, "prove", event, "--tenant", TENANT, "--output", str(to), *more), code)


def check(proof: Path, *more: str, code: int = 0) -> Ran:
    return done(call(None, "prove", "--check", str(proof), *more), code)


def test_an_intruder_who_knows_the_seal_convinces_no_old_checkpoint(
    audit_db: str, tmp_path: Path, alice: Key
) -> None:
    log_events(audit_db, TENANT, 1000)
    old = export(audit_db, tmp_path / "old", "--key", str(alice.private))
    before = tmp_path / "before.json"
    prove(audit_db, "400", before, "--checkpoint", str(old))

    def rewrite(conn: Conn) -> None:
        tamper.edit_field(conn, TENANT, 500, "actor_id", "usr_else")
        tamper.rehash_from(conn, TENANT, 500)

    attack(audit_db, rewrite)
    # What was proved before still is, offline, with the script alone too.
    assert alice.label in check(before, "--checkpoint", str(old), "--public-key", str(alice.public)).out
    assert run_alone(tmp_path, "before.json", "old").returncode == 0
    # The rewritten chain holds by itself: it proves its events against its own head, and says who objects.
    for event in ("400", "500", "1000"):
        after = tmp_path / f"after-{event}.json"
        assert "a witness says otherwise" in prove(audit_db, event, after).err
        check(after)
        misfit = check(after, "--checkpoint", str(old), code=1)
        assert "another root" in misfit.out
        assert run_alone(tmp_path, after.name, "old").returncode == 1
    # Nor does anything get made against the old checkpoint, or signed.
    refused = prove(audit_db, "400", tmp_path / "x", "--checkpoint", str(old), code=1)
    assert "another root" in refused.complaint
    prove(audit_db, "400", tmp_path / "x", "--key", str(alice.private), code=1)
    assert not (tmp_path / "x").exists()
    ran = done(call(audit_db, "witness", "export", "--tenant", TENANT, "--output", str(tmp_path / "x")), 1)
    assert "rewritten" in ran.out


def test_a_proof_shows_nobody_elses_event(log: str, tmp_path: Path) -> None:
    proof = tmp_path / "p.json"
    prove(log, "7", proof, "--hide", "identity,changes")
    document = json.loads(proof.read_text())
    with psycopg.connect(log) as conn:
        rows = conn.execute(
            "SELECT sequence_number, event_id, event_hash, request_id FROM audit.logs WHERE tenant_id = %s",
            [TENANT],
        ).fetchall()
    text = proof.read_text()
    assert not [row for row in rows if row[0] != 7 and row[1] in text]
    # Two hashes of others are there: the predecessor's, which the seal is over, and the head's.
    assert {row[0] for row in rows if row[2] in text} == {6, 7, 20}
    assert document["parts"]["identity"]["state"] == "hidden"
    assert "@example.com" not in text
    shown = check(proof).out
    assert "(hidden)" in shown
    assert "metadata" in shown


def test_only_the_named_parts_are_shown(log: str, tmp_path: Path) -> None:
    prove(log, "7", tmp_path / "p.json", "--parts", "changes")
    parts = json.loads((tmp_path / "p.json").read_text())["parts"]
    assert {name: part and part["state"] for name, part in parts.items()} == {
        "identity": "hidden", "changes": "shown", "snapshots": None, "details": "hidden",
    }  # fmt: skip


def test_every_event_of_a_chain_that_was_archived_in_part(audit_db: str, tmp_path: Path) -> None:
    from tests.archive.logs import fill

    attack(audit_db, lambda conn: fill(conn, tenants=1, events=60))
    whole = export(audit_db, tmp_path / "whole", tenant="t1")
    place = tmp_path / "archive"
    done(
        call(
            audit_db, "archive", "--before", "2023-07-01", "--to", str(place), "--write", "--requester", "dpo"
        )
    )
    with psycopg.connect(audit_db) as conn:
        row = conn.execute("SELECT min(sequence_number), max(sequence_number) FROM audit.logs").fetchone()
    assert row is not None
    first, last = row
    assert first > 1
    later = export(audit_db, tmp_path / "later", tenant="t1")
    for sequence in range(first, last + 1):
        proof = tmp_path / f"{sequence}.json"
        done(call(audit_db, "prove", str(sequence), "--output", str(proof)))
        check(proof, "--checkpoint", str(later))
    # Against the checkpoint from before the archive: the tree goes on as if nothing had left.
    proof = tmp_path / "old.json"
    done(call(audit_db, "prove", str(first), "--checkpoint", str(whole), "--output", str(proof)))
    check(proof, "--checkpoint", str(whole))
    gone = done(call(audit_db, "prove", str(first - 1), "--output", str(tmp_path / "x")), 4)
    assert "archived" in gone.complaint or "no event" in gone.complaint


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
def test_events_of_a_hand_made_log(guide_db: str, tmp_path: Path, zone: str) -> None:
    log_events(guide_db, TENANT, 9, zone)
    checkpoint = export(guide_db, tmp_path / "c")
    assert checkpoint.read_text().startswith("audit-tui/chain-")
    for sequence in (1, 5, 9):
        proof = tmp_path / f"{sequence}.json"
        prove(guide_db, str(sequence), proof)
        check(proof, "--checkpoint", str(checkpoint))
        assert run_alone(tmp_path, proof.name, "c").returncode == 0
    refused = call(guide_db, "prove", "5", "--tenant", TENANT, "--hide", "identity")
    assert (refused.code, refused.out) == (2, "")


def test_events_that_were_adopted_and_those_after_them(audit_db: str, tmp_path: Path) -> None:
    with psycopg.connect(audit_db) as conn:
        chains.adopt(conn, chains.ACME, 8, "America/St_Johns")
    log_events(audit_db, chains.ACME, 3)
    checkpoint = export(audit_db, tmp_path / "c", tenant=chains.ACME)
    for sequence, version in ((3, 1), (8, 1), (9, 2), (11, 2)):
        proof = tmp_path / f"{sequence}.json"
        done(call(audit_db, "prove", str(sequence), "--output", str(proof)))
        assert json.loads(proof.read_text())["event"]["hash_version"] == version
        check(proof, "--checkpoint", str(checkpoint))


def test_a_chain_of_one_event_and_an_event_by_its_name(audit_db: str, tmp_path: Path) -> None:
    log_events(audit_db, TENANT, 1)
    ran = done(call(audit_db, "prove", "1"))
    document = json.loads(ran.out)
    assert document["path"] == []
    named = done(call(audit_db, "prove", document["event_id"]))
    assert json.loads(named.out) == document
    (tmp_path / "p").write_text(ran.out)
    check(tmp_path / "p")


def test_an_event_that_was_changed_is_not_proved(log: str, tmp_path: Path) -> None:
    attack(log, lambda conn: tamper.edit_field(conn, TENANT, 7, "actor_id", "x"))
    assert "not as it was sealed" in prove(log, "7", tmp_path / "x", code=1).complaint
    prove(log, "8", tmp_path / "8", "--hide", "identity")  # its own seal and every link still hold
    attack(log, lambda conn: tamper.rehash(conn, TENANT, 7))
    assert "breaks at event 8" in prove(log, "12", tmp_path / "x", code=1).complaint


def test_who_signed_is_asked_of_the_checkpoint(log: str, tmp_path: Path, alice: Key, bob: Key) -> None:
    prove(log, "7", tmp_path / "p", "--key", str(alice.private))
    assert alice.label in check(tmp_path / "p", "--public-key", str(alice.public)).out
    assert "none of the keys" in check(tmp_path / "p", "--public-key", str(bob.public), code=1).out
    proof = json.loads((tmp_path / "p").read_text())
    note = parse_note(proof["checkpoint"].encode())
    (line,) = note.signatures
    forged = replace(line, signature=line.signature[:-1] + bytes([line.signature[-1] ^ 1]))
    proof["checkpoint"] = Note(note.text, (forged,)).content
    (tmp_path / "p").write_text(json.dumps(proof))
    assert "is wrong" in check(tmp_path / "p", "--public-key", str(alice.public), code=1).out
    check(tmp_path / "p")


def test_wrong_usage_and_bad_files(log: str, tmp_path: Path) -> None:
    for arguments in (
        (),
        ("7", "--check", "x"),
        ("7", "--parts", "identity", "--hide", "changes"),
        ("7", "--tenant", TENANT, "--hide", "passwords"),
        ("7",),
        ("0", "--tenant", TENANT),
    ):
        ran = call(log, "prove", *arguments)
        assert (ran.code, ran.out) == (2, ""), arguments
    done(call(log, "prove", "99", "--tenant", TENANT), 4)
    done(call(log, "prove", "evt_nothing", "--tenant", TENANT), 4)
    (tmp_path / "junk").write_bytes(b"\xff\x1b[2J")
    (tmp_path / "list").write_text("[1]")
    (tmp_path / "deep").write_text("[" * 100_000)
    (tmp_path / "empty").write_text('{"format": "audit-tui/proof/1", "checkpoint": "x"}')
    for name in ("junk", "list", "deep", "empty", "absent"):
        ran = call(None, "prove", "--check", str(tmp_path / name))
        assert (ran.code, ran.out) == (4, ""), name
        assert "\x1b" not in ran.complaint
    prove(log, "7", tmp_path / "p")
    assert "there already" in prove(log, "7", tmp_path / "p", code=2).complaint


def test_the_script_can_be_had(tmp_path: Path) -> None:
    ran = done(call(None, "prove", "--script"))
    compile(ran.out, "verify_proof.py", "exec")
    assert "python verify_proof.py PROOF" in ran.out
