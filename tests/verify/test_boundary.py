"""A missing prefix is explained by an intact `audit.archived` event, and by nothing else."""

import json
from pathlib import Path

import psycopg
import pytest

from audit_tui.embedded import tamper
from tests.verify import chains
from tests.verify.chains import ACME, Conn
from tests.verify.verifiers import both_say, report_of

BOUNDARY = 13
GENESIS = ("genesis_mismatch", 5, 5)


def archive(conn: Conn, **changed: object) -> None:
    """The first four events leave, recorded as an archiving would."""
    through = 4
    row = conn.execute(
        "SELECT event_hash FROM audit.logs WHERE tenant_id = %s AND sequence_number = %s", (ACME, through)
    ).fetchone()
    recorded = {"first_sequence": 1, "last_sequence": through, "last_hash": row[0] if row else None}
    chains.append(conn, "audit.archived", recorded | changed)
    tamper.drop_first(conn, ACME, through)


def test_an_archived_prefix_is_intact(ours: str, tmp_path: Path) -> None:
    with psycopg.connect(ours) as conn:
        archive(conn)
    told = both_say(ours, tmp_path)
    assert told.valid is True
    assert told.findings == ()
    boundary = report_of(ours, tmp_path).boundary
    assert boundary is not None
    assert boundary.last_sequence == 4


@pytest.mark.parametrize(
    "changed",
    [
        {"last_sequence": 3},
        {"last_sequence": 4.0},
        {"last_sequence": "4"},
        {"last_sequence": None},
        {"first_sequence": None},
        {"first_sequence": 5},
        {"first_sequence": -1},
        {"first_sequence": 1.5},
        {"last_hash": "f" * 64},
        {"last_hash": None},
        {"last_hash": ["f" * 64]},
    ],
)
def test_a_boundary_that_does_not_fit(changed: dict[str, object], ours: str, tmp_path: Path) -> None:
    with psycopg.connect(ours) as conn:
        archive(conn, **changed)
    assert both_say(ours, tmp_path).places == (GENESIS,)


def test_a_boundary_that_was_edited(ours: str, tmp_path: Path) -> None:
    with psycopg.connect(ours) as conn:
        archive(conn)
        tamper.edit_field(conn, ACME, BOUNDARY, "actor_id", "x")
    assert both_say(ours, tmp_path).places == (GENESIS, ("content_mismatch", BOUNDARY, BOUNDARY))


def test_a_boundary_of_another_type(ours: str, tmp_path: Path) -> None:
    with psycopg.connect(ours) as conn:
        archive(conn)
        tamper.edit_field(conn, ACME, BOUNDARY, "event_type", "audit.Archived")
        tamper.rehash(conn, ACME, BOUNDARY)
    assert both_say(ours, tmp_path).places == (GENESIS,)


def test_a_boundary_never_explains_a_gap(ours: str, tmp_path: Path) -> None:
    with psycopg.connect(ours) as conn:
        archive(conn)
        tamper.drop_rows(conn, ACME, 6, 7)
    assert both_say(ours, tmp_path).places == (("sequence_gap", 6, 7),)


def test_more_than_the_boundary_records_is_gone(ours: str, tmp_path: Path) -> None:
    with psycopg.connect(ours) as conn:
        archive(conn)
        tamper.drop_first(conn, ACME)
    assert both_say(ours, tmp_path).places == (("genesis_mismatch", 6, 6),)


def test_a_first_event_without_link_needs_more_than_a_boundary(ours: str, tmp_path: Path) -> None:
    with psycopg.connect(ours) as conn:
        archive(conn, last_hash=None)
        tamper.edit_field(conn, ACME, 5, "previous_hash", None)
        tamper.rehash_from(conn, ACME, 5)
    assert both_say(ours, tmp_path).places == (GENESIS,)


def test_a_version_1_event_is_no_boundary(adopted: str, tmp_path: Path) -> None:
    with psycopg.connect(adopted) as conn:
        row = conn.execute(
            "SELECT previous_hash FROM audit.logs WHERE tenant_id = %s AND sequence_number = 5", (ACME,)
        ).fetchone()
        recorded = {"first_sequence": 1, "last_sequence": 4, "last_hash": row[0] if row else None}
        tamper.edit_field(conn, ACME, 12, "event_type", "audit.archived")
        tamper.edit_field(conn, ACME, 12, "metadata", json.dumps(recorded))
        tamper.rehash(conn, ACME, 12)
        tamper.drop_first(conn, ACME, 4)
    assert both_say(adopted, tmp_path).places == (GENESIS, ("uncovered_columns", 5, 12))


def test_erasures_below_the_boundary_are_complete(ours: str, tmp_path: Path) -> None:
    group = {"sequences": [[2, 5], [7, 7]], "parts": ["details"]}
    with psycopg.connect(ours) as conn:
        for sequence in (5, 7):
            tamper.erase_without_authority(conn, ACME, sequence, "details")
        chains.append(conn, "audit.erased", {"erased": [group]})
        row = conn.execute(
            "SELECT event_hash FROM audit.logs WHERE tenant_id = %s AND sequence_number = 4", (ACME,)
        ).fetchone()
        recorded = {"first_sequence": 1, "last_sequence": 4, "last_hash": row[0] if row else None}
        chains.append(conn, "audit.archived", recorded)
    assert both_say(ours, tmp_path).places == (("erasure_incomplete", BOUNDARY, BOUNDARY),)
    with psycopg.connect(ours) as conn:
        tamper.drop_first(conn, ACME, 4)
    assert both_say(ours, tmp_path).findings == ()
