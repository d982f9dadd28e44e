"""Adopting and tampering: found before, recorded where it was asked for, and found again ever after."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from audit_tui.bootstrap import state_directory
from audit_tui.cli.app import app
from audit_tui.core.clock import rfc3339
from audit_tui.core.errors import AuditError, TamperedLogError
from audit_tui.core.witness import LogIdentity, Witness
from audit_tui.embedded import tamper
from audit_tui.store.witness_file import WitnessFile
from tests.schema.adopting import TENANTS, Connection, adopt, examine, fill, seam
from tests.schema.events import event, log, value
from tests.schema.scripts import catalogue
from tests.verify.verifiers import both_say


@pytest.fixture
def guide(guide_db: str) -> Iterator[Connection]:
    """A log of the guide with 60 events of three tenants."""
    with psycopg.connect(guide_db, autocommit=True) as conn:
        fill(conn, 60)
        yield conn


def run(*words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the command line."""
    result = CliRunner().invoke(app, list(words))
    return result.exit_code, result.stdout, result.stderr


def test_a_tampered_log_is_refused_with_the_verdict_and_nothing_is_touched(
    guide: Connection, guide_db: str
) -> None:
    tamper.edit_field(guide, "org_b", 7, "actor_id", "someone_else")
    before = catalogue(guide_db)
    assert examine(guide_db).refused is not None
    with pytest.raises(AuditError, match="the log is tampered, so it is not adopted"):
        adopt(guide_db)
    code, out, err = run("install", "--adopt", "--dsn", guide_db)
    assert code == 1
    assert "org_b" in out
    assert "edited in place at 7" in out
    assert "--adopt-tampered" in err
    assert catalogue(guide_db) == before


def test_an_inconclusive_log_is_refused_too(guide: Connection, guide_db: str) -> None:
    """A witness of another cluster: it cannot be said which log this is."""
    info = guide.info
    head = event(guide, 20, "org_a")["event_hash"]
    first = event(guide, 1, "org_a")["event_hash"]
    elsewhere = Witness(
        f"{info.host}:{info.port}/{info.dbname}", "org_a", 20, head, first, LogIdentity("1234"), rfc3339(0)
    )
    WitnessFile(state_directory()).append([elsewhere])
    with pytest.raises(AuditError, match="the log is inconclusive, so it is not adopted"):
        adopt(guide_db)
    assert run("install", "--adopt", "--dsn", guide_db)[0] == 3
    adopt(guide_db, adopt_tampered=True)
    assert seam(guide, "org_a")["finding_counts"] == {"log_replaced": 1}


def test_findings_are_recorded_in_the_seam(guide: Connection, guide_db: str, tmp_path: Path) -> None:
    tamper.edit_field(guide, "org_b", 7, "actor_id", "someone_else")
    tamper.drop_rows(guide, "org_b", 12, 14)
    adopt(guide_db, adopt_tampered=True)
    told = seam(guide, "org_b")
    assert told["findings"] == [
        {"kind": "content_mismatch", "first": 7, "last": 7},
        {"kind": "sequence_gap", "first": 12, "last": 14},
    ]
    assert told["finding_counts"] == {"content_mismatch": 1, "sequence_gap": 1}
    assert (told["last_sequence"], told["events"]) == (20, 17)
    assert seam(guide, "org_a")["findings"] == []
    assert not both_say(guide_db, tmp_path, "org_b").valid  # recorded is not forgiven
    assert both_say(guide_db, tmp_path, "org_a").valid


def test_a_long_list_of_findings_is_cut_and_counted(guide: Connection, guide_db: str) -> None:
    fill(guide, 150, ("org_d",))
    with tamper.unguarded(guide):
        guide.execute("UPDATE audit.logs SET actor_id = 'x' WHERE tenant_id = 'org_d'")
    adopt(guide_db, adopt_tampered=True)
    told = seam(guide, "org_d")
    assert len(told["findings"]) == 100
    assert told["finding_counts"] == {"content_mismatch": 150}


def test_a_log_that_changes_while_it_is_adopted_is_refused(guide: Connection, guide_db: str) -> None:
    before = value(guide, "SELECT count(*) FROM pg_proc WHERE pronamespace = 'audit'::regnamespace")

    def edit_head() -> None:
        tamper.edit_field(guide, "org_c", 20, "event_hash", "f" * 64)

    with pytest.raises(TamperedLogError, match="event 20 of tenant org_c is no longer as it was verified"):
        adopt(guide_db, meanwhile=edit_head)
    assert value(guide, "SELECT count(*) FROM pg_proc WHERE pronamespace = 'audit'::regnamespace") == before


