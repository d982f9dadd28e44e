"""Data alone, into a log that was installed empty: as it was sealed, or not at all."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from audit_tui.embedded.server import EmbeddedServer
from audit_tui.store.install import install
from audit_tui.store.script import InstallOptions
from tests.restore.conftest import log_rich
from tests.restore.programs import REPLICA, Programs, everything
from tests.schema.events import chain

MODES = """
SELECT string_agg(DISTINCT t.tgenabled::text, '') FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'audit'::regnamespace AND t.tgname ~ 'refuse|prove'
"""
COUNT = "SELECT count(*) FROM audit.logs WHERE tenant_id <> '_audit'"


@pytest.fixture
def dump(programs: Programs, source: str, tmp_path: Path) -> Path:
    """A dump whose rows name the log, not its partitions: the new log may be cut otherwise."""
    return programs.dump(source, tmp_path / "data.dump", "--data-only", "--load-via-partition-root")


@pytest.fixture
def prepared(target: str, layout: str) -> Iterator[psycopg.Connection]:
    """An empty log, ready to take another one's data."""
    with psycopg.connect(target, autocommit=True) as conn:
        install(conn, InstallOptions(layout=layout))  # type: ignore[arg-type] # one of the two names
        conn.execute("TRUNCATE audit.schema_info, audit.retention_rules")
        yield conn


def test_as_a_replica_every_row_stays_as_it_was(
    programs: Programs, source: str, target: str, prepared: psycopg.Connection, dump: Path
) -> None:
    assert programs.restore(target, dump, **REPLICA) == ""
    assert everything(source) == everything(target)
    assert everything(source, "audit.schema_info", "version") == everything(
        target, "audit.schema_info", "version"
    )
    assert prepared.execute(MODES).fetchone() == ("A",)
    assert install(prepared).changed is False
    log_rich(prepared, "t1", 1)
    assert chain(prepared) == (14, True)


def test_otherwise_it_is_refused_and_nothing_is_sealed_anew(
    programs: Programs, target: str, prepared: psycopg.Connection, dump: Path
) -> None:
    said = programs.restore(target, dump)
    assert "this event is already sealed; inserting it would seal it anew" in said
    assert "session_replication_role = replica" in said
    assert prepared.execute(COUNT).fetchone() == (0,)


def test_a_replica_of_the_owners_making_is_refused_as_well(
    programs: Programs, new: EmbeddedServer, target: str, prepared: psycopg.Connection, dump: Path
) -> None:
    """Only a superuser may play the replica; the owner of the log cannot bring rows in as sealed."""
    prepared.execute("SET ROLE audit_owner")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        prepared.execute("SET session_replication_role = replica")


def test_disabled_triggers_are_recorded_and_mended(
    programs: Programs, source: str, target: str, layout: str, dump: Path
) -> None:
    """Without the recorder: it would write into the chain that is to be restored."""
    with psycopg.connect(target, autocommit=True) as conn:
        install(conn, InstallOptions(layout=layout, ddl_trigger=False))  # type: ignore[arg-type] # as above
        conn.execute("TRUNCATE audit.schema_info, audit.retention_rules")
        said = programs.restore(target, dump, "--disable-triggers")
        assert said == ""
        assert everything(source) == everything(target)
        assert "O" in str(conn.execute(MODES).fetchone())
        assert install(conn, InstallOptions(ddl_trigger=True)).changed
        assert conn.execute(MODES).fetchone() == ("A",)
        known = chain(conn, "_audit")
        assert known[1]
        conn.execute("ALTER TABLE audit.chains SET (fillfactor = 60)")
        assert chain(conn, "_audit") == (known[0] + 1, True)


def test_a_recorder_in_the_way_is_told(
    programs: Programs, target: str, prepared: psycopg.Connection, dump: Path
) -> None:
    """--disable-triggers is a change of the schema: its event stands where the dump's first one belongs."""
    said = programs.restore(target, dump, "--disable-triggers", "--single-transaction")
    assert "duplicate key value" in said
    assert prepared.execute(COUNT).fetchone() == (0,)
    assert prepared.execute(MODES).fetchone() == ("A",)
