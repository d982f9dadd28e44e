"""An action is declared once: its keys, its word in the footer, its line of help. All else is made of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """The headings of the help screen, in this order."""

    SCREEN = "On this screen"
    MOVE = "Moving"
    GENERAL = "Everywhere"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do on a screen.

    `id` names the method `action_<id>` of the screen (or of the focused list, for movement). `label` is
    the footer's word, `help` the sentence of the help screen and the palette. `footer` is the place in the
    footer (0: not there; the smallest stay longest when it is narrow). `capability` names what the role must
    be allowed to do; where it is not, the action is greyed and says why.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    group: Group = Group.SCREEN
    footer: int = 0
    palette: bool = True
    capability: str | None = None


FOOTER_MOST = 8

_SHOWN = {
    "escape": "esc",
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "shift+tab": "shift+tab",
}


def key_label(key: str) -> str:
    """A key as people read it: `esc`, `ctrl+p`, `↑`."""
    return _SHOWN.get(key, key)


def keys_label(action: Action) -> str:
    """All keys of an action: `↑ k`."""
    return " ".join(key_label(key) for key in action.keys)


def footer_actions(actions: Iterable[Action]) -> tuple[Action, ...]:
    """The actions of the footer in their order, at most eight."""
    shown = sorted((a for a in actions if a.footer), key=lambda action: action.footer)
    return tuple(shown[:FOOTER_MOST])


def find(actions: Sequence[Action], action_id: str) -> Action:
    """The action of that id. KeyError where the screen has none."""
    for action in actions:
        if action.id == action_id:
            return action
    raise KeyError(action_id)
