"""What can be done while a check runs, and with what it found."""

from audit_tui.tui.actions.common import BACK, GENERAL, MOVES
from audit_tui.tui.actions.model import Action

OWN: tuple[Action, ...] = (
    Action("open", ("enter",), "open", "Open the finding's link view, or the tenant's check", footer=1),
    Action("broken", ("b",), "broken link", "Show the first broken link", footer=2),
    Action("verify", ("v",), "again", "Verify again, from the first event to the head", footer=3),
    Action("next_finding", ("n",), "next", "To the next finding", footer=4),
    Action("previous_finding", ("N",), "previous", "To the finding before"),
    Action("timeline", ("t",), "timeline", "Open the timeline where the strip's cursor stands", footer=5),
    Action("copy", ("y",), "copy", "Copy the finding under the cursor", footer=6),
)

STRIP_MOVES: tuple[Action, ...] = (
    Action("strip_left", ("left", "h"), "left", "Along the strip, towards older events", palette=False),
    Action("strip_right", ("right", "l"), "right", "Along the strip, towards newer events", palette=False),
)

VERIFY: tuple[Action, ...] = (*OWN, *STRIP_MOVES, *MOVES, BACK, *GENERAL)
