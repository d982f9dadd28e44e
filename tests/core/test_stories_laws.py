"""Whatever was done to a chain: the stories tell every finding once, and claim no more than the list."""

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from audit_tui.core.findings import FINDINGS_CAP, Confidence, Kind, Severity, Story, StoryKind
from audit_tui.core.model import Event
from audit_tui.core.stories import tell
from tests.builders import drop, edit, make_chain, rehash
from tests.core.tampering import FORGED, double, put, relink, renumber
from tests.core.test_walk import walk

AT = st.integers(1, 14)
VALUES = {"event_hash": (None, FORGED, ""), "previous_hash": (None, FORGED), "hash_version": (1, None, 7)}
ACTS = st.one_of(
    st.tuples(st.just("edit"), AT, st.sampled_from(["actor_id", *VALUES]), st.integers(0, 2)),
    st.tuples(st.sampled_from(["rehash", "double", "double linked", "put", "put linked"]), AT),
    st.tuples(st.sampled_from(["drop", "relink"]), AT, st.integers(0, 4)),
    st.tuples(st.just("renumber"), AT, st.integers(-2, 3)),
)


def perform(events: list[Event], act: tuple[Any, ...]) -> None:
    name, at, *rest = act
    if name == "drop":
        drop(events, at, at + rest[0])
    elif name == "renumber":
        renumber(events, at, rest[0])
    elif not any(e.sequence_number == at for e in events):
        return
    elif name == "edit":
        column, choice = rest
        values = VALUES.get(column, ("x",))
        edit(events, at, **{column: values[choice % len(values)]})
    elif name == "rehash":
        rehash(events, at)
    elif name == "relink":
        relink(events, at, at + rest[0])
    elif name.startswith("double"):
        double(events, at, linked=name.endswith("linked"))
    elif any(e.sequence_number == at - 1 for e in events):
        put(events, at, linked=name.endswith("linked"))
    events.sort(key=lambda e: (e.sequence_number or 0, e.id or 0))


@settings(max_examples=300)
@given(st.lists(ACTS, max_size=5))
def test_every_finding_is_told_once(acts: list[tuple[Any, ...]]) -> None:
    events = make_chain("org", 12)
    for act in acts:
        perform(events, act)
    if not events:
        return
    findings = walk(events)
    told = tell(findings, "org", events[0].sequence_number or 0, events[-1].sequence_number or 0)
    due = [f for f in findings if f.severity in (Severity.TAMPERED, Severity.INCONCLUSIVE)]
    assert sorted(f.order for story in told for f in story.findings) == sorted(f.order for f in due)
    for story in told:
        assert (story.alternative is None) is (story.confidence is Confidence.PROVEN)
        assert list(story.findings) == sorted(story.findings, key=lambda f: f.order)
        claims_nothing_broken(story, due)


def claims_nothing_broken(story: Story, due: list[Any]) -> None:
    """No stretch that is said to fit its seals and links holds an event with a finding about its content."""
    rest = story.still_proven.split(" still fit", maxsplit=1)[0]
    assert "{" not in story.still_proven
    proven = [(int(a), int(b or a)) for a, b in re.findall(r"(-?\d+)(?: to (-?\d+))?", rest)]
    for finding in due:
        if finding.kind in (Kind.LINK_MISMATCH, Kind.SEQUENCE_GAP, Kind.GENESIS_MISMATCH):
            continue
        assert not any(low <= finding.first_sequence <= high for low, high in proven), rest


def test_where_a_list_was_cut_short_nothing_is_said_of_what_lies_behind() -> None:
    events = make_chain("org", FINDINGS_CAP + 500)
    drop(events, 5, 5)
    renumber(events, 6, -1)
    findings = walk(events)
    (story,) = tell(findings, "org", 1, FINDINGS_CAP + 499)
    assert story.kind is StoryKind.RENUMBERED
    assert story.last_sequence == FINDINGS_CAP + 499
    assert story.still_proven == "Events 1 to 4 still fit their seals and links."
