"""Whether snapshots and changes agree along a history: what is odd, and what is never called so."""

import json

import pytest

from audit_tui.core.continuity import ContinuityResult, check_continuity
from audit_tui.core.excluded import Excluded, build_excluded
from audit_tui.core.findings import FINDINGS_CAP, Kind, Severity
from audit_tui.core.model import Event, State
from audit_tui.core.observe import content_mismatch, sequence_gap
from tests.core.builders import make_event

MEMBER = {"role": "member", "mail": "a@example.com"}
ADMIN = {"role": "admin", "mail": "a@example.com"}
OWNER = {"role": "owner", "mail": "a@example.com"}
TO_ADMIN = {"role": {"old": "member", "new": "admin"}}


def judged(*events: Event, excluded: Excluded | None = None) -> ContinuityResult:
    return check_continuity("org_xyz789", events, excluded or Excluded())


def kinds(*events: Event, excluded: Excluded | None = None) -> list[tuple[str, int | None]]:
    found = judged(*events, excluded=excluded).findings
    return [(str(finding.kind), finding.first_sequence) for finding in found]


def test_an_honest_history_gives_nothing() -> None:
    made = judged(
        make_event(1, "user.created", before=None, after=MEMBER),
        make_event(4, changes=TO_ADMIN, before=MEMBER, after=ADMIN),
        make_event(5, "user.viewed"),
        make_event(9, changes={"role": {"old": "admin", "new": "owner"}}),
        make_event(12, before=OWNER, after=MEMBER),
        make_event(15, "user.deleted", before=MEMBER),
        make_event(16, "user.created", after=OWNER),
    )
    assert made.findings == ()
    assert (made.axis.state, made.axis.reason) == (State.OK, None)
    assert made.compared > 0


def test_a_changed_snapshot_is_told_with_both_sides() -> None:
    made = judged(
        make_event(1, "user.created", after=OWNER, hash_version=1),
        make_event(7, before=MEMBER, after=ADMIN, hash_version=1),
    )
    (finding,) = made.findings
    assert finding.kind is Kind.SNAPSHOT_DISCONTINUITY
    assert finding.severity is Severity.SUSPICIOUS
    assert (finding.first_sequence, finding.event_id) == (7, "evt_7")
    assert (finding.expected, finding.found) == ('/role: "owner"', '/role: "member"')
    assert finding.columns == ("resource_before",)
    assert finding.message == (
        'Event 7 finds user usr_456 otherwise than event 1 left it: /role was "owner", and is "member" here.'
        " Version 1 seals leave snapshots open: one of them was edited, or the resource changed without an"
        " event."
    )
    assert made.axis.state is State.FAILED
    assert made.counts == {Kind.SNAPSHOT_DISCONTINUITY: 1}


def test_what_changes_say_was_there_is_compared_with_the_history() -> None:
    odd = kinds(make_event(1, after=OWNER), make_event(2, changes=TO_ADMIN))
    assert odd == [("snapshot_discontinuity", 2)]


@pytest.mark.parametrize(
    ("before", "after"),
    [(MEMBER, OWNER), (OWNER, ADMIN)],
    ids=["after is not the new value", "before is not the old value"],
)
def test_changes_and_the_events_own_snapshots(before: object, after: object) -> None:
    assert kinds(make_event(3, changes=TO_ADMIN, before=before, after=after)) == [("change_disagreement", 3)]


def test_a_tracked_field_changed_without_being_named() -> None:
    events = [
        make_event(1, changes={"mail": {"old": "b", "new": "a@example.com"}}, resource=("user", "other")),
        make_event(2, changes=TO_ADMIN, before=MEMBER, after=ADMIN | {"mail": "evil"}),
    ]
    assert kinds(*events) == [("change_disagreement", 2)]
    assert kinds(events[1]) == []  # nothing shows that this application tracks it


def test_an_event_that_disagrees_in_both_ways_is_two_findings() -> None:
    odd = kinds(make_event(1, after=MEMBER), make_event(2, changes=TO_ADMIN, before=OWNER, after=ADMIN))
    assert odd == [("change_disagreement", 2), ("snapshot_discontinuity", 2)]


def test_one_break_is_told_once() -> None:
    assert kinds(
        make_event(1, after=MEMBER), make_event(2, before=OWNER, after=ADMIN), make_event(3, before=ADMIN)
    ) == [("snapshot_discontinuity", 2)]


