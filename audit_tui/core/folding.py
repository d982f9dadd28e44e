"""The rules of the fold, one event at a time. `core.fold` says which events count and in which order."""

from audit_tui.core.blame import Blame, disagreements, is_under
from audit_tui.core.clock import rfc3339_of
from audit_tui.core.contents import JSON_NULL, ends, erased_parts, is_creation, read_json
from audit_tui.core.edits import edits_of_changes, is_delta
from audit_tui.core.jsontext import MAX_DEPTH, copy_value, dump, load
from audit_tui.core.model import Event, Part
from audit_tui.core.placing import place, remove, resolve
from audit_tui.core.pointer import MISSING, ROOT, Missing, lookup, split
from audit_tui.core.state import Conflict, Edit, JsonValue, Reconstruction

CONFLICTS_CAP = 20
"""Conflicts told of one event; an event that agrees in nothing would else tell every leaf."""


class Folding:
    """A fold under way: `take` events in sequence order, ask for the `result` at any step."""

    def __init__(self) -> None:
        self.state: JsonValue | Missing = MISSING
        self.exists = False
        # Whether everything about the state is known, that it does not exist included.
        self.known = False
        self._ended = False
        self._blame = Blame()
        self._base: int | None = None
        self._applied: list[int] = []
        self._conflicts: list[Conflict] = []
        self._room = CONFLICTS_CAP
        self._raw: list[int] = []
        self._erased: list[int] = []
        self._last: int | None = None
        self._first_time: str | None = None
        self._ended_time: str | None = None

    def take(self, event: Event) -> None:
        """Folds one event in."""
        self._last = event.sequence_number
        self._first_time = self._first_time or rfc3339_of(event.timestamp)
        self._room = CONFLICTS_CAP
        after, changes = read_json(event.resource_after), read_json(event.changes)
        edits = edits_of_changes(changes)
        self._note_erased(event, after)
        met = self._meet_before(event)
        if ends(event):
            self._end(event)
        elif after is not None:
            self._replace(event, after, edits, prior_known=met)
        elif is_delta(changes):
            self._edit(event, edits)
        elif changes is not None:
            self._raw.append(event.sequence_number or 0)
            self._live(event)
            self.known = False
        elif is_creation(event):
            self._live(event)
            self.known = False

    def result(self, tenant_id: str, resource_type: str, resource_id: str, at: str) -> Reconstruction:
        """The state as folded so far."""
        return Reconstruction(
            tenant_id=tenant_id,
            resource_type=resource_type,
            resource_id=resource_id,
            at=at,
            exists=self.exists,
            state=None if self.state is MISSING else self.state,
            complete=self.known or self._last is None,
            base_sequence=self._base,
            applied=tuple(self._applied),
            conflicts=tuple(self._conflicts),
            provenance=self._blame.of(self.state),
            through_sequence=self._last,
            first_time=self._first_time,
            ended_time=self._ended_time,
            raw_changes=tuple(self._raw),
            erased=tuple(self._erased),
        )

    def _note_erased(self, event: Event, after: JsonValue) -> None:
        erased = erased_parts(event) & {Part.CHANGES, Part.SNAPSHOTS}
        if not erased:
            return
        self._erased.append(event.sequence_number or 0)
        if after is None and not ends(event):
            self._live(event)
            self.known = False
            self._blame.mark_erased()

    def _meet_before(self, event: Event) -> bool:
        """Compares `resource_before` with the state and takes it over; True where there was one."""
        if event.resource_before == JSON_NULL:
            if self.state is not MISSING and event.resource_after != JSON_NULL:
                self._conflict(event, ROOT, self.state, None)
            return False
        before = read_json(event.resource_before)
        if before is None:
            return False
        if self.state is not MISSING:
            self._tell_disagreements(event, before)
        elif self._ended:
            self._conflict(event, ROOT, MISSING, before)
        self._take_over(event, before)
        return True

    def _tell_disagreements(self, event: Event, before: JsonValue) -> None:
        for path, ours, theirs in disagreements(self.state, before):
            if not self._room:
                return
            unknown = ours is MISSING and not self.known
            if not unknown and not self._blame.is_doubtful(path):
                self._conflict(event, path, ours, theirs)

    def _take_over(self, event: Event, before: JsonValue) -> None:
        old, self.state = self.state, before
        if old is MISSING:
            self._live(event)
            self.known = False
            self._base = event.sequence_number
            self._applied = [event.sequence_number or 0]
        elif old != before:
            self._applied.append(event.sequence_number or 0)
        self._blame.update(
            old, before, event, sealed=lambda _path: event.hash_version == 2, observed=lambda _path: True
        )

    def _end(self, event: Event) -> None:
        if not self._ended:
            self._ended_time = rfc3339_of(event.timestamp)
        self.state, self.exists, self.known, self._ended = MISSING, False, True, True
        self._blame.clear()
        self._base = None
        self._applied = [event.sequence_number or 0]

    def _live(self, event: Event) -> None:
        """It exists from here on; after an end this is another life."""
        if self._ended:
            self._first_time, self._ended_time = rfc3339_of(event.timestamp), None
            self._applied = []
        self.exists, self._ended = True, False

    def _replace(self, event: Event, after: JsonValue, edits: tuple[Edit, ...], *, prior_known: bool) -> None:
        sure = prior_known or self.known or is_creation(event)
        for edit in edits:
            self._compare_old(event, edit)
        vouched = [
            path
            for path, edit in ((resolve(after, edit.path), edit) for edit in edits)
            if edit.new is not None and lookup(after, path) == _value(edit)
        ]
        old, self.state = self.state, after
        self._live(event)
        self._blame.update(
            old,
            after,
            event,
            named=vouched,
            sealed=lambda path: event.hash_version == 2 or _any_under(path, vouched, event),
            observed=lambda path: not sure and not any(is_under(path, at) for at in vouched),
        )
        self.known = True
        self._base = event.sequence_number
        self._applied = [event.sequence_number or 0]

    def _edit(self, event: Event, edits: tuple[Edit, ...]) -> None:
        for edit in edits:
            self._compare_old(event, edit)
        self._live(event)
        old, fields = self.state, {name for edit in edits for name in _fields_of(edit)}
        # What is edited is copied first: results already given out keep theirs.
        if isinstance(old, dict):
            self.state = old | {name: copy_value(old[name]) for name in fields if name in old}
        elif isinstance(old, list):
            self.state = copy_value(old)
        else:
            if old is not MISSING:
                self._conflict(event, ROOT, old, MISSING)
            self.state, self.known = {}, False
        named = [self._apply(event, edit) for edit in edits]
        self._blame.update(
            old,
            self.state,
            event,
            sealed=lambda _path: event.hash_version in {1, 2},
            named=named,
            fields=fields,
        )
        if self._applied[-1:] != [event.sequence_number]:
            self._applied.append(event.sequence_number or 0)

    def _apply(self, event: Event, edit: Edit) -> str:
        path = resolve(self.state, edit.path)
        if edit.new is None:
            remove(self.state, path)
            return path
        in_the_way = place(self.state, path, _value(edit))
        if in_the_way is not None:
            self._conflict(event, in_the_way, MISSING, _value(edit))
        return path

    def _compare_old(self, event: Event, edit: Edit) -> None:
        if edit.old is None or (self.state is MISSING and not self._ended):
            return
        claimed = load(edit.old)
        path = resolve(self.state, edit.path)
        stood = lookup(self.state, path)
        if stood is MISSING:
            # A logger writes "old": null for a field that was not there.
            if claimed is not None and self.known:
                self._conflict(event, path, stood, claimed)
        elif stood != claimed and self._room and not self._blame.is_doubtful(path):
            self._conflict(event, path, stood, claimed)

    def _conflict(
        self, event: Event, path: str, ours: JsonValue | Missing, theirs: JsonValue | Missing
    ) -> None:
        if self._room:
            self._room -= 1
            self._conflicts.append(
                Conflict(event.sequence_number or 0, event.event_id or "", path, _text(ours), _text(theirs))
            )


def _text(value: JsonValue | Missing) -> str | None:
    return None if value is MISSING else dump(value)


def _value(edit: Edit) -> JsonValue:
    """The new value, no deeper than everything that walks a state can go."""
    return load(edit.new or JSON_NULL, levels=max(0, MAX_DEPTH - edit.path.count("/") - edit.path.count(".")))


def _fields_of(edit: Edit) -> tuple[str, str]:
    """The top-level fields that the edit can touch, its name read plainly and with dots."""
    name = split(edit.path)[0]
    return name, name.partition(".")[0]


def _any_under(path: str, vouched: list[str], event: Event) -> bool:
    return event.hash_version == 1 and any(is_under(path, at) for at in vouched)
