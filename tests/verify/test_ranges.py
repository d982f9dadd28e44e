"""A chain checked in ranges: what they say together is what the check of the whole says."""

from collections.abc import Callable, Iterable
from typing import Any

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.verify.chains import ACME, Conn, append
from tests.verify.test_agreement import ACTS, Act, perform, restored

__all__ = ["restored"]

NOTICES_OF_RUNS = {"uncovered_columns", "foreign_zone"}
Told = tuple[set[tuple[Any, ...]], dict[tuple[str, str | None], list[tuple[int, int]]], bool]

_RANGE = """
SELECT kind, first_sequence, last_sequence, broken_event_id, expected, found, columns, message, is_valid
  FROM audit.verify_range(%s, %s, %s)
"""


def _check(conn: Conn, *ranges: tuple[int | None, int | None]) -> Told:
    """The findings of these ranges together, the runs of the notices (joined), and whether all is valid."""
    findings: set[tuple[Any, ...]] = set()
    runs: dict[tuple[str, str | None], list[tuple[int, int]]] = {}
    valid = True
    for first, last in ranges:
        for row in conn.execute(_RANGE, (ACME, first, last)).fetchall():
            valid = valid and row[8] is not False
            if row[0] in NOTICES_OF_RUNS:
                runs.setdefault((row[0], row[5]), []).append((row[1], row[2]))
            elif row[0] is not None:
                findings.add((*row[:6], tuple(row[6] or ()), row[7]))
    return findings, {key: _joined(spans) for key, spans in runs.items()}, valid


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


@pytest.mark.parametrize("restored", ["ours", "adopted"], indirect=True)
@settings(max_examples=50)
@given(
    acts=st.lists(ACTS, max_size=4),
    cuts=st.lists(st.integers(-1, 15), min_size=1, max_size=3, unique=True).map(sorted),
)
@example(acts=[("downgrade", (3,)), ("downgrade", (4,)), ("rehash_from", (3, "Asia/Kolkata"))], cuts=[3])
@example(acts=[("rehash_from", (2, "Asia/Kolkata"))], cuts=[4, 5])
@example(acts=[("drop", (5, 1))], cuts=[5])
@example(acts=[("copy", (6,))], cuts=[5, 6])
@example(acts=[("renumber", (5, 3))], cuts=[6])
def test_ranges_together_say_what_the_whole_says(
    restored: tuple[str, Callable[[], None]], acts: list[Act], cuts: list[int]
) -> None:
    dsn, restore = restored
    restore()
    with psycopg.connect(dsn) as conn:
        for act in acts:
            perform(conn, act)
        edges = [None, *cuts]
        ranges = [
            (None if first is None else first + 1, last)
            for first, last in zip(edges, [*cuts, None], strict=True)
        ]
        assert _check(conn, *ranges) == _check(conn, (None, None))


def _erase(conn: Conn, *spans: list[int]) -> None:
    conn.execute("SET ROLE audit_owner")
    conn.execute(
        "SELECT audit.erase(%s, jsonb_build_array(jsonb_build_object('sequences', %s::jsonb,"
        " 'parts', '[\"snapshots\"]'::jsonb)), 'asked', 'art. 17', 'the subject', NULL, true)",
        (ACME, str([list(span) for span in spans])),
    )
    conn.execute("RESET ROLE")


def _range(conn: Conn, first: int | None, last: int | None = None) -> list[tuple[Any, ...]]:
    rows = conn.execute(_RANGE, (ACME, first, last)).fetchall()
    return [row[:4] for row in rows if row[0] is not None]


def test_a_range_looks_again_at_older_events_that_its_erasures_name(ours: str) -> None:
    from audit_tui.embedded import tamper

    with psycopg.connect(ours) as conn:
        _erase(conn, [2, 2], [4, 5])
        assert _range(conn, 13) == []
        tamper.edit_field(conn, ACME, 4, "actor_id", "usr_evil")
        tamper.edit_field(conn, ACME, 5, "resource_after", "{}")
        tamper.edit_field(conn, ACME, 7, "actor_id", "usr_evil")  # named by no erasure: an earlier range's
        assert [(kind, first) for kind, first, _, _ in _range(conn, 13)] == [
            ("content_mismatch", 4),
            ("unauthorised_erasure", 5),
        ]
        assert [first for _, first, _, _ in _range(conn, None)] == [4, 5, 7]


def test_an_erasure_that_did_not_happen_is_told_by_the_range_that_records_it(ours: str) -> None:
    with psycopg.connect(ours) as conn:
        group = {"sequences": [[2, 3]], "parts": ["snapshots"], "actor_id": None, "actor_email": None}
        sequence = append(conn, "audit.erased", {"erased": [group]})
        assert [(kind, first) for kind, first, _, _ in _range(conn, sequence)] == [
            ("erasure_incomplete", sequence)
        ]
        assert _range(conn, None, sequence - 1) == []


def test_a_range_without_events_says_nothing(ours: str) -> None:
    with psycopg.connect(ours) as conn:
        assert conn.execute(_RANGE, (ACME, 13, None)).fetchone() == (
            *[None] * 7,
            "There are no events: nothing can be said",
            None,
        )


def test_the_first_event_of_a_range_is_held_against_the_one_before_it(ours: str) -> None:
    from audit_tui.embedded import tamper

    with psycopg.connect(ours) as conn:
        tamper.edit_field(conn, ACME, 6, "resource_id", "x")
        tamper.rehash(conn, ACME, 6)
        assert [(kind, first) for kind, first, _, _ in _range(conn, 7)] == [("link_mismatch", 7)]
        assert _range(conn, 8) == []


def test_a_day_behind_a_long_chain_is_read_by_index(ours: str) -> None:
    """The plan, not the clock: whatever stands before the range is not read."""
    with psycopg.connect(ours) as conn:
        conn.execute(
            "INSERT INTO audit.logs (event_id, tenant_id, event_type, actor_type, actor_id, resource_type,"
            " resource_id) SELECT 'evt_m' || n, %s, 'a.b', 'user', 'u', 'r', '1'"
            " FROM generate_series(1, 3000) n",
            (ACME,),
        )
        conn.commit()
        conn.execute("ANALYZE audit.logs")
        try:
            conn.execute("LOAD 'auto_explain'")
        except psycopg.errors.UndefinedFile:
            pytest.skip("this PostgreSQL comes without auto_explain")
        for setting in ("log_min_duration = 0", "log_nested_statements = on", "log_analyze = on"):
            conn.execute(f"SET auto_explain.{setting}")
        conn.execute("SET client_min_messages = log")
        told: list[str] = []
        conn.add_notice_handler(lambda notice: told.append(notice.message_primary or ""))
        assert _range(conn, 3000) == []
        plans = [text for text in told if "WITH marked AS" in text]
        assert plans
        assert not any("Seq Scan on logs" in text for text in plans), plans[0]
