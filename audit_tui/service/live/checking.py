"""Looks at each event as it is read, so that whatever a screen shows has been checked."""

from audit_tui.core.coverage import Coverage
from audit_tui.core.judging import judge_content
from audit_tui.core.model import V1_UNCOVERED_COLUMNS, CheckedEvent, EventCheck, State
from audit_tui.core.seal import erased_parts, is_hash
from audit_tui.store.events import Placed


def check_placed(
    placed: Placed, coverage: Coverage | None, likely_offset: int = 0, encoding: str = "utf-8"
) -> CheckedEvent:
    """The event with its content and its link to the row before it judged.

    An event whose text is not valid cannot be hashed: its content is inconclusive.
    `coverage` is needed only where the event is erased (None: not looked at, so `covered` stays None).
    """
    try:
        return _check(placed, coverage, likely_offset, encoding)
    except UnicodeEncodeError:
        return CheckedEvent(placed.event, EventCheck(State.INCONCLUSIVE, State.NOT_RUN, None))


def _check(placed: Placed, coverage: Coverage | None, likely_offset: int, encoding: str) -> CheckedEvent:
    event = placed.event
    judged = judge_content(event, placed.before, (likely_offset,) if likely_offset else (), encoding)
    recorded = erased_parts(event) or {}
    covered = None
    if recorded and coverage is not None:
        covered = None if coverage.undecided(event) else not coverage.offending(event)
    version_1 = event.hash_version == 1
    check = EventCheck(
        content=State.FAILED if judged.tampered else State.OK,
        link=_judge_link(placed),
        expected_hash=judged.expected_hash,
        zone_offset_seconds=judged.offset if version_1 else None,
        erased=tuple(recorded),
        covered=covered,
        uncovered_columns=V1_UNCOVERED_COLUMNS if version_1 else (),
    )
    return CheckedEvent(event, check)


def _judge_link(placed: Placed) -> State:
    event, before = placed.event, placed.before
    sequence = event.sequence_number or 0
    if before is None:
        genuine = sequence == 1 and event.previous_hash is None
        return State.OK if genuine else State.NOT_RUN
    if sequence != (before.sequence_number or 0) + 1 or not is_hash(before.event_hash):
        return State.NOT_RUN
    return State.OK if event.previous_hash == before.event_hash else State.FAILED
