"""A server that wants a password: what is said when it is wrong or missing, and that it is never printed."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from audit_tui.embedded.server import EmbeddedServer
from tests.cli.program import PASSWORD, assert_told, call, run


@pytest.fixture(scope="module")
def strict_server() -> Iterator[EmbeddedServer]:
    """A server that wants a password from the role `analyst`."""
    with EmbeddedServer.start() as server:
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute("CREATE ROLE analyst LOGIN PASSWORD 'c0rrect-horse'")
            row = connection.execute("SHOW hba_file").fetchone()
            assert row is not None
            _prepend(str(row[0]), "local all analyst scram-sha-256\n")
            connection.execute("SELECT pg_reload_conf()")
        _wait_until_asked(server)
        yield server


def _prepend(path: str, line: str) -> None:
    with open(path, "r+", encoding="utf-8") as file:  # noqa: PTH123 - in place: the owner must stay
        rest = file.read()
        file.seek(0)
        file.write(line + rest)


def _wait_until_asked(server: EmbeddedServer) -> None:
    """The server reads the file some time after it was told to."""
    for _ in range(10_000):
        try:
            psycopg.connect(as_analyst(server, "certainly wrong")).close()
        except psycopg.OperationalError:
            return
    pytest.fail("the server never asked for a password")


def as_analyst(server: EmbeddedServer, password: str | None) -> str:
    parameters = {**conninfo_to_dict(server.dsn()), "user": "analyst"}
    return make_conninfo("", **parameters, **({"password": password} if password else {}))


def test_wrong_password(strict_server: EmbeddedServer) -> None:
    ran = run("verify", "--dsn", as_analyst(strict_server, "wr0ng-horse"))
    assert_told(ran, 4, "password", "analyst@")
    assert "wr0ng" not in ran.err


def test_no_password(strict_server: EmbeddedServer) -> None:
    ran = run("verify", "--dsn", as_analyst(strict_server, None), PGPASSFILE="/nonexistent")
    assert_told(ran, 4, "no password given for analyst@", "set PGPASSWORD, ~/.pgpass or a service file")


def test_right_password_without_a_log(strict_server: EmbeddedServer) -> None:
    ran = run("verify", "--dsn", as_analyst(strict_server, PASSWORD))
    assert_told(ran, 4, "audit", "install")
    assert PASSWORD not in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        (f"postgresql://analyst:{PASSWORD}@db.example/app",),
        ("verify", f"postgresql://analyst:{PASSWORD}@db.example/app"),
        ("verify", f"host=db.example password={PASSWORD}"),
        ("--dns", f"postgresql://analyst:{PASSWORD}@db.example/app"),
    ],
)
def test_a_dsn_in_the_wrong_place_is_not_quoted_with_its_password(arguments: tuple[str, ...]) -> None:
    ran = call(None, *arguments)
    assert ran.code == 2
    assert PASSWORD not in ran.complaint


@pytest.mark.parametrize("debug", ["", "1"])
def test_the_password_is_in_no_output(strict_server: EmbeddedServer, debug: str) -> None:
    dsn = as_analyst(strict_server, PASSWORD)
    commands = (("verify",), ("tenants", "--json"), ("install",), ("install", "--json"), ("--help",), ())
    for command in commands:
        for before, after in ((("--dsn", dsn), ()), ((), ("--dsn", dsn))):
            ran = run(*before, *command, *after, AUDIT_TUI_DEBUG=debug, PGPASSWORD=PASSWORD)
            assert PASSWORD not in ran.out + ran.err
