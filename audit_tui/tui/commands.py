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
"""What is shown and searched, a short name that is searched too, and what it does."""


class ActionCommands(Provider):
    """The other databases of the session, then every action of the screen below."""

    def _commands(self) -> Iterator[Command]:
        app, screen = cast("AuditApp", self.app), self.screen
        for target in app.targets:
            if len(app.targets) > 1:
                yield f"Switch database: {safe_line(target.name, 80)}", "", partial(app.switch_to, target)
        if isinstance(screen, BaseScreen):
            for action in screen.ACTIONS:
                if action.palette:
                    yield title(screen, action), action.label, partial(_run, screen, action)

    async def discover(self) -> Hits:
        for text, _, run in self._commands():
            yield DiscoveryHit(Content(text), run, text=text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for text, name, run in self._commands():
            score = max(matcher.match(text), matcher.match(name))
            if score > 0:
                yield Hit(score, Content(text), run, text=text)


def title(screen: BaseScreen, action: Action) -> str:
    """`Verify every tenant   V`, and why not where the role may not."""
    reason = screen.why_not(action)
    keys = f"   {keys_label(action)}" if action.keys else ""
    return f"{action.help}{keys}" if reason is None else f"{action.help}   (not now: {safe_line(reason, 80)})"


async def _run(screen: BaseScreen, action: Action) -> None:
    await screen.run_action(action.id)
