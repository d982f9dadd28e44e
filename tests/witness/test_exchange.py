"""Checkpoints that leave one machine and come to another, by file, by a shared folder, by hostile hands."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from audit_tui.core.checkpoint import Checkpoint, parse_checkpoint
from audit_tui.core.note import parse_note
from audit_tui.embedded import tamper
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.store.signing import read_signer
from tests.cli.program import call
from tests.core.test_merkle import tree_hash
from tests.service.conftest import log_events
from tests.witness.conftest import TENANT, Conn, Key, attack, done, export

Move = Callable[[str], None]
HOSTILE = "org_\x1b[2J\n\u202eevil/+ %2f\u2028"


def take(dsn: str, file: Path, *more: str, code: int = 0) -> Any:
    return done(call(dsn, "witness", "import", str(file), *more), code)


def test_a_checkpoint_is_the_tree_over_the_hashes(log: str, tmp_path: Path, alice: Key) -> None:
    note = parse_note(export(log, tmp_path / "c", "--key", str(alice.private)).read_bytes())
    checkpoint = parse_checkpoint(note.text)
    with psycopg.connect(log) as conn:
        rows = conn.execute(
            "SELECT event_hash FROM audit.logs WHERE tenant_id = %s ORDER BY sequence_number", [TENANT]
        ).fetchall()
        log_id = conn.execute("SELECT log_id::text FROM audit.schema_info").fetchone()
    assert log_id is not None
    root = tree_hash([bytes.fromhex(row[0]) for row in rows]).hex()
    assert checkpoint == Checkpoint(log_id[0], TENANT, 20, root, rows[-1][0])
    assert [line.name for line in note.signatures] == ["audit.example.com/alice"]


def test_a_colleague_takes_it_in_and_sees_what_becomes_of_the_log(
    log: str, tmp_path: Path, alice: Key, elsewhere: Move
) -> None:
    file = export(log, tmp_path / "c", "--key", str(alice.private))
    elsewhere("bob")
    ran = take(log, file, "--public-key", str(alice.public))
    assert "gives this root" in ran.out
    assert "known already" in take(log, file, "--public-key", str(alice.public)).out
    listed = done(call(log, "witness", "list")).out
    assert alice.label in listed
    assert "import" in listed
    done(call(log, "verify", "--quiet"))
    attack(log, lambda conn: tamper.cut_tail(conn, TENANT, 15))
    done(call(log, "verify", "--quiet"), 1)


def test_what_the_log_no_longer_holds_is_remembered_all_the_same(
    log: str, tmp_path: Path, alice: Key, elsewhere: Move
) -> None:
    file = export(log, tmp_path / "c", "--key", str(alice.private))
    gone = export(log, tmp_path / "b", "--key", str(alice.private), tenant="org_b")
    attack(log, lambda conn: tamper.cut_tail(conn, TENANT, 15))
    attack(log, lambda conn: tamper.remove_tenant(conn, "org_b"))
    elsewhere("bob")
    assert "rewound" in take(log, file, "--public-key", str(alice.public)).out
    assert "missing" in take(log, gone, "--public-key", str(alice.public)).out
    ran = done(call(log, "verify", "--json"), 1)
    kinds = {each["tenant_id"]: list(each["finding_counts"]) for each in ran.document["tenants"]}
    assert kinds == {TENANT: ["head_rewound"], "org_b": ["tenant_missing"]}


def test_a_log_that_tells_another_history_is_said_and_not_taken_in(
    log: str, tmp_path: Path, alice: Key, elsewhere: Move
) -> None:
    file = export(log, tmp_path / "c", "--key", str(alice.private))

    def rewrite(conn: Conn) -> None:
        tamper.edit_field(conn, TENANT, 7, "actor_id", "usr_else")
        tamper.rehash_from(conn, TENANT, 7)

    attack(log, rewrite)
    elsewhere("bob")
    assert "another root" in take(log, file, "--public-key", str(alice.public), code=1).complaint
    assert "another root" in take(log, file, "--unsigned", code=1).complaint
    ran = done(call(log, "witness", "list", "--json"))
    assert ran.document["witnesses"] == []


def test_two_histories_shown_to_two_people(log: str, tmp_path: Path, alice: Key, bob: Key) -> None:
    """Alice's checkpoint is known; a signed one of the same size that says otherwise is refused, exit 1."""
    file = export(log, tmp_path / "c", "--key", str(alice.private))
    honest = parse_checkpoint(parse_note(file.read_bytes()).text)
    forged = Checkpoint(honest.log, TENANT, honest.size, "ab" * 32, "cd" * 32)
    signer = read_signer(bob.private)
    (tmp_path / "f").write_text(f"{forged.text}\n{signer.sign(forged.text).text}")
    assert "another root" in take(log, tmp_path / "f", "--public-key", str(bob.public), code=1).complaint
    # Where the log itself can't tell any more, what is remembered does.
    attack(log, lambda conn: tamper.cut_tail(conn, TENANT, 15))
    assert "otherwise" in take(log, tmp_path / "f", "--public-key", str(bob.public), code=1).complaint


