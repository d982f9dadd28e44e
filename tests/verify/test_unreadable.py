"""An event that the server itself cannot deliver is named as undecided, and stops nothing."""

import json
import random
from pathlib import Path

import psycopg
import pytest

from audit_tui.core.findings import Verdict
from audit_tui.embedded import tamper
from tests.verify.chains import ACME, EVENTS, Conn
from tests.verify.verifiers import client_says, report_of, sql_says


@pytest.fixture
def damaged(ours: str) -> str:
    """Our chain, where what event 5 stores outside its row (a large metadata) was lost on disk."""
    with psycopg.connect(ours, autocommit=True) as conn:
        large = json.dumps({"blob": random.Random(5).randbytes(50_000).hex()})
        tamper.edit_field(conn, ACME, 5, "metadata", large)
        tamper.rehash_from(conn, ACME, 5)
        if not conn.execute("SELECT FROM pg_available_extensions WHERE name = 'pg_surgery'").rowcount:
            pytest.skip("this PostgreSQL has no pg_surgery to damage storage with")
        conn.execute("CREATE EXTENSION pg_surgery")
        lose_toasted(conn)
    return ours


def lose_toasted(conn: Conn) -> None:
    """Kills every tuple of the table's outside storage: only event 5 has any."""
    row = conn.execute(
        "SELECT reltoastrelid::regclass::text FROM pg_class WHERE oid = 'audit.logs'::regclass"
    ).fetchone()
    table = row[0] if row else ""
    name = psycopg.sql.Identifier(*table.split("."))
    conn.execute(
        psycopg.sql.SQL("SELECT heap_force_kill(%s::regclass, ARRAY(SELECT ctid FROM {}))").format(name),
        (table,),
    )


def test_the_rest_is_checked(damaged: str, tmp_path: Path) -> None:
    report = report_of(damaged, tmp_path)
    assert client_says(report).places == (("unreadable_event", 5, 5),)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.events == EVENTS - 1, "what was read"
    told = sql_says(damaged)
    assert told.valid is None
    assert told.findings == client_says(report).findings


def test_tampering_beside_it_is_still_tampering(damaged: str, tmp_path: Path) -> None:
    with psycopg.connect(damaged) as conn:
        tamper.edit_field(conn, ACME, 6, "previous_hash", "f" * 64)  # link to the lost one: not judged
        tamper.edit_field(conn, ACME, 4, "actor_id", "x")
        tamper.drop_rows(conn, ACME, 8, 8)
    told = sql_says(damaged)
    assert told == client_says(report_of(damaged, tmp_path))
    assert told.valid is False
    assert told.places == (
        ("content_mismatch", 4, 4),
        ("unreadable_event", 5, 5),
        ("content_mismatch", 6, 6),
        ("sequence_gap", 8, 8),
    )
