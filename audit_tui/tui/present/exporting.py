"""What is said when something was copied or written."""

from pathlib import Path

from audit_tui.core.errors import AuditError
from audit_tui.core.safe import safe_line
from audit_tui.core.words import INTACT
from audit_tui.tui.present.failure import failure_line
from audit_tui.tui.present.lines import Line, Span, cells, fit, line, mark

COPIED = "Copied the finding as Markdown, with the command that repeats the check."


def written_line(markdown: Path, width: int) -> Line:
    """`✓ Written: /cases/12/audit-tui-….md and .json`; a long path loses its beginning, never the name."""
    start, end = line(" ", mark(INTACT), " Written: "), " and .json"
    path = safe_line(str(markdown), 1000)
    room = max(12, width - cells(start) - len(end) - 1)
    shown = path if cells(line(path)) <= room else "…" + fit(path[::-1], room - 1).rstrip("… ")[::-1]
    return line(start, Span(shown, "strong"), end)


def failed_line(error: AuditError) -> Line:
    """Why nothing was written."""
    return failure_line(error)
