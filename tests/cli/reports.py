"""Reports made by the real core from chains in memory: what the renderers are tested with."""

from collections.abc import Sequence

from audit_tui.core.checked import Checked
from audit_tui.core.findings import AxisResult, Finding, Kind, Report, TenantReport
from audit_tui.core.model import Event, State
from audit_tui.core.verdict import report_on, worst
from tests.fakes import FakeService

CHECKED_AT = "2026-11-02T17:41:07.000000Z"


def report_of(**chains: Sequence[Event]) -> Report:
    """What a check of these chains finds."""
    from audit_tui.service.api import VerifyRequest

    return FakeService(chains).verify(VerifyRequest())


def tenant_with(*findings: Finding, tenant_id: str = "org_acme", last: int = 10) -> TenantReport:
    """A tenant of `last` events in which exactly these findings were made."""
    counts: dict[Kind, int] = {}
    for finding in findings:
        counts[finding.kind] = counts.get(finding.kind, 0) + 1
    return report_on(
        Checked(
            tenant_id=tenant_id,
            events=last,
            first_sequence=1,
            last_sequence=last,
            head_hash="ab" * 32,
            findings=findings,
            counts=counts,
            boundary=None,
            erased_events=0,
            first_unproven=None,
            cut_off=None,
            witness=AxisResult(State.NOT_RUN, "no witness yet"),
            witness_note="no witness yet",
            checked_at=CHECKED_AT,
            version_1=False,
            unchecked={},
        )
    )


def report_with(*tenants: TenantReport) -> Report:
    """A run over these tenants."""
    return Report(worst(t.verdict for t in tenants), "The claim of the run.", CHECKED_AT, tenants)
