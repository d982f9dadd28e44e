"""Logging through audit.log_event in schemas of one server: the guide's, the plain, the one by time range.

The loop runs within the server, so that no round trip hides what an event costs. Medians of interleaved
rounds; only the ratios mean something.
"""

from collections.abc import Callable
from typing import LiteralString

import psycopg
from psycopg import sql

from audit_tui.embedded.guide import install_guide
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.store.install import install
from audit_tui.store.script import InstallOptions
from tests.bench import machine
from tests.bench.timing import measure, print_ratios

SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "8GB", "autovacuum": "off"}
TENANT = "org_bench"
PER_TRANSACTION = 100
YEARS = 5
_ROUND: LiteralString = """
DO $$
BEGIN
  FOR n IN 1..{events} LOOP
    PERFORM audit.log_event(
      'order.updated', {tenant}, 'user', 'usr_' || n % 500, 'person@bench.example', '10.1.2.3', 'order',
      'ord_' || n % 20000, '/v1/orders', 'PATCH',
      jsonb_build_object('status', jsonb_build_object('old', 'open', 'new', 'state ' || n % 7)), NULL, NULL,
      'req_' || n, 'ses_' || n / 40, 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)', '{{"region": "eu-west"}}');
    IF n % {per} = 0 THEN
      COMMIT;
    END IF;
  END LOOP;
END $$
"""
_OLDER: LiteralString = """
SELECT audit.add_partitions(audit.missing_months(now() - make_interval(years => %s), 12 * %s + 1))
"""


def run(events: int, rounds: int) -> None:
    """Logs that many events a round into each schema and prints the ratios to the guide's."""
    with EmbeddedServer.start(SETTINGS) as server:
        places = {
            "guide": _made(server, "guide", install_guide),
            "ours, plain": _made(server, "plain", install),
            "ours, by time, 4 months ahead": _made(server, "months", _partitioned),
            f"ours, by time, {YEARS} years of months": _made(server, "years", _partitioned_for_years),
        }
        with psycopg.connect(places["guide"]) as conn:
            version = conn.info.server_version
        print(machine.describe(f"{version // 10000}.{version % 10000}"), "-", machine.load())
        for per, what in ((1, "an event a transaction"), (PER_TRANSACTION, f"{PER_TRANSACTION} events")):
            print(f"\n{what}")
            ways = {name: _logging(dsn, events, per) for name, dsn in places.items()}
            for way in ways.values():
                way()  # the first round also fills caches
            print_ratios(measure(ways, rounds), events, "guide")


def _made(server: EmbeddedServer, name: str, build: Callable[[psycopg.Connection], object]) -> str:
    dsn = server.create_database(name=name)
    with psycopg.connect(dsn) as conn:
        build(conn)
    return dsn


def _partitioned(conn: psycopg.Connection) -> None:
    install(conn, InstallOptions(layout="partitioned"))


def _partitioned_for_years(conn: psycopg.Connection) -> None:
    _partitioned(conn)
    conn.execute(_OLDER, [YEARS, YEARS])


def _logging(dsn: str, events: int, per: int) -> Callable[[], None]:
    statement = sql.SQL(_ROUND).format(
        events=sql.Literal(events), tenant=sql.Literal(TENANT), per=sql.Literal(per)
    )

    def log() -> None:
        with psycopg.connect(dsn, autocommit=True) as conn:
            conn.execute(statement)

    return log
