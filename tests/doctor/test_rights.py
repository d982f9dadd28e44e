"""What each role is told: a check that its rights do not allow is shown as not run, never as fine."""

from collections.abc import Iterator

import pytest
from psycopg.conninfo import make_conninfo

from audit_tui.core.doctor.model import CheckState
from tests.doctor.conftest import Fresh, examined, role, run

LOGINS = {
    "doctor_reader": "audit_reader",
    "doctor_admin": "audit_admin",
    "doctor_writer": "audit_writer",
    "doctor_nobody": None,
}


@pytest.fixture(params=LOGINS)
def login(request: pytest.FixtureRequest, log: str) -> Iterator[str]:
    """The DSN of a fresh log for a login of each kind."""
    name: str = request.param
    with role(log, name, "LOGIN"):
        group = LOGINS[name]
        if group is not None:
            run(log, f"GRANT {group} TO {name}")
        yield make_conninfo(log, user=name)


def test_a_role_finds_no_hole_where_there_is_none_and_says_what_it_could_not_see(login: str) -> None:
    report = examined(login)
    assert {check.id: check.message for check in report.holes} == {}
    not_run = {check.id: check.needs for check in report.not_run}
    may_read = any(f"user=doctor_{who}" in login for who in ("reader", "admin"))
    expected = {"preloaded", "trust"} | (set() if may_read else {"schema-version"})
    assert not_run.keys() == expected
    assert all(not_run.values())
    assert not_run["preloaded"] == "pg_read_all_settings (this setting is hidden from the role)"


def test_a_role_without_any_right_still_names_a_hole(login: str, log: str) -> None:
    run(log, "ALTER TABLE audit.logs DISABLE TRIGGER logs_refuse_truncate")
    assert {check.id for check in examined(login).holes} == {"trigger-disabled"}


def test_the_default_partition_is_looked_into_only_with_the_right_to(fresh: Fresh) -> None:
    dsn = fresh("partitioned")
    run(dsn, "ALTER TABLE audit.logs DISABLE TRIGGER USER", INTO_DEFAULT)
    run(dsn, "ALTER TABLE audit.logs ENABLE TRIGGER USER", *ALWAYS)
    with role(dsn, "doctor_partitions", "LOGIN"):
        run(dsn, "GRANT audit_reader TO doctor_partitions")
        theirs = {check.id: check for check in examined(make_conninfo(dsn, user="doctor_partitions")).checks}
    assert theirs["partition-default"].state is CheckState.NOT_RUN
    assert theirs["partition-default"].needs == "SELECT on the default partition"
    ours = {check.id: check for check in examined(dsn).checks}
    assert ours["partition-default"].state is CheckState.HOLE


def test_a_reader_of_one_tenant_finds_no_hole_in_that(fresh: Fresh) -> None:
    dsn = fresh("isolated")
    with role(dsn, "doctor_tenant_reader", "LOGIN"):
        run(dsn, "GRANT audit_reader TO doctor_tenant_reader")
        assert examined(make_conninfo(dsn, user="doctor_tenant_reader")).holes == ()


def test_row_security_on_the_record_is_named_and_ends_nothing(log: str) -> None:
    run(log, "ALTER TABLE audit.schema_info ENABLE ROW LEVEL SECURITY")
    with role(log, "doctor_kept_out", "LOGIN"):
        run(log, "GRANT audit_reader TO doctor_kept_out")
        report = examined(make_conninfo(log, user="doctor_kept_out"))
    assert {check.id for check in report.holes} == {"row-security"}
    assert "schema-version" in {check.id for check in report.not_run}


def test_nothing_that_somebody_put_in_a_place_is_run(log: str) -> None:
    """A view in the place of the record would run its function with the rights of who asks."""
    run(
        log,
        "ALTER EVENT TRIGGER audit_record_ddl DISABLE",
        "ALTER EVENT TRIGGER audit_record_recorder DISABLE",
        "ALTER TABLE audit.schema_info RENAME TO info",
        "CREATE FUNCTION public.trap() RETURNS int LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE 'trapped'; END $$",
        "CREATE VIEW audit.schema_info AS SELECT public.trap() AS version, '{}'::jsonb AS options",
        "ALTER EVENT TRIGGER audit_record_ddl ENABLE ALWAYS",
        "ALTER EVENT TRIGGER audit_record_recorder ENABLE ALWAYS")  # fmt: skip
    found = {check.id: check.message for check in examined(log).holes}
    assert "audit.schema_info is a view" in found["table-columns"]


INTO_DEFAULT = """
INSERT INTO audit.logs_default (id, tenant_id, sequence_number, event_id, timestamp, event_type, actor_type,
                                actor_id, resource_type, resource_id, event_hash)
VALUES (1, 't', 1, 'evt_1', '1999-01-01', 'a', 'a', 'a', 'a', 'a', '')
"""
ALWAYS = (
    "DO $$ DECLARE p name; BEGIN FOR p IN SELECT s.partition FROM audit.partition_spans() s LOOP"
    " PERFORM audit.guard_partition(p); END LOOP; END $$",
    "ALTER TABLE ONLY audit.logs ENABLE ALWAYS TRIGGER logs_90_refuse_update",
    "ALTER TABLE ONLY audit.logs ENABLE ALWAYS TRIGGER logs_90_refuse_delete",
    "ALTER TABLE ONLY audit.logs ENABLE ALWAYS TRIGGER logs_91_prove_removal",
    "ALTER TABLE ONLY audit.logs ENABLE ALWAYS TRIGGER logs_refuse_truncate",
)
