"""Copying and writing what was found, on any screen that shows it: the form is the same everywhere."""

from pathlib import Path

from audit_tui import __version__
from audit_tui.core.clock import rfc3339
from audit_tui.core.errors import AuditError
from audit_tui.core.exhibit.markdown import as_markdown
from audit_tui.core.exhibit.model import Exhibit, Origin, exhibit_of
from audit_tui.core.findings import Finding, Story, TenantReport
from audit_tui.service.exhibits import write_both
from audit_tui.tui.present.exporting import COPIED, failed_line, written_line
from audit_tui.tui.screens.base import BaseScreen
from audit_tui.tui.widgets.prompt import Prompt
from audit_tui.tui.widgets.rows import Rows

FOLDER = "folder"
TOLD_SECONDS = 20
"""A path takes longer to read, or to copy, than a word."""


class Exporting:
    """Belongs to one screen with a `Prompt`, in which the folder is typed, and `Rows`."""

    def __init__(self, screen: BaseScreen) -> None:
        self._screen = screen
        self._asked: tuple[str, Story | Finding, TenantReport | None] | None = None

    @property
    def is_asking(self) -> bool:
        return self._prompt.is_asking

    @property
    def _prompt(self) -> Prompt:
        return self._screen.query_one(Prompt)

    def copy(self, tenant_id: str, cause: Story | Finding, report: TenantReport | None) -> None:
        """Puts the exhibit on the clipboard as Markdown."""
        service = self._screen.service
        self._screen.ask(
            lambda: exhibit_of(tenant_id, cause, report, service.reproduce_command(tenant_id)),
            self._copied,
            group="copy",
        )

    def _copied(self, exhibit: Exhibit) -> None:
        self._screen.app.copy_to_clipboard(as_markdown(self._origin(), [exhibit]))
        self._screen.say(COPIED)

    def ask_folder(self, tenant_id: str, cause: Story | Finding, report: TenantReport | None) -> None:
        """Lets the folder be typed; the last one, or where the program was started, stands there."""
        self._asked = (tenant_id, cause, report)
        folder = self._screen.session.report_folder or _here()
        self._prompt.ask(FOLDER, "write the report into", folder, "a folder that exists; esc writes nothing")

    def close(self) -> None:
        """Writes nothing; the list has the keys again."""
        self._asked = None
        self._prompt.close()
        self._screen.query_one(Rows).focus()

    def submitted(self, text: str) -> None:
        """Writes both files there, or says why not and lets another folder be typed."""
        if self._asked is None:
            return
        tenant_id, cause, report = self._asked
        service, origin, folder = self._screen.service, self._origin(), _folder(text)

        def write() -> tuple[Path, Path]:
            exhibit = exhibit_of(tenant_id, cause, report, service.reproduce_command(tenant_id))
            return write_both(folder, origin, exhibit)

        self._screen.ask(write, self._written, self._failed, group="write")

    def _written(self, paths: tuple[Path, Path]) -> None:
        self._screen.session.report_folder = str(paths[0].parent)
        self.close()
        self._screen.say(lambda width: written_line(paths[0], width), TOLD_SECONDS)

    def _failed(self, error: AuditError) -> None:
        self._screen.say(lambda _width: failed_line(error), TOLD_SECONDS)

    def _origin(self) -> Origin:
        connection = self._screen.service.connection
        return Origin(
            connection.target,
            f"PostgreSQL {connection.server_version}",
            connection.log_id,
            rfc3339(self._screen.audit.now_us()),
            __version__,
        )


def _here() -> str:
    try:
        return str(Path.cwd())
    except OSError:
        return "~"


def _folder(text: str) -> Path:
    typed = Path(text.strip() or ".")
    try:
        return typed.expanduser().absolute()
    except (RuntimeError, OSError):
        return typed
