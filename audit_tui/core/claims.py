"""The sentence that a verdict stands for, and what it does not stand for: others will quote both."""

from collections.abc import Mapping

from audit_tui.core.checked import Checked
from audit_tui.core.findings import SEVERITY, Axis, AxisResult, Severity, Verdict
from audit_tui.core.model import GUIDE_COLUMNS, V1_SEALED_COLUMNS, V1_UNCOVERED_COLUMNS, State
from audit_tui.core.words import plural


def write_claim(checked: Checked, verdict: Verdict) -> str:
    """One sentence: which columns of which events, as of when, against which witness."""
    if not checked.events:
        return f"Tenant {checked.tenant_id} has no events as of {checked.checked_at}; {checked.witness_note}."
    columns = (
        f"{len(V1_SEALED_COLUMNS)} of {len(GUIDE_COLUMNS)} columns in version 1 events and every column "
        "but id in version 2 events"
        if checked.version_1
        else "Every column but id"
    )
    since = checked.since
    begins = since.sequence if since is not None else checked.first_sequence or 1
    start = f" from sequence {begins}" if begins > 1 else ""
    read = checked.events - (since.events if since is not None else 0)
    suspicious = sum(n for k, n in checked.counts.items() if SEVERITY[k] is Severity.SUSPICIOUS)
    parts = [
        f"{columns} of {read:,} events{start} through sequence {checked.last_sequence} "
        f"{'was' if columns.startswith('Every') else 'were'} hashed again and each link compared",
        f"as of {checked.checked_at}",
        checked.witness_note,
    ]
    if since is not None:
        parts.append(
            f"the {since.events:,} before them were proven on {since.full_at} and not read again, "
            "except where a later erasure names them"
        )
    if checked.boundary is not None:
        parts.append(f"events up to {checked.boundary.last_sequence} were archived with a sealed boundary")
    if checked.erased_events:
        parts.append(f"{checked.erased_events:,} events were erased in part with authority")
    if checked.unread:
        parts.append(f"{plural(checked.unread, 'event')} could not be read and are not among these")
    if checked.cut_off is not None:
        parts.append(f"cut off: {checked.cut_off}")
    word = f"intact, {suspicious} suspicious" if verdict is Verdict.INTACT and suspicious else str(verdict)
    return f"{word.capitalize()}: {'; '.join(parts)}."


def list_not_claimed(checked: Checked, axes: Mapping[Axis, AxisResult]) -> tuple[str, ...]:
    """What nobody may conclude from the verdict, one plain sentence each."""
    last = checked.last_sequence
    told = ["Whether what was logged was true: only whether it is still what was logged."]
    if last is not None:
        told.append("Anything about events that were logged after the check began.")
    told.append("The column id, which no seal covers.")
    if checked.version_1:
        told.append(
            f"{len(V1_UNCOVERED_COLUMNS)} columns of version 1 events, which lie outside their hash: "
            f"{', '.join(V1_UNCOVERED_COLUMNS)}."
        )
    if checked.since is not None:
        told.append(
            f"That events before {checked.since.sequence} are as they were on {checked.since.full_at}: "
            "only a full check can say so."
        )
    if axes[Axis.WITNESS].state is State.NOT_RUN:
        told.append(
            "That nobody rewrote the whole chain, or cut its end, before this check: "
            "no earlier head is known."
        )
    if checked.boundary is not None:
        told.append(f"What the events up to {checked.boundary.last_sequence} hold: they are in an archive.")
    if checked.erased_events:
        told.append("What the erased parts said.")
    told += [
        f"{str(axis).capitalize()} was not checked: {result.reason}."
        for axis, result in axes.items()
        if result.state is State.NOT_RUN and axis is not Axis.WITNESS
    ]
    return tuple(told)
