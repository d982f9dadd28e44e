"""The permission matrix holds: every verb, table, sequence and function, as every role, in every layout."""

import psycopg
import pytest

from audit_tui.store.install import install
from tests.matrix.__main__ import OPTIONS
from tests.matrix.attempts import try_everything
from tests.schema.events import insert


@pytest.mark.parametrize("layout", OPTIONS)
def test_every_role_gets_what_the_matrix_says(empty_db: str, layout: str) -> None:
    with psycopg.connect(empty_db, autocommit=True) as conn:
        install(conn, OPTIONS[layout])
        insert(conn, event_id="evt_first")
    attempts = try_everything(empty_db, f"matrix_{layout}", layout)
    assert len(attempts) > 500
    assert [each for each in attempts if not each.fits] == []
