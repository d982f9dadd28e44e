"""What `verify` prints: the answer first, one row per tenant, what was found, what it rests on."""

from dataclasses import replace
from datetime import UTC

import pytest

from audit_tui.cli.paper import Paper
from audit_tui.cli.verifytext import print_report
from audit_tui.core.findings import Axis, AxisResult, Finding, Kind, Report, Severity, Verdict
from audit_tui.core.model import State
from tests.builders import drop, edit, make_chain, rehash
from tests.cli.reports import report_of, report_with, tenant_with

CONTENT = Finding(
    Kind.CONTENT_MISMATCH,
    Severity.TAMPERED,
    "org_acme",
    4,
    4,
    "evt_4",
    "Event 4 was changed.",
    "a" * 64,
    "b" * 64,
)
HOSTILE = "org_\x1b[2J\u202e[/nope]:lock:"


def told(report: Report, capsys: pytest.CaptureFixture[str]) -> str:
    print_report(Paper(), report, {"org_acme": "2026-11-02 17:40:11.2+00"}, "UTC", UTC)
    return capsys.readouterr().out


def broken() -> Report:
    acme = make_chain("org_acme", 12)
    edit(acme, 5, actor_id="usr_intruder")
    borealis = make_chain("org_borealis", 12)
    edit(borealis, 6, actor_id="usr_intruder")
    rehash(borealis, 6)
    cobalt = make_chain("org_cobalt", 12)
    drop(cobalt, 3, 5)
    return report_of(
        org_acme=acme, org_borealis=borealis, org_cobalt=cobalt, org_zen=make_chain("org_zen", 3)
    )


def test_the_first_line_answers(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(broken(), capsys).splitlines()[0] == "✗ 3 of 4 tenants are tampered with."


def test_every_tenant_has_a_row_with_its_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(broken(), capsys).splitlines()
    rows = {line.split()[1]: line for line in lines[2:7]}
    assert lines[2].split() == ["TENANT", "VERDICT", "EVENTS", "LAST", "EVENT", "(UTC)"]
    assert rows["org_acme"].startswith("✗")
    assert "edited in place at 5" in rows["org_acme"]
    assert "2026-11-02 17:40:11" in rows["org_acme"]
    assert "edited and rehashed at 6" in rows["org_borealis"]
    assert "3 events missing, 3 to 5" in rows["org_cobalt"]
    assert rows["org_zen"].startswith("✓")


def test_each_story_is_told_under_its_tenant(capsys: pytest.CaptureFixture[str]) -> None:
    text = told(broken(), capsys)
    block = text[text.index("\norg_borealis\n") : text.index("\norg_cobalt\n")]
    assert "Event 6 was changed and given a new hash. Event 7 still names the old one." in block
    assert "Still proven:" in block
    assert "link_mismatch at 7: expected " in block


def test_an_intact_tenant_has_no_block(capsys: pytest.CaptureFixture[str]) -> None:
    assert "\norg_zen\n" not in told(broken(), capsys)


def test_the_claim_comes_last(capsys: pytest.CaptureFixture[str]) -> None:
    report = report_with(tenant_with())
    claim, *rest = told(report, capsys).partition(report.tenants[0].claim)[1:]
    assert claim == report.tenants[0].claim
    lines = "".join(rest).split("\n")
    assert lines[2] == "Not claimed"
    assert [line[4:] for line in lines[3:-1]] == list(report.tenants[0].not_claimed)


def test_suspicious_findings_are_short_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    kind, weight = Kind.ERASURE_INCOMPLETE, Severity.SUSPICIOUS
    odd = [Finding(kind, weight, "org_acme", n, n, None, f"Event {n} is not erased.") for n in range(1, 9)]
    text = told(report_with(tenant_with(*odd)), capsys)
    assert text.count("  ! Event ") == 5
    assert "and 3 more suspicious findings (--json lists them)" in text


def test_a_tenants_name_cannot_act_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    finding = Finding(Kind.SEQUENCE_GAP, Severity.TAMPERED, HOSTILE, 2, 3, None, f"{HOSTILE} is gone.")
    odd = Finding(Kind.TIME_DISORDER, Severity.NOTICE, HOSTILE, 2, 3, HOSTILE, f"{HOSTILE} is odd.")
    text = told(report_with(tenant_with(finding, odd, tenant_id=HOSTILE)), capsys)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[/nope]:lock:" in text


def test_a_tenant_that_could_not_be_decided_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    why = "the archive begins at event 497, and no sealed event at hand records what came before it"
    open_ = replace(
        tenant_with(tenant_id="org_open"),
        verdict=Verdict.INCONCLUSIVE,
        axes=tenant_with().axes | {Axis.GENESIS: AxisResult(State.NOT_RUN, why)},
    )
    out = told(report_with(open_, tenant_with(tenant_id="org_fine")), capsys)
    assert f"org_open\n  ? Not decided: {why}.\n" in out
    assert out.count("Not decided") == 1
    assert "no witness yet" not in out
