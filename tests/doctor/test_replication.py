"""Publications of the log: whole ones are worth knowing, partial ones are holes."""

import psycopg
import pytest

from tests.doctor.conftest import examined, run


def test_a_whole_publication_is_worth_knowing_and_no_hole(log: str) -> None:
    run(log, "CREATE PUBLICATION everything FOR ALL TABLES")
    report = examined(log)
    assert report.holes == ()
    assert any(check.id == "publication" and "everything" in check.message for check in report.notices)


def test_a_publication_with_a_row_filter_is_a_hole(log: str) -> None:
    with psycopg.connect(log) as conn:
        if conn.info.server_version < 150000:
            pytest.skip("row filters came with PostgreSQL 15")
    run(log, "CREATE PUBLICATION partly FOR TABLE audit.logs WHERE (tenant_id = 'a')"
             " WITH (publish = 'insert')")  # fmt: skip
    (hole,) = examined(log).holes
    assert hole.id == "publication"
    assert "only where" in hole.message
