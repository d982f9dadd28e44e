"""What the change column says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core.diff import brief, summarise
from audit_tui.core.model import Event
from audit_tui.core.safe import BAD
from tests.core.builders import UNSET, make_event
from tests.core.strategies import PYTHON_JSON

ROLE = {"role": {"old": "member", "new": "admin"}}
DIGEST = "0" * 64


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (make_event(1, changes=ROLE), "role: member → admin"),
        (make_event(1, changes=ROLE | {"a": {"new": 1}}), "role: member → admin, +1 field"),
        (make_event(1, changes=ROLE | {"a": {"new": 1}, "b": {"old": 2}}), "role: member → admin, +2 fields"),
        (make_event(1, changes={"s": {"theme": {"old": None, "new": "x"}}}), "s.theme: null → x"),
        (make_event(1, changes={"phone": {"new": "555"}}), "phone: added 555"),
        (make_event(1, changes={"phone": {"old": "555"}}), "phone: removed 555"),
        (make_event(1, changes={"t": {"old": [1], "new": {"a": 1, "b": 2}}}), "t: [1 item] → {2 fields}"),
        (make_event(1, changes='{"n": {"old": 1.10, "new": 2e5}}'), "n: 1.10 → 2e5"),
        (make_event(1, changes={"n": {"old": "", "new": "x"}}), 'n: "" → x'),
        (make_event(1, changes={}), ""),
        (make_event(1, changes=["role"]), '["role"]'),
        (make_event(1, before={"v": 1, "w": 1}, after={"v": 2, "w": 1}), "v: 1 → 2"),
        (make_event(1, before={"v": 1}, after={"v": 1.0}), "no change"),
        (make_event(1, "user.created", after={"v": 1}), "created"),
        (make_event(1, before=None, after={"v": 1}), "created"),
        (make_event(1, after={"v": 1}), "whole state, {1 field}"),
        (make_event(1, "user.deleted", before={"v": 1}), "ended"),
        (make_event(1, "user.deleted"), "ended"),
        (make_event(1, "user.purged", before={"v": 1}, after=None), "ended"),
        (make_event(1, after=None), ""),
        (make_event(1, erased={"changes": DIGEST}), "▒ erased"),
        (make_event(1, erased={"snapshots": DIGEST}), "▒ erased"),
        (make_event(1, changes=ROLE, erased={"snapshots": DIGEST}), "role: member → admin"),
        (make_event(1, erased={"identity": DIGEST}), ""),
        (make_event(1, "auth.login_failed", metadata={"failure_reason": "bad_password"}), "bad password"),
        (make_event(1, "user.viewed", metadata={"n": 2}), ""),
        (make_event(1, "user.viewed"), ""),
        (make_event(1, changes="{broken"), ""),
    ],
)
def test_the_line(event: Event, line: str) -> None:
    assert summarise(event) == line


ANY_JSON = st.just(UNSET) | PYTHON_JSON.filter(lambda value: not isinstance(value, str))


@given(ANY_JSON, ANY_JSON, ANY_JSON, ANY_JSON, ANY_JSON)
def test_whatever_is_stored_is_one_short_safe_line(
    changes: object, before: object, after: object, metadata: object, erased: object
) -> None:
    event = make_event(1, changes=changes, before=before, after=after, metadata=metadata, erased=erased)
    line = summarise(event)
    assert "\n" not in line
    assert not BAD.search(line)
    assert len(line) < 200


def test_hostile_names_and_values_are_drawn_not_obeyed() -> None:
    hostile = make_event(1, changes={"\x1b[2J\n": {"old": "\u202e", "new": "x" * 10_000}})
    line = summarise(hostile)
    assert line.startswith("␛[2J␊: <U+202E> → xxx")
    assert len(line) < 120


def test_a_long_text_is_cut_with_a_count() -> None:
    assert brief('"' + "x" * 100 + '"', 20) == "x" * 10 + "… 90 more"
