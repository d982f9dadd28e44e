"""Which of two differing sources was changed, as far as their own seals or a witness tell."""

from collections.abc import Iterable
from dataclasses import dataclass

from audit_tui.core.findings import Axis, Severity, TenantReport
from audit_tui.core.second.model import Changed, holds


@dataclass(frozen=True, slots=True)
class Testimony:
    """A witnessed event beside the hashes that both sources hold at its sequence (None: no such event)."""

    sequence: int
    taken_at: str
    event_hash: str
    here: str | None
    there: str | None


def who_changed(
    here: TenantReport, there: TenantReport, sequence: int, testimonies: Iterable[Testimony] = ()
) -> tuple[Changed | None, str | None]:
    """The side that was changed at or before `sequence`, and why; (None, None) where nothing tells."""
    ours, theirs = _fails_at(here, sequence), _fails_at(there, sequence)
    if ours is not theirs:
        if ours:
            return Changed.HERE, "it fails its own check there, and the second source does not"
        return Changed.THERE, "it fails its own check there, and this log does not"
    for told in testimonies:
        if told.sequence < sequence:
            continue
        seen = f"event {told.sequence} as it was witnessed on {told.taken_at}"
        fits_here = told.here == told.event_hash and holds(here)
        fits_there = told.there == told.event_hash and holds(there)
        if fits_here and not fits_there:
            return Changed.THERE, f"this log still has {seen}"
        if fits_there and not fits_here:
            return Changed.HERE, f"the second source still has {seen}"
    return None, None


def why_unknown(here: TenantReport, there: TenantReport, sequence: int) -> str:
    """Why nothing tells which side was changed."""
    if _fails_at(here, sequence) and _fails_at(there, sequence):
        return "both fail their own checks there"
    if holds(here) and holds(there):
        return "both fit their own seals and links, and no witness of an event that late decides it"
    return "neither fails its own check there, and no witness of an event that late decides it"


def _fails_at(report: TenantReport, sequence: int) -> bool:
    """Whether a tampering finding of the chain itself is about this event, or about its link to the next."""
    return any(
        finding.severity is Severity.TAMPERED
        and finding.axis is not Axis.WITNESS
        and finding.first_sequence is not None
        and finding.first_sequence - 1 <= sequence <= (finding.last_sequence or finding.first_sequence)
        for finding in report.findings
    )
