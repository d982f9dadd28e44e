"""What is said of one tenant in one cell: the verdict where there is one, else how far a check is."""

from collections.abc import Sequence
from dataclasses import dataclass

from audit_tui.core.findings import Axis, Finding, Severity, TenantReport, Verdict
from audit_tui.core.model import State
from audit_tui.core.stories import tell
from audit_tui.core.verdict import DECISIVE
from audit_tui.core.words import INCONCLUSIVE, LOADING, NOT_RUN, OF_VERDICT, TAMPERED, Mark, verdict_phrase


@dataclass(frozen=True, slots=True)
class Said:
    """A mark and the words beside it."""

    mark: Mark
    words: str

    @property
    def is_bad(self) -> bool:
        """Whether a person must look at it."""
        return self.mark in (TAMPERED, INCONCLUSIVE)


CHECKING = Said(LOADING, "being checked")
WAITING = Said(NOT_RUN, "waiting to be checked")
NOT_VERIFIED = Said(NOT_RUN, "not verified yet")


def said_of_report(report: TenantReport) -> Said:
    """The verdict in a few words; an undecided one names why."""
    words = verdict_phrase(report)
    if report.verdict is Verdict.INCONCLUSIVE and not report.stories:
        words = f"inconclusive: {why_undecided(report)}"
    return Said(OF_VERDICT[report.verdict], words)


def is_cut_off(report: TenantReport) -> bool:
    """Whether the check ended before the head: then only what was read is proven.

    An event that can't be read leaves content alone undecided; a check that ended leaves all of them so.
    """
    undecided = {axis for axis, result in report.axes.items() if result.state is State.INCONCLUSIVE}
    return bool(undecided & (DECISIVE - {Axis.CONTENT}))


def why_undecided(report: TenantReport) -> str:
    """The reason of the first axis that could not be decided."""
    for axis, result in report.axes.items():
        undecided = result.state in (State.INCONCLUSIVE, State.NOT_RUN)
        if undecided and (axis in DECISIVE or result.state is State.INCONCLUSIVE):
            return result.reason or f"{axis} was not checked"
    return "the check did not reach the head"


def said_of_witness(findings: Sequence[Finding]) -> Said:
    """What the comparison with the witness alone says of a tenant, before its events are checked."""
    first = findings[0]
    stories = tell(findings, first.tenant_id, 1, max(0, (first.first_sequence or 1) - 1))
    mark = TAMPERED if any(f.severity is Severity.TAMPERED for f in findings) else INCONCLUSIVE
    return Said(mark, stories[0].summary if stories else first.message)
