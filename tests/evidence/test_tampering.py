"""What an illegal change leaves in the server, and what it looks like where nothing happened."""

import psycopg

from audit_tui.core.evidence import EvidenceName, EvidenceState
from audit_tui.core.findings import Kind, Severity
from audit_tui.embedded import tamper
from audit_tui.embedded.tamper_guard import unguarded
from tests.evidence.conftest import piece, states, taken
from tests.verify.test_continuity import insert

NOTHING = {
    "transaction": "quiet", "commit_time": "quiet", "counters": "quiet", "index": "quiet",
    "dead_rows": "not_available", "wal": "not_available",
}  # fmt: skip


def test_an_untouched_log_shows_nothing(log: str) -> None:
    found = taken(log, 7, compare_paths=True)
    assert states(found) == NOTHING
    assert found.finding is None


def test_an_edited_row_is_newer_than_its_successors(log: str) -> None:
    with psycopg.connect(log) as conn:
        tamper.edit_field(conn, "acme", 7, "actor_id", "usr_evil")
        conn.execute("SELECT pg_stat_clear_snapshot()")
    found = taken(log, 7)
    transaction = piece(found, EvidenceName.TRANSACTION)
    assert transaction.state is EvidenceState.ODD
    assert "later than the rows of 8 of the 8 events after it" in transaction.sentence
    assert len(transaction.details) == 15
    commit = piece(found, EvidenceName.COMMIT_TIME)
    assert commit.state is EvidenceState.ODD
    assert "after the row of event 8" in commit.sentence
    for untouched in (6, 8, 15):
        assert states(taken(log, untouched))["transaction"] == "quiet"


def test_edited_neighbours_are_each_found(plain: str) -> None:
    with psycopg.connect(plain) as conn:
        for sequence in (7, 8, 9):
            tamper.edit_field(conn, "acme", sequence, "actor_id", "usr_evil")
            conn.commit()
    assert [states(taken(plain, n))["transaction"] for n in (6, 7, 8, 9, 10)] == [
        "quiet", "odd", "odd", "odd", "quiet",
    ]  # fmt: skip


def test_counters_tell_of_updates_and_deletes(log: str) -> None:
    with psycopg.connect(log) as conn:
        tamper.edit_field(conn, "acme", 7, "actor_id", "usr_evil")
        tamper.drop_rows(conn, "acme", 12, 12)
    counted = piece(taken(log, 7), EvidenceName.COUNTERS)
    assert counted.state is EvidenceState.ODD
    assert "1 update" in counted.sentence
    assert "1 delete" in counted.sentence
    assert "the log records nothing that would be one" in counted.sentence
    with psycopg.connect(log, autocommit=True) as conn:
        conn.execute("SELECT pg_stat_reset()")
    counted = piece(taken(log, 7), EvidenceName.COUNTERS)
    assert counted.state is EvidenceState.QUIET
    assert "no update and no delete since 2" in counted.sentence


def test_a_missing_event_has_no_row_but_its_dead_one_is_read(log: str) -> None:
    with psycopg.connect(log, autocommit=True) as conn:
        conn.execute("CREATE EXTENSION pageinspect")
        tamper.edit_field(conn, "acme", 12, "user_agent", "\x1b[2J\u202eevil")
        tamper.drop_rows(conn, "acme", 12, 12)
    found = taken(log, 12)
    assert states(found)["transaction"] == "not_available"
    dead = piece(found, EvidenceName.DEAD_ROWS)
    assert dead.state is EvidenceState.ODD
    assert "of event 12" in dead.sentence
    assert "actor_id actor 12" in dead.details[0]
    assert "\x1b" not in "".join(dead.details)


def test_dead_rows_of_other_tenants_are_not_shown(plain: str) -> None:
    with psycopg.connect(plain, autocommit=True) as conn:
        conn.execute("CREATE EXTENSION pageinspect")
        insert(conn, {"tenant_id": "other"})
        tamper.drop_rows(conn, "other", 1, 1)
    assert piece(taken(plain, 20), EvidenceName.DEAD_ROWS).state is EvidenceState.QUIET


def hide_from_index(dsn: str, index: str, sequence: int) -> None:
    """T12: a row that is written while its table's index is not kept up."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        flag = "UPDATE pg_index SET indisready = %s WHERE indexrelid = %s::regclass"
        conn.execute(flag, (False, index))
        with unguarded(conn):
            conn.execute(
                "UPDATE audit.logs SET actor_id = 'usr_evil' WHERE sequence_number = %s", (sequence,)
            )
        conn.execute(flag, (True, index))
        conn.execute("VACUUM audit.logs")


def test_a_row_that_its_index_hides_is_a_finding(plain: str) -> None:
    hide_from_index(plain, "audit.logs_pkey", 9)
    assert taken(plain, 9).finding is None, "not asked for"
    found = taken(plain, 9, compare_paths=True)
    finding = found.finding
    assert finding is not None
    assert (finding.kind, finding.severity) == (Kind.INDEX_DISAGREEMENT, Severity.TAMPERED)
    assert (finding.tenant_id, finding.first_sequence, finding.last_sequence) == ("acme", 9, 9)
    assert "hidden from whoever reads by the index: event 9." in finding.message
    assert states(found)["index"] == "odd"
