"""Blocks of COPY: bytes apart from the header, ends, errors, and the tables that they are not for."""

import psycopg
import pytest

from audit_tui.core.model import COLUMNS, GUIDE_COLUMNS
from audit_tui.fast import COPIED, COPIED_OF_GUIDE, FORMS, first_event_id, split_row, strip_header
from audit_tui.store.block_rows import read_row
from audit_tui.store.chain import stream_chain
from audit_tui.store.chain_blocks import copy_blocks, is_copyable
from audit_tui.store.tenants import get_head
from tests.fast.reading import opened
from tests.verify.chains import ACME, EVENTS

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)


def test_columns_are_those_of_an_event() -> None:
    assert COPIED == COLUMNS
    assert COPIED_OF_GUIDE == GUIDE_COLUMNS
    assert set(FORMS) == set(COLUMNS)


def test_the_header_is_taken_off() -> None:
    assert bytes(strip_header(HEADER + b"rest")) == b"rest"


@pytest.mark.parametrize("data", [b"", HEADER[:-1], b"X" * 40, HEADER[:11] + b"\0\1" + HEADER[13:],
                                  HEADER[:-1] + b"\1"])  # fmt: skip
def test_another_header_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="COPY"):
        strip_header(data)


def test_rows_are_split_and_cut_ones_are_not() -> None:
    row = b"\0\2" + b"\0\0\0\1x" + b"\xff\xff\xff\xff"
    assert split_row(b"." + row, 1) == ((b"x", None), 1 + len(row))
    assert all(split_row(row[:cut]) is None for cut in range(len(row)))
    for wrong in (b"\xff\xff", b"\0\1\xff\xff\xff\xfe"):
        with pytest.raises(ValueError, match="below zero"):
            split_row(wrong)
    assert first_event_id(row) is None


@pytest.mark.parametrize("schema", ["ours", "guide", "adopted"])
def test_a_row_is_the_event_that_the_plain_way_reads(schema: str, request: pytest.FixtureRequest) -> None:
    with opened(request.getfixturevalue(schema)) as (conn, layout):
        head = get_head(conn, ACME)
        assert head is not None
        data = b"".join(copy_blocks(conn, layout, ACME, 0, head.sequence))
        assert first_event_id(data) == "evt_acme0001"
        at, found = 0, []
        while (row := read_row(data, layout, at)) is not None:
            event, at = row
            found.append(event)
        assert at == len(data)
        assert found == list(stream_chain(conn, layout, head))


def test_reading_begins_and_ends_where_it_was_told(ours: str) -> None:
    with opened(ours) as (conn, layout):
        whole = b"".join(copy_blocks(conn, layout, ACME, 0, EVENTS))
        first, at = read_row(whole, layout) or (None, 0)
        assert first is not None
        assert b"".join(copy_blocks(conn, layout, ACME, 1, EVENTS)) == whole[at:]
        assert b"".join(copy_blocks(conn, layout, ACME, 1, EVENTS, after_id=first.id)) == whole[at:]
        assert b"".join(copy_blocks(conn, layout, ACME, 1, EVENTS, after_id=(first.id or 0) - 1)) == whole
        assert b"".join(copy_blocks(conn, layout, ACME, 0, 1)) == whole[:at]
        assert list(copy_blocks(conn, layout, ACME, EVENTS, 2**62)) == []
        assert list(copy_blocks(conn, layout, "'; --", 0, 2**62)) == []


def test_one_that_is_closed_leaves_the_transaction_usable(kolkata: str) -> None:
    with opened(kolkata) as (conn, layout):
        blocks = copy_blocks(conn, layout, ACME, 0, 2**62, block_bytes=1)
        assert next(blocks)
        blocks.close()
        assert conn.execute("SELECT 1").fetchone() == (1,)
        assert b"".join(copy_blocks(conn, layout, ACME, 0, 2**62))


def test_an_error_half_way_is_raised_and_leaves_the_transaction_usable(guide: str) -> None:
    with psycopg.connect(guide) as conn:
        conn.execute("ALTER TABLE audit.logs RENAME TO kept")
        columns = psycopg.sql.SQL(", ").join(
            psycopg.sql.SQL("(10 / (8 - sequence_number))::int8 AS id")
            if name == "id"
            else psycopg.sql.Identifier(name)
            for name in GUIDE_COLUMNS
        )
        conn.execute(psycopg.sql.SQL("CREATE VIEW audit.logs AS SELECT {} FROM audit.kept").format(columns))
    with opened(guide) as (conn, layout):
        blocks = copy_blocks(conn, layout, ACME, 0, 2**62, block_bytes=1)
        with pytest.raises(psycopg.errors.DivisionByZero):
            b"".join(blocks)
        assert conn.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE audit.logs ALTER metadata TYPE json",
        "CREATE DOMAIN audit.jsonb AS text; ALTER TABLE audit.logs ALTER metadata TYPE audit.jsonb",
        "CREATE DOMAIN audit.int8 AS float8; ALTER TABLE audit.logs ALTER id DROP DEFAULT;"
        "ALTER TABLE audit.logs ALTER id TYPE audit.int8",
        "ALTER TABLE audit.logs DROP user_agent",
    ],
)
def test_a_table_of_other_types_is_not_for_it(guide: str, statement: str) -> None:
    with opened(guide) as (conn, layout):
        assert is_copyable(conn, layout)
    with psycopg.connect(guide) as conn:
        conn.execute(statement)  # type: ignore[call-overload]
    with opened(guide) as (conn, layout):
        assert not is_copyable(conn, layout)
