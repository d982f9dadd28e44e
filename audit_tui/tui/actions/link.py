"""What can be done in the link view."""

from audit_tui.tui.actions.common import BACK, GENERAL, MOVES
from audit_tui.tui.actions.model import Action

OWN: tuple[Action, ...] = (
    Action("open", ("enter",), "open event", "Open the event under the cursor in the timeline", footer=1),
    Action("next_finding", ("n",), "next finding", "To the tenant's next finding", footer=2),
    Action("previous_finding", ("N",), "previous", "To the finding before"),
    Action("hashes", ("h",), "whole hashes", "Show hashes whole, or their beginning", footer=3),
    Action("copy", ("y",), "copy", "Copy this view as text, with whole hashes", footer=4),
    Action("reload", ("R",), "reload", "Read the events again"),
)

LINK: tuple[Action, ...] = (*OWN, *MOVES, BACK, *GENERAL)
