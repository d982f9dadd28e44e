"""Where a chain's head lies is remembered as a short cut: whatever happens to it, no sequence comes twice."""

import os
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import errors

from audit_tui.embedded.server import EmbeddedServer
from audit_tui.store.install import install
from audit_tui.store.script import InstallOptions
from tests.schema.clocks import give_clock, set_clock, turn_of_next_month
from tests.schema.conftest import Connection
from tests.schema.events import chain, insert, log, value

PLACE = "SELECT partition IS NOT NULL FROM audit.chain_places WHERE tenant_id = 't1'"


@pytest.fixture
def turned(partitioned: Connection) -> Connection:
    """A chain with two events in this month and three in the next; its clock stands at the next."""
    turn = turn_of_next_month(partitioned)
    give_clock(partitioned, turn, "-5")
    log(partitioned)
    log(partitioned)
    set_clock(partitioned, turn, 5)
    for _ in range(3):
        log(partitioned)
    return partitioned


def _copied(conn: Connection, table: str) -> list[tuple[Any, ...]]:
    return conn.execute(f"SELECT * FROM {table} ORDER BY 1".encode()).fetchall()


def _put_back(conn: Connection, table: str, kept: list[tuple[Any, ...]]) -> None:
    places = ", ".join(["%s"] * len(kept[0]))
    for row in kept:
        conn.execute(f"INSERT INTO {table} VALUES ({places})".encode(), row)


def _unguard(conn: Connection) -> None:
    """The rows of audit.chains stay, unless somebody takes its triggers away."""
    conn.execute("ALTER TABLE audit.chains DISABLE TRIGGER USER")


@pytest.mark.parametrize("table", ["audit.chains", "audit.chain_places", "audit.chains, audit.chain_places"])
def test_truncated(turned: Connection, table: str) -> None:
    _unguard(turned)
    turned.execute(f"TRUNCATE {table}".encode())
    log(turned)
    insert(turned, event_id="evt_x")
    assert chain(turned) == (7, True)


@pytest.mark.parametrize("how", ["TRUNCATE", "DELETE FROM"])
def test_an_older_copy_put_back(partitioned: Connection, how: str) -> None:
    turn = turn_of_next_month(partitioned)
    give_clock(partitioned, turn, "-5")
    log(partitioned)
    older = {table: _copied(partitioned, table) for table in ("audit.chains", "audit.chain_places")}
    set_clock(partitioned, turn, 5)
    log(partitioned)
    log(partitioned)
    _unguard(partitioned)
    for table, kept in older.items():
        partitioned.execute(f"{how} {table}".encode())
        _put_back(partitioned, table, kept)
    set_clock(partitioned, turn, -80)  # and the clock is back in the month that the copy names
    log(partitioned)
    set_clock(partitioned, turn, 6)
    log(partitioned)
    assert chain(partitioned) == (5, True)


def test_a_copy_under_the_replica_role_counts_as_little(turned: Connection) -> None:
    kept = _copied(turned, "audit.chain_places")
    turned.execute("SET session_replication_role = replica")
    turned.execute("DELETE FROM audit.chain_places")
    _put_back(turned, "audit.chain_places", kept)
    assert value(turned, PLACE) is False


def test_rows_that_replication_brings_are_followed(turned: Connection, partitioned_db: str) -> None:
    """A log that was a standby for a while: rows come under the replica role, then it logs on by itself."""
    with psycopg.connect(
        partitioned_db
    ) as other:  # two more events, sealed elsewhere: here by a rolled back session
        log(other)
        log(other)
        events = other.execute(
            "SELECT * FROM audit.logs WHERE tenant_id = 't1' AND sequence_number > 5"
        ).fetchall()
        other.rollback()
    assert value(turned, PLACE) is True
    turned.execute("SET session_replication_role = replica")
    with turned.cursor() as cursor, cursor.copy("COPY audit.logs FROM STDIN") as copy:
        for event in events:
            copy.write_row(_as_text(event))
    turned.execute("RESET session_replication_role")
    assert value(turned, PLACE) is False
    log(turned)
    assert value(turned, PLACE) is True
    assert chain(turned) == (8, True)


