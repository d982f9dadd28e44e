"""What is typed on the timeline: a filter, or where to go. Errors are told in place, nothing is lost."""

from typing import TYPE_CHECKING

from audit_tui.core.errors import UsageError
from audit_tui.core.filter_grammar import FilterError, parse_filter
from audit_tui.tui.present.filtering import HINT, error_line, typed_in, without_last
from audit_tui.tui.present.lines import EMPTY, Line, Span, crop, line
from audit_tui.tui.present.places import PLACES, echo_place, parse_place, utc_words
from audit_tui.tui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from audit_tui.tui.screens.timeline import TimelineScreen

FILTER, GO_TO = "filter", "go to"


class TimelinePrompts:
    """Belongs to one timeline; draws its answers in the line under what is typed."""

    def __init__(self, screen: "TimelineScreen") -> None:
        self._screen = screen
        self._told: Line = EMPTY

    @property
    def _prompt(self) -> Prompt:
        return self._screen.query_one(Prompt)

    def ask_filter(self) -> None:
        self._open(FILTER, self._screen.pages.filter_text, HINT)

    def ask_place(self) -> None:
        self._open(GO_TO, "", PLACES)

    def _open(self, kind: str, text: str, placeholder: str) -> None:
        self._told = EMPTY
        self._screen.is_full = False
        self._prompt.ask(kind, kind, text, placeholder)
        self._screen.show_regions()
        self._screen.redraw_lines()

    def close(self) -> None:
        """Back to the table, as it was."""
        self._prompt.close()
        self._screen.show_regions()
        self._screen.set_focus(self._screen.table)
        self._screen.redraw_lines()

    def echo(self, width: int) -> Line:
        """The line under the prompt."""
        if self._told:
            return crop(self._told, width)
        screen, prompt = self._screen, self._prompt
        if prompt.kind == GO_TO and screen.pages.summary is not None:
            first, last = screen.pages.summary.first_sequence, screen.pages.summary.last_sequence
            return echo_place(prompt.text, screen.audit.now_us(), screen.audit.zone, first, last, width)
        return crop(line(Span(f"    {HINT}", "muted")), width)

    def edited(self) -> None:
        """What was said about the text before no longer holds."""
        self._told = EMPTY
        self._screen.redraw_lines()

    def submitted(self, message: Prompt.Submitted) -> None:
        try:
            self._submit_filter(message.text) if message.kind == FILTER else self._submit_place(message.text)
        except UsageError as error:
            self._told = error_line(error, self._screen.size.width)
            if isinstance(error, FilterError):
                self._prompt.point_at(error.position, len(error.word))
            self._screen.redraw_lines()

    def _submit_filter(self, text: str) -> None:
        screen = self._screen
        now, zone = screen.audit.now_us(), screen.audit.zone
        event_filter = parse_filter(text, now, typed_in(zone, now))
        self.close()
        screen.pages.show(" ".join(text.split()) if '"' not in text else text.strip(), event_filter)

    def drop_last(self) -> None:
        """The filter without its last condition."""
        screen = self._screen
        if screen.pages.filter.is_empty:
            return
        less = without_last(screen.pages.filter_text, screen.audit.now_us(), screen.audit.zone)
        if less is None:
            screen.pages.show("", parse_filter("", 0))
        else:
            screen.pages.show(less.text, less.filter)

    def _submit_place(self, text: str) -> None:
        screen = self._screen
        if not text.strip():
            self.close()
            return
        place = parse_place(text, screen.audit.now_us(), screen.audit.zone)
        summary = screen.pages.summary
        if place.sequence is not None and summary is not None:
            if not summary.first_sequence <= place.sequence <= summary.last_sequence:
                hint = f"the chain runs from {summary.first_sequence} to {summary.last_sequence}"
                raise UsageError(f"there is no event {place.sequence}", hint)
            self.close()
            screen.pages.go(place.sequence)
        elif place.at_us is not None:
            at_us = place.at_us
            screen.ask(
                lambda: screen.service.find_sequence_at(screen.tenant_id, at_us),
                lambda found: self._found(found, at_us),
                group="moment",
                description="looking for a moment",
            )

    def _found(self, sequence: int | None, at_us: int) -> None:
        if not self._prompt.is_asking:
            return
        if sequence is None:
            words = f"no event at or after {utc_words(at_us)}: the log ends before"
            self._told = line(Span("  ? ", "warning"), words)
            self._screen.redraw_lines()
            return
        self.close()
        self._screen.pages.go(sequence)
        self._screen.say(f"{utc_words(at_us)}: event {sequence} is the first at or after it.")
