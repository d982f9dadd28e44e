"""The command palette: the same declarations as keys and help, and the databases of this session."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from audit_tui.core.safe import safe_line
from audit_tui.tui.actions import Action, keys_label
from audit_tui.tui.app import AuditApp
from audit_tui.tui.screens.base import BaseScreen

Command = tuple[str, str, Callable[[], object]]
"""What is shown and searched, its help, what it does."""


class ActionCommands(Provider):
    """Every action of the screen below, and `Switch database: NAME` for each target."""

    def _commands(self) -> Iterator[Command]:
        screen = self.screen
        if isinstance(screen, BaseScreen):
            for action in screen.ACTIONS:
                if action.palette:
                    yield _title(action), _help(screen, action), partial(_run, screen, action)
        app = cast("AuditApp", self.app)
        for target in app.targets:
            name = safe_line(target.name, 80)
            yield f"Switch database: {name}", "Open this database instead", partial(app.switch_to, target)

    async def discover(self) -> Hits:
        for title, text, run in self._commands():
            yield DiscoveryHit(Content(title), run, text=title, help=text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, text, run in self._commands():
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, Content(title), run, text=title, help=text)


def _title(action: Action) -> str:
    """`Verify this tenant   v`."""
    return f"{action.help}   {keys_label(action)}" if action.keys else action.help


def _help(screen: BaseScreen, action: Action) -> str:
    return screen.why_not(action) or action.label


async def _run(screen: BaseScreen, action: Action) -> None:
    await screen.run_action(action.id)
