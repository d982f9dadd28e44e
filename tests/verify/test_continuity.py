"""Continuity on real logs: what speaks about snapshots that no seal covers, in every layout."""

import json
import random
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from audit_tui.core.continuity import ContinuityResult
from audit_tui.core.excluded import Excluded, build_excluded
from audit_tui.core.findings import Kind
from audit_tui.core.model import State
from audit_tui.core.observe import sequence_gap
from audit_tui.embedded import tamper
from audit_tui.service.live.continuity import judge_continuity
from audit_tui.store.connect import connect, parse_dsn
from audit_tui.store.probe import probe
from audit_tui.store.session import NO_TIMEOUT, reading
from audit_tui.store.tenants import get_head
from tests.core.builders import make_event
from tests.schema.erasing import erase, group
from tests.verify.chains import ACME
from tests.verify.test_unreadable import lose_toasted

Conn = psycopg.Connection[Any]

LIFE: tuple[dict[str, Any], ...] = (
    {"event_type": "user.created", "resource_after": {"role": "member", "rate": 1.10}},
    {
        "changes": {"role": {"old": "member", "new": "admin"}},
        "resource_before": {"rate": 1.1, "role": "member"},
        "resource_after": {"role": "admin", "rate": 1.10},
    },
    {"event_type": "user.viewed"},
    {"changes": {"role": {"old": "admin", "new": "owner"}}},
    {"resource_before": {"role": "owner", "rate": 1.10}, "resource_after": {"role": "guest", "rate": 2}},
    {"event_type": "user.deleted", "resource_before": {"role": "guest", "rate": 2.0}},
)
"""One user's life. A log holds it of `usr_a` as 1, 3, 5, ... and of `usr_b` as 2, 4, 6, ..."""


def live(conn: Conn) -> None:
    """Writes both lives through the triggers, as an application of that schema does."""
    for columns in LIFE:
        for name in ("usr_a", "usr_b"):
            insert(conn, {"resource_id": name, **columns})
    conn.commit()


def insert(conn: Conn, columns: dict[str, Any]) -> None:
    row = {
        "event_id": f"evt_{uuid4().hex[:16]}",
        "event_type": "user.updated", "tenant_id": ACME, "actor_type": "user", "actor_id": "x",
        "resource_type": "user", "resource_id": "usr_a",
    } | columns  # fmt: skip
    statement = psycopg.sql.SQL("INSERT INTO audit.logs ({}) VALUES ({})").format(
        psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, row)),
        psycopg.sql.SQL(", ").join([psycopg.sql.Placeholder()] * len(row)),
    )
    conn.execute(statement, [Jsonb(v) if isinstance(v, dict | list) else v for v in row.values()])


def judged(dsn: str, excluded: Excluded | None = None) -> ContinuityResult:
    with connect(parse_dsn(dsn)) as conn:
        layout = probe(conn).layout
        with reading(conn, timeout=NO_TIMEOUT, snapshot=True):
            head = get_head(conn, ACME)
            assert head is not None
            return judge_continuity(conn, layout, head, excluded or Excluded())


def places(dsn: str) -> list[tuple[str, int | None]]:
    return [(str(finding.kind), finding.first_sequence) for finding in judged(dsn).findings]


@pytest.fixture(params=["audit_db", "partitioned_db", "guide_min_db"])
def log(request: pytest.FixtureRequest) -> str:
    """A log with both lives, in each layout."""
    dsn = str(request.getfixturevalue(request.param))
    with psycopg.connect(dsn) as conn:
        live(conn)
    return dsn


def test_an_untouched_log_is_continuous(log: str) -> None:
    made = judged(log)
    assert made.findings == ()
    assert made.axis.state is State.OK


@pytest.mark.parametrize("chain", ["ours", "guide", "adopted"])
def test_the_untouched_chains_give_nothing(chain: str, request: pytest.FixtureRequest) -> None:
    assert judged(request.getfixturevalue(chain)).findings == ()


FORGED = '{"role": "root", "rate": 1.10}'


