"""What a comparison of two sources found: of each tenant, and of the whole log."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from audit_tui.core.findings import AXIS, SEVERITY, Axis, Severity, TenantReport, Verdict
from audit_tui.core.model import State
from audit_tui.core.second.fields import EventPair
from audit_tui.core.second.in_line import Run
from audit_tui.core.verdict import DECISIVE


class Relation(StrEnum):
    """How a tenant's chain here lies to that in the second source."""

    SAME = "same"
    BEHIND = "behind"
    """The second source ends earlier, and is the same up to there: an older copy."""
    AHEAD = "ahead"
    """This log ends earlier than the second source, and is the same up to there."""
    DIFFERENT = "different"
    OTHER_LOG = "other_log"
    ONLY_HERE = "only_here"
    ONLY_THERE = "only_there"
    NOT_COMPARED = "not_compared"


class Method(StrEnum):
    HEADS = "heads"
    BISECTION = "bisection"
    IN_LINE = "in_line"


class Changed(StrEnum):
    """Which of the two was changed, where that is known."""

    HERE = "here"
    THERE = "there"


@dataclass(frozen=True, slots=True)
class TenantComparison:
    """One tenant in both sources. `here` and `there` are the chains' own checks (None: no such tenant).

    `comparisons` counts looks at one sequence on both sides, `in_line` events that were compared one by one,
    `erased_apart` those among them of which parts were erased on one side only.
    `parted_at` is the first event with another hash, from which on all have; with `lies_before` the
    difference begins before it, where one side holds nothing any more. `hashes` and `event_ids` stand there,
    here and there. `runs` are the stretches that a comparison event by event found (listed up to a limit);
    `missing` is (first, last) of what only the second source holds beyond this log's end. `differing` counts
    events that say something else, among those looked through up to `looked_through` (None: not counted);
    `pairs` are the first of them. `changed` is which side was changed, with `why`; `reason` is why something
    could not be compared. `remarks` are sentences about what is no difference.
    """

    tenant_id: str
    relation: Relation
    here: TenantReport | None = None
    there: TenantReport | None = None
    method: Method | None = None
    comparisons: int = 0
    in_line: int = 0
    parted_at: int | None = None
    lies_before: bool = False
    last_compared: int | None = None
    runs: tuple[Run, ...] = ()
    missing: tuple[int, int] | None = None
    hashes: tuple[str | None, str | None] = (None, None)
    event_ids: tuple[str | None, str | None] = (None, None)
    erased_apart: int = 0
    differing: int | None = None
    looked_through: int | None = None
    pairs: tuple[EventPair, ...] = ()
    changed: Changed | None = None
    why: str | None = None
    reason: str | None = None
    remarks: tuple[str, ...] = ()

    @property
    def first_difference(self) -> int | None:
        """The first event that differs in whatever way (None: none does, or only the ends do)."""
        found = [run.first for run in self.runs[:1]] + ([] if self.parted_at is None else [self.parted_at])
        return min(found, default=None)

    def with_remarks(self, *remarks: str) -> "TenantComparison":
        return replace(self, remarks=(*self.remarks, *remarks))


@dataclass(frozen=True, slots=True)
class Source:
    """One of the two sources, as it may be said aloud: `target` never holds a password.

    `is_standby` and `log_id` are None where nothing tells them; `sees_all` is False where tenant isolation
    hides tenants.
    """

    name: str
    target: str
    kind: str = "database"
    log_id: str | None = None
    is_standby: bool | None = None
    sees_all: bool = True


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both sources and every tenant of either. `report` is the second source's own check: its verdict and
    claim. `same_log` tells whether they are copies of one log (None: nothing shows it). `cut_off` is why the
    comparison ended early; what was not compared by then says so.
    """

    here: Source
    there: Source
    verdict: Verdict | None = None
    claim: str | None = None
    same_log: bool | None = None
    tenants: tuple[TenantComparison, ...] = ()
    remarks: tuple[str, ...] = field(default=())
    cut_off: str | None = None

    @property
    def comparisons(self) -> int:
        """The most that any tenant took: tenants are compared at the same time."""
        return max((each.comparisons for each in self.tenants), default=0)


def holds(report: TenantReport) -> bool:
    """Whether a chain verifies by itself through its head, so that a hash in it stands for all before it."""
    tampered = any(
        SEVERITY[kind] is Severity.TAMPERED and AXIS[kind] is not Axis.WITNESS
        for kind, number in report.finding_counts.items()
        if number
    )
    undecided = any(report.axes[a].state in (State.INCONCLUSIVE, State.NOT_RUN) for a in DECISIVE)
    return not tampered and not undecided and report.last_sequence is not None
