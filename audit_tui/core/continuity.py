"""Whether snapshots and changes agree along each resource's history.

The only thing that can speak about columns outside a seal (the snapshots of version 1 events), and about what
an application changed without logging it. docs/continuity.md has the rules with an example each.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from audit_tui.core.agreement import Disagreement, disagreements, is_bookkeeping
from audit_tui.core.blame import is_under
from audit_tui.core.continuity_event import Telling
from audit_tui.core.excluded import Excluded
from audit_tui.core.findings import FINDINGS_CAP, AxisResult, Finding, Kind
from audit_tui.core.habits import Check, Habits, Key, Place, Record
from audit_tui.core.known import Known, first_of, where
from audit_tui.core.model import Event, State
from audit_tui.core.observe_continuity import (
    brief_value,
    change_disagreement,
    snapshot_discontinuity,
)
from audit_tui.core.pointer import MISSING, Missing, lookup
from audit_tui.core.safe import safe_line
from audit_tui.core.state import JsonValue
from audit_tui.core.words import plural

EDITS_CAP = 2_000
"""Fields of one event's `changes` that are compared."""
_HABITS_SHOWN = 5
_MAKERS = {
    Kind.SNAPSHOT_DISCONTINUITY: snapshot_discontinuity,
    Kind.CHANGE_DISAGREEMENT: change_disagreement,
}


@dataclass(frozen=True, slots=True)
class ContinuityResult:
    """`findings` are capped per kind and in the list's order, `counts` whole. `axis` is what is left to say
    where nothing was found (`verdict.judge_axes` makes it failed otherwise). `compared` are comparisons made.
    """

    axis: AxisResult
    findings: tuple[Finding, ...]
    counts: Counter[Kind]
    compared: int


