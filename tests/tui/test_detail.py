"""The tabs of the detail as words: columns with their marks, edits, snapshots, a seal to check by hand."""

import json
import subprocess
from pathlib import Path

import pytest

from audit_tui.core.model import (
    COLUMNS,
    V1_UNCOVERED_COLUMNS,
    CheckedEvent,
    Event,
    EventCheck,
    Part,
    SchemaKind,
    State,
)
from audit_tui.core.safe import BAD
from audit_tui.core.seal import sealed_hash
from audit_tui.tui.present.copying import event_json
from audit_tui.tui.present.detail import TITLES, Tab, detail_lines, tab_at, tab_line
from audit_tui.tui.present.detail_diff import diff_lines, snapshot_lines
from audit_tui.tui.present.detail_event import event_lines
from audit_tui.tui.present.detail_seal import check_command, seal_lines
from audit_tui.tui.present.lines import cells
from audit_tui.tui.present.slots import Slot, SlotKind
from audit_tui.tui.present.spans import plain, text_of
from audit_tui.tui.zone import UTC_ZONE
from tests.builders import make_chain
from tests.tui.test_hostile import NAMES, PAYLOADS

OURS = SchemaKind.OURS


def checked(content: State = State.OK, link: State = State.OK, **columns: object) -> CheckedEvent:
    event = make_chain("org_a", 3, **columns)[2]
    return CheckedEvent(event, EventCheck(content, link, event.event_hash))


def slot(one: CheckedEvent) -> Slot:
    return Slot(SlotKind.EVENT, one.event.sequence_number, (one,))


def test_every_column_of_the_event_is_listed_with_its_mark() -> None:
    text = text_of(event_lines(checked(), UTC_ZONE, 120, OURS))
    for column in COLUMNS:
        assert column == "part_salts" or f" {column} " in text
    assert " ✓ actor_email        usr_3@example.com" in text
    assert " ○ id                 3" in text


def test_a_guides_event_shows_what_its_hash_does_not_cover() -> None:
    event = make_chain("org_a", 1)[0]._replace(hash_version=1, part_salts=None)
    one = CheckedEvent(event, EventCheck(State.OK, State.OK, None, 0, uncovered_columns=V1_UNCOVERED_COLUMNS))
    text = text_of(event_lines(one, UTC_ZONE, 120, SchemaKind.GUIDE))
    assert " ○ actor_email        usr_1@example.com" in text
    assert " ✓ actor_id           usr_1" in text
    assert "erased_parts" not in text
    assert "11 columns outside the seal" in text


def test_an_erased_part_is_marked_and_its_authority_told() -> None:
    event = checked(changes=None).event._replace(actor_email=None)
    for covered, told in (
        (True, "Erased with authority: identity"),
        (False, "Erased without authority: identity"),
    ):
        check = EventCheck(State.OK, State.OK, None, erased=(Part.IDENTITY,), covered=covered)
        text = text_of(event_lines(CheckedEvent(event, check), UTC_ZONE, 120, OURS))
        assert told in text
    assert "▒ actor_email        erased" in text_of(
        event_lines(
            CheckedEvent(event, EventCheck(State.OK, State.OK, None, erased=(Part.IDENTITY,), covered=True)),
            UTC_ZONE, 120, OURS,
        )
    )  # fmt: skip


def test_edits_are_drawn_by_path_with_their_signs() -> None:
    one = checked(
        changes='{"role": {"old": "member", "new": "admin"}, "n": {"old": 1.10, "new": 1.1000}}',
        resource_before='{"a": {"b": 1}, "gone": true}',
        resource_after='{"a": {"b": 2}, "new": [1]}',
    )
    text = text_of(diff_lines(one, 100))
    assert ' ~ role "member" → "admin"' in text
    assert " ~ n    1.10 → 1.1000" in text
    assert " ~ a.b  1 → 2" in text
    assert " - gone true" in text
    assert " + new  [1]" in text


def test_snapshots_stand_side_by_side_where_there_is_room_and_below_each_other_where_not() -> None:
    one = checked(
        changes=None,
        resource_before='{"role": "member", "n": 1.10}',
        resource_after='{"role": "admin", "n": 1.10}',
    )
    wide = text_of(snapshot_lines(one, 120))
    row = next(line for line in wide.splitlines() if "member" in line)
    assert '"admin"' in row
    assert "1.10" in wide
    narrow = text_of(snapshot_lines(one, 79)).splitlines()
    assert narrow.index(" before") < narrow.index(" after")
    assert not any('"member"' in line and '"admin"' in line for line in narrow)


