"""Rows that a real server sends: all regular as they were logged, and none after an edit of any column."""

from random import Random
from typing import Any

import psycopg
import pytest

from audit_tui.core.model import COLUMNS
from audit_tui.embedded import tamper
from audit_tui.fast import Kernel, Stopped
from tests.fast.random_events import json_text, text
from tests.fast.reading import pass_over
from tests.schema.events import insert, log
from tests.verify.chains import ACME, EVENTS, KOLKATA_EVENTS
from tests.verify.test_columns import OTHER_VALUES

TENANT = 'o"rg é\\'
LOGGED = 300


@pytest.fixture
def varied(audit_db: str) -> str:
    """Events of every kind of content, through audit.log_event and by INSERT."""
    random = Random(7)
    with psycopg.connect(audit_db) as conn:
        for number in range(LOGGED):
            if number % 2:
                insert(conn, **_columns(random, number))
            else:
                log(
                    conn,
                    TENANT,
                    changes=json_text(random),
                    resource_after=json_text(random),
                    endpoint=text(random)[:500],
                )
    return audit_db


def _columns(random: Random, number: int) -> dict[str, Any]:
    nullable: dict[str, Any] = {
        "actor_email": text(random)[:255], "endpoint": text(random)[:500], "http_method": text(random)[:10],
        "request_id": text(random)[:50], "session_id": text(random)[:50], "user_agent": text(random),
        "changes": json_text(random), "resource_before": json_text(random),
        "resource_after": "null", "metadata": json_text(random),
        "actor_ip_address": random.choice(["10.0.0.0/8", "::1", "2001:DB8::/32", "203.0.113.9/32"]),
    }  # fmt: skip
    some = {name: value for name, value in nullable.items() if random.random() < 0.7}
    return some | {"tenant_id": TENANT, "event_id": f"evt_{number:07d}", "actor_id": text(random)[:50]}


@pytest.mark.parametrize("block_bytes", [1, 5000, 128 * 1024])
def test_what_was_logged_is_regular(either: Kernel, varied: str, block_bytes: int) -> None:
    passed = pass_over(either, varied, TENANT, block_bytes=block_bytes)
    assert (passed.made.rows, passed.made.stopped) == (LOGGED - 1, Stopped.END)
    assert passed.made.before.sequence == LOGGED
    assert passed.left == b""


@pytest.mark.parametrize("column", OTHER_VALUES)
@pytest.mark.parametrize("null", [False, True], ids=["another", "NULL"])
def test_after_an_edit_of_any_column_it_stops_at_that_row(
    kernel: Kernel, ours: str, column: str, null: bool
) -> None:
    value = None if null else OTHER_VALUES[column]
    with psycopg.connect(ours) as conn:
        tamper.edit_field(conn, ACME, 5, column, value)
    passed = pass_over(kernel, ours, ACME)
    if null and column == "erased_parts":  # as it was
        assert passed.made.before.sequence == EVENTS
        return
    assert passed.made.before.sequence == 4
    assert passed.made.stopped is Stopped.LOOK


def test_another_id_is_no_edit(kernel: Kernel, ours: str) -> None:
    with psycopg.connect(ours) as conn:
        tamper.edit_field(conn, ACME, EVENTS, "id", 4711)
    passed = pass_over(kernel, ours, ACME)
    assert (passed.made.before.sequence, passed.made.before.row_id) == (EVENTS, 4711)


@pytest.mark.parametrize("doing", ["drop", "swap", "copy", "rehash", "null", "downgrade", "erase"])
def test_other_tampering_stops_it_no_later_than_there(kernel: Kernel, ours: str, doing: str) -> None:
    with psycopg.connect(ours) as conn:
        match doing:
            case "drop":
                tamper.drop_rows(conn, ACME, 5, 6)
            case "swap":
                tamper.swap(conn, ACME, 5, 6)
            case "copy":
                tamper.insert_copy(conn, ACME, 5)
            case "rehash":
                tamper.edit_field(conn, ACME, 4, "actor_id", "x")
                tamper.rehash(conn, ACME, 4)
            case "null":
                tamper.null_hash(conn, ACME, 5)
            case "downgrade":
                tamper.downgrade(conn, ACME, 5)
            case "erase":
                tamper.erase_without_authority(conn, ACME, 5, "identity")
    passed = pass_over(kernel, ours, ACME)
    assert passed.made.stopped is Stopped.LOOK
    assert passed.made.before.sequence == (5 if doing == "copy" else 4)


@pytest.mark.parametrize("schema", ["guide", "adopted"])
def test_what_the_guide_sealed_is_regular_at_its_offset(
    either: Kernel, schema: str, request: pytest.FixtureRequest
) -> None:
    dsn = request.getfixturevalue(schema)
    passed = pass_over(either, dsn, ACME)
    assert (passed.made.rows, passed.made.rows_version_1) == (EVENTS - 1, EVENTS - 1)
    assert pass_over(either, dsn, ACME, offset=3600).made.rows == 0


def test_what_was_written_from_india_is_regular_there(kernel: Kernel, kolkata: str) -> None:
    assert pass_over(kernel, kolkata, ACME).made.rows == 0
    assert pass_over(kernel, kolkata, ACME, offset=19_800).made.rows == KOLKATA_EVENTS - 1


def test_every_column_is_tried() -> None:
    assert set(OTHER_VALUES) | {"id"} == set(COLUMNS)