def test_an_older_import_does_not_stand_in_for_a_check(log: str, tmp_path: Path, alice: Key) -> None:
    early = export(log, tmp_path / "early", "--key", str(alice.private))
    log_events(log, TENANT, 10)
    done(call(log, "verify", "--quiet"))
    state = tmp_path / "state" / "witnesses"
    (file,) = state.iterdir()
    kept = [line for line in file.read_text().splitlines() if '"anchors": []' in line]
    file.write_text("\n".join(kept) + "\n")
    assert "is remembered" in take(log, early, "--public-key", str(alice.public)).out
    newest = done(call(log, "witness", "list", "--json")).document["witnesses"]
    assert [w["sequence"] for w in newest if w["tenant_id"] == TENANT] == [30]
    attack(log, lambda conn: tamper.cut_tail(conn, TENANT, 25))
    done(call(log, "witness", "compare"), 1)


def test_an_incremental_check_never_begins_at_what_only_others_checked(
    log: str, tmp_path: Path, alice: Key, elsewhere: Move
) -> None:
    file = export(log, tmp_path / "c", "--key", str(alice.private))
    attack(
        log, lambda conn: tamper.edit_field(conn, TENANT, 7, "actor_id", "x")
    )  # hashes, and root, still fit
    elsewhere("bob")
    assert "gives this root" in take(log, file, "--public-key", str(alice.public)).out
    done(call(log, "verify", "--quiet", "--incremental", "--tenant", TENANT), 1)


def test_unsigned_ones_count_only_where_the_log_confirms_them(
    log: str, tmp_path: Path, elsewhere: Move
) -> None:
    ran = done(call(log, "witness", "export", "--tenant", TENANT))
    assert "unsigned" in ran.complaint
    (tmp_path / "c").write_text(ran.out)
    elsewhere("bob")
    take(log, tmp_path / "c", code=2)
    assert "unsigned" in take(log, tmp_path / "c", "--unsigned").out
    attack(log, lambda conn: tamper.cut_tail(conn, TENANT, 15))
    elsewhere("carol")
    assert "vouches" in take(log, tmp_path / "c", "--unsigned", code=4).complaint


