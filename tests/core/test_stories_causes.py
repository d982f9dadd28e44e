"""Each act of an intruder, told as one cause, with how sure that is and what else it could be."""

from collections.abc import Callable

import pytest

from audit_tui.core.findings import Confidence, Kind, Severity, Story, StoryKind
from audit_tui.core.model import Event
from audit_tui.core.seal import hash_v1
from audit_tui.core.stories import tell
from tests.builders import drop, edit, make_chain, rehash, seal_chain
from tests.core.tampering import FORGED, double, put, relink, renumber, witnessed
from tests.core.test_walk import walk

HEAD = 12
Act = Callable[[list[Event]], object]


def stories(act: Act, *more: object) -> tuple[Story, ...]:
    events = make_chain("org", HEAD)
    act(events)
    findings = (*walk(events), *more)
    return tell(findings, "org", events[0].sequence_number or 0, events[-1].sequence_number or 0)  # type: ignore[arg-type]


def all_of(*acts: Act) -> Act:
    return lambda events: [act(events) for act in acts]


CAUSES: dict[str, tuple[Act, StoryKind, tuple[int, int], Confidence]] = {
    "edit": (lambda e: edit(e, 4, actor_id="x"), StoryKind.EDITED_IN_PLACE, (4, 4), Confidence.PROVEN),
    "edit of the head": (
        lambda e: edit(e, 12, actor_id="x"), StoryKind.EDITED_IN_PLACE, (12, 12), Confidence.LIKELY,
    ),
    "edit of the link": (
        lambda e: edit(e, 5, previous_hash=FORGED), StoryKind.EDITED_IN_PLACE, (5, 5), Confidence.LIKELY,
    ),
    "edit of columns and hash": (
        lambda e: edit(e, 5, actor_id="x", event_hash=FORGED), StoryKind.EDITED_IN_PLACE, (5, 5),
        Confidence.LIKELY,
    ),
    "rehash": (
        all_of(lambda e: edit(e, 5, actor_id="x"), lambda e: rehash(e, 5)),
        StoryKind.EDITED_AND_REHASHED, (5, 5), Confidence.LIKELY,
    ),
    "rehash of neighbours": (
        all_of(lambda e: edit(e, 5, actor_id="x"), lambda e: edit(e, 6, actor_id="x"), lambda e: rehash(e, 5),
               lambda e: rehash(e, 6)),
        StoryKind.EDITED_AND_REHASHED, (5, 6), Confidence.LIKELY,
    ),
    "partly re-chained": (
        all_of(lambda e: edit(e, 4, actor_id="x"), lambda e: relink(e, 4, 8)),
        StoryKind.EDITED_AND_REHASHED, (8, 8), Confidence.LIKELY,
    ),
    "no link, rehashed": (
        all_of(lambda e: edit(e, 5, previous_hash=None), lambda e: rehash(e, 5)),
        StoryKind.EDITED_AND_REHASHED, (5, 5), Confidence.PROVEN,
    ),
    "no link at the head, rehashed": (
        all_of(lambda e: edit(e, 12, previous_hash=None), lambda e: rehash(e, 12)),
        StoryKind.EDITED_AND_REHASHED, (12, 12), Confidence.PROVEN,
    ),
    "deleted": (lambda e: drop(e, 5, 7), StoryKind.DELETED, (5, 7), Confidence.PROVEN),
    "deleted and renumbered": (
        all_of(lambda e: drop(e, 5, 6), lambda e: renumber(e, 7, -2)),
        StoryKind.RENUMBERED, (5, 10), Confidence.LIKELY,
    ),
    "renumbered upwards": (lambda e: renumber(e, 5, 3), StoryKind.RENUMBERED, (8, 15), Confidence.LIKELY),
    "first deleted and renumbered": (
        all_of(lambda e: drop(e, 1, 1), lambda e: renumber(e, 2, -1)),
        StoryKind.RENUMBERED, (1, 11), Confidence.LIKELY,
    ),
    "a copy inserted": (lambda e: put(e, 6, linked=False), StoryKind.INSERTED, (6, 13), Confidence.LIKELY),
    "an event inserted and linked": (
        lambda e: put(e, 6, linked=True), StoryKind.INSERTED, (6, 13), Confidence.LIKELY,
    ),
    "a copy at the end": (
        lambda e: put(e, 13, linked=False, previous_hash=FORGED),
        StoryKind.INSERTED, (13, 13), Confidence.POSSIBLE,
    ),
    "duplicate": (lambda e: double(e, 5, linked=False), StoryKind.DUPLICATED, (5, 5), Confidence.PROVEN),
    "duplicate with a hash": (
        lambda e: double(e, 5, linked=True), StoryKind.DUPLICATED, (5, 5), Confidence.PROVEN,
    ),
    "no hash": (lambda e: edit(e, 5, event_hash=None), StoryKind.HASH_DAMAGED, (5, 5), Confidence.PROVEN),
    "no hashes": (
        lambda e: [edit(e, n, event_hash=None) for n in (5, 6, 7)],
        StoryKind.HASH_DAMAGED, (5, 7), Confidence.PROVEN,
    ),
    "another hash": (
        lambda e: edit(e, 5, event_hash=FORGED), StoryKind.HASH_DAMAGED, (5, 5), Confidence.PROVEN,
    ),
    "nothing but nulls": (
        lambda e: edit(e, 5, event_hash=None, previous_hash=None, hash_version=None),
        StoryKind.DOWNGRADED, (5, 5), Confidence.PROVEN,
    ),
    "forged start": (
        all_of(lambda e: edit(e, 1, previous_hash=FORGED), lambda e: rehash(e, 1)),
        StoryKind.FORGED_START, (1, 1), Confidence.PROVEN,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CAUSES)
def test_one_cause_is_one_story(name: str) -> None:
    act, kind, span, confidence = CAUSES[name]
    (story,) = stories(act)
    assert (story.kind, (story.first_sequence, story.last_sequence)) == (kind, span)
    assert story.confidence is confidence
    assert (story.alternative is None) is (confidence is Confidence.PROVEN)


def test_nothing_vouches_for_the_hash_of_an_event_before_a_gap() -> None:
    edited, deleted = stories(all_of(lambda e: edit(e, 5, actor_id="x"), lambda e: drop(e, 6, 7)))
    assert (edited.kind, edited.confidence) == (StoryKind.EDITED_IN_PLACE, Confidence.LIKELY)
    assert (deleted.kind, deleted.confidence) == (StoryKind.DELETED, Confidence.PROVEN)


def test_an_event_behind_a_gap_that_does_not_fit_may_have_moved() -> None:
    deleted, _ = stories(all_of(lambda e: edit(e, 8, actor_id="x"), lambda e: drop(e, 6, 7)))
    assert (deleted.kind, deleted.confidence) == (StoryKind.DELETED, Confidence.LIKELY)


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (
            lambda e: edit(e, 5, event_hash=None),
            "Event 6 recorded the hash that event 5's columns still give",
        ),
        (
            lambda e: edit(e, 5, event_hash=None, actor_id="x"),
            "Event 6 recorded another hash than event 5's columns give: event 5's content changed too.",
        ),
        (
            lambda e: edit(e, 12, event_hash=""),
            "No later event recorded the hash of event 12",
        ),
        (
            lambda e: edit(e, 5, event_hash=None, part_salts=None),
            "Nothing recorded proves the content of 5.",
        ),
        (
            lambda e: edit(e, 5, event_hash=FORGED),
            "Event 6 recorded the hash that event 5's columns still give",
        ),
        (
            lambda e: [edit(e, n, event_hash=None) for n in (5, 6)],
            "The events behind 5, 6 recorded the hash that their columns still give: their content",
        ),
    ],
)
def test_a_damaged_hash_says_whether_the_content_is_proven(act: Act, said: str) -> None:
    (story,) = stories(act)
    assert said in story.still_proven


