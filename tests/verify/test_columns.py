"""An edit of each column of our table, one at a time: nothing but `id` is outside the seal."""

from pathlib import Path

import psycopg
import pytest

from audit_tui.core.findings import Verdict
from audit_tui.core.model import COLUMNS
from audit_tui.embedded.tamper import edit_field
from tests.verify.chains import ACME
from tests.verify.verifiers import Place, both_say, run_client

OTHER_VALUES: dict[str, object] = {
    "tenant_id": "nobody",
    "sequence_number": 50,
    "event_id": "evt_forged",
    "timestamp": "2024-01-15 10:35:00.500001+00",
    "event_type": "user.created",
    "actor_type": "service",
    "actor_id": "usr_evil",
    "actor_email": "evil@example.com",
    "actor_ip_address": "203.0.113.5/31",
    "resource_type": "team",
    "resource_id": "usr_1",
    "endpoint": "/v1/users/usr_105/",
    "http_method": "patch",
    "changes": '{"role": {"old": "member", "new": "adm\u00efn 5", "x": 1}}',
    "resource_before": '{"role": "member", "rate": 1.100}',
    "resource_after": "{}",
    "previous_hash": "f" * 64,
    "event_hash": "f" * 64,
    "request_id": "req_6",
    "session_id": "ses_6",
    "user_agent": "",
    "metadata": '{"source": "api", "n": 5.0}',
    "hash_version": 1,
    "part_salts": bytes(64),
    "erased_parts": "{}",
}
JSONB = ("changes", "resource_before", "resource_after", "metadata", "erased_parts")

CONTENT = (("content_mismatch", 5, 5),)
ON_EDIT: dict[str, tuple[Place, ...]] = {
    "tenant_id": (("sequence_gap", 5, 5),),
    "sequence_number": (("sequence_gap", 5, 5), ("sequence_gap", 13, 49), ("content_mismatch", 50, 50)),
    "previous_hash": (("content_mismatch", 5, 5), ("link_mismatch", 5, 5)),
    "event_hash": (("content_mismatch", 5, 5), ("link_mismatch", 6, 6)),
    "hash_version": (("uncovered_columns", 5, 5), ("version_downgrade", 5, 5)),
}
ON_NULL: dict[str, tuple[Place, ...]] = {
    "tenant_id": (("sequence_gap", 5, 5),),
    "sequence_number": (("sequence_gap", 5, 5),),
    "previous_hash": (("content_mismatch", 5, 5), ("link_mismatch", 5, 5)),
    "event_hash": (("malformed_hash", 5, 5),),
    "hash_version": (("version_downgrade", 5, 5),),
    "erased_parts": (),
}


def test_every_column_is_tried() -> None:
    assert set(OTHER_VALUES) == set(COLUMNS) - {"id"}


@pytest.mark.parametrize("column", OTHER_VALUES)
def test_another_value(column: str, ours: str, tmp_path: Path) -> None:
    edit(ours, 5, column, OTHER_VALUES[column])
    told = both_say(ours, tmp_path)
    assert told.valid is False
    assert told.places == ON_EDIT.get(column, CONTENT)


@pytest.mark.parametrize("column", OTHER_VALUES)
def test_null(column: str, ours: str, tmp_path: Path) -> None:
    edit(ours, 5, column, None)
    told = both_say(ours, tmp_path)
    expected = ON_NULL.get(column, CONTENT)
    assert told.places == expected
    assert told.valid is (expected == ())


@pytest.mark.parametrize("column", JSONB)
def test_null_becomes_json_null(column: str, ours: str, tmp_path: Path) -> None:
    edit(ours, 6, column, "null")
    told = both_say(ours, tmp_path)
    assert told.valid is False
    assert told.places == (("content_mismatch", 6, 6),)


@pytest.mark.parametrize("column", ["changes", "metadata"])
def test_key_order_and_spaces_of_json_are_no_edit(column: str, ours: str, tmp_path: Path) -> None:
    same = {
        "changes": '{ "role":{"new":"adm\\u00efn 5","old":"member"} }',
        "metadata": '{"n":5,"source":"api","n":5}',
    }
    edit(ours, 5, column, same[column])
    assert both_say(ours, tmp_path).findings == ()


def test_id_is_not_sealed_but_gaps_in_it_mean_nothing(ours: str, tmp_path: Path) -> None:
    edit(ours, 5, "id", 4711)
    assert both_say(ours, tmp_path).findings == ()


@pytest.mark.parametrize("column", ["tenant_id", "sequence_number"])
def test_a_row_of_no_chain_makes_the_whole_run_tampered(column: str, ours: str, tmp_path: Path) -> None:
    edit(ours, 12, column, None)  # the head: what is left of the chain has no gap
    report = run_client(ours, tmp_path)
    assert [tenant.verdict for tenant in report.tenants] == [Verdict.INTACT, Verdict.INTACT]
    assert report.verdict is Verdict.TAMPERED
    assert [(f.kind, f.columns) for f in report.orphans] == [("content_mismatch", (column,))]
    assert both_say(ours, tmp_path).findings == ()


def edit(dsn: str, sequence: int, column: str, value: object) -> None:
    with psycopg.connect(dsn) as conn:
        edit_field(conn, ACME, sequence, column, value)
