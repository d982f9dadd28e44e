"""The throwaway server: whom it serves and what it leaves behind."""

import os
import signal
from pathlib import Path

import psycopg
import pytest

from audit_tui.core.errors import AuditError
from audit_tui.embedded.server import EmbeddedServer


def test_databases_come_and_go(server: EmbeddedServer) -> None:
    dsn = server.create_database()
    name = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
    with psycopg.connect(server.dsn()) as connection:
        assert (name,) in connection.execute("SELECT datname FROM pg_database").fetchall()
    server.drop_database(dsn)
    with psycopg.connect(server.dsn()) as connection:
        assert (name,) not in connection.execute("SELECT datname FROM pg_database").fetchall()


def test_a_copy_is_independent_of_its_template(server: EmbeddedServer) -> None:
    template = server.create_database(name="pattern")
    with psycopg.connect(template) as connection:
        connection.execute("CREATE TABLE kept (n int)")
    copy = server.create_database(template="pattern")
    with psycopg.connect(copy) as connection:
        connection.execute("INSERT INTO kept VALUES (1)")
    with psycopg.connect(template) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    server.drop_database(copy)
    server.drop_database(template)


def test_it_listens_on_a_private_socket_only(server: EmbeddedServer) -> None:
    with psycopg.connect(server.dsn()) as connection:
        listens = connection.execute("SELECT current_setting('listen_addresses')").fetchone()
        encoding = connection.execute("SELECT current_setting('server_encoding')").fetchone()
    assert listens == ("",)
    assert encoding == ("UTF8",)
    assert (server.folder / "s").stat().st_mode & 0o777 == 0o700
    assert (server.folder / "data").stat().st_mode & 0o077 == 0
    assert (server.folder / "log").stat().st_mode & 0o077 == 0


def test_nothing_is_left_after_the_end() -> None:
    with EmbeddedServer.start() as server:
        folder, pid = server.folder, server.pid
        assert pid is not None
        os.kill(pid, 0)
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    server.close()  # a second time does nothing


def test_two_at_once_are_two(server: EmbeddedServer) -> None:
    with EmbeddedServer.start() as other:
        assert other.folder != server.folder
        with psycopg.connect(other.dsn()) as connection:
            assert connection.execute("SELECT count(*) FROM pg_database").fetchone() == (3,)
    with psycopg.connect(server.dsn()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_settings_of_the_caller_go_first() -> None:
    with EmbeddedServer.start({"work_mem": "7MB"}) as server, psycopg.connect(server.dsn()) as connection:
        assert connection.execute("SELECT current_setting('work_mem')").fetchone() == ("7MB",)


def test_libpq_variables_of_the_caller_do_not_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOSTADDR", "192.0.2.1")
    monkeypatch.setenv("PGOPTIONS", "-c no.such=1 -c work_mem=9MB")
    with EmbeddedServer.start() as server, psycopg.connect(server.dsn()) as connection:
        assert connection.execute("SELECT current_setting('work_mem')").fetchone() == ("4MB",)
    assert os.environ["PGHOSTADDR"] == "192.0.2.1"


def test_signal_handlers_are_given_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with EmbeddedServer.start():
        assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_server_that_cannot_start_is_one_line_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, code in (("initdb", "echo 'initdb: error: the disk is tired' >&2; exit 1"), ("postgres", "")):
        (programs / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) 17.1'\n{code}\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("AUDIT_TUI_PG_BIN", str(programs))
    folders: list[Path] = []
    real = EmbeddedServer.__init__

    def remember(self: EmbeddedServer, *arguments: object) -> None:
        real(self, *arguments)  # type: ignore[arg-type] # only passes on what it got
        folders.append(self.folder)

    monkeypatch.setattr(EmbeddedServer, "__init__", remember)
    with pytest.raises(AuditError) as caught:
        EmbeddedServer.start()
    assert "the disk is tired" in caught.value.title or "ermission denied" in caught.value.title
    assert "\n" not in str(caught.value)
    assert [folder.exists() for folder in folders] == [False]