@pytest.mark.parametrize(
    ("column", "sequence", "expected"),
    [
        ("resource_after", 1, [("snapshot_discontinuity", 3)]),
        ("resource_before", 3, [("change_disagreement", 3), ("snapshot_discontinuity", 3)]),
        ("resource_after", 3, [("change_disagreement", 3), ("snapshot_discontinuity", 7)]),
        ("resource_before", 9, [("snapshot_discontinuity", 9)]),
        ("resource_after", 9, [("snapshot_discontinuity", 11)]),
        ("resource_before", 11, [("snapshot_discontinuity", 11)]),
    ],
)
def test_an_edited_snapshot_of_a_guide_event_is_found(
    guide_min_db: str, column: str, sequence: int, expected: list[tuple[str, int]]
) -> None:
    with psycopg.connect(guide_min_db) as conn:
        live(conn)
        tamper.edit_field(conn, ACME, sequence, column, FORGED)
    assert places(guide_min_db) == expected
    assert "Version 1" in judged(guide_min_db).findings[-1].message


def test_a_guide_event_whose_snapshots_were_emptied_accuses_nobody(guide_min_db: str) -> None:
    with psycopg.connect(guide_min_db) as conn:
        live(conn)
        tamper.edit_field(conn, ACME, 9, "resource_after", None)
    assert places(guide_min_db) == []


def test_only_events_up_to_the_head_count(log: str) -> None:
    with connect(parse_dsn(log)) as conn:
        layout = probe(conn).layout
        with reading(conn, snapshot=True):
            head = get_head(conn, ACME)
            assert head is not None
            with psycopg.connect(log) as other:
                insert(other, {"resource_id": "usr_b", "resource_after": {"role": "x"}})
                insert(other, {"resource_id": "usr_b", "resource_before": {"role": "y"}})
            assert judge_continuity(conn, layout, head, Excluded()).findings == ()
    assert places(log) == [("snapshot_discontinuity", 14)]


def test_a_deleted_event_is_no_discontinuity(log: str) -> None:
    with psycopg.connect(log) as conn:
        tamper.drop_rows(conn, ACME, 7, 8)
    gap = sequence_gap(make_event(9), 7, 8)
    assert judged(log).findings != ()
    assert judged(log, build_excluded([gap], {Kind.SEQUENCE_GAP: 1})).findings == ()


def test_an_authorised_erasure_is_no_discontinuity(audit_db: str) -> None:
    with psycopg.connect(audit_db, autocommit=True) as conn:
        for columns in LIFE:
            insert(conn, {"resource_id": "usr_a", "tenant_id": ACME, **columns})
        erase(conn, group([2, 2], parts=("changes", "snapshots")), tenant=ACME)
        erase(conn, group([4, 4], parts=("changes",)), tenant=ACME)
    made = judged(audit_db)
    assert made.findings == ()


def test_a_row_that_cannot_be_delivered_is_passed_over(audit_db: str) -> None:
    with psycopg.connect(audit_db, autocommit=True) as conn:
        live(conn)
        large = {"role": "root", "blob": random.Random(9).randbytes(50_000).hex()}
        tamper.edit_field(conn, ACME, 9, "resource_after", json.dumps(large))
        tamper.edit_field(conn, ACME, 10, "resource_after", FORGED)
        if not conn.execute("SELECT FROM pg_available_extensions WHERE name = 'pg_surgery'").rowcount:
            pytest.skip("this PostgreSQL has no pg_surgery to damage storage with")
        conn.execute("CREATE EXTENSION pg_surgery")
        lose_toasted(conn)
    made = judged(audit_db)
    assert [(str(f.kind), f.first_sequence) for f in made.findings] == [("snapshot_discontinuity", 12)]


def test_cancelling_is_inconclusive(log: str) -> None:
    class Cancelled:
        def is_set(self) -> bool:
            return True

    with connect(parse_dsn(log)) as conn:
        layout = probe(conn).layout
        with reading(conn, snapshot=True):
            head = get_head(conn, ACME)
            assert head is not None
            made = judge_continuity(conn, layout, head, Excluded(), Cancelled())
    assert made.axis.state is State.INCONCLUSIVE


def test_a_table_without_resources_is_not_run(guide_min_db: str) -> None:
    with psycopg.connect(guide_min_db) as conn:
        live(conn)
        conn.execute("ALTER TABLE audit.logs DROP COLUMN resource_type")
    made = judged(guide_min_db)
    assert (made.axis.state, made.axis.reason) == (State.NOT_RUN, "audit.logs lacks resource_type")
