"""Warm storage: what PostgreSQL could save on a month that nobody writes to any more, and what reading costs.

Each way is a copy of the same events, once of the usual 0.9 kB and once with large snapshots. PostgreSQL
compresses values only in rows beyond 2 kB; toast_tuple_target says how far it then goes.
"""

import statistics
import time
import zlib
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import sql

from audit_tui.embedded.server import EmbeddedServer
from audit_tui.store.install import install
from tests.bench import machine
from tests.bench.fill import TENANT, fill
from tests.bench.verify_bench import SETTINGS

ALL_INDEXES = ("time", "actor", "resource", "type", "event_id")
LOOK_UPS = 40


@dataclass(frozen=True, slots=True)
class Way:
    """How a month is kept: the compression that is asked for, and which indexes stay beside the two keys."""

    name: str
    compression: str | None = None
    target: int | None = None
    indexes: tuple[str, ...] = ALL_INDEXES


WAYS = (
    Way("as installed"),
    Way("lz4", "lz4"),
    Way("pglz, target 128", "pglz", 128),
    Way("lz4, target 128", "lz4", 128),
    Way("keys only", indexes=()),
    Way("keys and type", indexes=("type",)),
)
_INDEXES: dict[str, LiteralString] = {
    "time": "(tenant_id, timestamp, sequence_number)",
    "actor": "(tenant_id, actor_id, sequence_number)",
    "resource": "(tenant_id, resource_type, resource_id, sequence_number)",
    "type": "(tenant_id, event_type, sequence_number)",
    "event_id": "(event_id)",
}
_VALUES = ("changes", "resource_before", "resource_after", "metadata", "user_agent")
_PAGE = "SELECT * FROM {} WHERE tenant_id = %s AND sequence_number >= %s ORDER BY sequence_number LIMIT 200"
_RESOURCE = (
    "SELECT * FROM {} WHERE tenant_id = %s AND resource_type = 'order' AND resource_id = %s"
    " ORDER BY sequence_number"
)
_SEALS = "SELECT count(*) FROM {} AS l WHERE audit.verify_seal_v2(ROW(l.*)::audit.logs) IS NOT NULL"


# A snapshot before and after with 60 lines of an invoice each: about 6 kB as text.
_LARGE: LiteralString = """
    INSERT INTO audit.logs (event_id, event_type, tenant_id, actor_type, actor_id, resource_type, resource_id,
                            resource_before, resource_after)
    SELECT 'evt_large' || n, 'invoice.updated', %(tenant)s, 'user', 'usr_' || n %% 500, 'order',
           'ord_' || n %% 20000, document, document || jsonb_build_object('status', 'paid', 'n', n)
      FROM generate_series(1, %(events)s::int) AS n, LATERAL (
        SELECT jsonb_build_object('id', n, 'status', 'open', 'lines', jsonb_agg(jsonb_build_object(
                 'id', line, 'sku', 'SKU-' || (n * 31 + line * 7) %% 8000,
                 'price', (n + line) %% 9000 + 0.25))) AS document FROM generate_series(1, 60) line) made
"""


