"""What an examination of the schema says about the log's protection, as an axis of a verification.

A verdict rests on hashes, not on triggers: a hole here proves no tampering, but says that the log's own
protection is not what was installed. So it is suspicious, and of no tenant.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from audit_tui.core.doctor.kinds import KINDS
from audit_tui.core.doctor.model import Check, CheckState, DoctorReport
from audit_tui.core.findings import SEVERITY, Axis, AxisResult, Finding, Kind, Report, TenantReport
from audit_tui.core.model import SchemaKind, State
from audit_tui.core.safe import safe_line

PROTECTION = frozenset(
    (
        # What stands where the log should, and what it keeps or lets in.
        "table-in-place", "table-unlogged", "table-columns", "table-constraints", "table-inheritance",
        "indexes-invalid",
        # What seals events and refuses changes, and whether it fires.
        "trigger-missing", "trigger-disabled", "trigger-mode", "trigger-changed", "trigger-extra",
        "rule-extra", "event-trigger", "replication-role", "event-triggers-off",
        # Code that runs in the log's name, or in its place.
        "function-missing", "function-body", "function-attributes", "function-extra", "names-shadowed",
        "catalog-planted", "builtins-changed",
        # Rights wider than was installed.
        "grants-schema", "grants-table", "grants-sequence", "grants-function", "grants-default",
        "owner-lends", "owner-login", "owner-attributes", "owner-members", "owner-of-objects",
        "role-attributes", "role-nested",
        # What hides events, or writes them past the seal.
        "row-security", "publication", "subscription",
    )
)  # fmt: skip
"""Checks whose holes take away protection of the log. The rest concerns the server's durability and clock
(`fsync`, `trust`, `clock`), speed and upkeep (`indexes-changed`, `partition-now`), lost rights
(`grants-missing`), helpers that somebody put beside the log (`strange-objects`), or the version.
"""

_ON_GUIDE = frozenset(
    (
        "table-in-place", "table-unlogged", "table-inheritance", "trigger-disabled", "rule-extra",
        "names-shadowed", "catalog-planted", "builtins-changed", "replication-role", "row-security",
        "subscription",
    )
)  # fmt: skip
"""What is a hole in a hand-made log too. Its owner, grants and modes are the guide's own design, not news."""

NOTHING_TO_COMPARE = (
    "the log was built by hand: nothing was installed that its protection could be compared with"
)
_SHOWN = 5
_MESSAGE_CAP = 500


@dataclass(frozen=True, slots=True)
class Attestation:
    """The axis, and its findings (of no tenant; suspicious, so they never make a run tampered)."""

    axis: AxisResult
    findings: tuple[Finding, ...] = ()


def attest(report: DoctorReport) -> Attestation:
    """Judges a finished examination."""
    guide = report.schema is not SchemaKind.OURS
    counted = _ON_GUIDE if guide else PROTECTION
    findings = tuple(_finding(check) for check in report.holes if check.id in counted)
    if findings:
        named = _listed(check.id for check in report.holes if check.id in counted)
        return Attestation(AxisResult(State.FAILED, f"not as installed: {named}"), findings)
    if guide:
        return Attestation(AxisResult(State.NOT_RUN, NOTHING_TO_COMPARE))
    skipped = [check for check in report.checks if _is_open(check)]
    if skipped:
        needs = _listed(check.needs or "more rights" for check in skipped)
        what = _listed(check.id for check in skipped)
        return Attestation(AxisResult(State.NOT_RUN, f"{what} could not be looked at: needs {needs}"))
    return Attestation(AxisResult(State.OK))


def not_attested(why: str) -> Attestation:
    """The axis where no examination came about."""
    return Attestation(AxisResult(State.NOT_RUN, safe_line(why, _MESSAGE_CAP)))


def _is_open(check: Check) -> bool:
    return check.state is CheckState.NOT_RUN and check.id in PROTECTION


def _finding(check: Check) -> Finding:
    kind = Kind.PROTECTION_MISSING
    message = f"{safe_line(check.message, _MESSAGE_CAP)} So {KINDS[check.id].attack}."
    return Finding(
        kind, SEVERITY[kind], None, None, None, None, message, f"{KINDS[check.id].ok}.", check.id
    )  # fmt: skip


def _listed(names: Iterable[str]) -> str:
    told = [safe_line(name, 100) for name in dict.fromkeys(names)]
    more = f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    return ", ".join(told[:_SHOWN]) + more


def attested(report: Report, attestation: Attestation) -> Report:
    """The report of a run with what was found about the log's protection: an axis of every tenant, and a list
    of its own, for no tenant is to blame.
    """
    tenants = tuple(_with_axis(tenant, attestation.axis) for tenant in report.tenants)
    return replace(report, tenants=tenants, attestation=attestation.findings)


def _with_axis(tenant: TenantReport, axis: AxisResult) -> TenantReport:
    told = tuple(line for line in tenant.not_claimed if not line.startswith("Attestation was not checked"))
    if axis.state is State.NOT_RUN:
        told = (*told, f"Attestation was not checked: {axis.reason}.")
    return replace(tenant, axes=tenant.axes | {Axis.ATTESTATION: axis}, not_claimed=told)
