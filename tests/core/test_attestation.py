"""Which holes of an examination speak about the log's protection, and what the axis says of the rest."""

import pytest

from audit_tui.core.attestation import PROTECTION, attest
from audit_tui.core.doctor.kinds import KINDS
from audit_tui.core.doctor.model import Area, Check, CheckState, DoctorReport, Weight
from audit_tui.core.findings import Kind, Severity
from audit_tui.core.model import SchemaKind, State

ELSEWHERE = {
    "schema-version", "indexes-changed", "indexes-extra", "table-storage", "strange-objects",
    "grants-missing", "partition-now", "partition-default", "role-missing", "role-powers", "role-members",
}  # fmt: skip


def report(*checks: Check, schema: SchemaKind | None = SchemaKind.OURS) -> DoctorReport:
    return DoctorReport(schema, 1, "plain", "audit_owner", "2026-01-01T00:00:00.000000Z", checks)


def check(name: str, state: CheckState, needs: str | None = None, message: str = "It is so.") -> Check:
    return Check(name, KINDS[name].area, state, Weight.HIGH, message, "x", None, needs)


def test_every_check_of_the_schema_is_decided() -> None:
    of_the_server = {Area.SETTINGS, Area.TIME, Area.GUIDE}
    left = {kind.id for kind in KINDS.values() if kind.area not in of_the_server} - PROTECTION
    assert left == ELSEWHERE
    assert KINDS.keys() >= PROTECTION


def test_a_hole_is_a_suspicious_finding_of_no_tenant() -> None:
    made = attest(report(check("trigger-disabled", CheckState.HOLE, message="The trigger \x1b[2Jx is off.")))
    (finding,) = made.findings
    assert (finding.kind, finding.severity) == (Kind.PROTECTION_MISSING, Severity.SUSPICIOUS)
    assert (finding.tenant_id, finding.first_sequence) == (None, None)
    assert finding.found == "trigger-disabled"
    assert "\x1b" not in finding.message
    assert (made.axis.state, made.axis.reason) == (State.FAILED, "not as installed: trigger-disabled")


@pytest.mark.parametrize("name", ["fsync", "ddl-log", "clock", "grants-missing", "indexes-changed"])
def test_what_is_no_protection_of_the_log_is_left_to_the_doctor(name: str) -> None:
    made = attest(report(check(name, CheckState.HOLE)))
    assert (made.axis.state, made.findings) == (State.OK, ())


def test_what_could_not_be_looked_at_is_said_with_the_right_it_needs() -> None:
    made = attest(report(check("function-body", CheckState.NOT_RUN, "USAGE on schema audit")))
    assert made.axis.state is State.NOT_RUN
    assert made.axis.reason == "function-body could not be looked at: needs USAGE on schema audit"
    assert attest(report(check("trust", CheckState.NOT_RUN, "more"))).axis.state is State.OK


def test_a_hole_outweighs_what_could_not_be_looked_at() -> None:
    made = attest(
        report(check("function-body", CheckState.NOT_RUN, "x"), check("rule-extra", CheckState.HOLE))
    )
    assert made.axis.state is State.FAILED


def test_a_hand_made_log_has_nothing_to_compare() -> None:
    holes = [check(name, CheckState.HOLE) for name in ("guide-truncate", "trigger-mode", "owner-login")]
    made = attest(report(*holes, schema=SchemaKind.GUIDE))
    assert (made.axis.state, made.findings) == (State.NOT_RUN, ())
    replaced = attest(report(check("table-in-place", CheckState.HOLE), schema=SchemaKind.GUIDE))
    assert [finding.found for finding in replaced.findings] == ["table-in-place"]
