"""A clock that tests own: the functions of an installed log are made to ask it instead of the server's.

The product has no hook for this; the bodies in the test's database are rewritten. The clock lives in a
sequence, outside every transaction, so all sessions read the same one whatever they roll back.
"""

from typing import LiteralString

import psycopg
from psycopg import sql

from tests.schema.conftest import Connection

_BEGAN = "coalesce(nullif(current_setting('test.began', true), '')::timestamptz, p_routed)"
"""A session's transaction began when its row was routed, or when the session says."""

ASKING = ("seal_event", "take_turn", "time_within")

_CLOCK: LiteralString = """
CREATE SEQUENCE public.ticks;
CREATE FUNCTION public.test_clock() RETURNS timestamptz LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
  SELECT {turn}::timestamptz + make_interval(secs => {seconds})
  FROM (SELECT nextval('public.ticks')::numeric AS n) AS tick
$$
"""


def turn_of_next_month(conn: Connection) -> str:
    """The first moment of next month in UTC, for which a fresh log has a partition, as text."""
    row = conn.execute(
        "SELECT to_char(date_trunc('month', timezone('UTC', now())) + interval '1 month',"
        " 'YYYY-MM-DD HH24:MI:SS\"+00\"')"
    ).fetchone()
    assert row is not None
    return str(row[0])


def give_clock(conn: Connection, turn: str, seconds: LiteralString) -> None:
    """Make the log ask a clock that stands `seconds` (an expression of the tick n, from 1) after `turn`."""
    with conn.transaction():
        conn.execute(sql.SQL(_CLOCK).format(turn=sql.Literal(turn), seconds=sql.SQL(seconds)))
        _ask_it(conn)


def set_clock(conn: Connection, turn: str, seconds: float) -> None:
    """Stop the clock of `give_clock` at so many seconds after `turn`."""
    body = f"SELECT '{turn}'::timestamptz + make_interval(secs => {seconds!r})"
    conn.execute(
        "CREATE OR REPLACE FUNCTION public.test_clock() RETURNS timestamptz LANGUAGE sql VOLATILE"
        f" SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $${body}$$".encode()
    )


def _ask_it(conn: psycopg.Connection) -> None:
    rewritten = 0
    for (definition,) in conn.execute(
        "SELECT pg_get_functiondef(p.oid) FROM pg_proc p"
        " WHERE p.pronamespace = 'audit'::regnamespace AND p.proname = ANY (%s)",
        [list(ASKING)],
    ).fetchall():
        changed = definition.replace("clock_timestamp()", "public.test_clock()")
        if "FUNCTION audit.time_within" in definition:
            changed = changed.replace("transaction_timestamp()", _BEGAN)
        rewritten += changed != definition
        conn.execute(changed.encode())
    assert rewritten == len(ASKING)
    conn.execute("ALTER TABLE audit.logs ALTER COLUMN timestamp SET DEFAULT public.test_clock()")
