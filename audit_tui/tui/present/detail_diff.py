"""The Diff and Before/After tabs: what changed, path by path, and the two snapshots next to each other."""

from difflib import SequenceMatcher

from audit_tui.core.diff import diff, edits_of_changes, is_delta
from audit_tui.core.jsontext import load, pretty
from audit_tui.core.model import CheckedEvent, Event, Part
from audit_tui.core.pointer import display
from audit_tui.core.safe import safe, safe_line
from audit_tui.core.state import Edit, JsonValue, Op
from audit_tui.core.words import ERASED
from audit_tui.tui.present.lines import EMPTY, Line, Span, cells, fit, line
from audit_tui.tui.present.spans import VALUE_LIMIT, fit_line, fold

SIGNS: dict[Op, tuple[str, str]] = {
    Op.ADDED: ("+", "added"),
    Op.REMOVED: ("-", "removed"),
    Op.CHANGED: ("~", "changed"),
    Op.MOVED: (">", "changed"),
}
SIDE_BY_SIDE = 100
"""From this width on two snapshots stand next to each other."""
ALIGNED_AT_MOST = 3000
"""Lines of a snapshot that are aligned with the other; longer ones would take seconds."""
PATH = 34


def diff_lines(checked: CheckedEvent, width: int, limit: int = VALUE_LIMIT) -> list[Line]:
    """The edits that the event claims (`changes`), and those between its two snapshots."""
    event = checked.event
    claimed = _edits_of(event.changes)
    seen = _snapshot_edits(event)
    lines: list[Line] = []
    if claimed is not None and claimed == seen:
        lines += _section("changes, and the two snapshots agree", claimed, width, limit)
    else:
        if event.changes is not None:
            lines += _changes_section(event.changes, claimed, width, limit)
        if seen is not None:
            lines += _section(_snapshot_title(event), seen, width, limit, blank=bool(lines))
    lines += _erased_lines(checked, (Part.CHANGES, Part.SNAPSHOTS))
    return lines or [line(" ", Span("This event records no change of its resource.", "muted"))]


def edit_lines(edit: Edit, width: int, limit: int = VALUE_LIMIT, path_width: int = PATH) -> list[Line]:
    """One edit: on one line where it fits, else the old and the new value under the path."""
    sign, role = SIGNS[edit.op]
    path = safe_line(display(edit.path), 400)
    head = line(" ", Span(sign, role), " ", Span(fit(path, path_width), "strong"), " ")
    if edit.op is Op.MOVED:
        came = safe_line(display(edit.from_path or ""), 400)
        return list(fold((*head, Span(f"moved from {came}", "muted")), width, 4))
    old = None if edit.old is None else safe(edit.old, limit)
    new = None if edit.new is None else safe(edit.new, limit)
    values = _values(old, new)
    whole = (*head, *values)
    if cells(whole) <= width and len(path) <= path_width:
        return [whole]
    lines = list(fold(line(" ", Span(sign, role), " ", Span(path, "strong")), width, 4))
    for text, value_role, value_sign in ((old, "removed", "-"), (new, "added", "+")):
        if text is not None:
            lines += fold(line("   ", Span(f"{value_sign} ", value_role), Span(text, value_role)), width, 5)
    return lines


def _values(old: str | None, new: str | None) -> Line:
    if old is None:
        return (Span(new or "", "added"),)
    if new is None:
        return (Span(old, "removed"),)
    return (Span(old, "removed"), Span(" → ", "muted"), Span(new, "added"))


def _section(
    title: str, edits: tuple[Edit, ...], width: int, limit: int, *, blank: bool = False
) -> list[Line]:
    lines: list[Line] = [EMPTY] if blank else []
    lines.append(line(" ", Span(title, "muted")))
    widest = max((cells((Span(display(edit.path)),)) for edit in edits), default=0)
    for edit in edits:
        lines += edit_lines(edit, width, limit, min(PATH, max(widest, 4)))
    if not edits:
        lines.append(line("   ", Span("no difference", "muted")))
    return lines


def _changes_section(changes: str, claimed: tuple[Edit, ...] | None, width: int, limit: int) -> list[Line]:
    if claimed:
        return _section("as the event says (changes)", claimed, width, limit)
    words = "changes, not of the shape {field: {old, new}}: shown as it stands"
    return [line(" ", Span(words, "muted")), *_json_lines(changes, width, limit)]


