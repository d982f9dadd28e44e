"""What can be done while a check runs, and with what it found."""

from audit_tui.tui.actions.common import BACK, GENERAL, MOVES
from audit_tui.tui.actions.model import Action

OWN: tuple[Action, ...] = (
    Action("open", ("enter",), "open", "Open the finding, or the cell of the strip", footer=1),
    Action("next_finding", ("n",), "next", "To the next finding", footer=2),
    Action("previous_finding", ("N",), "previous", "To the finding before"),
    Action("severity", ("f",), "filter", "List what is tampered, suspicious, a notice; or all", footer=3),
    Action("grouping", ("s",), "stories", "Findings under the story of their cause, or each alone", footer=4),
    Action("report", ("w",), "report", "Write the finding to files, Markdown and JSON", footer=5),
    Action("copy", ("y",), "copy", "Copy the finding as Markdown"),
    Action("broken", ("b",), "broken link", "Show the first broken link"),
    Action("timeline", ("t",), "timeline", "Open the timeline where the cursor stands"),
    Action("verify", ("v",), "again", "Verify again, from the first event to the head", footer=6),
    Action("go_on", ("r",), "go on", "Go on where the check stopped; after a whole one, check what is new"),
    Action("stop", ("c",), "stop", "Stop the check that runs; what is proven stays"),
)

STRIP_MOVES: tuple[Action, ...] = (
    Action("strip_left", ("left", "h"), "left", "Along the strip, towards older events", palette=False),
    Action("strip_right", ("right", "l"), "right", "Along the strip, towards newer events", palette=False),
)

VERIFY: tuple[Action, ...] = (*OWN, *STRIP_MOVES, *MOVES, BACK, *GENERAL)
