"""What can be done in the link view."""

from audit_tui.tui.actions.common import BACK, GENERAL, MOVES
from audit_tui.tui.actions.model import Action

OWN: tuple[Action, ...] = (
    Action("open", ("enter",), "open event", "Open the event under the cursor in the timeline", footer=1),
    Action("next_finding", ("n",), "next", "To the tenant's next finding", footer=2),
    Action("previous_finding", ("N",), "previous", "To the finding before"),
    Action("report", ("w",), "report", "Write the finding to files, Markdown and JSON", footer=3),
    Action("evidence", ("x",), "evidence", "Show what the server keeps about the row", footer=4),
    Action("hashes", ("h",), "whole hashes", "Show hashes whole, or their beginning", footer=5),
    Action("copy", ("y",), "copy", "Copy the finding as Markdown, with whole hashes", footer=6),
    Action("reload", ("R",), "reload", "Read the events again"),
)

LINK: tuple[Action, ...] = (*OWN, *MOVES, BACK, *GENERAL)
