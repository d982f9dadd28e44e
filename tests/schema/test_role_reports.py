"""Roles that were there before an install: said in a sentence each, changed never."""

import psycopg
import pytest

from audit_tui.store.install import InstallResult, install
from audit_tui.store.script import InstallOptions
from tests.schema.cluster import Cluster

STATE = """
SELECT r.rolname, r.rolcanlogin, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolbypassrls, r.rolreplication,
       (SELECT array_agg(m.roleid::regrole::text ORDER BY 1) FROM pg_auth_members m WHERE m.member = r.oid)
FROM pg_roles r WHERE r.rolname = %s
"""


def notes(result: InstallResult) -> list[str]:
    return [message for message in result.messages if message.startswith("Note: ")]


def test_nothing_is_said_where_every_role_is_new(cluster: Cluster) -> None:
    assert notes(install(cluster.dba)) == []
    assert notes(install(cluster.dba)) == []


@pytest.mark.parametrize(
    ("attribute", "words"),
    [
        ("LOGIN", "can log in"),
        ("SUPERUSER", "is a superuser"),
        ("BYPASSRLS", "passes row security"),
        ("CREATEROLE", "may create roles"),
        ("CREATEDB", "may create databases"),
        ("REPLICATION", "may replicate"),
    ],
)
def test_what_a_role_can_is_reported_and_kept(cluster: Cluster, attribute: str, words: str) -> None:
    cluster.run(f"CREATE ROLE audit_reader {attribute}")
    before = cluster.dba.execute(STATE, ["audit_reader"]).fetchone()
    for result in (install(cluster.dba), install(cluster.dba)):
        assert notes(result) == [f"Note: the role audit_reader was there already and {words}: it stays so."]
    assert cluster.dba.execute(STATE, ["audit_reader"]).fetchone() == before


def test_what_a_role_is_a_member_of_is_reported_and_kept(cluster: Cluster) -> None:
    cluster.run("CREATE ROLE audit_reader", "GRANT pg_write_all_data, pg_monitor TO audit_reader")
    before = cluster.dba.execute(STATE, ["audit_reader"]).fetchone()
    assert notes(install(cluster.dba)) == [
        "Note: the role audit_reader has the rights of pg_monitor, pg_write_all_data, of which it is a"
        " member: it stays so."
    ]
    assert cluster.dba.execute(STATE, ["audit_reader"]).fetchone() == before


def test_members_that_get_rights_at_once_are_named_on_the_first_install(cluster: Cluster) -> None:
    people = [f"person_{number}" for number in range(7)]
    cluster.run("CREATE ROLE audit_eraser", *(f"CREATE ROLE {name} IN ROLE audit_eraser" for name in people))
    assert notes(install(cluster.dba)) == [
        "Note: the role audit_eraser was there already: its members get its rights here too:"
        " person_0, person_1, person_2, person_3, person_4, and more."
    ]
    assert notes(install(cluster.dba)) == []


def test_members_of_the_owner_are_named_every_time(cluster: Cluster) -> None:
    cluster.run("CREATE ROLE audit_owner", 'CREATE ROLE "Odd ""one" IN ROLE audit_owner')
    for result in (install(cluster.dba), install(cluster.dba)):
        assert notes(result) == [
            'Note: members of the owner audit_owner can do all that it can: "Odd ""one".'
        ]


def test_other_things_and_rights_are_named(cluster: Cluster) -> None:
    cluster.run(
        "CREATE ROLE audit_writer",
        "CREATE TABLE public.orders (id int)",
        "CREATE TABLE public.mine (id int)",
        "GRANT UPDATE ON public.orders TO audit_writer",
        "ALTER TABLE public.mine OWNER TO audit_writer",
    )
    (note,) = notes(install(cluster.dba))
    assert note.startswith("Note: the role audit_writer has other things or rights in this database: table ")
    assert "mine" in note
    assert "orders" in note


def test_the_owners_own_name_is_looked_at(cluster: Cluster) -> None:
    cluster.run("CREATE ROLE keeper CREATEDB")
    (note,) = notes(install(cluster.dba, InstallOptions(owner="keeper")))
    assert note == "Note: the role keeper was there already and may create databases: it stays so."


def test_a_role_of_another_installation_in_the_cluster_says_nothing(cluster: Cluster) -> None:
    install(cluster.dba)
    other = cluster.server.create_database()
    try:
        with psycopg.connect(other) as conn:
            assert notes(install(conn)) == []
    finally:
        cluster.server.drop_database(other)
