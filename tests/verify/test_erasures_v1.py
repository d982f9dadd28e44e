"""Erasures in the version 1 part of an adopted table: the covering event is the only proof."""

from pathlib import Path

import psycopg
import pytest

from audit_tui.embedded import tamper
from audit_tui.embedded.tamper_guard import force, unguarded
from tests.verify import chains
from tests.verify.chains import ACME, Conn
from tests.verify.verifiers import Place, both_say

COVERAGE: Place = ("uncovered_columns", 1, chains.EVENTS)
IDENTITY_GONE = "actor_email = 'p', actor_ip_address = NULL, session_id = NULL, user_agent = NULL"
SNAPSHOTS_GONE = "resource_before = NULL, resource_after = NULL"


def strip(conn: Conn, sequence: int, assignments: str, marks: str) -> None:
    """What an erasure of a version 1 event leaves: columns gone, marks instead of digests."""
    statement = psycopg.sql.SQL(
        "UPDATE audit.logs SET erased_parts = %s, {} WHERE tenant_id = %s AND sequence_number = %s"
    ).format(psycopg.sql.SQL(assignments))
    with unguarded(conn):
        force(conn, statement, (marks, ACME, sequence))


def cover(conn: Conn, **group: object) -> int:
    return chains.append(conn, "audit.erased", {"erased": [{"sequences": [[5, 5]]} | group]})


def test_covered(adopted: str, tmp_path: Path) -> None:
    with psycopg.connect(adopted) as conn:
        strip(conn, 5, IDENTITY_GONE, '{"identity": "unsealed"}')
        cover(conn, parts=["identity"], actor_id="usr_2", actor_email="p")
    told = both_say(adopted, tmp_path)
    assert told.places == (COVERAGE,)
    assert told.valid is True


def test_another_pseudonym(adopted: str, tmp_path: Path) -> None:
    with psycopg.connect(adopted) as conn:
        strip(conn, 5, IDENTITY_GONE, '{"identity": "unsealed"}')
        cover(conn, parts=["identity"], actor_id="usr_2", actor_email="q")
    assert both_say(adopted, tmp_path).places == (COVERAGE, ("unauthorised_erasure", 5, 5))


def test_uncovered(adopted: str, tmp_path: Path) -> None:
    with psycopg.connect(adopted) as conn:
        strip(conn, 5, SNAPSHOTS_GONE, '{"snapshots": "unsealed"}')
    assert both_say(adopted, tmp_path).places == (COVERAGE, ("unauthorised_erasure", 5, 5))


def test_changes_are_in_the_hash_and_cannot_go(adopted: str, tmp_path: Path) -> None:
    with psycopg.connect(adopted) as conn:
        strip(conn, 5, "changes = NULL", '{"changes": "unsealed"}')
        cover(conn, parts=["changes"])
    assert both_say(adopted, tmp_path).places == (
        COVERAGE,
        ("content_mismatch", 5, 5),
        ("unauthorised_erasure", 5, 5),
    )


@pytest.mark.parametrize("marks", ['{"snapshots": "' + "a" * 64 + '"}', "{}", '"unsealed"', "[]", "null"])
def test_marks_of_another_form(marks: str, adopted: str, tmp_path: Path) -> None:
    with psycopg.connect(adopted) as conn:
        tamper.edit_field(conn, ACME, 5, "erased_parts", marks)
    assert both_say(adopted, tmp_path).places == (COVERAGE, ("content_mismatch", 5, 5))


def test_a_version_1_event_covers_nothing(adopted: str, tmp_path: Path) -> None:
    group = '{"erased": [{"sequences": [[5, 5]], "parts": ["snapshots"]}]}'
    with psycopg.connect(adopted) as conn:
        strip(conn, 5, SNAPSHOTS_GONE, '{"snapshots": "unsealed"}')
        tamper.edit_field(conn, ACME, 12, "event_type", "audit.erased")
        tamper.edit_field(conn, ACME, 12, "metadata", group)
        tamper.rehash(conn, ACME, 12)
    assert both_say(adopted, tmp_path).places == (COVERAGE, ("unauthorised_erasure", 5, 5))
