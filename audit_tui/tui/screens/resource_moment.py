"""The moment that is typed on the Resource screen: echoed in UTC, refused in place, nothing is lost."""

from typing import TYPE_CHECKING

from audit_tui.core.errors import UsageError
from audit_tui.core.moments import parse_moment
from audit_tui.tui.present.filtering import typed_in
from audit_tui.tui.present.lines import EMPTY, Line
from audit_tui.tui.present.places import MOMENTS, echo_error, echo_moment
from audit_tui.tui.widgets.one_line import OneLine
from audit_tui.tui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from audit_tui.tui.screens.resource import ResourceScreen


class MomentPrompt:
    """Belongs to one Resource screen; draws its answer in the line under what is typed."""

    def __init__(self, screen: "ResourceScreen") -> None:
        self._screen = screen
        self._told: Line = EMPTY

    @property
    def is_asking(self) -> bool:
        return self._screen.query_one(Prompt).is_asking

    def ask(self) -> None:
        self._told = EMPTY
        self._screen.query_one("#life").display = False
        self._screen.query_one(Prompt).ask("moment", "as of", "", MOMENTS)
        self._redraw()

    def close(self) -> None:
        """Back to the list, as it was."""
        self._screen.query_one(Prompt).close()
        self._screen.query_one("#life").display = True
        self._screen.set_focus(self._screen.rows)
        self._redraw()

    def echo(self, width: int) -> Line:
        """The line under the prompt."""
        audit = self._screen.audit
        text = self._screen.query_one(Prompt).text
        return self._told or echo_moment(text, audit.now_us(), audit.zone, width)

    def edited(self) -> None:
        """What was said about the text before no longer holds."""
        self._told = EMPTY
        self._redraw()

    def submitted(self, text: str) -> None:
        """Goes there, or says why not."""
        now, zone = self._screen.audit.now_us(), self._screen.audit.zone
        if not text.strip():
            self.close()
            return
        try:
            at_us = parse_moment(text, now, typed_in(zone, now))
        except UsageError as error:
            self._told = echo_error(error, self._screen.size.width)
            self._redraw()
            return
        self.close()
        self._screen.life.go_to_moment(at_us)

    def _redraw(self) -> None:
        self._screen.query_one("#heading", OneLine).refresh()
