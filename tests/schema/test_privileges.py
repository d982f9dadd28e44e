"""Installing without superuser: what is missing is named at once, and what is named is enough."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from audit_tui.core.errors import PermissionMissingError, UnsupportedSchemaError
from audit_tui.store import script
from audit_tui.store.install import install, upgrade
from audit_tui.store.script import InstallOptions
from tests.schema.cluster import ROLES, Cluster
from tests.schema.conftest import Connection
from tests.schema.events import chain, log, value
from tests.schema.scripts import install_version_1


def refusal(conn: Connection, options: InstallOptions | None = None) -> tuple[str, list[str]]:
    """Return the refusal's title, and the statements that it asks a DBA to run before the install."""
    with pytest.raises(PermissionMissingError, match="no right to install") as caught:
        install(conn, options)
    hint = caught.value.hint or ""
    assert hint.startswith("run as a superuser: ")
    wanted = hint.removeprefix("run as a superuser: ").split(" when it is installed:")[0]
    return caught.value.title, re.findall(r"[^;]+;", wanted)


def may_act(cluster: Cluster, user: str, owner: str = "audit_owner") -> bool:
    """Whether a login has, or can take, the owner's rights without granting itself anything."""
    how = "SET" if cluster.dba.info.server_version >= 160000 else "MEMBER"
    held = f"SELECT pg_has_role('{user}', '{owner}', '{how}') OR pg_has_role('{user}', '{owner}', 'USAGE')"
    return bool(value(cluster.dba, held))


def waits(cluster: Cluster, conn: Connection) -> bool:
    """Whether a connection waits for a lock."""
    held = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = "
    return bool(value(cluster.dba, held + str(conn.info.backend_pid)))


def test_nothing_at_all_names_everything_and_that_is_enough(cluster: Cluster) -> None:
    cluster.run("CREATE ROLE nobody LOGIN")
    with cluster.connect("nobody") as nobody:
        title, statements = refusal(nobody)
        assert f"CREATE on the database {cluster.database}" in title
        assert "to make the role audit_owner" in title
        for role in ROLES:
            assert role in title
        assert len(statements) == 3 + len(ROLES)
        cluster.run(*statements)
        assert install(nobody).changed
        assert not install(nobody).changed
        log(cluster.dba)
        assert chain(cluster.dba) == (1, True)


def test_the_statements_give_no_more_than_they_must(cluster: Cluster) -> None:
    cluster.run("CREATE ROLE nobody LOGIN")
    with cluster.connect("nobody") as nobody:
        cluster.run(*refusal(nobody)[1])
        with pytest.raises(PermissionMissingError):
            install(nobody, InstallOptions(owner="another_owner"))
        install(nobody)
        if cluster.dba.info.server_version < 160000:
            cluster.run("REVOKE audit_owner FROM nobody")
        assert not may_act(cluster, "nobody")
        for role in ROLES:
            assert value(cluster.dba, f"SELECT pg_has_role('nobody', '{role}', 'MEMBER')") is False


def test_before_16_the_refusal_says_what_to_take_back(cluster: Cluster) -> None:
    cluster.run("CREATE ROLE nobody LOGIN")
    with cluster.connect("nobody") as nobody, pytest.raises(PermissionMissingError) as caught:
        install(nobody)
    old = cluster.dba.info.server_version < 160000
    assert ("when it is installed: REVOKE audit_owner FROM nobody;" in str(caught.value.hint)) is old


def test_createrole_and_create_are_enough_and_leave_no_membership(cluster: Cluster) -> None:
    cluster.run("CREATE ROLE landlord LOGIN CREATEROLE")
    with cluster.connect("landlord") as landlord:
        title, statements = refusal(landlord)
        assert title == f"no right to install: landlord lacks CREATE on the database {cluster.database}"
        assert statements == [f"GRANT CREATE ON DATABASE {cluster.database} TO landlord;"]
        cluster.run(*statements)
        assert install(landlord).changed
        assert not may_act(cluster, "landlord")
        assert not install(landlord).changed
        assert not may_act(cluster, "landlord")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            landlord.execute("SELECT * FROM audit.logs")


