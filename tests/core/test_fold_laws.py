"""What holds for every history, however odd."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core.blame import leaves
from audit_tui.core.fold import Folding
from audit_tui.core.jsontext import dump
from audit_tui.core.model import Event
from tests.core.builders import UNSET, fold_of, make_event
from tests.core.strategies import KEYS, PYTHON_JSON

SNAPSHOTS = (
    st.just(UNSET) | PYTHON_JSON.map(lambda value: None if value is None else {"whole": value}) | PYTHON_JSON
)
DELTAS = st.dictionaries(
    KEYS | st.sampled_from(["whole", "whole.a", "a.b"]),
    st.fixed_dictionaries({}, optional={"old": PYTHON_JSON, "new": PYTHON_JSON}) | PYTHON_JSON,
    max_size=3,
)
PARTS = st.dictionaries(st.sampled_from(["changes", "snapshots", "identity"]), st.just("0" * 64), min_size=1)
TYPES = st.sampled_from(["user.updated", "user.created", "user.deleted", "user.viewed", None])


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Events of one resource with everything the rules tell apart, valid and not."""
    return [
        make_event(
            sequence,
            draw(TYPES),
            changes=draw(st.just(UNSET) | DELTAS),
            before=draw(SNAPSHOTS.filter(lambda value: not isinstance(value, str))),
            after=draw(SNAPSHOTS.filter(lambda value: not isinstance(value, str))),
            erased=draw(st.just(UNSET) | PARTS),
            hash_version=draw(st.sampled_from([1, 2, None])),
        )
        for sequence in range(1, draw(st.integers(0, 6)) + 1)
    ]


@given(histories())
def test_blame_covers_exactly_the_leaves(events: Sequence[Event]) -> None:
    made = fold_of(events)
    if made.state is None and not made.provenance:
        return
    assert set(made.provenance) == set(leaves(made.state))


@given(histories())
def test_the_fold_at_the_last_event_is_the_fold_in_steps(events: Sequence[Event]) -> None:
    folding = Folding()
    for event in events:
        folding.take(event)
        step = folding.result("org_xyz789", "user", "usr_456", "2024-01-02T00:00:00.000000Z")
        assert step == fold_of(events, through=event.sequence_number)


@given(histories(), PYTHON_JSON.filter(lambda value: not isinstance(value, str) and value is not None))
def test_a_snapshot_replaces_whatever_was_there(events: Sequence[Event], after: object) -> None:
    snapshot = make_event(len(events) + 1, "user.updated", after=after)
    made = fold_of([*events, snapshot])
    assert dump(made.state) == dump(fold_of([snapshot]).state)
    assert (made.exists, made.complete, made.applied) == (True, True, (len(events) + 1,))


@given(histories())
def test_an_end_leaves_nothing(events: Sequence[Event]) -> None:
    made = fold_of([*events, make_event(len(events) + 1, "user.deleted")])
    assert (made.exists, made.state, made.provenance, made.complete) == (False, None, {}, True)


@given(histories())
def test_provenance_names_events_that_were_folded(events: Sequence[Event]) -> None:
    made = fold_of(events)
    folded = {event.sequence_number for event in events}
    named = {who.sequence for who in made.provenance.values()} | {c.sequence for c in made.conflicts}
    assert named | set(made.applied) | set(made.raw_changes) | set(made.erased) <= folded
