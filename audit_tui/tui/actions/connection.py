"""Actions while there is no connection: on the screen that connects, and in the offer to reconnect."""

from audit_tui.tui.actions.common import BACK, GENERAL
from audit_tui.tui.actions.model import Action

RETRY = Action("retry", ("enter", "r"), "try again", "Try to connect again", footer=1)
CONNECT: tuple[Action, ...] = (RETRY, *(a for a in GENERAL if a.id not in {"about", "reconnect"}))

AGAIN = Action("again", ("enter", "r"), "reconnect", "Connect to the same database again", footer=1)
STAY = Action("stay", ("escape", "q"), "stay here", "Stay: what is on screen was read before", footer=2)
LOST: tuple[Action, ...] = (AGAIN, STAY)

HELP_SCREEN: tuple[Action, ...] = (
    BACK,
    *(a for a in GENERAL if a.id not in {"help", "about", "zone", "reconnect"}),
)
ABOUT_SCREEN: tuple[Action, ...] = (BACK, *(a for a in GENERAL if a.id != "about"))