def run(events: int, rounds: int) -> None:
    """Prints sizes in MB and times for each way. SystemExit where a copy no longer verifies."""
    with EmbeddedServer.start(SETTINGS) as server:
        for large in (False, True):
            number = max(events // 10, 1) if large else events
            with psycopg.connect(server.create_database()) as conn:
                install(conn)
                conn.commit()
                _fill(conn, number, large=large)
                conn.autocommit = True
                if not large:
                    version = conn.info.server_version
                    print(machine.describe(f"{version // 10000}.{version % 10000}"), "-", machine.load())
                print(f"\n{number:,} events{' with large snapshots' if large else ''}")
                _compare(conn, number, rounds)


def _fill(conn: psycopg.Connection, events: int, *, large: bool) -> None:
    if not large:
        fill(conn, events)
        return
    conn.execute(_LARGE, {"tenant": TENANT, "events": events})
    conn.commit()


def _compare(conn: psycopg.Connection, events: int, rounds: int) -> None:
    print(f"{'':<22}{'heap':>8}{'indexes':>9}{'total':>8}{'of first':>9}"
          f"{'seals':>9}{'page':>9}{'resource':>10}")  # fmt: skip
    whole = 0.0
    for number, way in enumerate(WAYS):
        if way.compression == "lz4" and not _has_lz4(conn):
            print(f"{way.name:<22}  this server was built without lz4")
            continue
        table = sql.Identifier(f"way_{number}")
        _copy(conn, table, way)
        heap, indexes = _sizes(conn, f"way_{number}")
        whole = whole or heap + indexes
        seals, page, resource = _times(conn, table, events, rounds)
        print(f"{way.name:<22}{heap:8.1f}{indexes:9.1f}{heap + indexes:8.1f}"
              f"{(heap + indexes) / whole:9.2f}{seals:7.2f} s{page:6.1f} ms{resource:7.1f} ms",
              flush=True)  # fmt: skip
        conn.execute(sql.SQL("DROP TABLE {}").format(table))
    zipped = _zipped_mb(conn)
    print(f"{'archived':<22}{zipped:8.1f}{'':9}{zipped:8.1f}{zipped / whole:9.2f}")


def _zipped_mb(conn: psycopg.Connection) -> float:
    """The same events as an archive has them: one JSON document a line, through zlib at its usual level."""
    squeeze, size = zlib.compressobj(), 0
    with conn.cursor() as cursor, cursor.copy("COPY (SELECT to_jsonb(l) FROM audit.logs l) TO STDOUT") as out:
        for block in out:
            size += len(squeeze.compress(bytes(block)))
    return (size + len(squeeze.flush())) / 1e6


def _has_lz4(conn: psycopg.Connection) -> bool:
    row = conn.execute(
        "SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"
    ).fetchone()
    return row is not None and row[0] is True


def _copy(conn: psycopg.Connection, table: sql.Identifier, way: Way) -> None:
    conn.execute(sql.SQL("CREATE TABLE {} (LIKE audit.logs)").format(table))
    if way.target is not None:
        conn.execute(
            sql.SQL("ALTER TABLE {} SET (toast_tuple_target = {})").format(table, sql.Literal(way.target))
        )
    if way.compression is not None:
        for column in _VALUES:
            conn.execute(
                sql.SQL("ALTER TABLE {} ALTER {} SET COMPRESSION {}").format(
                    table, sql.Identifier(column), sql.SQL("lz4" if way.compression == "lz4" else "pglz")
                )
            )
    copying = sql.SQL("INSERT INTO {} SELECT {} FROM audit.logs ORDER BY sequence_number")
    conn.execute(copying.format(table, _columns(conn)))
    conn.execute(sql.SQL("ALTER TABLE {} ADD PRIMARY KEY (tenant_id, sequence_number)").format(table))
    conn.execute(sql.SQL("ALTER TABLE {} ADD UNIQUE (tenant_id, event_id)").format(table))
    for name in way.indexes:
        conn.execute(sql.SQL("CREATE INDEX ON {} ").format(table) + sql.SQL(_INDEXES[name]))
    conn.execute(sql.SQL("VACUUM (ANALYZE, FREEZE) {}").format(table))


def _columns(conn: psycopg.Connection) -> sql.Composed:
    """Every column; jsonb goes through its text, since a value that is compressed already would stay so."""
    rows = conn.execute(
        "SELECT attname, atttypid = 'jsonb'::regtype FROM pg_attribute"
        " WHERE attrelid = 'audit.logs'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
    ).fetchall()
    return sql.SQL(", ").join(
        sql.SQL("{}::text::jsonb" if is_json else "{}").format(sql.Identifier(name)) for name, is_json in rows
    )


def _sizes(conn: psycopg.Connection, name: str) -> tuple[float, float]:
    row = conn.execute(
        "SELECT pg_table_size(%(name)s::regclass) / 1e6, pg_indexes_size(%(name)s::regclass) / 1e6",
        {"name": name},
    ).fetchone()
    if row is None:
        raise SystemExit("no sizes")
    return float(row[0]), float(row[1])


def _times(
    conn: psycopg.Connection, table: sql.Identifier, events: int, rounds: int
) -> tuple[float, float, float]:
    """Medians: seconds to check every seal, milliseconds of a page of 200 events, of a resource's events."""
    seals, pages, resources = [], [], []
    for turn in range(rounds):
        began = time.perf_counter()
        broken = conn.execute(sql.SQL(_SEALS).format(table)).fetchone()
        seals.append(time.perf_counter() - began)
        if broken != (0,):
            raise SystemExit("a copy no longer verifies")
        for step in range(LOOK_UPS):
            at = (turn * LOOK_UPS + step) * 7919 % max(events - 200, 1)
            pages.append(_milliseconds(conn, sql.SQL(_PAGE).format(table), at))
            if rounds == 1 or step < LOOK_UPS // 4:  # without its index this reads everything
                resources.append(_milliseconds(conn, sql.SQL(_RESOURCE).format(table), f"ord_{at % 20000}"))
    return statistics.median(seals), statistics.median(pages), statistics.median(resources)


def _milliseconds(conn: psycopg.Connection, query: sql.Composed, value: int | str) -> float:
    began = time.perf_counter()
    conn.execute(query, (TENANT, value)).fetchall()
    return (time.perf_counter() - began) * 1000