INNOCENT = {
    "the key order": [{"after": '{"a": 1, "b": 2}'}, {"before": '{"b": 2, "a": 1}'}],
    "how a number is written": [{"after": '{"rate": 1.10}'}, {"before": '{"rate": 1.1}'}],
    "numbers in quotes": [{"after": {"rate": 1.5}}, {"changes": {"rate": {"old": "1.50", "new": "2"}}}],
    "how a moment is written": [
        {"after": {"at": "2024-01-15T10:30:00Z"}},
        {"before": {"at": "2024-01-15 12:30:00.250000+02:00"}},
    ],
    "the order of a set": [{"after": {"roles": ["a", "b"]}}, {"before": {"roles": ["b", "a"]}}],
    "only changed fields": [
        {"before": {"role": "x"}, "after": {"role": "member"}},
        {"before": {"mail": "b"}, "after": {"mail": "c"}},
    ],
    "a column added by a migration": [{"after": MEMBER}, {"before": MEMBER | {"plan": "free"}}],
    "a column that went away": [{"after": MEMBER | {"plan": "free"}}, {"before": MEMBER}],
    "nulls that are left out": [{"after": MEMBER | {"phone": None}}, {"before": MEMBER}],
    "a null and an empty text": [{"after": {"phone": None}}, {"before": {"phone": ""}}],
    "the time of the last update": [
        {"after": MEMBER | {"updated_at": "1", "lockVersion": 3}},
        {"before": MEMBER | {"updated_at": "2", "lockVersion": 4}},
    ],
    "masked values": [{"after": {"password": "$2b$12$abc"}}, {"before": {"password": "[FILTERED]"}}],
    "an old value that was not looked up": [
        {"after": MEMBER},
        {"changes": {"role": {"old": None, "new": "admin"}}},
    ],
    "a delta before any snapshot": [{"changes": TO_ADMIN}, {"before": {"mail": "x"}}],
    "an update that says nothing": [{"after": MEMBER}, {}, {"before": ADMIN}],
    "an update with empty changes": [{"after": MEMBER}, {"changes": {}}, {"before": ADMIN}],
    "changes of another shape": [{"after": MEMBER}, {"changes": ["role"]}, {"before": ADMIN}],
    "a state before and nothing after": [{"before": MEMBER}, {"before": ADMIN}],
    "an erased snapshot": [
        {"after": MEMBER},
        {"erased": {"snapshots": "0" * 64}},
        {"before": ADMIN},
    ],
    "erased changes": [{"after": MEMBER}, {"erased": {"changes": "0" * 64}}, {"before": ADMIN}],
    "JSON null for nothing to say": [{"after": MEMBER}, {"before": None, "after": ADMIN}, {"before": ADMIN}],
    "a nested field named with dots": [
        {"after": {"settings": {"theme": "dark"}}},
        {"changes": {"settings.theme": {"old": "dark", "new": "light"}}},
        {"before": {"settings": {"theme": "light"}}},
    ],
    "a field that was taken away and set again": [
        {"after": MEMBER | {"phone": "555"}},
        {"before": MEMBER | {"phone": "555"}, "after": MEMBER},
        {"before": MEMBER, "after": MEMBER | {"phone": "666"}},
    ],
    "a deep value": [{"after": '{"d": ' + "[" * 300 + "]" * 300 + "}"}, {"before": {"d": []}}],
}


@pytest.mark.parametrize("columns", INNOCENT.values(), ids=INNOCENT)
def test_no_false_alarm(columns: list[dict[str, object]]) -> None:
    events = [make_event(number, **each) for number, each in enumerate(columns, 1)]  # type: ignore[arg-type]
    if "a deep value" in INNOCENT and columns is INNOCENT["a deep value"]:
        assert kinds(*events) == [("snapshot_discontinuity", 2)]  # another value: judged, and survived
    else:
        assert kinds(*events) == []


def test_after_an_end_nothing_is_known() -> None:
    gone = [make_event(1, after=MEMBER), make_event(2, "user.deleted")]
    assert kinds(*gone, make_event(3, "user.restored", before=ADMIN, after=ADMIN)) == []
    assert kinds(*gone, make_event(3, "user.created", after=ADMIN), make_event(4, before=MEMBER)) == [
        ("snapshot_discontinuity", 4)
    ]


def test_the_event_that_ends_it_is_judged() -> None:
    assert kinds(make_event(1, after=MEMBER), make_event(2, "user.deleted", before=OWNER)) == [
        ("snapshot_discontinuity", 2)
    ]


def test_resources_are_told_apart() -> None:
    assert kinds(make_event(1, after=OWNER), make_event(2, before=MEMBER, resource=("user", "other"))) == []


