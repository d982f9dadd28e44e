"""What holds of continuity for every history."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core.agreement import agree
from audit_tui.core.continuity import check_continuity
from audit_tui.core.excluded import Excluded
from audit_tui.core.findings import Kind
from audit_tui.core.jsontext import load
from audit_tui.core.model import Event
from tests.core.builders import UNSET, make_event
from tests.core.strategies import PYTHON_JSON
from tests.core.test_fold_laws import histories

NAMES = st.sampled_from(["role", "mail", "plan", "tags", "a/b"])
STATES = st.dictionaries(NAMES, PYTHON_JSON, min_size=1, max_size=4)


@st.composite
def honest_lives(draw: st.DrawFn) -> list[Event]:
    """One resource as an application changes and logs it: whole snapshots, deltas, both, or reads."""
    state: dict[str, Any] = draw(STATES)
    events = [make_event(1, "user.created", before=draw(st.sampled_from([UNSET, None])), after=state)]
    for sequence in range(2, draw(st.integers(2, 7)) + 1):
        form = draw(st.sampled_from(["both", "snapshots", "delta", "after", "read", "silent", "erased"]))
        new = {**state, **draw(STATES)} if form != "read" else state
        changes = {
            k: {"old": state.get(k), "new": v} for k, v in new.items() if state.get(k) != v or k not in state
        }
        columns: dict[str, Any] = {"changes": changes, "before": state, "after": new}
        if form == "snapshots":
            del columns["changes"]
        elif form == "delta":
            columns = {"changes": changes}
        elif form == "after":
            columns = {"after": new}
        elif form in ("read", "silent"):
            columns = {}
        elif form == "erased":
            columns = {"erased": {"snapshots": "0" * 64, "changes": "0" * 64}}
        events.append(make_event(sequence, "user.viewed" if form == "read" else "user.updated", **columns))
        state = new
    events.append(make_event(len(events) + 1, "user.deleted", before=state))
    return events


@given(honest_lives())
def test_an_honest_life_gives_no_finding(events: list[Event]) -> None:
    assert check_continuity("org_xyz789", events, Excluded()).findings == ()


@given(STATES, st.data())
def test_a_changed_snapshot_gives_one_where_the_state_is_known(
    state: dict[str, Any], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(state)))
    forged = data.draw(PYTHON_JSON.filter(lambda value: not _agree(state[name], value)))
    honest = [
        make_event(1, after=state),
        make_event(2, before=state, after=state),
        make_event(3, before=state),
    ]
    for number, column in ((0, "resource_after"), (1, "resource_before"), (1, "resource_after")):
        events = list(honest)
        events[number] = events[number]._replace(**{column: json.dumps(state | {name: forged})})
        found = check_continuity("org_xyz789", events, Excluded()).findings
        assert [finding.kind for finding in found] == [Kind.SNAPSHOT_DISCONTINUITY]


@given(histories())
def test_whatever_events_hold_it_ends_and_counts_what_it_lists(events: list[Event]) -> None:
    made = check_continuity("org_xyz789", events, Excluded())
    assert sum(made.counts.values()) == len(made.findings)
    assert list(made.findings) == sorted(made.findings, key=lambda finding: finding.order)
    places = [(finding.kind, finding.first_sequence) for finding in made.findings]
    assert len(places) == len(set(places))


@given(histories(), st.sets(st.integers(1, 6)))
def test_excluded_events_bear_no_finding(events: list[Event], tampered: set[int]) -> None:
    excluded = Excluded([(number, number) for number in tampered])
    found = check_continuity("org_xyz789", events, excluded).findings
    assert not {finding.first_sequence for finding in found} & tampered


@given(PYTHON_JSON, PYTHON_JSON)
def test_agreement_is_mutual(a: object, b: object) -> None:
    assert _agree(a, b) == _agree(b, a)
    assert _agree(a, a)


def _agree(a: object, b: object) -> bool:
    return agree(load(json.dumps(a)), load(json.dumps(b)))
