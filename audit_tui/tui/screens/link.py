"""The broken link: predecessor, broken event, successor, and what all of it means."""

from textual import events, on
from textual.app import ComposeResult

from audit_tui.core.errors import AuditError, UnknownTenantError
from audit_tui.core.evidence import Evidence
from audit_tui.core.findings import Story, StoryKind, TenantReport
from audit_tui.core.model import CheckedEvent
from audit_tui.service.api import AuditService
from audit_tui.tui.actions.link import LINK
from audit_tui.tui.bindings import screen_bindings
from audit_tui.tui.openers import open_timeline
from audit_tui.tui.present.lines import Line, Span, line
from audit_tui.tui.present.link import link_rows, sentence_lines
from audit_tui.tui.present.link_chain import Look, PictureRow
from audit_tui.tui.present.link_evidence import evidence_lines
from audit_tui.tui.screens.base import BaseScreen
from audit_tui.tui.screens.exporting import Exporting
from audit_tui.tui.widgets.one_line import Several
from audit_tui.tui.widgets.prompt import Prompt
from audit_tui.tui.widgets.rows import Rows

Found = tuple[tuple[CheckedEvent, ...], str]
"""The events around a break, and the command that repeats the check."""


class LinkScreen(BaseScreen):
    """One story of a tenant at a time; `n` and `N` go through the others."""

    ACTIONS = LINK
    BINDINGS = screen_bindings(ACTIONS)
    HAS_ANSWER = False

    def __init__(
        self, tenant_id: str, stories: tuple[Story, ...], index: int, report: TenantReport | None
    ) -> None:
        super().__init__()
        self.tenant_id = tenant_id
        self.stories = stories
        self.index = index
        self.report = report
        self.whole = False
        self.exporting = Exporting(self)
        self._found: Found = ((), "")
        self._rows: list[PictureRow] = []
        self._evidence: Evidence | None = None

    @property
    def story(self) -> Story:
        return self.stories[self.index]

    def crumbs(self) -> tuple[str, ...]:
        first, last = self.story.first_sequence, self.story.last_sequence
        place = str(first) if first == last else f"{first}–{last}"
        return (self.tenant_id, "Verify", f"link {place}")

    def remarks(self) -> tuple[Line, ...]:
        told = f"finding {self.index + 1} of {len(self.stories)}"
        return (line(Span(told, "strong" if len(self.stories) > 1 else "muted")),)

    def compose_body(self) -> ComposeResult:
        yield Several(lambda width: sentence_lines(self.story, width), id="sentence")
        yield Rows(id="link")
        yield Prompt(id="prompt")

    def on_mount(self) -> None:
        super().on_mount()
        self._show()

    def _show(self) -> None:
        self._evidence = None
        self.query_one("#sentence", Several).refresh(layout=True)
        self.refresh_lines()
        self.action_reload()

    def action_reload(self) -> None:
        service, tenant_id, story = self.service, self.tenant_id, self.story
        self.progress(line(Span(" Reading the events around the break ⋯", "muted")))
        self.ask(lambda: _read(service, tenant_id, story), self._take, self._fail, group="link")

    def _take(self, found: Found) -> None:
        self._found = found
        self.progress()
        self._draw(to_story=True)

    def _fail(self, error: AuditError) -> None:
        self._found = ((), "")
        self.show_failure(error)
        self._draw(to_story=True)

    def reconnected(self) -> None:
        self.action_reload()

    def _look(self) -> Look:
        return Look(max(40, self.query_one(Rows).room), self.audit.zone, self.whole)

    def _draw(self, *, to_story: bool = False) -> None:
        around, command = self._found
        self._rows = link_rows(self.story, around, self.report, command, self._look())
        if self._evidence is not None:
            shown = evidence_lines(self._evidence, self._look().width)
            self._rows += [PictureRow(words) for words in shown]
        rows = self.query_one(Rows)
        rows.show(len(self._rows), self._row, lambda row: self._rows[row].event is not None)
        if to_story:
            rows.move_to(self._row_of(self.story.first_sequence))
            rows.scroll_to(y=0, animate=False, force=True)

    def _row(self, row: int, _width: int) -> Line:
        return self._rows[row].line if row < len(self._rows) else ()

    def _row_of(self, sequence: int) -> int:
        for number, row in enumerate(self._rows):
            if row.event is not None and (row.event.sequence_number or 0) >= sequence:
                return number
        return 0

    def on_resize(self, _event: events.Resize) -> None:
        self.call_after_refresh(self._draw)

    def zone_changed(self) -> None:
        self._draw()

    def action_hashes(self) -> None:
        self.whole = not self.whole
        self._draw()

    def action_evidence(self) -> None:
        """Reads what the server keeps about the row of the first event that is concerned."""
        service, tenant_id, sequence = self.service, self.tenant_id, self.story.first_sequence
        self.say("Reading what the server keeps about the row ⋯")
        self.ask(lambda: service.list_evidence(tenant_id, sequence), self._take_evidence, group="evidence")

    def _take_evidence(self, evidence: Evidence) -> None:
        self._evidence = evidence
        above = len(self._rows)
        self._draw()
        self.query_one(Rows).scroll_to(y=above, animate=False, force=True)
        self.say("Evidence stands below: odd is not proof.")

    def action_next_finding(self) -> None:
        self._to(self.index + 1)

    def action_previous_finding(self) -> None:
        self._to(self.index - 1)

    def _to(self, index: int) -> None:
        if len(self.stories) == 1:
            self.say("This is the only finding.")
            return
        self.index = index % len(self.stories)
        self._show()

    @on(Rows.Opened)
    def _opened(self) -> None:
        self.action_open()

    def action_open(self) -> None:
        cursor = self.query_one(Rows).cursor
        event = self._rows[cursor].event if cursor is not None and cursor < len(self._rows) else None
        if event is not None:
            open_timeline(self.app, self.tenant_id, at_sequence=event.sequence_number)

    def action_copy(self) -> None:
        self.exporting.copy(self.tenant_id, self.story, self.report)

    def action_report(self) -> None:
        self.exporting.ask_folder(self.tenant_id, self.story, self.report)

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        self.exporting.submitted(message.text)

    def action_back(self) -> None:
        if self.exporting.is_asking:
            self.exporting.close()
        else:
            super().action_back()


