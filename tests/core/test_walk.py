"""The rules of the list, one case each, without a server."""

import json
from typing import Any

import pytest

from audit_tui.core.coverage import Boundary, build_coverage, parse_boundaries
from audit_tui.core.findings import Finding, Kind
from audit_tui.core.model import COLUMNS, Event, Part
from audit_tui.core.seal import hash_v1, part_digest
from audit_tui.core.walk import Walk
from tests.builders import drop, edit, make_chain, make_event, rehash, seal_chain


def walk(events: list[Event], boundaries: tuple[Boundary, ...] = ()) -> tuple[Finding, ...]:
    ordered = sorted(events, key=lambda e: (e.sequence_number or 0, e.id or 0))
    one = Walk("org", build_coverage(ordered), boundaries or parse_boundaries(ordered))
    for event in ordered:
        one.step(event)
    return one.finish()


def told(findings: tuple[Finding, ...]) -> list[tuple[str, int | None, int | None]]:
    return [(f.kind.value, f.first_sequence, f.last_sequence) for f in findings]


def test_an_untouched_chain_gives_nothing() -> None:
    assert walk(make_chain("org", 20)) == ()


@pytest.mark.parametrize("column", [c for c in COLUMNS if c not in {"id", "sequence_number", "tenant_id"}])
def test_an_edit_of_any_column_is_found_where_it_is(column: str) -> None:
    events = make_chain("org", 5)
    value: Any = {"hash_version": 1, "part_salts": b"x" * 64, "timestamp": "2024-01-02 00:00:00+00"}.get(
        column, '{"identity": "' + "0" * 64 + '"}' if column == "erased_parts" else '"other"'
    )
    edit(events, 3, **{column: value})
    found = walk(events)
    assert {f.first_sequence for f in found if f.severity == "tampered"} <= {3, 4}
    assert any(f.first_sequence == 3 and f.severity == "tampered" for f in found)


def test_edit_in_place_is_one_content_finding() -> None:
    events = make_chain("org", 5)
    edit(events, 3, actor_id="usr_other")
    assert told(walk(events)) == [("content_mismatch", 3, 3)]


def test_edit_and_rehash_is_the_link_of_the_successor() -> None:
    events = make_chain("org", 5)
    edit(events, 3, actor_id="usr_other")
    rehash(events, 3)
    (finding,) = walk(events)
    assert told((finding,)) == [("link_mismatch", 4, 4)]
    assert finding.expected == events[2].event_hash
    assert finding.found == events[3].previous_hash


def test_a_gap_names_first_and_last_and_judges_no_link() -> None:
    events = make_chain("org", 9)
    drop(events, 3, 5)
    (finding,) = walk(events)
    assert told((finding,)) == [("sequence_gap", 3, 5)]
    assert finding.event_id == events[2].event_id


def test_a_missing_start_is_one_genesis_finding() -> None:
    events = make_chain("org", 5)
    drop(events, 1, 2)
    assert told(walk(events)) == [("genesis_mismatch", 3, 3)]


def test_a_first_event_with_a_predecessor_is_a_genesis_finding() -> None:
    events = seal_chain([make_event("org", 1)], before=make_event("org", 0, event_hash="a" * 64))
    assert told(walk(events)) == [("genesis_mismatch", 1, 1)]


@pytest.mark.parametrize("value", [None, "", "a" * 63, "A" * 64, "g" * 64])
def test_a_malformed_hash_does_not_accuse_its_successor(value: str | None) -> None:
    events = make_chain("org", 5)
    edit(events, 3, event_hash=value)
    assert told(walk(events)) == [("malformed_hash", 3, 3)]


def test_swapped_neighbours_give_content_and_links() -> None:
    events = make_chain("org", 6)
    edit(events, 3, sequence_number=99)
    edit(events, 4, sequence_number=3)
    edit(events, 99, sequence_number=4)
    assert told(walk(events)) == [
        ("content_mismatch", 3, 3),
        ("link_mismatch", 3, 3),
        ("content_mismatch", 4, 4),
        ("link_mismatch", 4, 4),
        ("link_mismatch", 5, 5),
    ]


def test_a_doubled_sequence_is_named_once() -> None:
    events = make_chain("org", 4)
    events.append(events[2]._replace(id=77, event_id="evt_copy"))
    found = walk(events)
    assert ("duplicate_sequence", 3, 3) in told(found)
    assert not [f for f in found if f.kind is Kind.SEQUENCE_GAP]


