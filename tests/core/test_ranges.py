"""What ranges of a chain say, joined, is what one walk over all of it says, whatever was done to it."""

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from audit_tui.core.coverage import build_coverage, parse_boundaries
from audit_tui.core.findings import FINDINGS_CAP, Finding, Kind
from audit_tui.core.model import Event
from audit_tui.core.ranges import RangeResult, join, list_incomplete
from audit_tui.core.seal import hash_v1
from audit_tui.core.walk import LOOK_BACK, Walk
from tests.builders import drop, edit, make_chain, make_event, rehash, seal_chain

LENGTH = 14
SEQUENCES = st.integers(1, LENGTH)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), SEQUENCES, st.sampled_from(["actor_id", "previous_hash", "event_hash"])),
        st.tuples(st.just("rehash"), SEQUENCES, st.just("")),
        st.tuples(st.just("drop"), SEQUENCES, st.just("")),
        st.tuples(st.just("copy"), SEQUENCES, st.just("")),
        st.tuples(st.just("late"), SEQUENCES, st.just("")),
        st.tuples(st.just("version"), SEQUENCES, st.just("")),
        st.tuples(st.just("zone"), SEQUENCES, st.just("")),
        st.tuples(st.just("erase"), SEQUENCES, st.just("")),
    ),
    max_size=5,
)
ERASED = json.dumps({"details": "0" * 64})
CUTS = st.lists(st.integers(0, LENGTH + 2), max_size=4, unique=True).map(sorted)


def mixed_chain() -> list[Event]:
    """Seven events of version 1, of which the first four were sealed in two zones; then version 2."""
    events: list[Event] = []
    for sequence in range(1, 8):
        one = make_event("org", sequence, hash_version=1, part_salts=None)
        one = one._replace(previous_hash=events[-1].event_hash if events else None)
        offset = {1: 19800, 2: 19800, 3: -3600, 4: -3600}.get(sequence, 0)
        events.append(one._replace(event_hash=hash_v1(one, offset)))
    later = [make_event("org", sequence) for sequence in range(8, LENGTH)]
    erased = {"erased": [{"sequences": [[9, 10]], "parts": ["details"], "actor_id": None}]}
    later.append(make_event("org", LENGTH, event_type="audit.erased", metadata=json.dumps(erased)))
    return events + seal_chain(later, before=events[-1])


def perform(events: list[Event], name: str, sequence: int, column: str) -> None:
    if all(event.sequence_number != sequence for event in events):
        return
    doers: dict[str, Callable[[], object]] = {
        "edit": lambda: edit(events, sequence, **{column: "f" * 64}),
        "rehash": lambda: rehash(events, sequence),
        "drop": lambda: drop(events, sequence, sequence + 1),
        "copy": lambda: events.insert(0, _of(events, sequence)._replace(id=99)),
        "late": lambda: (
            edit(events, sequence, timestamp="2031-01-01 00:00:00+00"),
            rehash(events, sequence),
        ),
        "version": lambda: edit(events, sequence, hash_version=1),
        "zone": lambda: edit(events, sequence, event_hash=hash_v1(_of(events, sequence), 7200)),
        "erase": lambda: edit(
            events, sequence, erased_parts='{"details": "' + "0" * 64 + '"}', metadata=None
        ),
    }
    doers[name]()


def _of(events: list[Event], sequence: int) -> Event:
    return next(event for event in events if event.sequence_number == sequence)


def check(events: list[Event], cuts: list[int]) -> tuple[RangeResult, list[Finding], Any]:
    """The joined result, its findings in order, and those of incomplete erasures."""
    coverage, boundaries = build_coverage(events), parse_boundaries(events)
    results = []
    for low, high in pairwise([0, *cuts, LENGTH + 10]):
        walk = Walk("org", coverage, boundaries)
        walk.begin_after([e for e in events if (e.sequence_number or 0) <= low][-LOOK_BACK:])
        for event in events:
            if low < (event.sequence_number or 0) <= high:
                walk.step(event)
        results.append(walk.result())
    joined = join(results)
    return joined, sorted(joined.running, key=lambda f: f.order), list_incomplete("org", joined, coverage)


@settings(max_examples=400)
@given(acts=ACTS, cuts=CUTS)
@example(acts=[("copy", 5, "")], cuts=[4, 5])
@example(acts=[("zone", 3, ""), ("drop", 5, "")], cuts=[3, 6])
@example(acts=[("edit", 6, "event_hash")], cuts=[6])
@example(acts=[("late", 9, ""), ("rehash", 9, "")], cuts=[9, 10])
def test_ranges_joined_say_what_the_whole_walk_says(
    acts: list[tuple[str, int, str]], cuts: list[int]
) -> None:
    events = mixed_chain()
    for act in acts:
        perform(events, *act)
    events.sort(key=lambda event: (event.sequence_number or 0, event.id or 0))
    cuts = [cut for cut in cuts if cut > 0]
    assert _plain(check(events, cuts)) == _plain(check(events, []))


def _plain(checked: tuple[RangeResult, list[Finding], Any]) -> tuple[Any, ...]:
    result, findings, incomplete = checked
    counts = {kind: count for kind, count in result.counts.items() if count}
    return (
        findings, incomplete, counts, result.events, result.erased_events, result.first_hash, result.boundary,
        result.first_unproven, result.last, result.zones.count, result.uncovered.count,
    )  # fmt: skip


def test_many_runs_are_counted_and_only_so_many_listed() -> None:
    chain = make_chain("org", 2 * FINDINGS_CAP + 20)
    mixed = [e._replace(hash_version=1) if (e.sequence_number or 0) % 2 else e for e in chain]
    walks = []
    for part in (mixed[:900], mixed[900:]):
        walk = Walk("org", build_coverage([]))
        for event in part:
            walk.step(event)
        walks.append(walk.result())
    joined = join(walks)
    assert joined.uncovered.count == FINDINGS_CAP + 10
    assert len(joined.uncovered.listed) == FINDINGS_CAP
    assert joined.uncovered.last is not None
    assert joined.uncovered.last.first_sequence == 2 * FINDINGS_CAP + 19


def test_regular_rows_passed_over_say_what_walking_them_says() -> None:
    events = mixed_chain()
    plain, quick = Walk("org", build_coverage(events)), Walk("org", build_coverage(events))
    for event in events:
        plain.step(event)
    quick.step(events[0])
    for low, high, offset in ((1, 1, 19800), (2, 3, -3600), (4, 9, 0), (10, 13, 0)):
        quick.zone = offset
        version_1 = sum(event.hash_version == 1 for event in events[low : high + 1])
        quick.pass_regular(high - low + 1, version_1, events[low], events[high])
    assert _walked(quick) == _walked(plain)
    assert quick.events == plain.events


def _walked(walk: Walk) -> list[Finding]:
    """Nothing in this chain was erased, which only a look at each event can tell."""
    return [finding for finding in walk.finish() if finding.kind is not Kind.ERASURE_INCOMPLETE]
