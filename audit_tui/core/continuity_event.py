"""What one event tells about its resource, read once: snapshots, edits, and what it leaves open."""

from functools import cached_property

from audit_tui.core.contents import ends, erased_parts, read_json
from audit_tui.core.edits import Pair, read_pairs
from audit_tui.core.model import Event, Part
from audit_tui.core.pointer import MISSING, Missing
from audit_tui.core.state import JsonValue

MAX_TEXT = 1_000_000
"""Characters of one jsonb column that are read; an event with a longer one is not judged."""

READS = (
    "accessed", "checked", "downloaded", "exported", "failed", "listed", "logged_in", "logged_out", "login",
    "login_failed", "logout", "opened", "previewed", "printed", "read", "searched", "shown", "viewed",
)  # fmt: skip
"""Last words of event types that change nothing: such an event without content leaves the state known."""


class Telling:
    """One event as continuity reads it. A JSON null snapshot is a logger's way to say nothing: MISSING.

    `known_text` and `known` are a text that was read already and its value: where `resource_before` is the
    same text, it is not read again.
    """

    def __init__(self, event: Event, known_text: str | None = None, known: JsonValue = None) -> None:
        self.event = event
        self._known_text, self._known = known_text, known

    @cached_property
    def oversized(self) -> bool:
        """Whether a column is longer than is read."""
        columns = (self.event.changes, self.event.resource_before, self.event.resource_after)
        return any(text is not None and len(text) > MAX_TEXT for text in columns)

    @cached_property
    def before(self) -> JsonValue | Missing:
        text = self.event.resource_before
        if text is not None and text == self._known_text:
            return self._known
        return _snapshot(text)

    @cached_property
    def after(self) -> JsonValue | Missing:
        return _snapshot(self.event.resource_after)

    @cached_property
    def _changes(self) -> JsonValue:
        return read_json(self.event.changes)

    @cached_property
    def _read(self) -> list[Pair] | None:
        return read_pairs(self._changes)

    @property
    def pairs(self) -> list[Pair]:
        """What `changes` tells; [] where it tells nothing or is of an unknown shape."""
        return self._read or []

    @property
    def is_riddle(self) -> bool:
        """Whether `changes` is of another shape than {field: {old, new}}: then it judges nothing."""
        return self._changes is not None and self._read is None

    @property
    def is_erased(self) -> bool:
        """Whether something of what it told was erased (with authority or not: another check says)."""
        return self.event.erased_parts is not None and bool(
            erased_parts(self.event) & {Part.CHANGES, Part.SNAPSHOTS}
        )

    @property
    def ends(self) -> bool:
        return ends(self.event)

    @property
    def only_reads(self) -> bool:
        """Whether its type says that it changed nothing."""
        return (self.event.event_type or "").rpartition(".")[2] in READS


def _snapshot(text: str | None) -> JsonValue | Missing:
    value = read_json(text)
    return MISSING if value is None else value
