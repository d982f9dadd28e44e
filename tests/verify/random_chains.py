"""Random tamperings: the client, the verifier in SQL and the plain reference say the same of each."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import LiteralString

import psycopg
from hypothesis import HealthCheck, Phase, given, seed, settings
from psycopg import sql

from audit_tui.bootstrap import open_service
from audit_tui.core.model import COLUMNS, Event
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.embedded.tamper_guard import unrecorded
from audit_tui.service.api import AuditService, VerifyRequest
from audit_tui.store.install import install
from tests.verify import reference
from tests.verify.chains import ACME, Conn
from tests.verify.random_acts import ACTS, CHAINS, Act, Chain, build, perform
from tests.verify.verifiers import Told, client_says, sql_told

_CONSTRAINTS: LiteralString = (
    "SELECT conname FROM pg_constraint WHERE conrelid = 'audit.logs'::regclass AND contype <> 'n'"
)
_NOT_NULL: LiteralString = (
    "SELECT attname FROM pg_attribute WHERE attrelid = 'audit.logs'::regclass AND attnum > 0 AND attnotnull"
)
_INDEXES: LiteralString = (
    "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'audit.logs'::regclass AND indisunique"
)


def strip_guards(conn: Conn) -> None:
    """Our schema without triggers and constraints, as an intruder would leave it."""
    install(conn)
    with unrecorded(conn):
        conn.execute("ALTER TABLE audit.logs DISABLE TRIGGER USER")
        for (name,) in conn.execute(_CONSTRAINTS).fetchall():
            conn.execute(
                sql.SQL("ALTER TABLE audit.logs DROP CONSTRAINT {} CASCADE").format(sql.Identifier(name))
            )
        for (name,) in conn.execute(_INDEXES).fetchall():
            conn.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(*name.split("."))))
        for (name,) in conn.execute(_NOT_NULL).fetchall():
            column = sql.Identifier(name)
            conn.execute(
                sql.SQL("ALTER TABLE audit.logs ALTER COLUMN {} DROP IDENTITY IF EXISTS").format(column)
            )
            conn.execute(sql.SQL("ALTER TABLE audit.logs ALTER COLUMN {} DROP NOT NULL").format(column))
        conn.execute("CREATE INDEX ON audit.logs (tenant_id, sequence_number, id)")
    conn.commit()


def _as_printed(column: str) -> sql.Composable:
    """A column as the server prints it (an address cast to text would show its mask)."""
    name = sql.Identifier(column)
    if column in {"id", "sequence_number", "hash_version", "part_salts"}:
        return name
    if column == "actor_ip_address":
        return sql.SQL("to_json({}) #>> '{{}}'").format(name)
    return sql.SQL("{}::text").format(name)


class Arena:
    """A database that one chain after the other is put into, and everybody who judges it."""

    def __init__(self, conn: Conn, service: AuditService) -> None:
        self._conn = conn
        self._service = service
        self.kinds: Counter[str] = Counter()
        self.acts: Counter[str] = Counter()
        self.chains = self.events = self.intact = 0
        columns = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
        self._copy = sql.SQL("COPY audit.logs ({}) FROM STDIN").format(columns)
        self._read = sql.SQL("SELECT {} FROM audit.logs").format(
            sql.SQL(", ").join(map(_as_printed, COLUMNS))
        )
        conn.execute("SET TimeZone = 'UTC'")

    def judge(self, chain: Chain, acts: Iterable[Act]) -> None:
        """Builds the chain, tampers with it, and compares what all three say of it."""
        events = build(chain, ACME)
        for act in acts:
            perform(events, act)
            self.acts[act[0]] += 1
        self._put(events)
        valid, findings = reference.verify([Event(*row) for row in self._conn.execute(self._read).fetchall()])
        expected = Told(valid, findings)
        report = self._service.verify(VerifyRequest.of_chains((ACME,), record_witness=False)).tenants[0]
        by_client, by_sql = client_says(report), sql_told(self._conn, ACME)
        assert by_sql == by_client, _difference(by_sql, by_client)
        wordless = Told(by_client.valid, tuple(f._replace(message="") for f in by_client.findings))
        assert wordless == expected, _difference(wordless, expected)
        self.chains += 1
        self.events += len(events)
        self.intact += valid
        self.kinds.update(finding.kind for finding in findings)

    def _put(self, events: Iterable[Event]) -> None:
        with self._conn.transaction():
            self._conn.execute("TRUNCATE audit.logs")
            with self._conn.cursor().copy(self._copy) as copy:
                for event in events:
                    copy.write_row(event)


def _difference(a: Told, b: Told) -> str:
    left, right = [each for each in a.findings if each not in b.findings], set(b.findings) - set(a.findings)
    return f"{a.valid} and {b.valid}, only the first says {left}, only the second {sorted(right, key=str)}"


@contextmanager
def open_arena(dsn: str, state_dir: Path) -> Iterator[Arena]:
    """An arena in a database that `strip_guards` prepared."""
    service = open_service(dsn, state_dir=state_dir)
    try:
        with psycopg.connect(dsn, autocommit=True) as conn:
            yield Arena(conn, service)
    finally:
        service.close()


def run_random(examples: int = 1000, number: int = 1) -> int:
    """Tries that many chains and says what they were; an AssertionError shows the first that differs."""
    began = perf_counter()
    with EmbeddedServer.start(in_memory=True) as server, TemporaryDirectory() as state:
        dsn = server.create_database()
        with psycopg.connect(dsn) as conn:
            strip_guards(conn)
        with open_arena(dsn, Path(state)) as arena:
            strategy = given(CHAINS, ACTS)(arena.judge)
            limits = settings(
                max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck),
                phases=(Phase.generate, Phase.shrink),
            )  # fmt: skip
            seed(number)(limits(strategy))()
    print(f"{arena.chains} chains, {arena.events} events, {arena.intact} of them intact, seed {number}:")
    print("client, SQL and reference said the same of every one")
    print("acts:", ", ".join(f"{name} {count}" for name, count in arena.acts.most_common()))
    print("findings:", ", ".join(f"{kind} {count}" for kind, count in arena.kinds.most_common()))
    print(f"{perf_counter() - began:.0f} s")
    return 0
