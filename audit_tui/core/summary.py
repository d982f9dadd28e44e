"""One event's change in one line: what a table cell says."""

from audit_tui.core.comparison import diff
from audit_tui.core.contents import ends, erased_parts, is_creation, read_json
from audit_tui.core.edits import edits_of_changes, is_delta
from audit_tui.core.jsontext import Number
from audit_tui.core.model import Event, Part
from audit_tui.core.pointer import display
from audit_tui.core.safe import safe_line
from audit_tui.core.state import Edit, Op
from audit_tui.core.words import ERASED, plural

VALUE_CAP = 40
"""Characters of one value in a summary."""

_REASONS = ("failure_reason", "reason", "error")


def summarise(event: Event) -> str:
    """`role: member → admin, +2 fields`, `created`, `ended`, a failed login's reason, `▒ erased`, or "".

    One line, already safe to draw. Of changes of another shape their text is shown.
    """
    if ends(event):
        return "ended"
    changes = read_json(event.changes)
    if is_delta(changes) and changes:
        return _edits_line(edits_of_changes(changes))
    told = _snapshots_line(event)
    if told:
        return told
    if changes not in (None, {}):
        return safe_line(event.changes or "", VALUE_CAP * 2)
    if erased_parts(event) & {Part.CHANGES, Part.SNAPSHOTS}:
        return f"{ERASED.glyph} {ERASED.word}"
    return _reason(event)


def describe(edit: Edit) -> str:
    """One edit as words: `role: member → admin`, `phone: added 555`, `phone: removed`. Safe to draw."""
    name = safe_line(display(edit.path), VALUE_CAP)
    if edit.op is Op.ADDED:
        return f"{name}: added {brief(edit.new)}"
    if edit.op is Op.REMOVED:
        return f"{name}: removed {brief(edit.old)}"
    if edit.op is Op.MOVED:
        return f"{safe_line(display(edit.from_path or ''), VALUE_CAP)}: moved to {name}"
    return f"{name}: {brief(edit.old)} → {brief(edit.new)}"


def brief(text: str | None, cap: int = VALUE_CAP) -> str:
    """A JSON text as a cell shows it: a string without its quotes, `{3 fields}`, `[2 items]`."""
    value = read_json(text)
    if isinstance(value, str):
        return safe_line(value, cap) or '""'
    if isinstance(value, dict):
        return "{" + plural(len(value), "field") + "}"
    if isinstance(value, list):
        return "[" + plural(len(value), "item") + "]"
    return safe_line(value.text if isinstance(value, Number) else text or "", cap)


def _edits_line(edits: tuple[Edit, ...]) -> str:
    if not edits:
        return ""
    more = len(edits) - 1
    return describe(edits[0]) + (f", +{plural(more, 'field')}" if more else "")


def _snapshots_line(event: Event) -> str:
    before, after = read_json(event.resource_before), read_json(event.resource_after)
    if after is None:
        return ""
    if before is not None:
        return _edits_line(diff(before, after)) or "no change"
    return "created" if is_creation(event) else f"whole state, {brief(event.resource_after)}"


def _reason(event: Event) -> str:
    metadata = read_json(event.metadata)
    if not isinstance(metadata, dict):
        return ""
    found = next((metadata[key] for key in _REASONS if isinstance(metadata.get(key), str)), "")
    return safe_line(found.replace("_", " "), VALUE_CAP * 2)