def test_the_content_of_a_version_1_event_is_proven_in_the_zone_of_its_writer() -> None:
    events = make_chain("org", 6, hash_version=1, part_salts=None)
    linked = events[2]._replace(event_hash=hash_v1(events[2], 19_800))
    events[3:] = seal_chain(events[3:], linked)
    events[2] = linked._replace(event_hash=None)
    (story,) = tell(walk(events), "org", 1, 6)
    assert "Event 4 recorded the hash that event 3's columns still give" in story.still_proven


def test_a_malformed_hash_names_the_hash_that_the_columns_give() -> None:
    events = make_chain("org", 6)
    sealed = events[2].event_hash
    edit(events, 3, event_hash=None)
    (finding,) = walk(events)
    assert (finding.kind, finding.expected, finding.found) == (Kind.MALFORMED_HASH, sealed, None)


def test_an_exchange_of_hashes_alone_is_no_swap() -> None:
    def exchange(events: list[Event]) -> None:
        four, eight = events[3].event_hash, events[7].event_hash
        edit(events, 4, event_hash=eight)
        edit(events, 8, event_hash=four)

    assert [story.kind for story in stories(exchange)] == [StoryKind.HASH_DAMAGED] * 2


def test_an_erasure_beside_an_edit_is_not_said_to_fit() -> None:
    marks = '{"details": "' + "0" * 64 + '"}'
    told = stories(lambda e: edit(e, 5, erased_parts=marks))
    assert [story.kind for story in told] == [StoryKind.EDITED_IN_PLACE]
    assert {f.kind for f in told[0].findings} == {Kind.CONTENT_MISMATCH, Kind.UNAUTHORISED_ERASURE}