@pytest.mark.parametrize("events", [5, 3_000], ids=["in the transaction", "while catching up"])
def test_what_is_logged_meanwhile_is_verified_too(guide: Connection, guide_db: str, events: int) -> None:
    def log_and_edit() -> None:
        fill(guide, events, ("org_c",))
        tamper.edit_field(guide, "org_c", 22, "actor_id", "someone_else")

    with pytest.raises(TamperedLogError, match=r"org_c .* does not verify: content_mismatch at event 22"):
        adopt(guide_db, meanwhile=log_and_edit)
    assert value(guide, "SELECT to_regclass('audit.schema_info') IS NULL") is True
    adopt(guide_db, adopt_tampered=True)
    assert seam(guide, "org_c")["findings"] == [{"kind": "content_mismatch", "first": 22, "last": 22}]


def test_a_tenant_that_vanishes_meanwhile_is_noticed(guide: Connection, guide_db: str) -> None:
    with pytest.raises(TamperedLogError, match="has no events any more"):
        adopt(guide_db, meanwhile=lambda: tamper.remove_tenant(guide, "org_b"))


def test_an_old_event_edited_afterwards_is_found_at_its_sequence(
    guide: Connection, guide_db: str, tmp_path: Path
) -> None:
    adopt(guide_db)
    tamper.edit_field(guide, "org_a", 9, "resource_id", "another")
    assert ("content_mismatch", 9, 9) in both_say(guide_db, tmp_path, "org_a").places
    assert both_say(guide_db, tmp_path, "org_b").valid


def test_an_edited_seam_is_found(guide: Connection, guide_db: str, tmp_path: Path) -> None:
    adopt(guide_db)
    log(guide, tenant="org_a")
    hidden = {**seam(guide, "org_a"), "last_sequence": 19}
    tamper.edit_field(guide, "org_a", 21, "metadata", psycopg.types.json.Jsonb(hidden))
    assert ("content_mismatch", 21, 21) in both_say(guide_db, tmp_path, "org_a").places
    tamper.rehash(guide, "org_a", 21)
    assert ("link_mismatch", 22, 22) in both_say(guide_db, tmp_path, "org_a").places


def test_an_old_part_edited_and_rehashed_whole_is_found_at_the_seam(
    guide: Connection, guide_db: str, tmp_path: Path
) -> None:
    adopt(guide_db)
    tamper.edit_field(guide, "org_a", 3, "actor_id", "someone_else")
    for sequence in range(3, 21):
        if sequence > 3:
            tamper.edit_field(
                guide, "org_a", sequence, "previous_hash", event(guide, sequence - 1, "org_a")["event_hash"]
            )
        tamper.rehash(guide, "org_a", sequence)
    said = both_say(guide_db, tmp_path, "org_a")
    assert not said.valid
    assert [place for place in said.places if place[0] != "uncovered_columns"] == [("link_mismatch", 21, 21)]
    assert seam(guide, "org_a")["last_hash"] != event(guide, 20, "org_a")["event_hash"]


@pytest.mark.parametrize("column", ["actor_email", "metadata", "resource_after"])
def test_what_the_old_seal_never_covered_stays_uncovered_and_is_said(
    guide: Connection, guide_db: str, tmp_path: Path, column: str
) -> None:
    adopt(guide_db)
    tamper.edit_field(guide, "org_a", 9, column, None)
    said = both_say(guide_db, tmp_path, "org_a")
    assert ("uncovered_columns", 1, 20) in said.places


def test_an_old_event_cannot_be_passed_off_as_new_or_a_new_one_as_old(
    guide: Connection, guide_db: str, tmp_path: Path
) -> None:
    adopt(guide_db)
    log(guide, tenant="org_a")
    tamper.edit_field(guide, "org_a", 22, "hash_version", 1)
    tamper.edit_field(guide, "org_b", 5, "hash_version", 2)
    assert ("version_downgrade", 22, 22) in both_say(guide_db, tmp_path, "org_a").places
    assert not both_say(guide_db, tmp_path, "org_b").valid


def test_the_command_tells_what_it_did(guide: Connection, guide_db: str) -> None:
    code, out, err = run("install", "--adopt", "--json", "--dsn", guide_db)
    assert code == 0, err
    document = json.loads(out)
    assert document["format"] == "audit-tui/install/1"
    assert document["adopted"] is True
    assert document["verdict"] == "intact"
    assert {line["what"] for line in document["report"]} == {"replaced", "taken away"}
    assert len(TENANTS) == value(guide, "SELECT count(*) FROM audit.logs WHERE event_type = 'audit.adopted'")
