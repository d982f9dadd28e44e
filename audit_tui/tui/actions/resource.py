"""What can be done on the Resource screen."""

from audit_tui.tui.actions.common import BACK, GENERAL, MOVES
from audit_tui.tui.actions.model import Action

OWN: tuple[Action, ...] = (
    Action("earlier", ("left", "h"), "earlier", "To the event before, and the state it left", footer=1),
    Action("later", ("right", "l"), "later", "To the event after, and the state it left", footer=2),
    Action("moment", ("t",), "moment", "Show the state at a moment that you type", footer=4),
    Action("next_change", ("n",), "next change", "To the next event that changed something", footer=3),
    Action("previous_change", ("N",), "previous", "To the event before that changed something"),
    Action("open", ("enter",), "event", "Show this event in the timeline", footer=5),
    Action("next_pane", ("tab",), "state", "To the state, to the change, to the events", footer=6),
    Action("previous_pane", ("shift+tab",), "back", "The other way round"),
    Action("whole", ("w",), "whole", "Show long values whole, or cut again"),
    Action("copy", ("y",), "copy", "Copy the state as JSON"),
    Action("reload", ("R",), "reload", "Read the newest events"),
)

RESOURCE: tuple[Action, ...] = (*OWN, BACK, *MOVES, *GENERAL)