WITNESSED: dict[str, tuple[Act, Callable[[], object], list[StoryKind]]] = {
    "the event is deleted": (
        lambda e: drop(e, 5, 7), lambda: witnessed(Kind.HEAD_REWRITTEN, 6, 6, FORGED), [StoryKind.DELETED],
    ),
    "its hash is gone": (
        lambda e: edit(e, 6, event_hash=None), lambda: witnessed(Kind.HEAD_REWRITTEN, 6, 6, FORGED),
        [StoryKind.HASH_DAMAGED],
    ),
    "it was rehashed": (
        all_of(lambda e: edit(e, 6, actor_id="x"), lambda e: rehash(e, 6)),
        lambda: witnessed(Kind.HEAD_REWRITTEN, 6, 6, make_chain("org", HEAD)[5].event_hash, "0" * 64),
        [StoryKind.EDITED_AND_REHASHED],
    ),
    "all was re-chained": (
        all_of(lambda e: edit(e, 4, actor_id="x"), lambda e: relink(e, 4, HEAD)),
        lambda: witnessed(Kind.HEAD_REWRITTEN, 12, 12, FORGED, "0" * 64), [StoryKind.REWRITTEN_TO_HEAD],
    ),
    "it was renumbered": (
        all_of(lambda e: drop(e, 5, 6), lambda e: renumber(e, 7, -2)),
        lambda: witnessed(Kind.HEAD_REWOUND, 11, 12, FORGED, "head 10"), [StoryKind.RENUMBERED],
    ),
    "the tail is cut": (
        lambda e: drop(e, 10, 12), lambda: witnessed(Kind.HEAD_REWOUND, 10, 12, FORGED, "head 9"),
        [StoryKind.TAIL_CUT],
    ),
    "the tail is cut and an event edited": (
        all_of(lambda e: drop(e, 10, 12), lambda e: edit(e, 3, actor_id="x")),
        lambda: witnessed(Kind.HEAD_REWOUND, 10, 12, FORGED, "head 9"),
        [StoryKind.EDITED_IN_PLACE, StoryKind.TAIL_CUT],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WITNESSED)
def test_what_a_witness_misses_goes_with_its_cause(name: str) -> None:
    act, finding, kinds = WITNESSED[name]
    assert [story.kind for story in stories(act, finding())] == kinds


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (Kind.HEAD_REWOUND, StoryKind.RESTORED),
        (Kind.TENANT_MISSING, StoryKind.RESTORED),
        (Kind.HEAD_REWRITTEN, StoryKind.LOG_REPLACED),
    ],
)
def test_another_identity_tells_a_restored_backup_from_a_cut_tail(kind: Kind, told: StoryKind) -> None:
    gone = witnessed(kind, 13, 15, FORGED)
    softened = type(gone)(gone.kind, Severity.INCONCLUSIVE, *(getattr(gone, f) for f in gone.__slots__[2:]))
    (story,) = stories(lambda _: None, softened, witnessed(Kind.LOG_REPLACED, 1, 15, "a", "b"))
    assert story.kind is told
    assert len(story.findings) == 2
