"""Any tampering, combined at random: the two verifiers say the same, to the letter."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from audit_tui.core.model import COLUMNS
from audit_tui.embedded import tamper
from audit_tui.embedded.tamper_guard import columns, unguarded
from tests.verify.chains import ACME, OTHER, Conn
from tests.verify.test_columns import OTHER_VALUES
from tests.verify.verifiers import both_say

Act = tuple[str, Any]

SEQUENCES = st.integers(1, 12)
VALUES = st.one_of(st.none(), st.sampled_from(["null", "{}", "1", "infinity", "audit.erased", "A" * 64]))
ACTS: st.SearchStrategy[Act] = st.one_of(
    st.tuples(st.just("edit"), st.tuples(SEQUENCES, st.sampled_from([c for c in COLUMNS if c != "id"]))),
    st.tuples(st.just("null"), st.tuples(SEQUENCES, st.sampled_from([c for c in COLUMNS if c != "id"]))),
    st.tuples(st.just("put"), st.tuples(SEQUENCES, st.sampled_from(["metadata", "erased_parts"]), VALUES)),
    st.tuples(st.just("version"), st.tuples(SEQUENCES, st.sampled_from([None, 0, 1, 2, 3]))),
    st.tuples(st.just("rehash"), st.tuples(SEQUENCES)),
    st.tuples(st.just("rehash_from"), st.tuples(SEQUENCES, st.sampled_from(["UTC", "Asia/Kolkata"]))),
    st.tuples(st.just("drop"), st.tuples(SEQUENCES, st.integers(0, 3))),
    st.tuples(st.just("swap"), st.tuples(SEQUENCES, SEQUENCES)),
    st.tuples(st.just("copy"), st.tuples(SEQUENCES)),
    st.tuples(st.just("renumber"), st.tuples(SEQUENCES, st.integers(-2, 3))),
    st.tuples(st.just("erase"), st.tuples(SEQUENCES, st.sampled_from(["identity", "snapshots", "details"]))),
    st.tuples(st.just("downgrade"), st.tuples(SEQUENCES)),
)


def perform(conn: Conn, act: Act) -> None:
    """One tampering. One that has nothing to act on any more does nothing."""
    name, given_ = act
    doers: dict[str, Callable[..., object]] = {
        "edit": lambda n, column: tamper.edit_field(conn, ACME, n, column, OTHER_VALUES[column]),
        "null": lambda n, column: tamper.edit_field(conn, ACME, n, column, None),
        "put": lambda n, column, value: tamper.edit_field(conn, ACME, n, column, value),
        "version": lambda n, value: tamper.edit_field(conn, ACME, n, "hash_version", value),
        "rehash": lambda n: tamper.rehash(conn, ACME, n),
        "rehash_from": lambda n, zone: tamper.rehash_from(conn, ACME, n, zone),
        "drop": lambda n, more: tamper.drop_rows(conn, ACME, n, n + more),
        "swap": lambda a, b: tamper.swap(conn, ACME, a, b),
        "copy": lambda n: tamper.insert_copy(conn, ACME, n),
        "renumber": lambda n, by: tamper.renumber_from(conn, ACME, n, by),
        "erase": lambda n, part: tamper.erase_without_authority(conn, ACME, n, part),
        "downgrade": lambda n: tamper.downgrade(conn, ACME, n),
    }
    try:
        with conn.transaction():
            doers[name](*given_)
    except (LookupError, ValueError, psycopg.errors.DataError):
        pass


@pytest.fixture
def restored(request: pytest.FixtureRequest) -> Iterator[tuple[str, Callable[[], None]]]:
    """A database and a way to put its chain back, so that many examples share it."""
    dsn: str = request.getfixturevalue(request.param)
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("CREATE TABLE public.pristine AS TABLE audit.logs")
        names = psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, columns(conn)))

        def restore() -> None:
            with unguarded(conn):
                conn.execute("DELETE FROM audit.logs")
                conn.execute(
                    psycopg.sql.SQL("INSERT INTO audit.logs ({0}) SELECT {0} FROM public.pristine").format(
                        names
                    )
                )

        yield dsn, restore


@pytest.mark.parametrize("restored", ["ours", "adopted"], indirect=True)
@settings(max_examples=60)
@given(acts=st.lists(ACTS, min_size=1, max_size=4))
@example(acts=[("copy", (12,)), ("null", (12, "event_hash"))])
@example(acts=[("swap", (1, 2)), ("drop", (1, 0))])
@example(acts=[("downgrade", (3,)), ("downgrade", (4,)), ("rehash_from", (3, "Asia/Kolkata"))])
def test_both_verifiers_agree(
    restored: tuple[str, Callable[[], None]], acts: list[Act], tmp_path: Path
) -> None:
    dsn, restore = restored
    restore()
    with psycopg.connect(dsn) as conn:
        for act in acts:
            perform(conn, act)
        left = conn.execute(
            "SELECT DISTINCT tenant_id FROM audit.logs WHERE tenant_id = ANY (%s)"
            " AND sequence_number IS NOT NULL",
            ([ACME, OTHER],),
        ).fetchall()
    for (tenant,) in left:
        both_say(dsn, tmp_path, tenant)
