"""`audit-tui archive` as people and programs use it."""

from pathlib import Path

import pytest

from audit_tui.cli.archivetext import size
from tests.archive.conftest import Connection
from tests.archive.killed import run as run_killed
from tests.archive.state import HALF_US, TENANTS, account, check_accounts, intact, manifests
from tests.cli.program import call

THROUGH, LAST = 60, 121
HALF = "2023-07-01"


def test_a_dry_run_says_what_would_go(year: str, folder: Path) -> None:
    ran = call(year, "archive", "--before", HALF, "--to", str(folder))
    assert (ran.code, ran.err) == (0, "")
    assert f"180 events of 3 tenants would be archived to {folder}." in ran.out
    assert "t2      1–60           60    61" in ran.out
    assert "2023-06-29 11:00:00" in ran.out
    assert ran.out.endswith("Nothing was written. The same command with --write does it.\n")
    assert not folder.exists()


def test_a_dry_run_for_programs(year: str, folder: Path) -> None:
    document = call(year, "archive", "--before", HALF, "--to", str(folder), "--json").document
    assert document["format"] == "audit-tui/archive/1"
    assert (document["written"], document["before"], document["events"]) == (
        False,
        "2023-07-01T00:00:00.000000Z",
        180,
    )
    (step,) = document["steps"]
    assert step["tenants"][0] == {
        "tenant_id": "t1",
        "first_sequence": 1,
        "last_sequence": 60,
        "events": 60,
        "stay": 61,
        "first_time": "2023-01-01T00:00:00.000000Z",
        "last_time": "2023-06-29T11:00:00.000000Z",
        "row_bytes": step["tenants"][0]["row_bytes"],
        "obstacle": None,
    }


def test_writing(year: str, folder: Path) -> None:
    words = ("--requester", "Ada", "--reason", "half a year")
    ran = call(year, "archive", "--before", HALF, "--to", str(folder), *words, "--write")
    assert (ran.code, ran.err) == (0, "")
    (manifest,) = manifests(folder)
    assert f"Archived: 180 events of 3 tenants are in {folder}/{manifest['archive']}" in ran.out
    check_accounts(year, folder, THROUGH, LAST)
    again = call(year, "archive", "--before", HALF, "--to", str(folder), "--write")
    assert (again.code, again.out) == (0, "There was nothing to archive.\n")
    told = call(year, "verify").out
    assert told.count("Events up to 60 were archived") == 3


def test_writing_for_programs(year: str, folder: Path) -> None:
    ran = call(year, "archive", "--before", HALF, "--to", str(folder), "--tenant", "t1", "--write", "--json")
    (archive,) = ran.document["archives"]
    assert ran.document["written"] is True
    assert (archive["events"], archive["resumed"]) == (60, False)
    assert archive["tenants"][0]["recorded_by"].startswith("evt_")
    assert archive["manifest"]


def test_an_unfinished_archive_is_told_and_resumed(year: str, folder: Path) -> None:
    run_killed(year, folder, HALF_US, 14)
    ran = call(year, "archive", "--before", HALF, "--to", str(folder))
    assert "is unfinished: 180 events of 3 tenants are still in the log, 1 tenant not recorded yet" in ran.out
    document = call(year, "archive", "--before", HALF, "--to", str(folder), "--json").document
    assert len(document["unfinished"][0]["tenants"]) == 3
    resumed = call(year, "archive", "--resume", str(folder))
    assert resumed.code == 0
    assert "Finished: 180 events of 3 tenants" in resumed.out
    check_accounts(year, folder, THROUGH, LAST)
    assert "There was nothing to archive." in call(year, "archive", "--resume", str(folder)).out


def test_a_tampered_chain_ends_with_code_1_and_its_findings(year: str, db: Connection, folder: Path) -> None:
    with db.transaction():
        db.execute("ALTER TABLE audit.logs DISABLE TRIGGER USER")
        db.execute("UPDATE audit.logs SET actor_id = 'x' WHERE tenant_id = 't2' AND sequence_number = 30")
        db.execute("ALTER TABLE audit.logs ENABLE TRIGGER USER")
    ran = call(year, "archive", "--before", HALF, "--to", str(folder), "--write")
    assert ran.code == 1
    assert "Nothing was archived: the chains have to be intact first." in ran.out
    assert "edited in place at 30" in ran.out
    ran = call(year, "archive", "--before", HALF, "--to", str(folder), "--write", "--json")
    assert (ran.code, ran.document["written"]) == (1, False)
    assert ran.document["verification"]["verdict"] == "tampered"
    assert account(year, folder, "t1").table == list(range(1, LAST + 1))