def test_a_setting_that_joins_every_role_made_joins_none_of_these(cluster: Cluster) -> None:
    if cluster.dba.info.server_version < 160000:
        return  # createrole_self_grant came with 16; before, making a role never joined it
    cluster.run("CREATE ROLE landlord LOGIN CREATEROLE")
    cluster.run("ALTER ROLE landlord SET createrole_self_grant = 'set, inherit'")
    cluster.grant_create("landlord")
    with cluster.connect("landlord") as landlord:
        install(landlord)
        for role in ("audit_owner", *ROLES):
            assert not may_act(cluster, "landlord", role)


def test_roles_that_others_made_need_the_right_to_act_as_the_owner(cluster: Cluster) -> None:
    cluster.run("CREATE ROLE landlord LOGIN", *(f"CREATE ROLE {role}" for role in ("audit_owner", *ROLES)))
    cluster.grant_create("landlord")
    with cluster.connect("landlord") as landlord:
        title, statements = refusal(landlord)
        assert title == "no right to install: landlord lacks the right to act as audit_owner"
        assert len(statements) == 1
        cluster.run(*statements)
        assert install(landlord).changed


def test_createrole_alone_grants_an_owner_that_others_made_only_before_16(cluster: Cluster) -> None:
    cluster.run("CREATE ROLE landlord LOGIN CREATEROLE", "CREATE ROLE audit_owner")
    cluster.grant_create("landlord")
    with cluster.connect("landlord") as landlord:
        if cluster.dba.info.server_version >= 160000:
            cluster.run(*refusal(landlord)[1])
        assert install(landlord).changed
        assert not may_act(cluster, "landlord")


def test_membership_through_another_role_is_enough(cluster: Cluster) -> None:
    cluster.run("CREATE ROLE landlord LOGIN", "CREATE ROLE team", "CREATE ROLE audit_owner")
    cluster.run("GRANT audit_owner TO team", "GRANT team TO landlord")
    cluster.grant_create("landlord")
    with cluster.connect("landlord") as landlord:
        assert install(landlord, InstallOptions(roles=False)).changed
        assert (
            value(cluster.dba, "SELECT count(*) FROM pg_auth_members WHERE member = 'landlord'::regrole") == 1
        )


def test_whoever_came_by_set_role_leaves_so(cluster: Cluster) -> None:
    cluster.run("CREATE ROLE person LOGIN", "CREATE ROLE landlord CREATEROLE", "GRANT landlord TO person")
    cluster.grant_create("landlord")
    with cluster.connect("person", options="-c role=landlord") as person:
        assert install(person).changed
        assert value(person, "SELECT current_user::text") == "landlord"
        assert not may_act(cluster, "person")
        assert not may_act(cluster, "landlord")


def test_an_owner_installs_for_itself_and_makes_no_roles(cluster: Cluster) -> None:
    cluster.run("CREATE ROLE person LOGIN", "CREATE ROLE keeper NOLOGIN", "GRANT keeper TO person")
    cluster.grant_create("keeper")
    options = InstallOptions(owner="keeper", roles=False)
    with cluster.connect("person", options="-c role=keeper") as person:
        assert install(person, options).changed
        assert not install(person, InstallOptions(owner="keeper")).changed
        owners = (
            "SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE relnamespace = 'audit'::regnamespace"
        )
        assert value(cluster.dba, owners) == "keeper"
        assert value(cluster.dba, "SELECT count(*) FROM pg_roles WHERE rolname ~ '^audit_'") == 0
        assert value(cluster.dba, "SELECT options ->> 'roles' FROM audit.schema_info") == "false"


def test_without_roles_the_owner_must_be_there(cluster: Cluster) -> None:
    cluster.run("CREATE ROLE landlord LOGIN CREATEROLE")
    with cluster.connect("landlord") as landlord:
        title, statements = refusal(landlord, InstallOptions(roles=False))
        assert "CREATE on the database" in title
        assert "a role audit_owner, since none is made" in title
        assert "CREATE ROLE audit_owner NOLOGIN;" in [statement.strip() for statement in statements]
    with pytest.raises(UnsupportedSchemaError, match="no role audit_owner, and without roles none is made"):
        install(cluster.dba, InstallOptions(roles=False))


