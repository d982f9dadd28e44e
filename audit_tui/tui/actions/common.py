"""Actions that every screen shares: movement in a list, and what works everywhere."""

from audit_tui.tui.actions.model import Action, Group

MOVES: tuple[Action, ...] = (
    Action("cursor_up", ("up", "k"), "up", "One line up", Group.MOVE, palette=False),
    Action("cursor_down", ("down", "j"), "down", "One line down", Group.MOVE, palette=False),
    Action("page_up", ("pageup", "ctrl+b"), "page up", "One screen up", Group.MOVE, palette=False),
    Action("page_down", ("pagedown", "ctrl+f"), "page down", "One screen down", Group.MOVE, palette=False),
    Action("cursor_first", ("home", "g"), "first", "To the first line", Group.MOVE, palette=False),
    Action("cursor_last", ("end", "G"), "last", "To the last line", Group.MOVE, palette=False),
)
"""What a list of rows (`widgets.rows.Rows`) answers to."""

HELP = Action("help", ("?", "f1"), "keys", "Show every key of this screen", Group.GENERAL, footer=80)
COMMANDS = Action(
    "commands",
    ("ctrl+p", ":"),
    "commands",
    "Find any command by name",
    Group.GENERAL,
    footer=81,
    palette=False,
)
BACK = Action(
    "back", ("escape",), "back", "Back to the screen before, as you left it", Group.GENERAL, footer=79
)
ZONE = Action("zone", ("z",), "zone", "Show times in UTC or in local time", Group.GENERAL)
RECONNECT = Action("reconnect", ("ctrl+r",), "reconnect", "Connect to the database again", Group.GENERAL)
THEME = Action("theme", (), "theme", "Choose other colours", Group.GENERAL)
ABOUT = Action("about", ("i",), "connection", "Who is connected, to what, with which rights", Group.GENERAL)
QUIT = Action("quit", ("q", "ctrl+q", "ctrl+c"), "quit", "Leave audit-tui", Group.GENERAL)

GENERAL: tuple[Action, ...] = (HELP, COMMANDS, ABOUT, ZONE, RECONNECT, THEME, QUIT)
"""On every screen. BACK is added by all but the first."""
