"""The permission matrix holds: every verb, table, sequence and function, as every role."""

import psycopg

from tests.matrix.attempts import try_everything
from tests.schema.events import insert


def test_every_role_gets_what_the_matrix_says(audit_db: str) -> None:
    with psycopg.connect(audit_db, autocommit=True) as conn:
        insert(conn, event_id="evt_first")
    attempts = try_everything(audit_db, "matrix")
    assert len(attempts) > 500
    assert [each for each in attempts if not each.fits] == []
