"""What `install --adopt --dry-run` prints, psql runs: the same catalogue, the same seams and refusals."""

import re
from collections.abc import Iterator

import psycopg
import pytest

from audit_tui.embedded import tamper
from audit_tui.embedded.server import EmbeddedServer
from audit_tui.store.adopt import build_indexes
from audit_tui.store.install import install
from tests.schema.adopting import TENANTS, Connection, adopt, examine, fill, seam
from tests.schema.events import chain, log, value
from tests.schema.scripts import catalogue, run_psql


@pytest.fixture
def guide(guide_db: str) -> Iterator[Connection]:
    with psycopg.connect(guide_db, autocommit=True) as conn:
        fill(conn)
        yield conn


def script_of(dsn: str) -> str:
    script = examine(dsn).script
    assert script is not None
    return script


def test_psql_makes_what_adopting_makes(guide: Connection, guide_db: str, server: EmbeddedServer) -> None:
    guide.close()
    other = server.create_database(template=psycopg.conninfo.conninfo_to_dict(guide_db)["dbname"])  # type: ignore[arg-type]
    try:
        ran = run_psql(guide_db, script_of(guide_db))
        assert ran.returncode == 0, ran.stderr
        adopt(other)
        assert catalogue(guide_db) == catalogue(other)
        with psycopg.connect(guide_db, autocommit=True) as by_psql, psycopg.connect(other) as by_us:
            for tenant in TENANTS:
                assert seam(by_psql, tenant) == seam(by_us, tenant)
                assert chain(by_psql, tenant) == (11, True)
            assert not install(by_psql).changed
    finally:
        server.drop_database(other)


def test_a_dry_run_changes_nothing(guide: Connection, guide_db: str) -> None:
    before = catalogue(guide_db)
    roles = value(guide, "SELECT count(*) FROM pg_roles")
    script_of(guide_db)
    assert catalogue(guide_db) == before
    assert value(guide, "SELECT count(*) FROM pg_roles") == roles


def test_what_is_logged_before_psql_runs_is_verified_by_it(guide: Connection, guide_db: str) -> None:
    script = script_of(guide_db)
    fill(guide, 40, ("org_a", "org_new"))
    ran = run_psql(guide_db, script)
    assert ran.returncode == 0, ran.stderr
    assert seam(guide, "org_a")["events"] == 30
    assert seam(guide, "org_new")["events"] == 20


def test_psql_refuses_what_no_longer_verifies(guide: Connection, guide_db: str) -> None:
    script = script_of(guide_db)
    log(guide, tenant="org_a")
    tamper.edit_field(guide, "org_a", 11, "actor_id", "someone_else")
    ran = run_psql(guide_db, script)
    assert ran.returncode == 3
    assert "does not verify: content_mismatch at event 11" in ran.stderr
    assert value(guide, "SELECT to_regclass('audit.schema_info') IS NULL") is True


def test_a_script_that_ran_before_changes_nothing(guide: Connection, guide_db: str) -> None:
    script = script_of(guide_db)
    assert run_psql(guide_db, script).returncode == 0
    before = catalogue(guide_db)
    assert run_psql(guide_db, script).returncode == 0
    assert catalogue(guide_db) == before
    assert value(guide, "SELECT count(*) FROM audit.logs WHERE event_type = 'audit.adopted'") == 3


def test_without_what_was_verified_nothing_is_adopted(guide: Connection, guide_db: str) -> None:
    build_indexes(guide, lambda _: None)
    script = re.sub(r"SET LOCAL audit_install\.adopt_verified = .*;\n", "", script_of(guide_db))
    ran = run_psql(guide_db, script)
    assert ran.returncode == 3
    assert "have not been verified" in ran.stderr


def test_names_of_objects_and_tenants_cannot_leave_their_place(guide: Connection, guide_db: str) -> None:
    hostile = "o'rg\\\"; DROP TABLE x; --\n\\! touch /x \u202e"
    guide.execute('CREATE VIEW audit."v\n\\! echo hacked" AS SELECT 1 AS a')
    log(guide, tenant=hostile)
    script = script_of(guide_db)
    assert not [line for line in script.splitlines() if line.startswith("\\!")]
    ran = run_psql(guide_db, script)
    assert ran.returncode == 0, ran.stderr
    assert "hacked" not in ran.stdout
    assert seam(guide, hostile)["events"] == 1
