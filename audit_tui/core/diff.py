"""Everything about differences under one name: two values, an event's own `changes`, one line of words.

`comparison` finds edits, `edits` reads and applies them, `summary` tells them.
"""

from audit_tui.core.comparison import MAX_EDITS, diff
from audit_tui.core.edits import apply_edits, edits_of_changes, is_delta
from audit_tui.core.summary import brief, describe, summarise

__all__ = [
    "MAX_EDITS",
    "apply_edits",
    "brief",
    "describe",
    "diff",
    "edits_of_changes",
    "is_delta",
    "summarise",
]
