"""Dumps: a whole restore keeps everything; one of the data alone never seals anything anew."""

import os
import subprocess
from pathlib import Path

import psycopg
import pytest

from audit_tui.embedded.server import EmbeddedServer
from audit_tui.store.install import install
from tests.schema.conftest import Connection
from tests.schema.erasing import erase, group
from tests.schema.events import chain, log, rows

MODES = "SELECT string_agg(DISTINCT tgenabled::text, '') FROM pg_trigger WHERE tgname ~ 'refuse|prove'"


class Dump:
    """A dump of a small log with an erasure, and the programs to bring it elsewhere."""

    def __init__(self, server: EmbeddedServer, source: str, file: Path) -> None:
        self._bin = server.binaries.bin_dir
        self._file = file
        self._run("pg_dump", "-Fc", "-f", str(file), source)

    def restore(self, dsn: str, *options: str, replica: bool = False) -> str:
        """Restore into a database; return what was complained about."""
        setting = {"PGOPTIONS": "-c session_replication_role=replica"} if replica else {}
        return self._run("pg_restore", "-d", dsn, *options, str(self._file), **setting)

    def _run(self, program: str, *arguments: str, **environment: str) -> str:
        done = subprocess.run(
            [self._bin / program, *arguments],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stderr


@pytest.fixture
def dump(server: EmbeddedServer, audit_db: str, db: Connection, tmp_path: Path) -> Dump:
    if not (server.binaries.bin_dir / "pg_restore").exists():
        pytest.skip("this PostgreSQL comes without pg_dump and pg_restore")
    for _ in range(5):
        log(db, changes={"a": 1})
    erase(db, group([2, 3]))
    return Dump(server, audit_db, tmp_path / "log.dump")


def _installed(dsn: str) -> None:
    """An empty log, as somebody who restores data alone would prepare it."""
    with psycopg.connect(dsn) as conn:
        install(conn)
        conn.execute("TRUNCATE audit.schema_info, audit.retention_rules")


def test_a_whole_restore_keeps_rows_triggers_and_the_logs_name(
    dump: Dump, db: Connection, empty_db: str
) -> None:
    assert dump.restore(empty_db) == ""
    with psycopg.connect(empty_db, autocommit=True) as restored:
        assert rows(restored) == rows(db)
        assert restored.execute(MODES).fetchone() == ("A",)
        assert install(restored).changed is False
        log(restored)
        assert chain(restored) == (7, True)
        name = "SELECT log_id FROM audit.schema_info"
        assert restored.execute(name).fetchone() == db.execute(name).fetchone()


def test_data_alone_is_refused(dump: Dump, empty_db: str) -> None:
    _installed(empty_db)
    assert "already sealed" in dump.restore(empty_db, "--data-only")
    with psycopg.connect(empty_db) as restored:
        assert chain(restored) == (0, True)


def test_data_alone_as_a_replica_is_kept_as_it_was(dump: Dump, db: Connection, empty_db: str) -> None:
    _installed(empty_db)
    assert dump.restore(empty_db, "--data-only", replica=True) == ""
    with psycopg.connect(empty_db) as restored:
        assert rows(restored) == rows(db)
        assert restored.execute(MODES).fetchone() == ("A",)


def test_an_install_mends_what_disable_triggers_leaves(dump: Dump, db: Connection, empty_db: str) -> None:
    _installed(empty_db)
    assert dump.restore(empty_db, "--data-only", "--disable-triggers") == ""
    with psycopg.connect(empty_db, autocommit=True) as restored:
        assert rows(restored) == rows(db)
        assert restored.execute(MODES).fetchone() == ("O",)
        assert install(restored).changed is True
        assert restored.execute(MODES).fetchone() == ("A",)
