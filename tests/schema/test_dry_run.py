"""What `install --dry-run` prints, psql runs: the same catalogue, the same refusals, nothing half done."""

import psycopg
import pytest

from audit_tui.bootstrap import write_script
from audit_tui.embedded.guide import install_guide
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.store.install import install
from audit_tui.store.script import InstallOptions
from tests.cli.program import call, run
from tests.schema.events import chain, log, value
from tests.schema.scripts import catalogue, run_psql

OPTIONS = [
    InstallOptions(),
    InstallOptions(layout="partitioned"),
    InstallOptions(tenant_isolation=True),
    InstallOptions(owner="dry_run_owner"),
    InstallOptions(layout="partitioned", tenant_isolation=True, ddl_trigger=False),
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_psql_makes_what_install_makes(
    server: EmbeddedServer, empty_db: str, options: InstallOptions
) -> None:
    ran = run_psql(empty_db, write_script(options))
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "The audit schema is in place.\n"
    other = server.create_database()
    try:
        with psycopg.connect(other) as conn:
            install(conn, options)
        assert catalogue(empty_db) == catalogue(other)
    finally:
        server.drop_database(other)
    with psycopg.connect(empty_db, autocommit=True) as conn:
        assert not install(conn, options).changed
        log(conn)
        assert chain(conn) == (1, True)


def test_an_error_in_psql_leaves_nothing_behind(empty_db: str) -> None:
    script = write_script().replace("COMMIT;", "SELECT 1 / 0;\nCOMMIT;")
    ran = run_psql(empty_db, script)
    assert ran.returncode == 3
    assert "division by zero" in ran.stderr
    assert "in place" not in ran.stdout
    with psycopg.connect(empty_db) as conn:
        assert value(conn, "SELECT to_regnamespace('audit') IS NULL") is True


def test_psql_refuses_what_install_refuses(guide_db: str) -> None:
    before = catalogue(guide_db)
    ran = run_psql(guide_db, write_script())
    assert ran.returncode == 3
    assert "audit.logs was built from the guide" in ran.stderr
    assert catalogue(guide_db) == before


def test_psql_shows_what_install_tells(empty_db: str) -> None:
    with psycopg.connect(empty_db, autocommit=True) as conn:
        conn.execute("CREATE ROLE dry_run_special NOLOGIN CREATEDB")
        try:
            ran = run_psql(empty_db, write_script(InstallOptions(owner="dry_run_special")))
            assert ran.returncode == 0
            assert "dry_run_special was there already and may create databases" in ran.stderr
        finally:
            conn.execute("DROP OWNED BY dry_run_special CASCADE")
            conn.execute("DROP ROLE dry_run_special")


def test_psql_adopts_as_install_adopts(server: EmbeddedServer, guide_db: str) -> None:
    other = server.create_database()
    try:
        with psycopg.connect(other) as conn:
            install_guide(conn)
        for dsn in (guide_db, other):
            with psycopg.connect(dsn, autocommit=True) as conn:
                log(conn)
                log(conn)
        printed = run("install", "--adopt", "--dry-run", "--dsn", guide_db)
        assert printed.code == 0, printed.err
        assert printed.out.index("INDEX CONCURRENTLY") < printed.out.index("\nBEGIN ")
        ran = run_psql(guide_db, printed.out)
        assert ran.returncode == 0, ran.stderr
        assert call(other, "install", "--adopt").code == 0
        assert catalogue(guide_db) == catalogue(other)
    finally:
        server.drop_database(other)