def test_a_note_with_several_signatures(
    log: str, tmp_path: Path, alice: Key, bob: Key, elsewhere: Move
) -> None:
    one = export(log, tmp_path / "a", "--key", str(alice.private)).read_text()
    two = export(log, tmp_path / "b", "--key", str(bob.private)).read_text()
    body, line = one.rsplit("\n\n", 1)
    assert two.startswith(body), "the same head is the same text on every machine"
    cosigned = tmp_path / "c"
    cosigned.write_text(one + two.rsplit("\n\n", 1)[1] + "\u2014 someone.else/x AAAAAAAAAAAA\n")
    elsewhere("dora")
    ran = take(log, cosigned, "--public-key", str(alice.public), "--public-key", str(bob.public))
    assert alice.label in ran.out
    assert bob.label in ran.out
    assert line


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw.replace(b"\n20\n", b"\n21\n"),
        lambda raw: raw.replace(b"head ", b"head f", 1),
        lambda raw: raw.replace(b"/org_a\n", b"/org_b\n"),
        lambda raw: raw[:-10],
        lambda raw: raw.replace(b"\n", b"\r\n"),
        lambda raw: raw + b"\x1b[2J",
        lambda raw: raw + b"x" * 100_000,
        lambda _: b"",
        lambda _: b"\xff" * 300,
        lambda _: b"\x00" * 300,
        lambda _: b"\n" * 300,
    ],
)
def test_a_file_that_is_not_what_was_signed_is_refused(
    log: str, tmp_path: Path, alice: Key, elsewhere: Move, spoil: Callable[[bytes], bytes]
) -> None:
    file = export(log, tmp_path / "c", "--key", str(alice.private))
    file.write_bytes(spoil(file.read_bytes()))
    elsewhere("bob")
    ran = take(log, file, "--public-key", str(alice.public), code=4)
    assert "\x1b" not in ran.complaint
    assert ran.out == ""
    assert done(call(log, "witness", "list", "--json")).document["witnesses"] == []


def test_the_wrong_key_the_wrong_log_the_wrong_tenant(
    log: str, guide_db: str, tmp_path: Path, alice: Key, bob: Key
) -> None:
    file = export(log, tmp_path / "c", "--key", str(alice.private))
    assert "no key that you named" in take(log, file, "--public-key", str(bob.public), code=4).complaint
    assert "tenant" in take(
        log, file, "--public-key", str(alice.public), "--tenant", "org_b", code=4
    ).complaint  # fmt: skip
    log_events(guide_db, TENANT, 20)
    own = export(guide_db, tmp_path / "g", "--key", str(alice.private))
    assert "this one is" in take(log, own, "--public-key", str(alice.public), code=4).complaint
    take(log, file, "--public-key", "no key at all", code=4)
    take(log, file, "--public-key", "a+b+c", code=2)
    take(log, tmp_path / "absent", "--public-key", str(alice.public), code=4)
    take(log, tmp_path, "--public-key", str(alice.public), code=4)
    os.mkfifo(tmp_path / "pipe")
    take(log, tmp_path / "pipe", "--public-key", str(alice.public), code=4)


