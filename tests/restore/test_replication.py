"""Logical replication into a newer version: events arrive as they were sealed, and none is deleted by it."""

import itertools
import time
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from audit_tui.core.findings import Verdict
from audit_tui.embedded import tamper
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.service.api import VerifyRequest
from audit_tui.store.install import install
from audit_tui.store.script import InstallOptions
from tests.restore.conftest import Open, log_rich, make_log
from tests.restore.programs import everything
from tests.schema.erasing import erase, group
from tests.schema.events import chain, value

Connection = psycopg.Connection
_NUMBERS = itertools.count(1)
_PATIENCE = 60.0
CAUGHT_UP = """
SELECT coalesce(bool_and(replay_lsn >= pg_current_wal_lsn()), false)
  AND NOT EXISTS (SELECT FROM pg_stat_replication WHERE state <> 'streaming')
FROM pg_stat_replication WHERE application_name = %s
"""
COPIED = "SELECT bool_and(srsubstate = 'r') FROM pg_subscription_rel"


def wait_until(conn: Connection, condition: str, *params: object) -> None:
    """Ask until it is so; the server answers, the clock only bounds the patience."""
    end = time.monotonic() + _PATIENCE
    while not (conn.execute(condition, params).fetchone() or (False,))[0]:
        assert time.monotonic() < end, condition
        conn.execute("SELECT pg_sleep(0.02)")


class Stream:
    """A publisher of the older version and a subscriber of the newer one."""

    def __init__(self, old: EmbeddedServer, new: EmbeddedServer, layout: str, name: str) -> None:
        self.source, self.target, self.name, self.log = old.dsn(name), new.dsn(name), name, new.folder / "log"
        old.create_database(name=name)
        new.create_database(name=name)
        make_log(self.source, layout)
        self.publisher: Connection = psycopg.connect(self.source, autocommit=True)
        self.subscriber: Connection = psycopg.connect(self.target, autocommit=True)
        install(self.subscriber, InstallOptions(layout=layout, ddl_trigger=False))  # type: ignore[arg-type] # as above
        self.publisher.execute(
            "CREATE PUBLICATION audit FOR TABLE audit.logs WITH (publish_via_partition_root = true)"
        )
        host = conninfo_to_dict(self.source)["host"]
        self.subscriber.execute(
            sql.SQL("CREATE SUBSCRIPTION {} CONNECTION {} PUBLICATION audit").format(
                sql.Identifier(name), sql.Literal(f"host={host} port=5432 user=postgres dbname={name}")
            )
        )
        wait_until(self.subscriber, COPIED)

    def arrive(self) -> None:
        """Wait until the subscriber has applied what the publisher has committed."""
        wait_until(self.publisher, CAUGHT_UP, self.name)

    def end(self) -> None:
        """Stop the stream, its slot included."""
        name = sql.Identifier(self.name)
        self.subscriber.execute(sql.SQL("ALTER SUBSCRIPTION {} DISABLE").format(name))
        self.subscriber.execute(sql.SQL("DROP SUBSCRIPTION {}").format(name))


@pytest.fixture
def stream(old: EmbeddedServer, new: EmbeddedServer, layout: str) -> Iterator[Stream]:
    name = f"stream_{next(_NUMBERS)}"
    running = Stream(old, new, layout, name)
    yield running
    if running.subscriber.execute("SELECT FROM pg_subscription WHERE subname = %s", [name]).rowcount:
        running.end()
    running.publisher.close()
    running.subscriber.close()
    old.drop_database(name)
    new.drop_database(name)


def test_an_erasure_in_mid_stream_arrives_bit_for_bit(stream: Stream, open_service: Open) -> None:
    assert everything(stream.source) == everything(stream.target)
    for number in range(30):
        log_rich(stream.publisher, "t1", number)
        log_rich(stream.publisher, "t3", number)
        if number == 10:
            erase(stream.publisher, group([9, 10], [15, 20], parts=("identity", "snapshots")))
        if number == 20:
            erase(stream.publisher, group([1, 4], parts=("changes",)), tenant="t3")
    stream.arrive()
    assert everything(stream.source) == everything(stream.target)
    assert open_service(stream.target).verify(VerifyRequest()).verdict is Verdict.INTACT
    for tenant in ("t1", "t2", "t3", "_audit"):
        assert value(stream.subscriber, f"SELECT is_valid FROM audit.verify_chain('{tenant}')") is True


def test_a_deletion_on_the_publisher_stops_at_the_subscriber(stream: Stream) -> None:
    stream.arrive()
    before = everything(stream.target)
    tamper.drop_rows(stream.publisher, "t2", 3, 3)
    wait_until(
        stream.subscriber,
        "SELECT apply_error_count > 0 FROM pg_stat_subscription_stats WHERE subname = %s",
        stream.name,
    )
    assert "Audit logs are immutable. DELETE" in stream.log.read_text(encoding="utf-8", errors="replace")
    assert everything(stream.target) == before
    assert len(everything(stream.source)) < len(before)


def test_an_edit_on_the_publisher_stops_at_the_subscriber(stream: Stream) -> None:
    stream.arrive()
    before = everything(stream.target)
    tamper.edit_field(stream.publisher, "t2", 3, "actor_email", "else@example.com")
    wait_until(
        stream.subscriber,
        "SELECT apply_error_count > 0 FROM pg_stat_subscription_stats WHERE subname = %s",
        stream.name,
    )
    assert everything(stream.target) == before


@pytest.mark.parametrize("layout", ["plain"], indirect=True)
def test_a_truncation_on_the_publisher_stops_at_the_subscriber(stream: Stream) -> None:
    stream.arrive()
    before = everything(stream.target)
    tamper.truncate(stream.publisher)
    wait_until(
        stream.subscriber,
        "SELECT apply_error_count > 0 FROM pg_stat_subscription_stats WHERE subname = %s",
        stream.name,
    )
    assert everything(stream.target) == before


def test_a_promoted_subscriber_goes_on_logging(stream: Stream) -> None:
    log_rich(stream.publisher, "t1", 99)
    stream.arrive()
    stream.end()
    conn = stream.subscriber
    conn.execute("SELECT setval('audit.logs_id_seq', (SELECT max(id) FROM audit.logs))")
    assert install(conn, InstallOptions(ddl_trigger=True)).changed
    known = chain(conn)[0]
    for number in range(3):
        log_rich(conn, "t1", number)
    log_rich(conn, "t9", 1)
    assert chain(conn) == (known + 3, True)
    assert chain(conn, "t9") == (1, True)
    assert chain(conn, "_audit") == (4, True)  # an index twice, the publication, this install
    assert value(conn, "SELECT count(*) = count(DISTINCT id) FROM audit.logs") is True
    assert value(conn, "SELECT count(*) = count(DISTINCT event_id) FROM audit.logs") is True
