"""What can be done on the Tenants screen."""

from audit_tui.tui.actions.common import GENERAL, MOVES
from audit_tui.tui.actions.model import Action

OWN: tuple[Action, ...] = (
    Action("open", ("enter", "l", "right"), "open", "Open this tenant's timeline", footer=1),
    Action("verify", ("v",), "verify", "Verify this tenant, from its first event to its head", footer=2),
    Action("verify_all", ("V",), "verify all", "Verify every tenant", footer=5),
    Action("broken", ("b",), "broken link", "Show the broken link of this tenant, or of the first", footer=3),
    Action("filter", ("/",), "filter", "Show only tenants whose name holds a text", footer=4),
    Action("next_finding", ("n",), "next", "To the next tenant that is not intact", footer=6),
    Action("previous_finding", ("N",), "previous", "To the tenant before that is not intact"),
    Action("doctor", ("d",), "doctor", "Examine the log's protection: triggers, grants, roles", footer=7),
    Action("copy", ("y",), "copy", "Copy the tenant's name and verdict"),
    Action("reload", ("R",), "reload", "Read the list of tenants again"),
    Action("clear", ("escape",), "back", "Drop the filter; stop a check that runs"),
)

TENANTS: tuple[Action, ...] = (*OWN, *MOVES, *GENERAL)
