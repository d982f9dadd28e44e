"""The shell: opens a database, keeps its session, hands results home. Screens do everything else."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.text import Text
from textual import events
from textual.app import App
from textual.command import Provider
from textual.filter import LineFilter, Monochrome, NoColor
from textual.screen import Screen
from textual.widgets import Input

from audit_tui.core.errors import AuditError, ConnectionLostError
from audit_tui.service.api import AuditService, Connection, Target
from audit_tui.tui.filters import NoControls
from audit_tui.tui.messages import CheckEnded, CheckProgressed, JobFinished
from audit_tui.tui.screens.base import BaseScreen
from audit_tui.tui.screens.connect import ConnectScreen
from audit_tui.tui.session import Session
from audit_tui.tui.styles.themes import TERMINAL
from audit_tui.tui.workers import FaultError, Job, Jobs, fault
from audit_tui.tui.zone import UTC_ZONE, Zone, local_zone

CRASHED = 4
"""The exit code of a crash: 1 is kept for tampering alone."""


def _now_us() -> int:
    return time.time_ns() // 1000


def _action_commands() -> type[Provider]:
    from audit_tui.tui.commands import ActionCommands

    return ActionCommands


class AuditApp(App[None], inherit_bindings=False):
    """`targets` are the databases of this session, the first is opened at start.

    `now_us` is the clock (microseconds since 1970 UTC); `local` the zone that `z` switches to.
    """

    TITLE = "audit-tui"
    CSS_PATH = Path(__file__).parent / "styles" / "app.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (22, "-tall")]  # noqa: RUF012 (Textual's own declaration)
    COMMANDS = {_action_commands}  # noqa: RUF012 (Textual's own declaration)

    def __init__(
        self, targets: Sequence[Target], now_us: Callable[[], int] = _now_us, local: Zone | None = None
    ) -> None:
        super().__init__()
        self._net, self._plain = NoControls(), NoColor()
        self.register_theme(TERMINAL)
        self.theme = TERMINAL.name
        self.targets = tuple(targets)
        self.now_us = now_us
        self.zone = UTC_ZONE
        self._local = local or local_zone()
        self._session: Session | None = None
        self._target: Target | None = self.targets[0] if self.targets else None
        self._connecting = Jobs(self)
        self._lost_shown = False
        self.crash: FaultError | None = None

    def get_default_screen(self) -> Screen[Any]:
        return ConnectScreen()

    def get_line_filters(self) -> Sequence[LineFilter]:
        # Textual's own choice under NO_COLOR was made before our theme: it would paint the background black.
        kept = [self._plain if isinstance(f, Monochrome) else f for f in super().get_line_filters()]
        return [*kept, self._net]

    @property
    def session(self) -> Session:
        if self._session is None:
            msg = "no database is open"
            raise RuntimeError(msg)
        return self._session

    @property
    def service(self) -> AuditService:
        return self.session.service

    @property
    def connection(self) -> Connection | None:
        """What the header shows; None before there is a connection."""
        return self._session.service.connection if self._session else None

    @property
    def database_name(self) -> str:
        """What the user called the database that is open, or about to be."""
        connection = self.connection
        if connection is not None:
            return connection.name or connection.database
        return self._target.name if self._target else ""

    def on_mount(self) -> None:
        if self._target is not None:
            self.call_after_refresh(self.switch_to, self._target)

    # Opening and switching

    def switch_to(self, target: Target) -> None:
        """Closes what is open and opens this database, with its tenants on screen."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if self._session is not None:
            self._session.close()
        self._session, self._target, self._lost_shown = None, target, False
        base = self.screen
        if isinstance(base, ConnectScreen):
            base.connecting(target)
            self._connecting.start(
                Job(base, "connect", "connecting", target.open, self._opened, base.failed, None)
            )

    def _opened(self, service: AuditService) -> None:
        from audit_tui.tui.screens.tenants import TenantsScreen

        assert self._target is not None  # noqa: S101 (set by switch_to before the job began)
        self._session = Session(self, self._target, service)
        self.push_screen(TenantsScreen())

    def lost(self, error: AuditError) -> None:
        """The server went away: offers once to reconnect."""
        if self._lost_shown:
            return
        from audit_tui.tui.screens.lost import LostDialog

        self._lost_shown = True
        self.push_screen(LostDialog(error), lambda again: self.reconnect() if again else None)

    def reconnect(self) -> None:
        """Opens the same target again in place; every screen stays where it is."""
        screen = self.screen
        if self._session is None or not isinstance(screen, BaseScreen):
            return
        self._lost_shown = False
        screen.ask(self._session.service.reconnect, lambda _none: self._reconnected(), group="reconnect")

    def _reconnected(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, BaseScreen):
                screen.reconnected()
                screen.say("Connected again.")

    def switch_zone(self) -> None:
        """UTC, or local time; the header names it."""
        self.zone = self._local if self.zone == UTC_ZONE else UTC_ZONE
        for screen in self.screen_stack:
            if isinstance(screen, BaseScreen):
                screen.zone_changed()
                screen.refresh_lines()

    def leave(self) -> None:
        if self._session is not None:
            self._session.close()
        self.exit()

    def on_key(self, event: events.Key) -> None:
        """A key that was under way to a list when a line to type in took the focus is meant for that line.

        Keys that arrive in one burst (type-ahead, a paste, a slow link) would else be lost or do something.
        """
        field = self.focused
        if isinstance(field, Input) and event.is_printable and event.character is not None:
            event.prevent_default()
            field.insert_text_at_cursor(event.character)

    # What comes home from threads

    def on_job_finished(self, message: JobFinished) -> None:
        message.deliver()

    def on_check_progressed(self, message: CheckProgressed) -> None:
        if self._session is not None:
            self._session.checks.progressed(message.run_id, message.status)

    def on_check_ended(self, message: CheckEnded) -> None:
        session = self._session
        if session is None:
            return
        session.checks.ended(message.run_id, message.report, message.error, self.now_us())
        if isinstance(message.error, ConnectionLostError):
            self.lost(message.error)
        elif session.checks.was_cut_off and isinstance(self.screen, BaseScreen):
            # A check that loses its server reports what it read; whether the server is there, we must ask.
            self.screen.ask(session.service.list_tenants, lambda _tenants: None, group="alive")

    def _fatal_error(self) -> None:
        """A crash names its place and nothing else: locals could hold a password or personal data."""
        self.crash = fault(self._exception or RuntimeError())
        self._return_code = CRASHED
        self._exit_renderables.append(Text(f"audit-tui: {self.crash}"))
        self._close_messages_no_wait()


def run_app(targets: Sequence[Target]) -> int:
    """Runs the TUI until it is left; the exit code of the process (0, or 4 after a crash)."""
    app = AuditApp(targets)
    app.run()
    return CRASHED if app.crash else app.return_code or 0