def _as_text(event: tuple[Any, ...]) -> tuple[Any, ...]:
    """jsonb comes back as Python values; these events have none but NULLs and empty objects."""
    assert not any(isinstance(column, dict | list) for column in event)
    return event


def test_a_rolled_back_savepoint_takes_its_place_along(partitioned: Connection, partitioned_db: str) -> None:
    turn = turn_of_next_month(partitioned)
    give_clock(partitioned, turn, "-5")
    with psycopg.connect(partitioned_db) as writer:
        log(writer)
        with writer.transaction() as inner:
            set_clock(partitioned, turn, 5)
            log(writer)
            raise psycopg.Rollback(inner)
        set_clock(partitioned, turn, -80)
        log(writer)
    set_clock(partitioned, turn, 5)
    log(partitioned)
    assert chain(partitioned) == (3, True)


def test_a_row_that_a_later_trigger_drops_leaves_no_gap(turned: Connection) -> None:
    """A trigger behind the sealing one: the place names the partition, the event never came there."""
    turned.execute(
        "CREATE FUNCTION public.drop_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"
    )
    turned.execute(
        "CREATE TRIGGER zz BEFORE INSERT ON audit.logs FOR EACH ROW EXECUTE FUNCTION public.drop_it()"
    )
    set_clock(turned, turn_of_next_month(turned), -80)
    insert(turned, event_id="evt_lost")
    turned.execute("DROP TRIGGER zz ON audit.logs")
    insert(turned, event_id="evt_kept")
    assert chain(turned) == (6, True)


def test_a_writer_cannot_move_the_place(partitioned: Connection) -> None:
    log(partitioned)
    partitioned.execute("SET ROLE audit_writer")
    for statement in ("UPDATE audit.chain_places SET partition = 'x'", "DELETE FROM audit.chain_places"):
        with pytest.raises(errors.InsufficientPrivilege):
            partitioned.execute(statement.encode())


@pytest.mark.parametrize("way", ["whole", "replica", "triggers disabled", "rows alone"])
def test_restored(
    turned: Connection, partitioned_db: str, server: EmbeddedServer, empty_db: str, tmp_path: Path, way: str
) -> None:
    bin_dir = server.binaries.bin_dir
    if not (bin_dir / "pg_restore").exists():
        pytest.skip("this PostgreSQL comes without pg_dump and pg_restore")
    file = str(tmp_path / "log.dump")
    _run(bin_dir, "pg_dump", "-Fc", "-f", file, partitioned_db)
    options: list[str] = []
    if way != "whole":
        options = ["--data-only", "-n", "audit"]
        with psycopg.connect(empty_db, autocommit=True) as target:
            install(target, InstallOptions(layout="partitioned"))
            target.execute("TRUNCATE audit.schema_info, audit.retention_rules")
            _stop_recording(target)
            target.execute(
                "CREATE FUNCTION public.test_clock() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'"
            )
    if way == "triggers disabled":
        options.append("--disable-triggers")
    if way == "rows alone":
        names = value(turned, "SELECT array_agg(partition) FROM audit.list_partitions()")
        assert isinstance(names, list)
        options += [option for name in names for option in ("-t", name)]
    replica = "" if way in {"whole", "triggers disabled"} else "-c session_replication_role=replica"
    _run(bin_dir, "pg_restore", "-d", empty_db, *options, file, PGOPTIONS=replica)
    with psycopg.connect(empty_db, autocommit=True) as restored:
        assert chain(restored) == (5, True)
        log(restored)
        insert(restored, event_id="evt_y")
        assert chain(restored) == (7, True)


def _stop_recording(conn: Connection) -> None:
    """Disabling triggers is recorded in the log that is restored into; here that would stand in the way."""
    for (name,) in conn.execute("SELECT evtname FROM pg_event_trigger").fetchall():
        conn.execute(f"ALTER EVENT TRIGGER {name} DISABLE".encode())


def _run(bin_dir: Path, program: str, *arguments: str, **environment: str) -> None:
    done = subprocess.run(
        [bin_dir / program, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
