"""One declaration per action feeds key bindings, footer, command palette and help screen.

A screen names its actions (`ACTIONS`), its key bindings are made by `bindings.bindings(ACTIONS)`. Each
screen's own are in the module of its name here.
"""

from audit_tui.tui.actions.common import BACK, COMMANDS, GENERAL, HELP, MOVES, QUIT, RECONNECT, THEME, ZONE
from audit_tui.tui.actions.model import (
    FOOTER_MOST,
    Action,
    Group,
    find,
    footer_actions,
    key_label,
    keys_label,
)

__all__ = [
    "BACK",
    "COMMANDS",
    "FOOTER_MOST",
    "GENERAL",
    "HELP",
    "MOVES",
    "QUIT",
    "RECONNECT",
    "THEME",
    "ZONE",
    "Action",
    "Group",
    "find",
    "footer_actions",
    "key_label",
    "keys_label",
]