def test_without_roles_those_that_exist_get_their_rights_and_no_other_is_made(cluster: Cluster) -> None:
    cluster.run("CREATE ROLE audit_owner", "CREATE ROLE audit_writer")
    install(cluster.dba, InstallOptions(roles=False))
    found = cluster.dba.execute(
        "SELECT rolname FROM pg_roles WHERE rolname ~ '^audit_' ORDER BY 1"
    ).fetchall()
    assert found == [("audit_owner",), ("audit_writer",)]
    assert value(cluster.dba, "SELECT has_table_privilege('audit_writer', 'audit.logs', 'INSERT')") is True
    assert install(cluster.dba, InstallOptions(roles=True)).changed
    assert value(cluster.dba, "SELECT has_table_privilege('audit_reader', 'audit.logs', 'SELECT')") is True


def test_a_role_missing_from_a_log_that_has_roles_is_named(cluster: Cluster) -> None:
    cluster.run("CREATE ROLE landlord LOGIN CREATEROLE")
    cluster.grant_create("landlord")
    with cluster.connect("landlord") as landlord:
        install(landlord)
        cluster.run("DROP OWNED BY audit_eraser", "DROP ROLE audit_eraser")
        cluster.run("ALTER ROLE landlord NOCREATEROLE", "GRANT audit_owner TO landlord WITH ADMIN OPTION")
        with pytest.raises(
            PermissionMissingError, match="landlord may not make the role audit_eraser"
        ) as caught:
            install(landlord)
    assert "CREATE ROLE audit_eraser NOLOGIN; or install with --no-roles" in str(caught.value.hint)


def test_an_empty_schema_of_somebody_else_is_named(cluster: Cluster) -> None:
    cluster.run("CREATE ROLE landlord LOGIN CREATEROLE", "CREATE SCHEMA audit")
    cluster.grant_create("landlord")
    with cluster.connect("landlord") as landlord:
        title, statements = refusal(landlord)
        assert title.endswith("landlord lacks ownership of the schema audit")
        assert statements == ["ALTER SCHEMA audit OWNER TO landlord;"]
        cluster.run(*statements)
        assert install(landlord).changed
        assert not may_act(cluster, "landlord")


def test_installs_in_two_databases_wait_for_each_others_roles(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script, "LOCK_TIMEOUT", "1ms")  # which is for tables: roles are waited for longer
    other = cluster.server.create_database()
    try:
        with psycopg.connect(cluster.dsn) as first, psycopg.connect(other, autocommit=True) as second:
            first.execute("SELECT 1")  # so that its transaction stays open
            install(first)
            with ThreadPoolExecutor(1) as pool:
                result = pool.submit(install, second)
                while not result.done() and not waits(cluster, second):
                    pass
                assert not result.done()
                first.commit()
                assert result.result().changed
    finally:
        cluster.server.drop_database(other)


@pytest.mark.parametrize(
    "options",
    [InstallOptions(), InstallOptions(layout="partitioned"), InstallOptions(tenant_isolation=True)],
    ids=["plain", "partitioned", "isolated"],
)
def test_what_a_superuser_installed_another_can_repair(cluster: Cluster, options: InstallOptions) -> None:
    cluster.run("CREATE ROLE landlord LOGIN")
    sound = install(cluster.dba, options)
    with cluster.connect("landlord") as landlord:
        cluster.run(*refusal(landlord)[1])
        assert not install(landlord).changed
        cluster.run("ALTER TABLE audit.logs DISABLE TRIGGER USER")
        assert install(landlord).digest == sound.digest


@pytest.mark.parametrize("layout", ["plain", "partitioned"])
def test_every_layout_goes_without_superuser(
    cluster: Cluster, layout: Literal["plain", "partitioned"]
) -> None:
    cluster.run("CREATE ROLE landlord LOGIN CREATEROLE")
    cluster.grant_create("landlord")
    with cluster.connect("landlord") as landlord:
        install(landlord, InstallOptions(layout=layout, tenant_isolation=True))
        assert not install(landlord).changed
        assert not may_act(cluster, "landlord")
    log(cluster.dba)
    assert chain(cluster.dba) == (1, True)


def test_an_upgrade_goes_without_superuser(cluster: Cluster) -> None:
    cluster.run("CREATE ROLE landlord LOGIN CREATEROLE")
    cluster.grant_create("landlord")
    install_version_1(make_conninfo(cluster.dsn, user="landlord"))
    with cluster.connect("landlord") as landlord:
        assert upgrade(landlord).earlier == 1
        assert not install(landlord).changed
        assert not may_act(cluster, "landlord")
