"""What one event's check amounts to: the glyph before it, and what is true of each of its columns."""

from audit_tui.core.model import (
    PART_COLUMNS,
    V1_SEALED_COLUMNS,
    CheckedEvent,
    Part,
    State,
)
from audit_tui.core.words import ERASED, INCONCLUSIVE, LOADING, NOT_RUN, TAMPERED, Mark, mark_of_check
from audit_tui.tui.present.slots import Slot, SlotKind

PART_OF_COLUMN: dict[str, Part] = {
    column: part for part, columns in PART_COLUMNS.items() for column in columns
}
SEALED = Mark("✓", "sealed", "success")
BROKEN_SEAL = Mark("✗", "broken seal", "error")
DOUBTED = Mark("?", "not proven", "warning")
NO_SEAL = Mark("○", "not covered", "muted-italic")
ITSELF = Mark(" ", "the seal itself", "muted")


def mark_of_slot(slot: Slot) -> Mark:
    """The glyph of a line, missing and doubled sequences included."""
    if slot.kind is SlotKind.MISSING or len(slot.events) > 1 or slot.gap_before:
        return TAMPERED
    if slot.kind is SlotKind.UNREAD:
        return INCONCLUSIVE
    if slot.checked is None:
        return LOADING
    return mark_of_check(slot.checked.check)


def mark_of_column(checked: CheckedEvent, column: str) -> Mark:
    """Whether one column's value is under the seal, outside it, or erased."""
    event, check = checked.event, checked.check
    if column in {"event_hash", "part_salts", "erased_parts", "hash_version"}:
        return ITSELF
    if column == "id":
        return NO_SEAL
    if PART_OF_COLUMN.get(column) in check.erased:
        return ERASED if check.covered is not False else BROKEN_SEAL
    if column in check.uncovered_columns or (event.hash_version == 1 and column not in V1_SEALED_COLUMNS):
        return NO_SEAL
    if check.content is State.OK:
        return SEALED
    # Of a seal that does not fit, nobody can tell by which column: any of them may be the edited one.
    return DOUBTED if check.content in {State.FAILED, State.INCONCLUSIVE} else NOT_RUN
