"""What every screen has: breadcrumb, the answer, the fixed line of progress, the footer, and the way back."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.timer import Timer

from audit_tui.core.errors import AuditError, ConnectionLostError
from audit_tui.core.safe import safe_line
from audit_tui.service.api import AuditService
from audit_tui.tui.actions import GENERAL, Action, find
from audit_tui.tui.present.failure import failure_line
from audit_tui.tui.present.header import footer, header, hint_at
from audit_tui.tui.present.lines import EMPTY, Line, line
from audit_tui.tui.widgets.one_line import OneLine
from audit_tui.tui.workers import Job

if TYPE_CHECKING:
    from audit_tui.tui.app import AuditApp
    from audit_tui.tui.checks import Checks
    from audit_tui.tui.session import Session

T = TypeVar("T")
SAID_SECONDS = 4


class BaseScreen(Screen[None], inherit_bindings=False):
    """Subclasses set ACTIONS and BINDINGS = screen_bindings(ACTIONS), and compose their body.

    Esc pops the screen, so whatever was left stands as it was. Blocking work goes through `ask`.
    """

    ACTIONS: ClassVar[tuple[Action, ...]] = GENERAL
    AUTO_FOCUS = "Rows, .main"
    HAS_ANSWER: ClassVar[bool] = True
    HAS_PROGRESS: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self._going_on: Callable[[int], Line] = lambda _width: EMPTY
        self._said: Callable[[int], Line] | None = None
        self._forgetting: Timer | None = None

    @property
    def audit(self) -> "AuditApp":
        """The app, by its own type."""
        return cast("AuditApp", self.app)

    @property
    def session(self) -> "Session":
        """The opened database. RuntimeError before there is one."""
        return self.audit.session

    @property
    def service(self) -> AuditService:
        return self.session.service

    @property
    def checks(self) -> "Checks":
        return self.session.checks

    def crumbs(self) -> tuple[str, ...]:
        """Where this screen is, after the name of the database."""
        return ()

    def remarks(self) -> Sequence[Line]:
        """What the header says on the right before the connection's state; dropped first."""
        return ()

    def compose_body(self) -> ComposeResult:
        """The widgets between the answer and the line of progress."""
        yield from ()

    def compose(self) -> ComposeResult:
        yield OneLine(self._header, id="header")
        if self.HAS_ANSWER:
            yield OneLine(id="answer")
        yield from self.compose_body()
        if self.HAS_PROGRESS:
            yield OneLine(self._progress_line, id="progress")
        yield OneLine(self._footer, id="footer")

    def on_mount(self) -> None:
        self.set_interval(1, self._tick)

    def _tick(self) -> None:
        self.query_one("#header", OneLine).refresh()

    def refresh_lines(self) -> None:
        """Draws every line anew: the zone, the connection or a right has changed."""
        for widget in self.query("OneLine, Several, Rows"):
            widget.refresh()

    def _header(self, width: int) -> Line:
        audit = self.audit
        own = list(self.remarks())
        crumbs = [crumb for crumb in (audit.database_name, *self.crumbs()) if crumb]
        return header(crumbs, own, audit.connection, audit.zone, audit.now_us(), width)

    def _footer(self, width: int) -> Line:
        blocked = frozenset(action.id for action in self.ACTIONS if self.why_not(action) is not None)
        return footer(self.ACTIONS, width, blocked)

    def answer(self, build: Callable[[int], Line] | Line) -> None:
        """The one sentence that answers this screen's question."""
        self.query_one("#answer", OneLine).show(build)

    def progress(self, build: Callable[[int], Line] | Line = ()) -> None:
        """What is going on, in its own fixed line; empty when nothing is."""
        self._going_on = build if callable(build) else (lambda _width: build)
        self.query_one("#progress", OneLine).refresh()

    def _progress_line(self, width: int) -> Line:
        return self._said(width) if self._said is not None else self._going_on(width)

    def say(self, words: str | Callable[[int], Line], seconds: float = SAID_SECONDS) -> None:
        """Answers a key in the line of progress for a moment; nothing on screen is covered or moved."""
        if not self.HAS_PROGRESS:
            return
        if self._forgetting is not None:
            self._forgetting.stop()
        if isinstance(words, str):
            told = line(" ", safe_line(words))
            self._said = lambda _width: told
        else:
            self._said = words
        self._forgetting = self.set_timer(seconds, self.hush)
        self.query_one("#progress", OneLine).refresh()

    def hush(self) -> None:
        """What goes on stands in the line of progress again."""
        self._said = None
        self.query_one("#progress", OneLine).refresh()

    def ask(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[AuditError], None] | None = None,
        *,
        group: str,
        description: str = "",
    ) -> Job[T]:
        """Runs `work` in a thread; `done` or `failed` is called here when it is over.

        A newer request of the same group makes this one stale: it is cancelled and its result dropped.
        Without `failed` the error is shown in the line of progress; a lost connection always offers to
        reconnect.
        """

        def on_failed(error: AuditError) -> None:
            if isinstance(error, ConnectionLostError):
                self.audit.lost(error)
            (failed or self.show_failure)(error)

        session = self.session
        job = Job(self, group, description or group, work, done, on_failed, session.service.cancel)
        return session.jobs.start(job)

    def show_failure(self, error: AuditError) -> None:
        """What happened and what to do about it, in the line of progress."""
        self.progress(failure_line(error))

    def why_not(self, action: Action) -> str | None:
        """Why an action can't be done with this role, or None where it can."""
        connection = self.audit.connection
        if action.capability is None or connection is None:
            return None
        capability = connection.can(action.capability)
        return None if capability.allowed else capability.reason or "this role may not"

    def zone_changed(self) -> None:
        """The zone of all times is another: draw them again."""

    def returned(self) -> None:
        """This screen is on top again."""

    def reconnected(self) -> None:
        """There is a connection again after one was lost: read anew what could not be read."""

    def on_screen_resume(self) -> None:
        self.returned()

    def on_click(self, event: events.Click) -> None:
        if event.widget is not None and event.widget.id == "footer":
            action = hint_at(self.ACTIONS, event.widget.size.width, event.x)
            if action is not None:
                self.run_worker(self.run_action(action.id), exit_on_error=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 (Textual's signature)
        """None (greyed) where the role may not do it."""
        try:
            declared = find(self.ACTIONS, action)
        except KeyError:
            return True
        return None if self.why_not(declared) else True

    def action_back(self) -> None:
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()

    def action_help(self) -> None:
        from audit_tui.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self.ACTIONS, self.crumbs()))

    def action_commands(self) -> None:
        self.app.action_command_palette()

    def action_about(self) -> None:
        from audit_tui.tui.screens.about import AboutScreen

        self.app.push_screen(AboutScreen())

    def action_zone(self) -> None:
        self.audit.switch_zone()

    def action_reconnect(self) -> None:
        self.audit.reconnect()

    def action_theme(self) -> None:
        self.app.search_themes()

    def action_quit(self) -> None:
        self.audit.leave()
