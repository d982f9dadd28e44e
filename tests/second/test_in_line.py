"""Events side by side: exactly what differs is named, and an erasure that fits accuses nobody."""

import json
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core.model import PARTS, Event, Part
from audit_tui.core.seal import part_digest, sealed_hash
from audit_tui.core.second.fields import FieldState, compare_events
from audit_tui.core.second.in_line import InLine, Lost, RunKind, merge
from tests.builders import edit, make_chain

CHAIN = make_chain("org", 30)


def compare(here: list[Event], there: list[Event], *, saying: bool = False) -> InLine:
    found = InLine(saying=saying)
    for one, other in merge(here, there):
        found.take(one, other)
    return found


def erase(event: Event, part: Part, **columns: object) -> Event:
    """The event as an authorised erasure leaves it: digest kept, salt zeroed, hash as it was."""
    salts = bytearray(event.part_salts or b"")
    at = 16 * PARTS.index(part)
    digest = part_digest(event, part)
    salts[at : at + 16] = bytes(16)
    erased = event._replace(part_salts=bytes(salts), erased_parts=json.dumps({part: digest}), **columns)
    assert sealed_hash(erased) == event.event_hash
    return erased


def test_the_same_chain_is_the_same_whatever_its_ids() -> None:
    found = compare(CHAIN, [event._replace(id=(event.id or 0) + 1000) for event in CHAIN])
    assert (found.compared, found.differing, found.runs) == (30, 0, [])


@dataclass(frozen=True)
class Change:
    sequence: int
    column: str | None


CHANGES = st.lists(
    st.builds(
        Change,
        st.integers(1, 30),
        st.sampled_from([None, "actor_id", "changes", "endpoint", "previous_hash"]),
    ),
    max_size=6,
    unique_by=lambda change: change.sequence,
)


@given(CHANGES)
def test_exactly_the_changed_and_the_missing_events_are_named(changes: list[Change]) -> None:
    there = list(CHAIN)
    for change in changes:
        if change.column is not None:
            edit(there, change.sequence, **{change.column: '"other"'})
    gone = {change.sequence for change in changes if change.column is None}
    there = [event for event in there if event.sequence_number not in gone]
    found = compare(CHAIN, there)
    named = {n: run.kind for run in found.runs for n in range(run.first, run.last + 1)}
    assert named == {
        change.sequence: RunKind.ONLY_HERE if change.column is None else RunKind.DIFFERS for change in changes
    }
    assert found.differing == len(changes)


def test_neighbours_that_differ_are_one_run() -> None:
    there = [event for event in CHAIN if event.sequence_number not in {7, 8, 9, 20}]
    runs = compare(CHAIN, there).runs
    assert [(run.kind, run.first, run.last) for run in runs] == [
        (RunKind.ONLY_HERE, 7, 9), (RunKind.ONLY_HERE, 20, 20),
    ]  # fmt: skip
    assert [run.kind for run in compare(there, CHAIN).runs] == [RunKind.ONLY_THERE] * 2


def test_a_doubled_sequence_meets_its_like() -> None:
    doubled = [*CHAIN[:5], CHAIN[4]._replace(event_id="evt_copy"), *CHAIN[5:]]
    assert compare(doubled, doubled).differing == 0
    found = compare(CHAIN, doubled)
    assert [(run.kind, run.first, run.last) for run in found.runs] == [(RunKind.ONLY_THERE, 5, 5)]


def test_hashes_that_follow_from_a_change_do_not_count_as_said() -> None:
    there = [event._replace(previous_hash="0" * 64, event_hash="1" * 64) for event in CHAIN]
    edit(there, 9, actor_id="usr_else")
    assert compare(CHAIN, there).differing == 30
    assert [pair.sequence for pair in compare(CHAIN, there, saying=True).pairs] == [9]


def test_a_row_that_could_not_be_read_is_counted_and_accuses_nobody() -> None:
    found = compare(CHAIN, [*CHAIN[:3], Lost(4), *CHAIN[4:]])  # type: ignore[list-item] # a row of another kind
    assert (found.unread, found.differing) == (1, 0)


def test_an_erasure_on_one_side_is_shown_and_is_no_difference() -> None:
    whole = CHAIN[3]
    gone = erase(whole, Part.DETAILS, metadata=None, endpoint=None)
    assert {each.state for each in compare_events(gone, whole)} == {FieldState.ERASED_HERE}
    assert [(each.column, each.state) for each in compare_events(whole, gone)] == [
        ("metadata", FieldState.ERASED_THERE)
    ]
    found = compare([whole], [gone])
    assert (found.differing, found.erased_apart) == (0, 1)


def test_an_erasure_of_something_else_is_a_difference() -> None:
    whole = CHAIN[3]
    gone = erase(whole, Part.DETAILS, metadata=None, endpoint=None)
    edited = whole._replace(metadata='{"source": "forged"}')
    states = {each.column: each.state for each in compare_events(gone, edited)}
    assert states["metadata"] is FieldState.DIFFERS
    assert compare([gone], [edited]).differing == 1
    malformed = gone._replace(erased_parts="[1]")
    assert "erased_parts" in {each.column for each in compare_events(malformed, whole)}


def test_salts_that_were_exchanged_are_a_difference() -> None:
    other = CHAIN[3]._replace(part_salts=bytes(64))
    assert [each.column for each in compare_events(CHAIN[3], other)] == ["part_salts"]
    shorter = CHAIN[3]._replace(part_salts=b"")
    assert [each.column for each in compare_events(CHAIN[3], shorter)] == ["part_salts"]