def test_tampered_events_are_neither_judged_nor_used() -> None:
    events = [
        make_event(1, after=MEMBER),
        make_event(2, before=OWNER, after=OWNER),
        make_event(3, before=MEMBER),
    ]
    assert kinds(*events) == [("snapshot_discontinuity", 2), ("snapshot_discontinuity", 3)]
    excluded = build_excluded([content_mismatch(events[1], None)], {Kind.CONTENT_MISMATCH: 1})
    assert kinds(*events, excluded=excluded) == []


def test_it_starts_anew_behind_a_gap() -> None:
    events = [
        make_event(1, after=MEMBER),
        make_event(5, before=OWNER, after=OWNER),
        make_event(6, before=MEMBER),
    ]
    excluded = build_excluded([sequence_gap(events[1], 2, 4)], {Kind.SEQUENCE_GAP: 1})
    assert kinds(*events, excluded=excluded) == [("snapshot_discontinuity", 6)]


def test_a_capped_list_of_findings_is_said() -> None:
    listed = [content_mismatch(make_event(1), None)]
    assert build_excluded(listed, {Kind.CONTENT_MISMATCH: 1}).missing is None
    assert build_excluded(listed, {Kind.CONTENT_MISMATCH: 2}).missing is not None


def test_ranges_touch_and_overlap() -> None:
    excluded = Excluded([(5, 6), (1, 2), (3, 3), (2, 2)], [(10, 12)])
    assert excluded.tampered == [(1, 3), (5, 6)]
    assert [n for n in range(8) if excluded.is_tampered(n)] == [1, 2, 3, 5, 6]
    assert excluded.is_torn(9, 13)
    assert not excluded.is_torn(1, 9)
    assert not excluded.is_torn(13, 20)


def drifting(resources: int, field: str = "logins") -> list[Event]:
    """Each resource is created, and then seen with a counter that no event raised."""
    return [
        event
        for n in range(resources)
        for event in (
            make_event(2 * n + 1, after=MEMBER | {field: n}, resource=("user", f"u{n}")),
            make_event(2 * n + 2, before=MEMBER | {field: n + 1}, resource=("user", f"u{n}")),
        )
    ]


def test_a_field_that_drifts_as_a_rule_is_said_once_and_judged_never() -> None:
    assert len(judged(*drifting(4)).findings) == 4
    made = judged(*drifting(40))
    assert made.findings == ()
    assert made.axis.state is State.OK
    assert made.axis.reason == "not judged, as they disagree as a rule: logins of user"


def test_a_drifting_field_hides_no_other() -> None:
    events = drifting(40)
    events[31] = events[31]._replace(resource_before=json.dumps(OWNER | {"logins": 99}))
    (finding,) = judged(*events).findings
    assert (finding.first_sequence, finding.expected) == (32, '/role: "member"')


def test_counts_are_whole_where_the_list_is_capped() -> None:
    odd = drifting(1500, "role")
    quiet = [
        make_event(10_000 + n, after=MEMBER, before=MEMBER, resource=("user", "quiet")) for n in range(9000)
    ]
    made = judged(*odd, *quiet)
    assert made.counts[Kind.SNAPSHOT_DISCONTINUITY] == 1500
    assert len(made.findings) == FINDINGS_CAP


def test_hostile_text_is_bounded_and_drawn_safely() -> None:
    evil = "\x1b[2J\u202e" + "x" * 10_000
    (finding,) = judged(
        make_event(1, after={evil: evil}, resource=("user", evil)),
        make_event(2, before={evil: "y"}, resource=("user", evil)),
    ).findings
    for text in (finding.message, finding.expected or "", finding.found or ""):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert len(text) < 1000


def test_what_is_too_long_is_not_judged_and_said() -> None:
    huge = {"role": "owner", "blob": "x" * 1_100_000}
    made = judged(
        make_event(1, after=MEMBER), make_event(2, before=MEMBER, after=huge), make_event(3, before=ADMIN),
        make_event(4, before=ADMIN, after=ADMIN), make_event(5, before=ADMIN),
    )  # fmt: skip
    assert made.findings == ()
    assert made.axis.reason == "1 event not judged: unreadable or too long"


def test_a_log_without_snapshots_says_that_nothing_was_compared() -> None:
    made = judged(make_event(1), make_event(2, "user.login"))
    assert made.axis.state is State.NOT_RUN
    assert made.axis.reason is not None


def test_many_places_are_told_in_few_words() -> None:
    before = {f"f{n}": n for n in range(50)}
    (finding,) = judged(make_event(1, after=before), make_event(2, before=dict.fromkeys(before, -1))).findings
    assert "; and 17 more." in finding.message
