"""The protection examined beside a verification: on fresh logs, with holes, without rights."""

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from audit_tui.core.attestation import Attestation
from audit_tui.core.model import State
from audit_tui.service.live.attesting import attest_schema
from audit_tui.store.connect import connect, parse_dsn
from tests.doctor.conftest import NOW_US, Fresh, role, run
from tests.doctor.test_twelve_holes import view_in_place


def attested(dsn: str) -> Attestation:
    with connect(parse_dsn(dsn)) as conn:
        return attest_schema(conn, lambda: NOW_US)


@pytest.mark.parametrize("layout", ["plain", "partitioned", "isolated", "unrecorded", "adopted"])
def test_a_fresh_log_is_as_installed(fresh: Fresh, layout: str) -> None:
    made = attested(fresh(layout))
    assert (made.axis.state, made.axis.reason, made.findings) == (State.OK, None, ())


def test_a_hand_made_log_is_not_run(fresh: Fresh) -> None:
    made = attested(fresh("guide"))
    assert (made.axis.state, made.findings) == (State.NOT_RUN, ())
    assert made.axis.reason is not None
    assert "nothing was installed" in made.axis.reason


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("ALTER TABLE audit.logs DISABLE TRIGGER logs_refuse_truncate", "trigger-disabled"),
        ("GRANT UPDATE ON audit.logs TO audit_reader", "grants-table"),
        (
            "CREATE OR REPLACE FUNCTION audit.refuse_truncate() RETURNS trigger LANGUAGE plpgsql"
            " SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN NULL; END'",
            "function-body",
        ),
    ],
)
def test_a_hole_is_found(log: str, statement: str, name: str) -> None:
    run(log, statement)
    made = attested(log)
    assert [finding.found for finding in made.findings] == [name]
    assert made.axis.state is State.FAILED


@pytest.mark.parametrize("layout", ["plain", "guide"])
def test_a_view_in_the_tables_place_is_found_in_either_schema(fresh: Fresh, layout: str) -> None:
    dsn = fresh(layout)
    if layout == "plain":
        with view_in_place(dsn):
            found = attested(dsn).findings
    else:
        run(
            dsn,
            "ALTER TABLE audit.logs RENAME TO logs_real",
            "CREATE VIEW audit.logs AS SELECT * FROM audit.logs_real",
        )
        found = attested(dsn).findings
    assert "table-in-place" in {finding.found for finding in found}


def test_a_switched_off_trigger_of_a_hand_made_log_is_found(fresh: Fresh) -> None:
    dsn = fresh("guide")
    run(dsn, "ALTER TABLE audit.logs DISABLE TRIGGER USER")
    assert [finding.found for finding in attested(dsn).findings] == ["trigger-disabled"]


def test_a_role_without_rights_gets_a_reason_or_an_answer_never_an_error(log: str, fresh: Fresh) -> None:
    with role(log, "attest_nobody", "LOGIN"):
        dsn = make_conninfo(log, user="attest_nobody")
        assert attested(dsn).axis.state in (State.OK, State.NOT_RUN)
        run(log, "ALTER TABLE audit.logs DISABLE TRIGGER logs_refuse_truncate")
        assert attested(dsn).axis.state is State.FAILED


def test_no_audit_schema_and_a_lost_connection_are_reasons(bare_log: str) -> None:
    made = attested(bare_log)
    assert made.axis.state is State.NOT_RUN
    assert "has no audit schema" in (made.axis.reason or "")
    with connect(parse_dsn(bare_log)) as conn, psycopg.connect(bare_log, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (conn.info.backend_pid,))
        lost = attest_schema(conn, lambda: NOW_US)
        assert lost.axis.state is State.NOT_RUN
        assert lost.axis.reason == "the connection to the server was lost"