def _edits_of(changes: str | None) -> tuple[Edit, ...] | None:
    if changes is None:
        return None
    try:
        told = load(changes)
    except ValueError:
        return None
    return edits_of_changes(told) if is_delta(told) else None


def _snapshot_edits(event: Event) -> tuple[Edit, ...] | None:
    if event.resource_before is None and event.resource_after is None:
        return None
    try:
        before, after = _sides(event)
        return diff(before, after)
    except ValueError:
        return None


def _sides(event: Event) -> tuple[JsonValue, JsonValue]:
    """Both snapshots; against nothing at all, every field of the only one was added or removed."""
    before = None if event.resource_before is None else load(event.resource_before)
    after = None if event.resource_after is None else load(event.resource_after)
    if isinstance(after, dict) and before is None:
        return {}, after
    return (before, {}) if isinstance(before, dict) and after is None else (before, after)


def _snapshot_title(event: Event) -> str:
    if event.resource_before in {None, "null"}:
        return "a whole snapshot; none before it to compare with"
    if event.resource_after in {None, "null"}:
        return "the last snapshot; none after it"
    return "between the two snapshots"


def _erased_lines(checked: CheckedEvent, parts: tuple[Part, ...]) -> list[Line]:
    return [
        line(" ", Span(f"{ERASED.glyph} {part.value} erased", ERASED.role))
        for part in parts
        if part in checked.check.erased
    ]


def snapshot_lines(checked: CheckedEvent, width: int, limit: int = VALUE_LIMIT) -> list[Line]:
    """Both snapshots as indented JSON: side by side with changed lines marked, stacked where narrow."""
    event = checked.event
    if event.resource_before is None and event.resource_after is None:
        erased = _erased_lines(checked, (Part.SNAPSHOTS,))
        return erased or [line(" ", Span("This event holds no snapshot of its resource.", "muted"))]
    if width < SIDE_BY_SIDE:
        return [
            line(" ", Span("before", "heading")),
            *_one_snapshot(event.resource_before, width, limit),
            EMPTY,
            line(" ", Span("after", "heading")),
            *_one_snapshot(event.resource_after, width, limit),
        ]
    half = (width - 3) // 2
    title = line(" ", Span(fit("before", half), "heading"), " ", Span("after", "heading"))
    return [title, *_beside(event.resource_before, event.resource_after, half, limit)]


def _one_snapshot(text: str | None, width: int, limit: int) -> list[Line]:
    return [line("   ", Span("NULL", "muted"))] if text is None else _json_lines(text, width, limit)


def _json_lines(text: str, width: int, limit: int) -> list[Line]:
    lines: list[Line] = []
    for row in _pretty(text, limit):
        lines += fold(line("   ", row), width, 5)
    return lines


def _pretty(text: str, limit: int) -> list[str]:
    """The server's text indented (numbers as printed), or as it stands where it is no JSON."""
    try:
        shown = pretty(load(text))
    except ValueError:
        shown = text
    return safe(shown, limit).split("\n")


def _beside(before: str | None, after: str | None, half: int, limit: int) -> list[Line]:
    left = ["NULL"] if before is None else _pretty(before, limit)
    right = ["NULL"] if after is None else _pretty(after, limit)
    lines: list[Line] = []
    for olds, news, same in _blocks(left, right):
        old_rows = _column(olds, half, "" if same else "removed")
        new_rows = _column(news, half, "" if same else "added")
        for number in range(max(len(old_rows), len(new_rows))):
            old = old_rows[number] if number < len(old_rows) else (Span(" " * half),)
            new = new_rows[number] if number < len(new_rows) else ()
            lines.append((Span(" "), *fit_line(old, half), Span(" "), *new))
    return lines


def _blocks(left: list[str], right: list[str]) -> list[tuple[list[str], list[str], bool]]:
    if max(len(left), len(right)) > ALIGNED_AT_MOST:
        return [(left, right, True)]
    # A comma after an item that is no longer the last is no change of that item.
    matcher = SequenceMatcher(
        None, [row.rstrip(",") for row in left], [row.rstrip(",") for row in right], autojunk=False
    )
    return [(left[a:b], right[c:d], tag == "equal") for tag, a, b, c, d in matcher.get_opcodes()]


def _column(rows: list[str], width: int, role: str) -> list[Line]:
    return [folded for row in rows for folded in fold((Span(row, role),), width, 2)]