@pytest.mark.parametrize("version", [None, 1, 3, 0])
def test_a_version_that_cannot_stand_there_excludes_content(version: int | None) -> None:
    events = make_chain("org", 4)
    edit(events, 3, hash_version=version)
    assert [t for t in told(walk(events)) if t[0] != "uncovered_columns"] == [("version_downgrade", 3, 3)]


def test_time_that_runs_backwards_is_a_notice() -> None:
    events = make_chain("org", 4)
    late = [e._replace(timestamp="2023-01-01 00:00:00+00") if e.sequence_number == 3 else e for e in events]
    (finding,) = walk(seal_chain(late))
    assert (finding.kind, finding.severity, finding.first_sequence) == (Kind.TIME_DISORDER, "notice", 3)


def test_order_is_not_judged_beside_tampering() -> None:
    events = make_chain("org", 4)
    edit(events, 3, timestamp="2023-01-01 00:00:00+00")
    assert told(walk(events)) == [("content_mismatch", 3, 3)]


def test_version_1_notices_come_once_per_run() -> None:
    events = make_chain("org", 9, hash_version=1, part_salts=None)
    resealed: list[Event] = []
    for event in events:
        linked = event._replace(previous_hash=resealed[-1].event_hash if resealed else None)
        offset = 19_800 if (event.sequence_number or 0) in (2, 3, 4, 7) else 0
        resealed.append(linked._replace(event_hash=hash_v1(linked, offset)))
    assert told(walk(resealed)) == [
        ("uncovered_columns", 1, 9), ("foreign_zone", 2, 4), ("foreign_zone", 7, 7),
    ]  # fmt: skip


def test_a_gap_ends_a_run() -> None:
    events = make_chain("org", 6, hash_version=1, part_salts=None)
    drop(events, 3, 3)
    assert told(walk(events)) == [
        ("uncovered_columns", 1, 2), ("sequence_gap", 3, 3), ("uncovered_columns", 4, 6),
    ]  # fmt: skip


def test_a_sealed_boundary_explains_a_missing_start() -> None:
    events = make_chain("org", 6)
    metadata = {"first_sequence": 1, "last_sequence": 2, "last_hash": events[1].event_hash}
    archived = make_event("org", 7, event_type="audit.archived", metadata=json.dumps(metadata))
    events += seal_chain([archived], before=events[-1])
    drop(events, 1, 2)
    assert walk(events) == ()
    drop(events, 3, 3)
    assert told(walk(events)) == [("genesis_mismatch", 4, 4)]


def test_a_boundary_explains_no_gap_and_no_forged_event_makes_one() -> None:
    events = make_chain("org", 6)
    metadata = {"first_sequence": 1, "last_sequence": 2, "last_hash": events[1].event_hash}
    forged = make_event(
        "org", 7, event_type="audit.archived", metadata=json.dumps(metadata), event_hash="0" * 64
    )
    events.append(forged._replace(previous_hash=events[-1].event_hash))
    drop(events, 1, 2)
    assert ("genesis_mismatch", 3, 3) in told(walk(events))


def test_a_range_judges_what_the_whole_walk_does() -> None:
    events = make_chain("org", 30)
    edit(events, 7, actor_id="x")
    rehash(events, 15)
    edit(events, 15, actor_id="y")
    rehash(events, 15)
    drop(events, 20, 22)
    whole = set(told(walk(events)))
    coverage = build_coverage(events)
    parts: set[tuple[str, int | None, int | None]] = set()
    for low in range(0, len(events), 5):
        one = Walk("org", coverage, before=events[low - 1] if low else None)
        for event in events[low : low + 5]:
            one.step(event)
        parts |= set(told(one.finish()))
    assert parts == whole


def test_a_rewritten_event_is_not_among_the_proven() -> None:
    events = make_chain("org", 6)
    edit(events, 4, actor_id="x")
    rehash(events, 4)
    one = Walk("org", build_coverage(events))
    for event in events:
        one.step(event)
    assert one.first_unproven == 4


def test_deeply_nested_metadata_takes_no_authority_away() -> None:
    events = make_chain("org", 4)
    deep = "[" * 2000 + "]" * 2000
    metadata = f'{{"erased": [{{"parts": ["changes"], "sequences": [[2, 2]]}}], "plan": {deep}}}'
    events += seal_chain(
        [make_event("org", 5, event_type="audit.erased", metadata=metadata)], before=events[-1]
    )
    digest = part_digest(events[1], Part.CHANGES)
    salts = events[1].part_salts or b""
    edit(
        events, 2, changes=None, erased_parts=json.dumps({"changes": digest}),
        part_salts=salts[:16] + bytes(16) + salts[32:],
    )  # fmt: skip
    assert walk(events) == ()