def test_a_hold_at_the_last_moment_ends_with_code_4_and_what_was_done(
    year: str, db: Connection, folder: Path
) -> None:
    run_killed(year, folder, HALF_US, 10)
    db.execute("SELECT audit.place_hold('t2', 'a law suit')")
    ran = call(year, "archive", "--resume", str(folder))
    assert ran.code == 4
    assert "the chain of t2: cannot archive: 60 of these events are held by hld_" in ran.complaint
    assert "Finished: 120 events of 2 tenants" in ran.out
    ran = call(year, "archive", "--before", HALF, "--to", str(folder), "--write", "--skip", "--json")
    assert (ran.code, ran.document["refused"]) == (0, [])
    assert "left out: the chain of t2" in ran.document["notes"][0]


def test_a_plan_that_a_hold_refuses_says_so_first_and_ends_with_code_4(
    year: str, db: Connection, folder: Path
) -> None:
    db.execute("SELECT audit.place_hold('t2', 'a law suit')")
    ran = call(year, "archive", "--before", HALF, "--to", str(folder))
    assert ran.code == 4
    assert ran.out.startswith("Nothing would be archived: 1 tenant cannot be.")
    assert "60 of these events are held by hld_" in ran.out
    assert "--skip leaves it out." in ran.out
    ran = call(year, "archive", "--before", HALF, "--to", str(folder), "--skip")
    assert ran.code == 0
    assert ran.out.startswith("120 events of 2 tenants would be archived")


def test_there_is_nothing_to_resume_in_a_folder_that_is_not_there(year: str, folder: Path) -> None:
    ran = call(year, "archive", "--resume", str(folder))
    assert (ran.code, ran.out) == (4, "")
    assert f"there is no folder {folder}" in ran.complaint
    assert not folder.exists()


def test_damaged_files_end_with_code_1(year: str, folder: Path) -> None:
    run_killed(year, folder, HALF_US, 14)
    (path,) = folder.glob("[0-9]*/0001-0001.ndjson.gz")
    path.unlink()
    ran = call(year, "archive", "--resume", str(folder))
    assert ran.code == 1
    assert "0001-0001.ndjson.gz is missing" in ran.complaint
    (manifest,) = manifests(folder)
    words = f"--replace {manifest['archive']}"
    assert words in ran.complaint
    assert account(year, Path("/nowhere"), "t1").table[:LAST] == list(range(1, LAST + 1))
    ran = call(year, "archive", "--to", str(folder), *words.split(), "--write")
    assert (ran.code, ran.err) == (0, "")
    assert "Archived: 120 events of 2 tenants" in ran.out
    assert "Finished: 60 events of 1 tenant" in call(year, "archive", "--resume", str(folder)).out
    assert [account(year, folder, name).table[0] for name in TENANTS] == [THROUGH + 1] * 3
    assert intact(year)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "needs --before TIME and --to DIR"),
        (["--before", HALF], "needs --before TIME and --to DIR"),
        (["--to", "/x"], "needs --before TIME and --to DIR"),
        (["--before", "soon", "--to", "/x"], "not a time"),
        (["--before", "2999-01-01", "--to", "/tmp/x"], "future"),
        (["--resume", "/x", "--to", "/x"], "--resume goes without"),
        (["--before", HALF, "--replace", "x", "--to", "/x"], "needs --before TIME and --to DIR"),
    ],
)
def test_wrong_usage(year: str, words: list[str], says: str) -> None:
    ran = call(year, "archive", *words)
    assert ran.code == 2
    assert says in ran.complaint


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (254_321, "254 kB"), (3_400_000, "3.4 MB"),
     (5 * 10**12, "5.0 TB")],
)  # fmt: skip
def test_sizes(number: int, text: str) -> None:
    assert size(number) == text
