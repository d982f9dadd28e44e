"""Rows that an intruder made as odd as the types allow: a finding each, never an exception."""

from pathlib import Path

import psycopg
import pytest

from audit_tui.embedded import tamper
from audit_tui.embedded.tamper_guard import columns, unguarded
from tests.verify.chains import ACME, EVENTS
from tests.verify.verifiers import both_say

LOWEST, HIGHEST = -(2**63), 2**63 - 1


@pytest.mark.parametrize(
    "time",
    [
        "infinity",
        "-infinity",
        "0001-12-31 BC",
        "0044-03-15 BC",
        "10000-01-01 00:00+00",
        "294276-12-31 23:59+00",
    ],
)
def test_times_that_no_seal_holds(time: str, ours: str, tmp_path: Path) -> None:
    with psycopg.connect(ours) as conn:
        tamper.edit_field(conn, ACME, 5, "timestamp", time)
    told = both_say(ours, tmp_path)
    assert told.places == (("content_mismatch", 5, 5),)
    assert told.findings[0].expected is None


@pytest.mark.parametrize("time", ["infinity", "0044-03-15 BC", "294276-12-31 23:59+00"])
def test_times_that_no_version_1_seal_holds(time: str, adopted: str, tmp_path: Path) -> None:
    with psycopg.connect(adopted) as conn:
        tamper.edit_field(conn, ACME, 5, "timestamp", time)
    assert ("content_mismatch", 5, 5) in both_say(adopted, tmp_path).places


@pytest.mark.parametrize(
    "marks",
    [
        "null", "[]", "3", '"identity"', "{}", '{"identity": null}', '{"identity": 1}', '{"identity": []}',
        '{"identity": ""}', '{"identity": "unsealed"}', '{"identity": "' + "A" * 64 + '"}',
        '{"identity": "' + "a" * 64 + '\\n"}', '{"seal": "' + "a" * 64 + '"}',
        '{"identity": "' + "a" * 64 + '", "seal": null}', '["identity"]',
    ],
)  # fmt: skip
def test_erasure_marks_of_another_form(marks: str, ours: str, tmp_path: Path) -> None:
    with psycopg.connect(ours) as conn:
        tamper.edit_field(conn, ACME, 5, "erased_parts", marks)
    told = both_say(ours, tmp_path)
    assert told.places == (("content_mismatch", 5, 5),)
    assert told.findings[0].expected is None


@pytest.mark.parametrize("salts", [b"", b"\0" * 16, b"\0" * 65])
def test_salts_of_another_length(salts: bytes, ours: str, tmp_path: Path) -> None:
    with psycopg.connect(ours) as conn:
        tamper.edit_field(conn, ACME, 5, "part_salts", salts)
        tamper.edit_field(conn, ACME, 5, "event_hash", "")
    assert both_say(ours, tmp_path).places == (("malformed_hash", 5, 5),)


@pytest.mark.parametrize("digits", ["a" * 63, "a" * 64 + "\n", " " + "a" * 63, "\uff41" * 64, "g" * 64])
def test_hashes_of_another_form(digits: str, ours: str, tmp_path: Path) -> None:
    with psycopg.connect(ours) as conn:
        with unguarded(conn):
            conn.execute("ALTER TABLE audit.logs ALTER COLUMN event_hash TYPE text")
        tamper.edit_field(conn, ACME, 5, "event_hash", digits)
    assert both_say(ours, tmp_path).places == (("malformed_hash", 5, 5),)


def test_sequences_at_the_ends_of_their_type(ours: str, tmp_path: Path) -> None:
    with psycopg.connect(ours) as conn:
        tamper.edit_field(conn, ACME, 1, "sequence_number", LOWEST)
        tamper.edit_field(conn, ACME, EVENTS, "sequence_number", HIGHEST)
        tamper.insert_copy(conn, ACME, HIGHEST)
        tamper.insert_copy(conn, ACME, LOWEST)
    told = both_say(ours, tmp_path)
    assert told.places == (
        ("content_mismatch", LOWEST, LOWEST), ("content_mismatch", LOWEST, LOWEST),
        ("duplicate_sequence", LOWEST, LOWEST), ("genesis_mismatch", LOWEST, LOWEST),
        ("sequence_gap", LOWEST + 1, 1), ("sequence_gap", 12, HIGHEST - 1),
        ("content_mismatch", HIGHEST, HIGHEST), ("content_mismatch", HIGHEST, HIGHEST),
        ("duplicate_sequence", HIGHEST, HIGHEST),
    )  # fmt: skip


def test_a_row_of_nothing_but_nulls(ours: str, tmp_path: Path) -> None:
    with psycopg.connect(ours) as conn:
        for column in columns(conn):
            if column not in {"id", "tenant_id", "sequence_number"}:
                tamper.edit_field(conn, ACME, 5, column, None)
    told = both_say(ours, tmp_path)
    assert told.places == (("link_mismatch", 5, 5), ("malformed_hash", 5, 5), ("version_downgrade", 5, 5))


def test_every_hash_gone(ours: str, tmp_path: Path) -> None:
    with psycopg.connect(ours) as conn:
        for sequence in range(1, EVENTS + 1):
            tamper.null_hash(conn, ACME, sequence)
    places = both_say(ours, tmp_path).places
    assert places == tuple(("malformed_hash", n, n) for n in range(1, EVENTS + 1))


def test_lists_are_capped_but_both_cap_alike(ours: str, tmp_path: Path) -> None:
    with psycopg.connect(ours) as conn, unguarded(conn):
        conn.execute(
            "INSERT INTO audit.logs (event_id, sequence_number, timestamp, event_type, tenant_id, actor_type,"
            " actor_id, resource_type, resource_id, event_hash, hash_version, part_salts)"
            " SELECT 'evt_many' || n, n, '2024-02-01', 't', %s, 'a', 'b', 'c', 'd', repeat('a', 64), 2,"
            " decode(repeat('00', 64), 'hex') FROM generate_series(14, 1300) AS n",
            (ACME,),
        )
    told = both_say(ours, tmp_path)
    kinds = [finding.kind for finding in told.findings]
    assert kinds.count("content_mismatch") == 1000
    assert kinds.count("link_mismatch") == 1000
    assert kinds.count("sequence_gap") == 1
