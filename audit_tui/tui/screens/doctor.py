"""The protection of the log, examined: what is switched off, what it opens, and the remedy to copy."""

from textual import events, on
from textual.app import ComposeResult

from audit_tui.core.doctor.model import Check, CheckState, DoctorReport
from audit_tui.core.errors import AuditError
from audit_tui.core.safe import safe
from audit_tui.tui.actions.doctor import DOCTOR
from audit_tui.tui.bindings import screen_bindings
from audit_tui.tui.present import doctor as present
from audit_tui.tui.present.failure import failure_line
from audit_tui.tui.present.lines import EMPTY, Line, Span, line
from audit_tui.tui.screens.base import BaseScreen
from audit_tui.tui.widgets.one_line import Several
from audit_tui.tui.widgets.rows import Rows


class DoctorScreen(BaseScreen):
    """Reads the catalogue and shows what it found; it never repairs anything."""

    ACTIONS = DOCTOR
    BINDINGS = screen_bindings(ACTIONS)

    def __init__(self) -> None:
        super().__init__()
        self.report: DoctorReport | None = None
        self._rows: list[present.Row] = []
        self._everything = False

    def crumbs(self) -> tuple[str, ...]:
        return ("Doctor",)

    def compose_body(self) -> ComposeResult:
        yield Rows(id="checks")
        yield Several(self._detail, id="detail")

    def on_mount(self) -> None:
        super().on_mount()
        self.action_reload()

    def reconnected(self) -> None:
        self.action_reload()

    def action_reload(self) -> None:
        if self.report is None:
            self.answer(line(" Examining the log's protection ⋯"))
        self.progress(line(Span(" Reading the catalogue ⋯", "muted")))
        self.ask(self.service.doctor, self._take, self._fail, group="doctor")

    def _take(self, report: DoctorReport) -> None:
        first = self.report is None
        self.report = report
        self.progress()
        self.answer(present.answer(report))
        self._draw()
        if first:
            self.query_one(Rows).move_to(0)
            self.query_one(Rows).scroll_to(y=0, animate=False, force=True)

    def _fail(self, error: AuditError) -> None:
        if self.report is None:
            self.answer(failure_line(error))
            self.progress()
        else:
            self.show_failure(error)

    # Drawing

    def _draw(self) -> None:
        if self.report is None:
            return
        under = self._selected()
        self._rows = present.list_rows(self.report, everything=self._everything)
        rows = self.query_one(Rows)
        rows.show(len(self._rows), self._row, lambda row: self._rows[row].check is not None)
        again = next(
            (n for n, row in enumerate(self._rows) if under is not None and row.check == under), None
        )
        if again is not None:
            rows.move_to(again)
        self.query_one("#detail", Several).refresh(layout=True)
        self.refresh_lines()

    def _row(self, row: int, width: int) -> Line:
        if row >= len(self._rows):
            return EMPTY
        return present.row_line(self._rows[row], present.id_width(self._rows), width)

    def _detail(self, width: int) -> list[Line]:
        return present.detail(self._selected(), width, max(6, self.size.height // 3))

    def on_resize(self, _event: events.Resize) -> None:
        self.call_after_refresh(self._draw)

    # Selecting

    def _selected(self) -> Check | None:
        cursor = self.query_one(Rows).cursor
        return self._rows[cursor].check if cursor is not None and cursor < len(self._rows) else None

    @on(Rows.Moved)
    def _cursor_moved(self) -> None:
        self.query_one("#detail").refresh()

    @on(Rows.Opened)
    def _row_opened(self) -> None:
        self.action_copy()

    def action_next_finding(self) -> None:
        self._to_hole(1)

    def action_previous_finding(self) -> None:
        self._to_hole(-1)

    def _to_hole(self, step: int) -> None:
        holes = [n for n, r in enumerate(self._rows) if r.check and r.check.state is CheckState.HOLE]
        rows = self.query_one(Rows)
        at = rows.cursor or 0
        beyond = [n for n in holes if (n - at) * step > 0]
        if not holes:
            self.say("No hole was found.")
        else:
            around = holes[0] if step > 0 else holes[-1]
            rows.move_to((beyond[0] if step > 0 else beyond[-1]) if beyond else around)

    def action_everything(self) -> None:
        self._everything = not self._everything
        self._draw()

    def action_copy(self) -> None:
        check = self._selected()
        if check is None:
            return
        if check.remedy is None:
            self.app.copy_to_clipboard(safe(f"{check.id}: {check.message}"))
            self.say("Copied the check; there is nothing to mend.")
            return
        self.app.copy_to_clipboard(safe(check.remedy))
        self.say("Copied the remedy. Read it before you run it: nothing here runs it.")