def test_a_checkpoint_of_a_hostile_tenant(audit_db: str, tmp_path: Path, alice: Key, elsewhere: Move) -> None:
    log_events(audit_db, HOSTILE, 5)
    folder = tmp_path / "w"
    ran = done(call(audit_db, "witness", "export", "--key", str(alice.private), "--directory", str(folder)))
    assert not set("\x1b\u202e\u2028") & set(ran.out + ran.err)
    (file,) = folder.glob("*/*.checkpoint")
    assert file.read_text().isascii() or "\u2014" in file.read_text()
    assert set(file.parent.name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_.-")
    elsewhere("bob")
    take(audit_db, file, "--public-key", str(alice.public))
    for arguments in (("list",), ("compare",), ("show", HOSTILE), ("list", "--json"), ("compare", "--json")):
        said = done(call(audit_db, "witness", *arguments))
        assert not set("\x1b\u202e\u2028") & set(said.out + said.err)
    proof = done(call(audit_db, "prove", "3", "--output", str(tmp_path / "p")))
    checked = done(call(None, "prove", "--check", str(tmp_path / "p")))
    assert not set("\x1b\u202e\u2028") & set(proof.out + checked.out)


def test_a_whole_log_goes_to_a_shared_folder_and_only_once(
    log: str, tmp_path: Path, alice: Key, elsewhere: Move
) -> None:
    folder = tmp_path / "shared"
    both = ("--directory", str(folder), "--key", str(alice.private))
    assert "there already" not in done(call(log, "witness", "export", *both)).out
    before = {path: path.read_bytes() for path in folder.rglob("*.checkpoint")}
    assert len(before) == 2
    assert "there already" in done(call(log, "witness", "export", *both)).out
    log_events(log, TENANT, 1)
    ran = done(call(log, "witness", "export", "--json", *both))
    assert [each["is_new"] for each in ran.document["exported"]] == [True, False]
    assert {path: path.read_bytes() for path in before} == before, "no file is ever changed"
    elsewhere("bob")
    taken = done(
        call(
            log, "witness", "import", "--directory", str(folder), "--public-key", str(alice.public), "--json"
        )
    )
    assert [(each["is_new"], each["problem"]) for each in taken.document["imported"]] == [(True, None)] * 3
    attack(log, lambda conn: tamper.cut_tail(conn, TENANT, 15))
    shared = ("--directory", str(folder), "--public-key", str(alice.public))
    ran = done(call(log, "witness", "compare", "--json", *shared), 1)
    told = {
        (each["witness"]["sequence"], each["says"], each["file"] is None) for each in ran.document["answers"]
    }
    assert (21, "rewound", True) in told
    assert (21, "rewound", False) in told
    assert (10, "intact", False) in told


def test_the_folder_can_be_named_by_the_environment(
    log: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDIT_TUI_WITNESS_DIR", str(tmp_path / "shared"))
    done(call(log, "witness", "export"))
    assert len(list((tmp_path / "shared").rglob("*.checkpoint"))) == 2
    done(call(log, "witness", "import", "--unsigned"))


def test_one_bad_file_of_a_folder_does_not_hide_the_others(
    log: str, tmp_path: Path, alice: Key, bob: Key, elsewhere: Move
) -> None:
    folder = tmp_path / "shared"
    done(call(log, "witness", "export", "--directory", str(folder), "--key", str(alice.private)))
    done(
        call(
            log,
            "witness",
            "export",
            "--directory",
            str(folder),
            "--key",
            str(bob.private),
            "--tenant",
            TENANT,
        )
    )
    elsewhere("dora")
    shared = ("--directory", str(folder), "--public-key", str(alice.public))
    ran = done(call(log, "witness", "import", *shared), 4)
    assert ran.out.count("is remembered") == 2
    assert ran.out.count("is refused") == 1
    compared = done(call(log, "witness", "compare", *shared))
    assert "1 checkpoint that none of the keys signed passed over" in compared.out
    (target, *_) = folder.rglob("*.checkpoint")
    link = target.with_name(f"000000000001-link{target.suffix}")
    link.symlink_to(target)
    junk = target.with_name(f"000000000002-junk{target.suffix}")
    junk.write_bytes(b"\xff\x1b[2J")
    forged = target.with_name(f"000000000003-forged{target.suffix}")
    forged.write_bytes(next(folder.glob("org_b*/*")).read_bytes().replace(b"\n10\n", b"\n11\n"))
    spoilt = done(call(log, "witness", "compare", *shared), 4)
    assert [word in spoilt.err for word in ("a link", "UTF-8", "signature of", "\x1b")] == [True] * 3 + [
        False
    ]
    assert "All 4 witnesses fit the log" in spoilt.out
    taken = done(call(log, "witness", "import", *shared), 4)
    assert (taken.out.count("known already"), taken.out.count("is refused")) == (2, 4)
    for each in (link, junk, forged):
        each.unlink()
    folder.chmod(0o777)
    assert "everybody can write" in done(call(log, "witness", "compare", *shared), 4).complaint


def test_a_shared_folder_may_hold_other_logs(
    log: str, guide_db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a log without an id too: a checkpoint that is of another log accuses nobody."""
    monkeypatch.setenv("AUDIT_TUI_WITNESS_DIR", str(tmp_path / "shared"))
    log_events(guide_db, TENANT, 30)
    done(call(log, "witness", "export"))
    done(call(guide_db, "witness", "export"))
    ran = done(call(log, "witness", "compare", "--json"), 3)
    assert sorted({each["says"] for each in ran.document["answers"]}) == ["another_database", "intact"]
    ran = done(call(guide_db, "witness", "compare"))
    assert "2 checkpoints of other logs passed over" in ran.out


def test_what_a_baseline_stands_in_for_comes_not_back(log: str, tmp_path: Path, alice: Key) -> None:
    shared = ("--directory", str(tmp_path / "shared"))
    done(call(log, "witness", "export", "--key", str(alice.private), *shared))
    attack(log, lambda conn: tamper.cut_tail(conn, TENANT, 15))
    done(call(log, "witness", "compare", *shared), 1)
    done(call(log, "witness", "accept", "--tenant", TENANT, "--reason", "restored, incident 12"))
    ran = done(call(log, "witness", "compare", *shared))
    assert "1 checkpoint that an accepted baseline stands in for passed over" in ran.out
    taken = done(call(log, "witness", "import", "--public-key", str(alice.public), *shared))
    assert "a baseline that was accepted since" in taken.out
    assert done(call(log, "verify", "--quiet")).code == 0
    log_events(log, TENANT, 6)
    done(call(log, "witness", "export", "--key", str(alice.private), *shared))
    assert "All 4 witnesses" in done(call(log, "witness", "compare", *shared)).out


def test_a_reader_can_do_all_of_it(log: str, server: EmbeddedServer, tmp_path: Path, alice: Key) -> None:
    """Nothing but SELECT is needed."""
    with psycopg.connect(log, autocommit=True) as conn:
        conn.execute("CREATE ROLE wit_reader LOGIN IN ROLE audit_reader")
    try:
        dsn = psycopg.conninfo.make_conninfo(log, user="wit_reader")
        file = export(dsn, tmp_path / "c", "--key", str(alice.private))
        assert parse_checkpoint(parse_note(file.read_bytes()).text).size == 20
        take(dsn, file, "--public-key", str(alice.public))
        done(call(dsn, "witness", "compare"))
        done(call(dsn, "prove", "7", "--tenant", TENANT, "--output", str(tmp_path / "p")))
    finally:
        with psycopg.connect(log, autocommit=True) as conn:
            conn.execute("DROP OWNED BY wit_reader; DROP ROLE wit_reader")


def test_two_people_share_a_folder_in_git(log: str, tmp_path: Path, alice: Key, bob: Key) -> None:
    def git(folder: Path, *arguments: str) -> None:
        command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *arguments]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)

    for name in ("origin", "alice", "bob"):
        (tmp_path / "git" / name).mkdir(parents=True)
    places = {name: tmp_path / "git" / name for name in ("origin", "alice", "bob")}
    git(places["origin"], "init", "--bare", "-b", "main", ".")
    for name in ("alice", "bob"):
        git(places[name], "clone", str(places["origin"]), ".")
        git(places[name], "checkout", "-b", "main")
    for name, key in (("alice", alice), ("bob", bob)):
        done(call(log, "witness", "export", "--directory", str(places[name]), "--key", str(key.private)))
        git(places[name], "add", "-A")
        git(places[name], "commit", "-m", "heads of today")
    git(places["alice"], "push", "origin", "main")
    git(places["bob"], "pull", "--no-rebase", "--allow-unrelated-histories", "--no-edit", "origin", "main")
    git(places["bob"], "push", "origin", "main")
    assert len(list(places["bob"].rglob("*.checkpoint"))) == 4
    keys = ("--public-key", str(alice.public), "--public-key", str(bob.public))
    ran = done(call(log, "witness", "compare", "--json", "--directory", str(places["bob"]), *keys))
    assert len(ran.document["answers"]) == 6


def test_a_key_file_is_for_its_owner_alone(log: str, tmp_path: Path, alice: Key) -> None:
    assert alice.private.stat().st_mode & 0o777 == 0o600
    secret = alice.private.read_text().split("+")[-1].strip()
    for arguments in (("witness", "export", "--tenant", TENANT, "--key", str(alice.private), "--json"),):
        ran = done(call(log, *arguments))
        assert secret not in ran.out + ran.err
    again = call(None, "witness", "keygen", "x", "--output", str(alice.private))
    assert (again.code, "there already" in again.complaint) == (2, True)
    assert call(None, "witness", "keygen", "a b", "--output", str(tmp_path / "n")).code == 2
    alice.private.chmod(0o640)
    refused = done(call(log, "witness", "export", "--key", str(alice.private), "--tenant", TENANT), 4)
    assert "others can read" in refused.complaint
    assert secret not in refused.complaint
    alice.private.chmod(0o600)
    alice.private.write_text("PRIVATE+KEY+nonsense")
    done(call(log, "witness", "export", "--key", str(alice.private), "--tenant", TENANT), 4)


def test_without_the_package_it_is_said_how_to_get_it(log: str, tmp_path: Path, alice: Key) -> None:
    code = (
        "import sys; sys.modules['cryptography'] = None; sys.modules['cryptography.exceptions'] = None\n"
        "from audit_tui.cli.app import main; main(sys.argv[1:])"
    )

    def without(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code, "--dsn", log, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    signed = without("witness", "export", "--tenant", TENANT, "--key", str(alice.private))
    assert (signed.returncode, signed.stdout) == (4, "")
    assert "pip install 'audit-tui[sign]'" in signed.stderr
    assert signed.stderr.count("\n") == 1
    unsigned = without("witness", "export", "--tenant", TENANT)
    assert (unsigned.returncode, unsigned.stdout.startswith("audit-tui/")) == (0, True)


def test_nothing_is_exported_of_a_chain_that_does_not_hold(log: str, tmp_path: Path, alice: Key) -> None:
    attack(log, lambda conn: tamper.edit_field(conn, TENANT, 7, "actor_id", "x"))
    folder = tmp_path / "w"
    ran = done(call(log, "witness", "export", "--directory", str(folder), "--key", str(alice.private)), 1)
    assert "Nothing is exported of org_a" in ran.out
    assert [json.dumps(path.parent.name)[1:6] for path in folder.rglob("*.checkpoint")] == ["org_b"]


def test_no_checkpoint_is_signed_beside_one_that_says_otherwise(
    log: str, tmp_path: Path, alice: Key, elsewhere: Move
) -> None:
    """Someone who rewrote the log, and the memory of its heads, still meets what was signed before."""
    export(log, tmp_path / "c", "--key", str(alice.private))
    (file,) = (tmp_path / "state" / "witnesses").iterdir()

    def rewrite(conn: Conn) -> None:
        tamper.edit_field(conn, TENANT, 7, "actor_id", "usr_else")
        tamper.rehash_from(conn, TENANT, 7)

    attack(log, rewrite)
    with psycopg.connect(log) as conn:
        row = conn.execute(
            "SELECT event_hash FROM audit.logs WHERE tenant_id = %s AND sequence_number = 20", [TENANT]
        ).fetchone()
    assert row is not None
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    doctored = [line | {"event_hash": row[0]} if line["tenant_id"] == TENANT else line for line in lines]
    file.write_text("".join(json.dumps(line) + "\n" for line in doctored))
    ran = done(call(log, "witness", "export", "--tenant", TENANT, "--key", str(alice.private)), 1)
    assert "another root" in ran.err


def test_an_export_of_many_tenants_needs_a_place(log: str, tmp_path: Path) -> None:
    done(call(log, "witness", "export"), 2)
    done(call(log, "witness", "export", "--output", str(tmp_path / "c")), 2)
    done(call(log, "witness", "export", "--tenant", "org_nobody"), 4)
    assert "there already" in done(
        call(log, "witness", "export", "--tenant", TENANT, "--output", str(export(log, tmp_path / "c"))), 2
    ).complaint  # fmt: skip
