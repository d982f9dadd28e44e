"""What can be done with an examination of the log's protection."""

from audit_tui.tui.actions.common import BACK, GENERAL, MOVES
from audit_tui.tui.actions.model import Action

OWN: tuple[Action, ...] = (
    Action("next_finding", ("n",), "next hole", "To the next hole", footer=1),
    Action("previous_finding", ("N",), "previous", "To the hole before"),
    Action("copy", ("y", "enter"), "copy remedy", "Copy the remedy; nothing here runs it", footer=2),
    Action("everything", ("a",), "all checks", "Show every check, or only what needs a look", footer=3),
    Action("reload", ("R",), "again", "Examine again", footer=4),
)

DOCTOR: tuple[Action, ...] = (*OWN, *MOVES, BACK, *GENERAL)