@dataclass(slots=True)
class Continuity:
    """Feed `take` a tenant's events, each resource's together and in (sequence, id) order; then `finish`.

    Memory is constant: one resource's state, and bounded counts. Raises nothing for what an event holds.
    """

    tenant_id: str
    excluded: Excluded = field(default_factory=Excluded)
    habits: Habits = field(default_factory=Habits)
    compared: int = 0
    unread: int = 0
    _resource: tuple[str, str] | None = None
    _known: Known = field(default_factory=Known)
    _last: int = 0

    def take(self, event: Event) -> None:
        """Judges one event by those before it, and itself, and takes over what it tells."""
        sequence = event.sequence_number or 0
        resource = (event.resource_type or "", event.resource_id or "")
        if resource != self._resource or self.excluded.is_torn(self._last, sequence):
            self._resource = resource
            self._known.forget()
        self._last = sequence
        if self.excluded.is_tampered(sequence):
            self._known.forget()
            return
        told = Telling(event, self._known.text, self._known.value)
        if told.oversized:
            self.unread += 1
        else:
            self._judge(told)
        self._known.follow(told)

    def lose(self, events: int = 1) -> None:
        """An event could not be read: nothing is known about its resource any more."""
        self._known.forget()
        self.unread += events

    def finish(self, cut_off: str | None = None) -> ContinuityResult:
        """What was found. `cut_off` is why reading ended early: then the axis is inconclusive at best."""
        found: list[Finding] = []
        counts: Counter[Kind] = Counter()
        for name, count, records in self.habits.judge():
            kind = Kind(name)
            counts[kind] += count
            found += [_MAKERS[kind](self.tenant_id, record) for record in records]
        ordered = sorted(found, key=lambda finding: finding.order)
        listed: list[Finding] = []
        for kind in _MAKERS:
            listed += [finding for finding in ordered if finding.kind is kind][:FINDINGS_CAP]
        listed.sort(key=lambda finding: finding.order)
        return ContinuityResult(self._axis(counts, cut_off), tuple(listed), counts, self.compared)

    def _axis(self, counts: Counter[Kind], cut_off: str | None) -> AxisResult:
        if counts:
            return AxisResult(State.FAILED, ", ".join(f"{n} {kind}" for kind, n in sorted(counts.items())))
        if cut_off is not None:
            return AxisResult(State.INCONCLUSIVE, cut_off)
        if not self.compared:
            return AxisResult(
                State.NOT_RUN, "no event tells anew what another told of the same field: nothing to compare"
            )
        notes = []
        if self.unread:
            notes.append(f"{plural(self.unread, 'event')} not judged: unreadable or too long")
        habits = self.habits.list_habits()
        if habits:
            named = list(dict.fromkeys(map(_named, habits)))
            more = f" and {len(named) - _HABITS_SHOWN} more" if len(named) > _HABITS_SHOWN else ""
            notes.append(f"not judged, as they disagree as a rule: {', '.join(named[:_HABITS_SHOWN])}{more}")
        return AxisResult(State.OK, "; ".join(notes) or None)

    def _judge(self, told: Telling) -> None:
        before = self._compare_before(told)
        own: list[Place] = []
        if told.pairs and not told.is_erased:
            own = self._compare_own(told)
            if told.before is MISSING:
                before = self._compare_old(told)
        self._note(Kind.SNAPSHOT_DISCONTINUITY, told.event, before)
        self._note(Kind.CHANGE_DISAGREEMENT, told.event, own)

    def _compare_before(self, told: Telling) -> list[Place]:
        """The state that the history implies against the event's own account of it."""
        known, text = self._known, told.event.resource_before
        if known.value is MISSING or text is None:
            return []
        if text == known.text:
            self._count(Check.BEFORE)
            return []
        before = told.before
        if before is MISSING:
            return []
        self._count(Check.BEFORE)
        return [self._place(Check.BEFORE, each) for each in disagreements(known.value, before)]

    def _compare_old(self, told: Telling) -> list[Place]:
        """The state that the history implies against what `changes` say was there."""
        return [
            place
            for path, old, _ in told.pairs[:EDITS_CAP]
            for place in self._compare_pair(Check.OLD, self._known.value, path, old, flip=False)
        ]

    def _compare_own(self, told: Telling) -> list[Place]:
        """One event's `changes` against its own two snapshots."""
        found: list[Place] = []
        paths: list[str] = []
        side = told.after if told.after is not MISSING else told.before
        for path, old, new in told.pairs[:EDITS_CAP]:
            self.habits.name(self._type, first_of(path).partition(".")[0])
            found += self._compare_pair(Check.OWN_OLD, told.before, path, old, flip=True)
            found += self._compare_pair(Check.OWN_NEW, told.after, path, new, flip=True)
            paths.append(path if side is MISSING else where(side, path))
            self.habits.compare(Check.UNNAMED, self._type, first_of(paths[-1]))
        if len(told.pairs) <= EDITS_CAP:
            found += self._compare_unnamed(told, paths)
        return found

    def _compare_unnamed(self, told: Telling, paths: list[str]) -> list[Place]:
        """What the two snapshots show as changed, and `changes` do not name."""
        fields = {first_of(path) for path in paths}
        found: list[Place] = []
        for each in disagreements(told.before, told.after):
            path = each[0]
            if first_of(path) in fields and any(is_under(path, at) or is_under(at, path) for at in paths):
                continue
            self.habits.compare(Check.UNNAMED, self._type, first_of(path))
            found.append(self._place(Check.UNNAMED, each))
        return found

    def _compare_pair(
        self, check: Check, state: JsonValue | Missing, path: str, told: JsonValue | Missing, *, flip: bool
    ) -> list[Place]:
        """A value that `changes` tell against what a state holds there. JSON null says nothing: many loggers
        write it for what they did not look up.
        """
        if state is MISSING or told is MISSING or told is None:
            return []
        path = where(state, path)
        stood = lookup(state, path)
        name = first_of(path)
        if stood is MISSING or is_bookkeeping(name):
            return []
        self._count(check, name)
        if stood == told:
            return []
        ours, theirs = (told, stood) if flip else (stood, told)
        return [self._place(check, each) for each in disagreements(ours, theirs, path)]

    def _place(self, check: Check, each: Disagreement) -> Place:
        path, expected, found = each
        source = self._known.source(path) if check in (Check.BEFORE, Check.OLD) else None
        return Place(
            Key(check, self._type, first_of(path)),
            path, brief_value(expected), brief_value(found),
            source.sequence if source else None, source.version if source else None,
        )  # fmt: skip

    def _note(self, kind: Kind, event: Event, places: list[Place]) -> None:
        if places:
            record = Record(
                event.sequence_number or 0, event.event_id, event.hash_version,
                event.resource_type or "", event.resource_id or "", tuple(places),
            )  # fmt: skip
            self.habits.note(kind, record)

    def _count(self, check: Check, name: str = "") -> None:
        self.compared += 1
        self.habits.compare(check, self._type, name)

    @property
    def _type(self) -> str:
        return self._resource[0] if self._resource else ""


def _named(key: Key) -> str:
    return f"{safe_line(key.field, 40) or 'the whole state'} of {safe_line(key.resource_type, 40)}"


def check_continuity(tenant_id: str, events: Iterable[Event], excluded: Excluded) -> ContinuityResult:
    """The whole check over events that are at hand, in any order."""
    continuity = Continuity(tenant_id, excluded)
    counted = [event for event in events if event.sequence_number is not None]
    for event in sorted(counted, key=_place_of):
        continuity.take(event)
    return continuity.finish()


def _place_of(event: Event) -> tuple[str, str, int, int]:
    return (event.resource_type or "", event.resource_id or "", event.sequence_number or 0, event.id or 0)
