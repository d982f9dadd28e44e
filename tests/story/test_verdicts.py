"""The loaded story verifies exactly as intended: before the intruder, and after."""

import psycopg
import pytest

from audit_tui.core.findings import Kind, Report, Severity, StoryKind, TenantReport, Verdict
from audit_tui.core.words import headline, verdict_phrase
from audit_tui.embedded.story.script import GUIDE_PLANS, PLANS
from tests.story.conftest import Loaded

HEADS = {
    "org_acme": 1204,
    "org_borealis": 940,
    "org_cobalt": 870,
    "org_delta": 1018,
    "org_xyz789": 1102,
    "org_zenith": 411,
}
FOUND = {
    "org_acme": [(Kind.CONTENT_MISMATCH, 812, 812)],
    "org_borealis": [(Kind.LINK_MISMATCH, 456, 456)],
    "org_cobalt": [(Kind.SEQUENCE_GAP, 301, 303)],
    "org_delta": [(Kind.HEAD_REWOUND, 991, 1018)],
    "org_xyz789": [],
    "org_zenith": [],
}
TOLD = {
    "org_acme": StoryKind.EDITED_IN_PLACE,
    "org_borealis": StoryKind.EDITED_AND_REHASHED,
    "org_cobalt": StoryKind.DELETED,
    "org_delta": StoryKind.TAIL_CUT,
}


def _of(report: Report, tenant_id: str) -> TenantReport:
    return next(tenant for tenant in report.tenants if tenant.tenant_id == tenant_id)


def _findings(tenant: TenantReport) -> list[tuple[Kind, int | None, int | None]]:
    return [(one.kind, one.first_sequence, one.last_sequence) for one in tenant.findings]


def test_before_the_intruder_everything_is_intact_and_finds_nothing(incident: Loaded) -> None:
    report = incident.before
    assert report.verdict is Verdict.INTACT
    assert {tenant.tenant_id: tenant.last_sequence for tenant in report.tenants} == HEADS
    assert [_findings(tenant) for tenant in report.tenants] == [[]] * len(PLANS)


def test_four_of_six_tenants_are_tampered_with(incident_report: Report) -> None:
    assert headline(incident_report) == "4 of 6 tenants are tampered with."


@pytest.mark.parametrize("tenant_id", HEADS)
def test_the_findings_of_a_tenant_are_exactly_these(incident_report: Report, tenant_id: str) -> None:
    assert _findings(_of(incident_report, tenant_id)) == FOUND[tenant_id]


@pytest.mark.parametrize("tenant_id", HEADS)
def test_a_tampered_tenant_has_one_story(incident_report: Report, tenant_id: str) -> None:
    told = [story.kind for story in _of(incident_report, tenant_id).stories]
    assert told == ([TOLD[tenant_id]] if tenant_id in TOLD else [])


def test_the_erasure_was_authorised(incident_report: Report) -> None:
    zenith = _of(incident_report, "org_zenith")
    assert zenith.verdict is Verdict.INTACT
    assert zenith.erased_events == 14
    assert "14 events erased with authority" in verdict_phrase(zenith)


@pytest.mark.parametrize("tenant_id", HEADS)
def test_the_servers_own_verifier_names_the_same_events(incident: Loaded, tenant_id: str) -> None:
    with psycopg.connect(incident.dsn) as conn:
        rows = conn.execute(
            "SELECT kind, first_sequence, last_sequence FROM audit.verify_chain(%s) WHERE kind IS NOT NULL",
            (tenant_id,),
        ).fetchall()
    # A cut tail shows to a witness alone, which the database does not have.
    expected = [found for found in FOUND[tenant_id] if found[0] is not Kind.HEAD_REWOUND]
    assert [tuple(row) for row in rows] == expected


def test_nothing_of_ines_is_left_in_what_was_erased(incident: Loaded) -> None:
    with psycopg.connect(incident.dsn) as conn:
        row = conn.execute(
            "SELECT count(*) FROM audit.logs l WHERE tenant_id = 'org_zenith' AND"
            " concat(actor_id, actor_email, actor_ip_address, changes, resource_before, resource_after,"
            " metadata)"
            " ~* 'marchetti|ines[.]m|198[.]51[.]100'"
        ).fetchone()
    assert row == (0,)


def test_the_guide_built_log_was_intact_and_its_unsealed_columns_are_named(legacy: Loaded) -> None:
    assert legacy.before.verdict is Verdict.INTACT
    for tenant in legacy.before.tenants:
        assert _findings(tenant) == [(Kind.UNCOVERED_COLUMNS, 1, 150)]


def test_the_guide_built_log_has_one_edited_event(legacy_report: Report) -> None:
    harbor, lumen = (_of(legacy_report, plan.tenant_id) for plan in GUIDE_PLANS)
    assert harbor.verdict is Verdict.INTACT
    tampered = [one for one in lumen.findings if one.severity is Severity.TAMPERED]
    assert [(one.kind, one.first_sequence) for one in tampered] == [(Kind.CONTENT_MISMATCH, 97)]
    assert [story.kind for story in lumen.stories] == [StoryKind.EDITED_IN_PLACE]
