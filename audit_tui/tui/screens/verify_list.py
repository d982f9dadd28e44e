"""Which findings the Verify screen lists, and where its cursor is: data that arrives does not move it."""

from dataclasses import replace
from typing import TYPE_CHECKING

from audit_tui.core.findings import Severity
from audit_tui.tui.present.below import GAP, axis_rows, boundary_rows, claim_rows
from audit_tui.tui.present.found import EVERYTHING, Entry, Found, Grouping, Wanted, listed
from audit_tui.tui.present.lines import Line, Span, line
from audit_tui.tui.present.severities import after, counts_of, none_words, severities_line, unlisted_words
from audit_tui.tui.tenant_check import TenantCheck
from audit_tui.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from audit_tui.tui.screens.verify import VerifyScreen


class VerifyList:
    """Belongs to one Verify screen: filter, grouping, entries."""

    def __init__(self, screen: "VerifyScreen") -> None:
        self._screen = screen
        self.grouping = Grouping.STORIES
        self.wanted: Wanted = EVERYTHING
        self.found = Found(())
        self._known: tuple[object, object] = (None, None)
        self._shape: tuple[object, ...] = ()

    @property
    def _check(self) -> TenantCheck:
        return self._screen.check

    @property
    def _rows(self) -> Rows:
        return self._screen.query_one(Rows)

    @property
    def under_cursor(self) -> Entry | None:
        """The entry that can be opened."""
        cursor = self._rows.cursor
        entry = self.entry(cursor) if cursor is not None else None
        return entry if entry is not None and entry.is_open else None

    def entry(self, row: int) -> Entry | None:
        return self.found.entries[row] if row < len(self.found.entries) else None

    def draw(self) -> None:
        """Lists what is known now; the cursor stays on its finding, at its height."""
        rows, check = self._rows, self._check
        known = (check.findings(), check.report)
        shape = (check.is_being_read, self.grouping, self.wanted, rows.room)
        if all(a is b for a, b in zip(known, self._known, strict=True)) and shape == self._shape:
            return
        before, at = self.under_cursor, rows.cursor
        self._known, self._shape = known, shape
        self.found = self._make(rows.room)
        entries = self.found.entries
        rows.show(len(entries), self.found.line, lambda row: entries[row].is_open)
        if before is not None and at is not None:
            now = next((row for row, entry in enumerate(entries) if entry.key == before.key), None)
            if now is not None and now != at:
                rows.moved_with(now, at)

    def _make(self, width: int) -> Found:
        check, report = self._check, self._check.report
        findings = check.findings()
        found = listed(findings, check.stories(), self.grouping, self.wanted)
        below: list[Entry] = []
        left_out = (
            unlisted_words(counts_of(findings, report), findings) if self.wanted == EVERYTHING else None
        )
        if not found.entries:
            words = none_words(self.wanted, running=check.is_being_read, decided=report is not None)
            below += [_told(words)] if words else []
        elif left_out is not None:
            below.append(_told(left_out))
        if report is not None:
            below += boundary_rows(report, width)
            below += [GAP] if found.entries or below else []
            below += [*axis_rows(report, width), GAP, *claim_rows(report.claim, width)]
        return replace(found, entries=(*found.entries, *below))

    def summary_line(self, width: int) -> Line:
        """How many there are of each severity, and what is listed."""
        counts = counts_of(self._check.findings(), self._check.report)
        return severities_line(counts, self.wanted, self.grouping, width)

    def next_severity(self) -> Severity | None:
        """Lists the next severity of which there is something, then all again."""
        counts = counts_of(self._check.findings(), self._check.report)
        self.narrow(Wanted(after(self.wanted.severity, counts), self.wanted.stretch))
        return self.wanted.severity

    def narrow(self, wanted: Wanted) -> None:
        """Lists what is wanted; the cursor stays on its finding if that is among it."""
        self.wanted = wanted
        self.draw()

    def regroup(self) -> Grouping:
        """Findings under their stories, or each alone."""
        stories = self.grouping is Grouping.STORIES
        self.grouping = Grouping.FINDINGS if stories else Grouping.STORIES
        self.draw()
        return self.grouping

    def step(self, direction: int) -> bool:
        """To the next stop of n or N, going round; False where there is none."""
        stops, rows = self.found.stops, self._rows
        if not stops:
            return False
        at = rows.cursor if rows.cursor is not None else -1
        if direction > 0:
            target = next((row for row in stops if row > at), stops[0])
        else:
            target = next((row for row in reversed(stops) if row < at), stops[-1])
        rows.move_to(target)
        return True

    def move_into(self, low: int, high: int) -> int | None:
        """The cursor to the first entry in a stretch of the chain; the row, where there is one."""
        inside = Wanted(stretch=(low, high))
        for row, entry in enumerate(self.found.entries):
            if entry.finding is not None and inside.takes(entry.finding):
                self._rows.move_to(row)
                return self._rows.cursor
        return None


def _told(words: str) -> Entry:
    return Entry(words=line(Span(words, "muted")))
