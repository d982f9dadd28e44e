"""What looks like tampering in the server's own records and is none."""

from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from audit_tui.core.errors import UnknownTenantError
from audit_tui.core.evidence import EvidenceName, EvidenceState
from audit_tui.embedded import tamper
from audit_tui.embedded.server import EmbeddedServer
from tests.conftest import Templates
from tests.doctor.conftest import role, run
from tests.evidence.conftest import LAYOUTS, fill, piece, states, taken
from tests.restore.programs import REPLICA, Programs, has_programs
from tests.schema.erasing import erase, group


def test_an_authorised_erasure_explains_its_row(plain: str) -> None:
    with psycopg.connect(plain, autocommit=True) as conn:
        erase(conn, group([7, 7]), tenant="acme")
    found = taken(plain, 7)
    transaction = piece(found, EvidenceName.TRANSACTION)
    assert transaction.state is EvidenceState.QUIET
    assert "as its authorised erasure explains" in transaction.sentence
    assert piece(found, EvidenceName.COMMIT_TIME).state is EvidenceState.QUIET
    counted = piece(found, EvidenceName.COUNTERS)
    assert counted.state is EvidenceState.QUIET
    assert "the log records erasures or removals" in counted.sentence
    for neighbour in (5, 6, 8):
        assert states(taken(plain, neighbour))["transaction"] == "quiet"


def test_an_erasure_without_authority_explains_nothing(plain: str) -> None:
    with psycopg.connect(plain) as conn:
        tamper.erase_without_authority(conn, "acme", 7, "identity")
    assert states(taken(plain, 7))["transaction"] == "odd"


def test_frozen_rows_are_no_evidence(log: str) -> None:
    with psycopg.connect(log, autocommit=True) as conn:
        tamper.edit_field(conn, "acme", 7, "actor_id", "usr_evil")
        conn.execute("VACUUM (FREEZE) audit.logs")
    found = taken(log, 7)
    assert states(found)["transaction"] == "not_available"
    assert "frozen by vacuum" in piece(found, EvidenceName.TRANSACTION).sentence
    assert states(found)["commit_time"] == "not_available"


def test_a_row_written_after_a_freeze_is_newer_than_frozen_ones(log: str) -> None:
    with psycopg.connect(log, autocommit=True) as conn:
        conn.execute("VACUUM (FREEZE) audit.logs")
        tamper.edit_field(conn, "acme", 7, "actor_id", "usr_evil")
    found = taken(log, 7)
    assert states(found)["transaction"] == "odd"
    assert "event 8: frozen" in piece(found, EvidenceName.TRANSACTION).details


def test_after_a_dump_and_restore_there_is_no_evidence(
    keeping: EmbeddedServer, plain: str, tmp_path: Path
) -> None:
    if not has_programs(keeping.binaries):
        pytest.skip("this PostgreSQL comes without pg_dump")
    with psycopg.connect(plain) as conn:
        tamper.edit_field(conn, "acme", 7, "actor_id", "usr_evil")
    programs = Programs(keeping.binaries)
    file = programs.dump(plain, tmp_path / "log.dump")
    restored = keeping.create_database()
    try:
        programs.restore(restored, file, **REPLICA)
        found = taken(restored, 7)
        assert states(found)["transaction"] == "not_available"
        assert "as after a restore" in piece(found, EvidenceName.TRANSACTION).sentence
        assert states(found)["commit_time"] == "quiet"
        assert states(found)["counters"] == "quiet"
        with psycopg.connect(restored) as conn:  # what is changed after it stands out again
            tamper.edit_field(conn, "acme", 9, "actor_id", "usr_evil")
        assert states(taken(restored, 9))["transaction"] == "odd"
    finally:
        keeping.drop_database(restored)


def test_the_head_has_no_successor_to_compare_with(plain: str) -> None:
    found = taken(plain, 20)
    assert piece(found, EvidenceName.TRANSACTION).sentence == (
        "Not available: no later event is there to compare with."
    )


def test_without_commit_times_that_piece_says_so(server: EmbeddedServer, templates: Templates) -> None:
    dsn = templates.copy("evidence_plain", LAYOUTS["plain"])
    try:
        fill(dsn, 5)
        found = taken(dsn, 2)
        assert states(found)["transaction"] == "quiet"
        assert (
            piece(found, EvidenceName.COMMIT_TIME).sentence == "Not available: track_commit_timestamp is off."
        )
    finally:
        server.drop_database(dsn)


def test_a_readers_rights_reach_as_far_as_they_do(plain: str) -> None:
    with role(plain, "evidence_reader", "LOGIN"):
        run(plain, "GRANT audit_reader TO evidence_reader", "CREATE EXTENSION pageinspect")
        found = taken(make_conninfo(plain, user="evidence_reader"), 7, compare_paths=True)
        assert states(found) == {
            "transaction": "quiet", "commit_time": "quiet", "counters": "quiet", "index": "quiet",
            "dead_rows": "not_available", "wal": "not_available",
        }  # fmt: skip
        assert (
            piece(found, EvidenceName.DEAD_ROWS).sentence == "Not available: pageinspect needs a superuser."
        )


def test_a_view_in_the_tables_place_leaves_nothing_to_read(plain: str) -> None:
    run(
        plain,
        "ALTER TABLE audit.logs RENAME TO logs_real",
        "CREATE VIEW audit.logs AS SELECT * FROM audit.logs_real",
    )
    found = taken(plain, 7)
    assert states(found)["transaction"] == "not_available"
    assert states(found)["dead_rows"] == "not_available"


def test_an_unknown_tenant_is_an_error(plain: str) -> None:
    with pytest.raises(UnknownTenantError):
        taken(plain, 1, tenant="nobody")


def test_a_sequence_far_beyond_the_head(plain: str) -> None:
    assert states(taken(plain, 2**63 - 1))["transaction"] == "not_available"