def test_a_long_value_is_cut_and_counted_and_can_be_whole() -> None:
    one = checked(user_agent="x" * 5000)
    cut = text_of(event_lines(one, UTC_ZONE, 120, OURS))
    assert "… " in cut
    assert " more" in cut
    assert cut.count("x") < 2100
    assert text_of(event_lines(one, UTC_ZONE, 120, OURS, 1_000_000)).count("x") > 5000


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"actor_id": 'o\'brien \\ "q" $HOME `id`'},
        {"metadata": '{"a": "%s\\\\n"}', "endpoint": "/a%20b"},
        {"actor_id": "é漢"},
    ],
    ids=["plain", "quotes", "percent", "unicode"],
)
def test_the_command_of_the_seal_prints_the_stored_hash(columns: dict[str, object]) -> None:
    one = checked(**columns)
    command = check_command(one)
    assert command is not None
    printed = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=True).stdout
    assert printed.decode().split()[0] == one.event.event_hash
    assert "the same" in text_of(seal_lines(one, 120))


def test_the_command_works_on_version_1_too() -> None:
    event = make_chain("org_a", 1)[0]._replace(hash_version=1, part_salts=None)
    event = event._replace(event_hash=sealed_hash(event))
    one = CheckedEvent(event, EventCheck(State.OK, State.OK, event.event_hash, 0))
    command = check_command(one)
    assert command is not None
    printed = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=True).stdout
    assert printed.decode().split()[0] == event.event_hash


def test_a_golden_vector_shows_its_preimage() -> None:
    path = Path(__file__).parents[1] / "vectors" / "seal-v2.json"
    vector = json.loads(path.read_text(encoding="utf-8"))["vectors"][0]
    assert vector["name"] == "minimal"
    assert vector["part_texts"]["identity"] == '["usr_admin123", null, null, null, null]'


@pytest.mark.parametrize("tab", list(Tab))
@pytest.mark.parametrize("payload", PAYLOADS, ids=NAMES)
def test_no_tab_draws_controls_or_breaks_its_width(tab: Tab, payload: str) -> None:
    payload = payload.replace("\ud800", "")
    quoted = json.dumps({payload: payload, "list": [payload, {"id": payload}]})
    one = checked(
        actor_id=payload, resource_id=payload, changes=quoted, resource_before=quoted, resource_after=quoted,
        metadata=quoted, user_agent=payload * 20,
    )  # fmt: skip
    broken = CheckedEvent(
        one.event._replace(event_hash=payload), EventCheck(State.FAILED, State.FAILED, None)
    )
    for which in (one, broken):
        for width in (40, 79, 150):
            for line in detail_lines(tab, slot(which), UTC_ZONE, width, OURS, 2000):
                assert not BAD.search(plain(line))
                assert "\n" not in plain(line)
                assert cells(line) <= width


@pytest.mark.parametrize("tab", list(Tab))
@pytest.mark.parametrize("text", ["{", "", "[" * 5000 + "]" * 5000, "1" * 10_000, "NaN", '"\\ud800"'])
def test_no_json_breaks_a_tab(tab: Tab, text: str) -> None:
    one = checked(changes=text, resource_before=text, resource_after='{"a": 1}', metadata=text)
    assert detail_lines(tab, slot(one), UTC_ZONE, 100, OURS, 2000)


def test_an_event_of_nothing_but_null_is_drawn() -> None:
    nothing = CheckedEvent(
        Event(*(None,) * len(Event._fields)), EventCheck(State.FAILED, State.NOT_RUN, None)
    )
    for tab in Tab:
        assert detail_lines(tab, slot(nothing), UTC_ZONE, 100, OURS, 2000)
    assert json.loads(event_json(nothing.event))["tenant_id"] is None


def test_events_that_share_a_sequence_are_all_shown() -> None:
    both = Slot(SlotKind.EVENT, 3, (checked(), checked(actor_id="intruder")))
    text = text_of(detail_lines(Tab.EVENT, both, UTC_ZONE, 100, OURS, 2000))
    assert "1 of 2 events that share sequence 3" in text
    assert "intruder" in text


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_the_line_of_tabs_fits_and_is_hit_where_it_is_drawn(width: int) -> None:
    drawn = tab_line(Tab.DIFF, slot(checked()), width)
    assert cells(drawn) <= width
    for number, title in enumerate(TITLES):
        assert tab_at(plain(drawn).index(title)) is Tab(number)
