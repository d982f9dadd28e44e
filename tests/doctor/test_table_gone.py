"""A table that was moved aside, replaced or dropped; a schema whose record is missing or older."""

from audit_tui.core.doctor.model import CheckState
from tests.doctor.conftest import Fresh, examined, run


def test_a_table_that_went_elsewhere_is_found(log: str) -> None:
    run(log, "CREATE SCHEMA elsewhere", "ALTER EVENT TRIGGER audit_record_ddl DISABLE",
        'ALTER TABLE audit.logs SET SCHEMA elsewhere', 'ALTER TABLE elsewhere.logs RENAME TO "the, real"',
        'CREATE VIEW audit.logs AS SELECT * FROM elsewhere."the, real"',
        "ALTER EVENT TRIGGER audit_record_ddl ENABLE ALWAYS")  # fmt: skip
    (hole,) = examined(log).holes
    assert hole.id == "table-in-place"
    assert hole.remedy == (
        'ALTER VIEW audit.logs RENAME TO not_the_log;\nALTER TABLE elsewhere."the, real" SET SCHEMA audit;\n'
        'ALTER TABLE audit."the, real" RENAME TO logs;'
    )


def test_a_table_that_is_gone_is_named_and_the_rest_is_not_called_fine(log: str) -> None:
    run(log, *(f"DROP EVENT TRIGGER audit_record_{name}" for name in ("ddl", "drop", "recorder")),
        "ALTER TABLE audit.logs RENAME TO x", "DROP TABLE audit.x CASCADE")  # fmt: skip
    report = examined(log)
    assert {"table-in-place"} <= {check.id for check in report.holes}
    skipped = {check.id for check in report.not_run}
    assert {"trigger-missing", "trigger-disabled", "indexes-invalid", "row-security"} <= skipped


def test_a_log_without_its_record_says_so(fresh: Fresh) -> None:
    dsn = fresh("plain")
    run(dsn, "DELETE FROM audit.schema_info")
    report = examined(dsn)
    assert [check.id for check in report.holes] == ["schema-version"]
    assert all(check.state is CheckState.OK for check in report.checks if check.id != "schema-version")


def test_an_older_schema_is_not_compared_with_what_it_is_not(fresh: Fresh) -> None:
    dsn = fresh("plain")
    run(dsn, "UPDATE audit.schema_info SET version = 1", "DROP FUNCTION audit.import_problem")
    report = examined(dsn)
    assert [check.id for check in report.holes] == ["schema-version"]
    assert {"function-missing", "trigger-disabled", "grants-table"} <= {check.id for check in report.not_run}
