"""The daily check: what audit.check_and_alert costs after a day of 1% new events, against a full run."""

import time

import psycopg

from audit_tui.embedded.server import EmbeddedServer
from audit_tui.store.install import install
from tests.bench import machine
from tests.bench.fill import fill
from tests.bench.verify_bench import SETTINGS

SMALL_TENANTS = 1_000


def run(events: int, _rounds: int, small_tenants: int = SMALL_TENANTS) -> None:
    """Prints seconds of a first run, a run with nothing new, a day's run and a full one.

    SystemExit where one of them finds anything.
    """
    with EmbeddedServer.start(SETTINGS) as server, psycopg.connect(server.create_database()) as conn:
        install(conn)
        conn.commit()
        print(f"writing {events:,} events of one tenant, and ten of each of {small_tenants:,}", flush=True)
        fill(conn, events)
        _small(conn, small_tenants, 1, 10)
        version = conn.info.server_version
        print(machine.describe(f"{version // 10000}.{version % 10000}"), "-", machine.load())
        print(f"\n{'':<46} {'events read':>12} {'seconds':>9} {'of full':>8}")
        first = _timed(conn, full=False)
        quiet = _timed(conn, full=False)
        _day(conn, events, small_tenants)
        day = _timed(conn, full=False)
        full = _timed(conn, full=True)
    for name, (read, seconds) in (
        ("first run: everything", first), ("nothing new", quiet), ("a day later: 1% new events", day),
        ("p_full: everything again", full),
    ):  # fmt: skip
        print(f"{name:<46} {read:12,} {seconds:7.2f} s {seconds / full[1]:8.3f}")


def _day(conn: psycopg.Connection, events: int, tenants: int) -> None:
    """One per cent of new events, and one event of each small tenant."""
    conn.execute(
        "INSERT INTO audit.logs (event_id, event_type, tenant_id, actor_type, actor_id, resource_type,"
        " resource_id, changes) SELECT 'evt_day' || n, 'order.updated', 'org_bench', 'user', 'usr_1',"
        " 'order', 'ord_1', jsonb_build_object('n', n) FROM generate_series(1, %s) n",
        (max(events // 100, 1),),
    )
    _small(conn, tenants, 11, 11)


def _small(conn: psycopg.Connection, tenants: int, first: int, last: int) -> None:
    conn.execute(
        "INSERT INTO audit.logs (event_id, event_type, tenant_id, actor_type, actor_id, resource_type,"
        " resource_id) SELECT 'evt_' || n, 'user.updated', 'small_' || t, 'user', 'usr_1', 'user', 'usr_2'"
        " FROM generate_series(1, %s) t, generate_series(%s::int, %s::int) n",
        (tenants, first, last),
    )
    conn.commit()
    conn.autocommit = True
    conn.execute("ANALYZE audit.logs")
    conn.autocommit = False


def _timed(conn: psycopg.Connection, *, full: bool) -> tuple[int, float]:
    began = time.perf_counter()
    row = conn.execute(
        "SELECT sum(events_checked), bool_and(status = 'intact') FROM audit.check_and_alert(p_full => %s)",
        (full,),
    ).fetchone()
    seconds = time.perf_counter() - began
    conn.commit()
    if row is None or row[1] is not True:
        raise SystemExit("the check found something in untouched chains")
    return int(row[0]), seconds
