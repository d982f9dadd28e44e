"""The contract of `verify --json`, key by key, and the exit code of every kind of report."""

import json

import pytest

from audit_tui.cli.jsonout import to_text
from audit_tui.cli.verify import exit_code
from audit_tui.cli.verifyjson import report_fields
from audit_tui.core.findings import SEVERITY, Axis, Finding, Kind, Report, Severity, Verdict
from tests.builders import drop, edit, make_chain
from tests.cli.reports import report_of, report_with, tenant_with

FINDING_KEYS = {
    "kind", "severity", "first_sequence", "last_sequence", "event_id", "expected", "found", "columns",
    "message",
}  # fmt: skip
TENANT_KEYS = {
    "tenant_id", "verdict", "events", "first_sequence", "last_sequence", "head_hash", "axes",
    "finding_counts", "boundary", "findings",
}  # fmt: skip


def document(report: Report) -> dict[str, object]:
    found: dict[str, object] = json.loads(to_text("verify", report_fields(report)))
    return found


def finding(kind: Kind) -> Finding:
    return Finding(kind, SEVERITY[kind], "org_acme", 4, 4, "evt_4", f"Event 4: {kind}.")


def tampered() -> Report:
    chain = make_chain("org_acme", 12)
    edit(chain, 5, actor_id="usr_intruder")
    drop(chain, 8, 9)
    return report_of(org_acme=chain, org_zenith=make_chain("org_zenith", 3))


def test_the_document_has_the_keys_of_the_contract() -> None:
    told = document(tampered())
    assert {"format", "verdict", "claim", "checked_at", "tenants"} <= told.keys()
    assert told["format"] == "audit-tui/verify/1"
    assert told["verdict"] == "tampered"


def test_a_tenant_has_the_keys_of_the_contract() -> None:
    first, second = document(tampered())["tenants"]  # type: ignore[misc]  # two tenants were checked
    assert first.keys() >= TENANT_KEYS
    assert first["events"] == 10
    assert (first["first_sequence"], first["last_sequence"]) == (1, 12)
    assert first["finding_counts"] == {"content_mismatch": 1, "sequence_gap": 1}
    assert second["verdict"] == "intact"
    assert second["findings"] == []
    assert second["boundary"] is None


def test_every_axis_has_a_state_and_a_reason() -> None:
    first = document(tampered())["tenants"][0]  # type: ignore[index]  # two tenants were checked
    assert set(first["axes"]) == {str(axis) for axis in Axis}
    for axis in first["axes"].values():
        assert axis.keys() == {"state", "reason"}
        assert axis["state"] in {"ok", "failed", "inconclusive", "not_run"}
    assert first["axes"]["content"]["state"] == "failed"


def test_a_finding_has_the_keys_of_the_contract_and_its_evidence() -> None:
    findings = document(tampered())["tenants"][0]["findings"]  # type: ignore[index]  # two tenants were checked
    assert [each["kind"] for each in findings] == ["content_mismatch", "sequence_gap"]
    for each in findings:
        assert each.keys() == FINDING_KEYS
    assert (findings[1]["first_sequence"], findings[1]["last_sequence"]) == (8, 9)
    assert findings[0]["expected"] != findings[0]["found"]
    assert findings[0]["severity"] == "tampered"


def test_a_log_without_events_is_a_document_without_tenants() -> None:
    told = document(report_of())
    assert told["tenants"] == []
    assert told["verdict"] in {"intact", "inconclusive"}


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("strict", [False, True])
def test_the_exit_code_follows_the_severity(kind: Kind, *, strict: bool) -> None:
    expected = {
        Severity.TAMPERED: 1,
        Severity.INCONCLUSIVE: 3,
        Severity.SUSPICIOUS: 1 if strict else 0,
        Severity.NOTICE: 0,
    }[SEVERITY[kind]]
    report = report_with(tenant_with(finding(kind)))
    assert exit_code(report, strict=strict, unknown=False) == expected


def test_one_wins_over_four_over_three() -> None:
    broken = tenant_with(finding(Kind.CONTENT_MISMATCH))
    open_ = tenant_with(finding(Kind.UNREADABLE_EVENT))
    clean = tenant_with()
    assert exit_code(report_with(clean, broken, open_), strict=False, unknown=True) == 1
    assert exit_code(report_with(clean, open_), strict=False, unknown=True) == 4
    assert exit_code(report_with(clean, open_), strict=False, unknown=False) == 3
    assert exit_code(report_with(clean), strict=False, unknown=True) == 4
    assert exit_code(None, strict=False, unknown=True) == 4
    assert exit_code(report_with(clean), strict=False, unknown=False) == 0


def test_rows_of_no_tenant_make_the_run_tampered() -> None:
    sentence = "A row without a tenant."
    orphan = Finding(Kind.CONTENT_MISMATCH, Severity.TAMPERED, None, None, None, None, sentence)
    report = Report(Verdict.TAMPERED, "claim", "2026-11-02T17:41:07.000000Z", (), (orphan,))
    assert document(report)["orphans"][0]["message"] == sentence  # type: ignore[index]  # one
    assert exit_code(report, strict=False, unknown=False) == 1
