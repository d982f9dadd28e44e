"""What can be done on the Timeline."""

from audit_tui.tui.actions.common import BACK, GENERAL, MOVES
from audit_tui.tui.actions.model import Action, Group

OWN: tuple[Action, ...] = (
    Action("open", ("enter",), "open", "Show the event over the whole screen, and back", footer=1),
    Action("filter", ("/",), "filter", "Filter by type, actor, resource, address, time or text", footer=2),
    Action("go_to", ("t",), "go to", "Go to a sequence or a moment", footer=3),
    Action("next_tab", ("tab", "right", "l"), "next tab", "To the next tab of the detail", footer=4),
    Action("previous_tab", ("shift+tab", "left", "h"), "previous tab", "To the tab before"),
    Action("resource", ("r",), "resource", "Show the history of this event's resource", footer=5),
    Action("next_finding", ("n",), "finding", "To the next finding of the last verification", footer=6),
    Action("previous_finding", ("N",), "previous", "To the finding before"),
    Action("verify", ("v",), "verify", "Verify this tenant, from its first event to its head"),
    Action("less", ("u",), "drop", "Drop the last condition of the filter"),
    Action("tab_event", ("1",), "event", "Every column, and what the seal says of it"),
    Action("tab_diff", ("2",), "diff", "What the event changed, path by path"),
    Action("tab_snapshots", ("3",), "before/after", "The two snapshots next to each other"),
    Action("tab_seal", ("4",), "seal", "How the hash is made, and what came out"),
    Action("whole", ("w",), "whole", "Show long values whole, or cut again"),
    Action("copy", ("y",), "copy", "Copy the event as JSON; on Seal, the command that checks it"),
    Action("reload", ("R",), "reload", "Read the newest events"),
)

TIMELINE: tuple[Action, ...] = (*OWN, BACK, *MOVES, *GENERAL)

ASK: tuple[Action, ...] = (
    Action("accept", ("enter",), "go", "Go there", Group.SCREEN, footer=1),
    Action("leave", ("escape",), "cancel", "Stay where you are", Group.SCREEN, footer=2),
)
"""The line in which a sequence or a moment is typed."""
