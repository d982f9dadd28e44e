"""Installs the guide's schema as its readers have it: for the demo's second database and the tests."""

from importlib.resources import files

import psycopg


def install_guide(conn: psycopg.Connection, *, verification: bool = True) -> None:
    """Run the guide's steps 1 to 5, and 7 unless `verification` is False, in one transaction.

    Where the server has no pgcrypto, two stand-ins with its names and results are made instead.
    """
    with conn.transaction():
        if _has_pgcrypto(conn):
            conn.execute("CREATE EXTENSION IF NOT EXISTS pgcrypto")
        else:
            conn.execute(_script("guide_pgcrypto.sql"))
        conn.execute(_script("guide_schema.sql"))
        if verification:
            conn.execute(_script("guide_verification.sql"))


def _has_pgcrypto(conn: psycopg.Connection) -> bool:
    found = conn.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pgcrypto'").fetchone()
    return found is not None


def _script(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