def _read(service: AuditService, tenant_id: str, story: Story) -> Found:
    """The events that a story's picture needs; none where the tenant is gone."""
    command = service.reproduce_command(tenant_id)
    try:
        return _around(service, tenant_id, story), command
    except UnknownTenantError:
        return (), command


def _around(service: AuditService, tenant_id: str, story: Story) -> tuple[CheckedEvent, ...]:
    first, last = story.first_sequence, story.last_sequence
    if story.kind is StoryKind.TENANT_REMOVED:
        return ()
    if story.kind in (StoryKind.DELETED, StoryKind.TAIL_CUT, StoryKind.START_DELETED):
        near = _ordered(
            service.list_neighbours(tenant_id, first, 2), service.list_neighbours(tenant_id, last + 1, 2)
        )
        before = [e for e in near if (e.event.sequence_number or 0) < first][-1:]
        after = [e for e in near if (e.event.sequence_number or 0) > last][:1]
        return (*before, *after)
    if story.kind is StoryKind.REWRITTEN_TO_HEAD or last == first:
        return service.list_neighbours(tenant_id, first, 1)
    return _ordered(service.list_neighbours(tenant_id, first, 1), service.list_neighbours(tenant_id, last, 1))


def _ordered(*lists: tuple[CheckedEvent, ...]) -> tuple[CheckedEvent, ...]:
    unique = {checked.event: checked for checked in (c for found in lists for c in found)}
    return tuple(sorted(unique.values(), key=lambda c: (c.event.sequence_number or 0, c.event.id or 0)))
