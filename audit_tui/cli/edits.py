"""What an event changed, path by path, as lines of text and as JSON."""

from collections.abc import Iterable
from typing import Any

from rich.text import Text

from audit_tui.cli.jsonout import embed
from audit_tui.cli.paper import STYLES, role
from audit_tui.core import pointer
from audit_tui.core.contents import read_json
from audit_tui.core.diff import diff
from audit_tui.core.edits import edits_of_changes, is_delta
from audit_tui.core.model import Event
from audit_tui.core.state import Edit, Op

SIGNS: dict[Op, str] = {Op.ADDED: "+", Op.REMOVED: "-", Op.CHANGED: "~", Op.MOVED: ">"}
_STYLES: dict[Op, str] = {Op.ADDED: "green", Op.REMOVED: "red", Op.CHANGED: "yellow", Op.MOVED: "cyan"}
_VALUE_LIMIT = 300


def edits_of(event: Event) -> tuple[Edit, ...]:
    """The event's own account: its `changes`, else the difference of its snapshots; () where it has none."""
    changes = read_json(event.changes)
    if is_delta(changes) and changes:
        return edits_of_changes(changes)
    before, after = read_json(event.resource_before), read_json(event.resource_after)
    return () if before is None or after is None else diff(before, after)


def edit_fields(edits: Iterable[Edit]) -> list[dict[str, Any]]:
    """Edits for a document: `path` is a JSON pointer, `old` and `new` are JSON values."""
    return [
        {
            "op": str(edit.op),
            "path": edit.path,
            "old": embed(edit.old),
            "new": embed(edit.new),
            "from_path": edit.from_path,
        }
        for edit in edits
    ]


def edit_lines(edits: Iterable[Edit]) -> list[Text]:
    """One line per edit, without a sign's colour being the only sign: `~ role: "member" → "admin"`."""
    return [_line(edit) for edit in edits]


def _line(edit: Edit) -> Text:
    head = Text.assemble(
        Text(SIGNS[edit.op], style=_STYLES[edit.op]),
        " ",
        role(pointer.display(edit.path)),
    )
    if edit.op is Op.MOVED:
        return Text.assemble(head, Text(" moved from ", style=STYLES["muted"]), role(edit.from_path or ""))
    old = None if edit.old is None else role(edit.old, limit=_VALUE_LIMIT)
    new = None if edit.new is None else role(edit.new, limit=_VALUE_LIMIT)
    if old is not None and new is not None:
        return Text.assemble(head, ": ", old, " → ", new)
    return Text.assemble(head, ": ", old if new is None and old is not None else new or Text("–"))
