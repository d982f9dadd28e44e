"""Key bindings made from action declarations; nothing else in the TUI writes a key."""

from collections.abc import Iterable

from textual.binding import Binding, BindingType

from audit_tui.tui.actions import Action, Group


def bindings(actions: Iterable[Action]) -> list[BindingType]:
    """One Textual binding per key. They never show in a stock Footer: ours is drawn from the actions."""
    return [Binding(key, action.id, action.label, show=False) for action in actions for key in action.keys]


def screen_bindings(actions: Iterable[Action]) -> list[BindingType]:
    """Bindings of a screen: all but movement, which belongs to the list that has the focus."""
    return bindings(action for action in actions if action.group is not Group.MOVE)
