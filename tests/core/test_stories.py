"""One cause, one story."""

from collections.abc import Callable

import pytest

from audit_tui.core.findings import SEVERITY, Confidence, Finding, Kind, StoryKind
from audit_tui.core.model import Event
from audit_tui.core.stories import tell
from audit_tui.core.telling import untouched
from tests.builders import drop, edit, make_chain, rehash
from tests.core.test_walk import walk


def _edit(events: list[Event]) -> None:
    edit(events, 4, actor_id="x")


def _edit_three(events: list[Event]) -> None:
    for sequence in (4, 5, 6):
        edit(events, sequence, actor_id="x")


def _rehash(events: list[Event]) -> None:
    edit(events, 4, actor_id="x")
    rehash(events, 4)


def _drop(events: list[Event]) -> None:
    drop(events, 4, 6)


def _drop_first(events: list[Event]) -> None:
    drop(events, 1, 1)


def _null_hash(events: list[Event]) -> None:
    edit(events, 4, event_hash=None)


def _other_hash(events: list[Event]) -> None:
    edit(events, 4, event_hash="a" * 64)


def _swap(a: int, b: int) -> Callable[[list[Event]], None]:
    def swap(events: list[Event]) -> None:
        edit(events, a, sequence_number=99)
        edit(events, b, sequence_number=a)
        edit(events, 99, sequence_number=b)
        events.sort(key=lambda e: e.sequence_number or 0)

    return swap


@pytest.mark.parametrize(
    ("tamper", "kind", "summary"),
    [
        (_edit, StoryKind.EDITED_IN_PLACE, "edited in place at 4"),
        (_edit_three, StoryKind.EDITED_IN_PLACE, "edited in place at 4 to 6"),
        (_rehash, StoryKind.EDITED_AND_REHASHED, "edited and rehashed at 4"),
        (_drop, StoryKind.DELETED, "3 events missing, 4 to 6"),
        (_drop_first, StoryKind.START_DELETED, "first event deleted"),
        (_null_hash, StoryKind.HASH_DAMAGED, "hash damaged at 4"),
        (_other_hash, StoryKind.HASH_DAMAGED, "hash damaged at 4"),
        (_swap(4, 5), StoryKind.SWAPPED, "events 4 and 5 swapped"),
        (_swap(3, 7), StoryKind.SWAPPED, "events 3 and 7 swapped"),
        (_swap(4, 10), StoryKind.SWAPPED, "events 4 and 10 swapped"),
        (_swap(9, 10), StoryKind.SWAPPED, "events 9 and 10 swapped"),
    ],
)
def test_each_tampering_is_one_story(
    tamper: Callable[[list[Event]], None], kind: StoryKind, summary: str
) -> None:
    events = make_chain("org", 10)
    tamper(events)
    findings = walk(events)
    (story,) = tell(findings, "org", events[0].sequence_number or 0, 10)
    assert (story.kind, story.summary) == (kind, summary)
    assert set(story.findings) == set(findings)


def test_two_tamperings_are_two_stories() -> None:
    events = make_chain("org", 20)
    _edit(events)
    drop(events, 12, 13)
    kinds = [story.kind for story in tell(walk(events), "org", 1, 20)]
    assert kinds == [StoryKind.EDITED_IN_PLACE, StoryKind.DELETED]


@pytest.mark.parametrize("kind", [k for k in Kind if SEVERITY[k] in ("tampered", "inconclusive")])
def test_no_tampering_finding_is_left_untold(kind: Kind) -> None:
    finding = Finding(kind, SEVERITY[kind], "org", 5, 5, "evt_1", "It happened.")
    (story,) = tell([finding], "org", 1, 9)
    assert finding in story.findings


def test_what_is_still_proven_leaves_out_every_break() -> None:
    events = make_chain("org", 20)
    _edit(events)
    drop(events, 12, 13)
    for story in tell(walk(events), "org", 1, 20):
        assert story.still_proven == "Events 1 to 3, 5 to 11 and 14 to 20 still fit their seals and links."


def test_many_breaks_name_only_the_first_stretches() -> None:
    assert untouched((1, 100), [(n, n) for n in range(5, 60, 5)]) == (
        "Events 1 to 4, 6 to 9, 11 to 14, 16 to 19 and 8 more stretches still fit their seals and links."
    )
    assert untouched((1, 3), [(1, 3)]) == "No event of this tenant is proven."


@pytest.mark.parametrize(
    ("sequence", "confidence", "other"),
    [
        (1, Confidence.PROVEN, None),
        (4, Confidence.LIKELY, "The change may begin earlier"),
        (9, Confidence.POSSIBLE, "Event 10 is the head"),
    ],
)
def test_how_sure_a_rehashed_event_is(sequence: int, confidence: Confidence, other: str | None) -> None:
    events = make_chain("org", 10)
    edit(events, sequence, actor_id="x")
    rehash(events, sequence)
    (story,) = tell(walk(events), "org", 1, 10)
    assert story.confidence is confidence
    assert (story.alternative or "").startswith(other or "")
    assert (story.alternative is None) is (other is None)
