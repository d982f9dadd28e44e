"""The throwaway server: what it leaves, whom it serves, how it ends."""

import psycopg

from audit_tui.embedded.server import EmbeddedServer


def test_guide_schema_works_as_its_readers_have_it(guide_db: str) -> None:
    with psycopg.connect(guide_db) as connection:
        connection.execute(
            "SELECT audit.log_event('user.created', 't', 'user', 'u', NULL, NULL, 'user', 'x', '/', 'POST')"
        )
        assert connection.execute("SELECT is_valid FROM audit.verify_chain('t')").fetchall() == [(True,)]


def test_guide_minimum_has_no_verification(guide_min_db: str) -> None:
    with psycopg.connect(guide_min_db) as connection:
        found = connection.execute("SELECT to_regprocedure('audit.verify_chain(varchar)')").fetchone()
    assert found == (None,)


def test_databases_come_and_go(server: EmbeddedServer) -> None:
    dsn = server.create_database()
    with psycopg.connect(dsn) as connection:
        settings = connection.execute("SELECT current_setting('listen_addresses'), current_user").fetchone()
    assert settings == ("", "postgres")
    server.drop_database(dsn)
    with psycopg.connect(server.dsn()) as connection:
        names = connection.execute("SELECT datname FROM pg_database").fetchall()
    assert all(f"dbname={name}" not in dsn for (name,) in names)
