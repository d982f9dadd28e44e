"""What a check over one tenant left behind, ready to be judged."""

from collections.abc import Mapping
from dataclasses import dataclass

from audit_tui.core.findings import AcceptedBoundary, Axis, AxisResult, Finding, Kind
from audit_tui.core.model import State

NOT_COMPARED = AxisResult(State.NOT_RUN, "this check does not compare snapshots along a resource's history")
NOT_ATTESTED = AxisResult(State.NOT_RUN, "this check does not inspect triggers, functions and grants")


@dataclass(frozen=True, slots=True)
class Checked:
    """What a walk over one tenant left behind, ready to be judged.

    `cut_off` is why the walk ended before the head (None: it did not). `sealed_v1` and `sealed_v2` count
    events of each version. `witness` is the axis as `core.witness` judged it, with its findings.
    `unchecked` are axes that could not be run at all, with the reason (columns that are missing).
    """

    tenant_id: str
    events: int
    first_sequence: int | None
    last_sequence: int | None
    head_hash: str | None
    findings: tuple[Finding, ...]
    counts: Mapping[Kind, int]
    boundary: AcceptedBoundary | None
    erased_events: int
    first_unproven: int | None
    cut_off: str | None
    witness: AxisResult
    witness_note: str
    checked_at: str
    version_1: bool
    unchecked: Mapping[Axis, str]
    first_hash: str | None = None
    unread: int = 0
    since: "Since | None" = None
    continuity: AxisResult = NOT_COMPARED


@dataclass(frozen=True, slots=True)
class Since:
    """Where an incremental check began: at a witnessed event, before which `events` were proven on `full_at`
    (RFC 3339 UTC) and are not read again but where a later erasure names them.
    """

    sequence: int
    events: int
    full_at: str

    @property
    def reason(self) -> str:
        return f"from event {self.sequence} on; what stands before it was proven on {self.full_at}"
