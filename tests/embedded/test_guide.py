"""The guide's schema, as its readers have it."""

import psycopg
import pytest

from audit_tui.embedded.guide import install_guide

LOG = "SELECT audit.log_event('user.created', %s, 'user', 'u', NULL, NULL, 'user', 'x', '/', 'POST')"
SHA256_OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_it_chains_and_verifies(guide_db: str) -> None:
    with psycopg.connect(guide_db) as connection:
        for _ in range(3):
            connection.execute(LOG, ["t"])
        assert connection.execute("SELECT is_valid FROM audit.verify_chain('t')").fetchall() == [(True,)]
        rows = connection.execute(
            "SELECT sequence_number, previous_hash IS NOT DISTINCT FROM lag(event_hash) OVER (ORDER BY id)"
            " FROM audit.logs ORDER BY id"
        ).fetchall()
    assert rows == [(1, True), (2, True), (3, True)]


def test_it_refuses_updates_and_deletes(guide_db: str) -> None:
    with psycopg.connect(guide_db, autocommit=True) as connection:
        connection.execute(LOG, ["t"])
        for statement in ("UPDATE audit.logs SET actor_id = 'x'", "DELETE FROM audit.logs"):
            with pytest.raises(psycopg.errors.RaiseException, match="immutable"):
                connection.execute(statement)


def test_the_minimum_has_no_verification_and_no_roles(guide_min_db: str) -> None:
    with psycopg.connect(guide_min_db) as connection:
        connection.execute(LOG, ["t"])
        found = connection.execute("SELECT to_regprocedure('audit.verify_chain(varchar)')").fetchone()
    assert found == (None,)


def test_both_kinds_of_digest_agree(guide_min_db: str) -> None:
    with psycopg.connect(guide_min_db) as connection:
        found = connection.execute(
            "SELECT encode(digest('abc'::text, 'sha256'), 'hex'), length(gen_random_bytes(n))"
            " FROM (VALUES (1), (16), (33)) v(n)"
        ).fetchall()
    assert found == [(SHA256_OF_ABC, 1), (SHA256_OF_ABC, 16), (SHA256_OF_ABC, 33)]


def test_a_failure_leaves_nothing_behind(guide_db: str) -> None:
    with psycopg.connect(guide_db) as connection:
        with pytest.raises(psycopg.errors.DuplicateTable):
            install_guide(connection)
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
