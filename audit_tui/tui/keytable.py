"""The table of all keys, made from the declarations: `python -m audit_tui.tui.keytable > docs/keys.md`."""

import sys

from audit_tui.tui.actions import Action, Group, keys_label
from audit_tui.tui.actions.connection import CONNECT
from audit_tui.tui.actions.doctor import DOCTOR
from audit_tui.tui.actions.link import LINK
from audit_tui.tui.actions.resource import RESOURCE
from audit_tui.tui.actions.tenants import TENANTS
from audit_tui.tui.actions.timeline import TIMELINE
from audit_tui.tui.actions.verify import VERIFY

SCREENS: dict[str, tuple[Action, ...]] = {
    "Connect": CONNECT,
    "Tenants": TENANTS,
    "Timeline": TIMELINE,
    "Resource": RESOURCE,
    "Verify": VERIFY,
    "Link view": LINK,
    "Doctor": DOCTOR,
}
"""The actions of every screen that a person can stand on."""


def key_table() -> str:
    """Markdown: what works everywhere and in every list, then each screen's own keys."""
    sections = [("Everywhere", Group.GENERAL), ("In a list", Group.MOVE)]
    parts = ["# Keys", "", "Made from the program's own declarations; `?` shows the same on every screen."]
    for title, group in sections:
        parts += ["", f"## {title}", "", *_rows([a for a in LINK if a.group is group])]
    for title, actions in SCREENS.items():
        parts += ["", f"## {title}", "", *_rows([a for a in actions if a.group is Group.SCREEN])]
    return "\n".join(parts) + "\n"


def _rows(actions: list[Action]) -> list[str]:
    rows = [f"| `{keys_label(action)}` | {action.help} |" for action in actions if action.keys]
    return ["| Key | Does |", "|---|---|", *rows]


if __name__ == "__main__":
    sys.stdout.write(key_table())
