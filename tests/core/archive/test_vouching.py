"""Whether the chain vouches for an archive, and how stretches of several archives lie to each other."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core.archive.manifest import ArchivedTenant, ArchiveFile, TreeState
from audit_tui.core.archive.plan import Stretch, absent_between, arrange, excerpt_of, reaches
from audit_tui.core.archive.records import ArchiveRecord, parse_records, unreplaced
from audit_tui.core.archive.replaced import current_digest
from audit_tui.core.archive.trees import TreeWatch
from audit_tui.core.archive.vouching import vouch
from audit_tui.core.findings import Severity
from audit_tui.core.merkle import Frontier, perfect_subtrees
from audit_tui.core.model import COLUMNS, Event, State
from audit_tui.core.seal import sealed_hash

A, B, C = "a" * 64, "b" * 64, "c" * 64
ID = "20260201T030000Z-0000000a"


def stretch(first: int, last: int, archive: str = ID) -> Stretch:
    tree = TreeState(last, (A,) * last.bit_count())
    file = ArchiveFile("0001-0001.ndjson.gz", last - first + 1, first, last, 1, A)
    when = "2026-01-01 00:00:00+00"
    before = None if first == 1 else B
    tenant = ArchivedTenant("t", first, last, last - first + 1, before, A, C, when, when, tree, (file,))
    return Stretch(0, archive, B, tenant)


JANUARY = stretch(1, 10)
RECORD = ArchiveRecord(30, "evt_r", 1, 10, C, 10, B, ID, "/a", "dpo", JANUARY.tenant.tree, None)


def test_the_record_that_fits_vouches() -> None:
    said = vouch(JANUARY, [RECORD], {}, complete=True)
    assert (said.state, said.record, said.finding) == (State.OK, RECORD, None)


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"last_hash": A}, "last hash"),
        ({"tree": TreeState(10, (A, B))}, "tree"),
        ({"tree": None}, "tree"),
        ({"archive": "20260201T030000Z-0000000b"}, "name"),
    ],
)
def test_a_record_of_this_manifest_that_says_otherwise(changed: dict[str, Any], word: str) -> None:
    said = vouch(JANUARY, [replace(RECORD, **changed)], {}, complete=True)
    assert said.state is State.FAILED
    assert said.finding is not None
    assert f"another {word} than that manifest holds" in said.finding.message


def test_a_record_of_another_manifest() -> None:
    said = vouch(JANUARY, [replace(RECORD, manifest=A)], {}, complete=False)
    assert said.finding is not None
    assert (said.state, said.finding.expected, said.finding.found) == (State.FAILED, A, B)


def test_one_record_that_fits_is_enough() -> None:
    later = replace(RECORD, sequence=40, manifest=A, replaces="evt_r")
    assert vouch(JANUARY, [RECORD, later], {}, complete=True).state is State.OK


@pytest.mark.parametrize("other", [{"first_sequence": 2}, {"last_sequence": 11}, {"sequence": 10}])
def test_a_record_of_other_events_or_from_within_is_none(other: dict[str, int]) -> None:
    said = vouch(JANUARY, [replace(RECORD, **other)], {}, complete=True)  # type: ignore[arg-type] # one field each
    assert said.state is State.FAILED
    assert said.finding is not None
    assert "No intact event of the chain names archive" in said.finding.message


def test_no_record_among_what_was_given_decides_nothing() -> None:
    said = vouch(JANUARY, [], {}, complete=False)
    assert (said.state, said.finding) == (State.NOT_RUN, None)


def test_no_record_while_the_events_are_still_in_the_log_is_a_remark() -> None:
    said = vouch(JANUARY, [], {}, complete=True, still_there=True)
    assert said.finding is not None
    assert said.finding.severity is Severity.NOTICE


def test_a_manifest_that_an_erasure_made_anew() -> None:
    record = replace(RECORD, manifest=A)
    assert vouch(JANUARY, [record], {A: C, C: B}, complete=True).state is State.OK
    assert vouch(JANUARY, [record], {A: C}, complete=True).state is State.FAILED
    assert current_digest(A, {A: C, C: A}) == A


@pytest.mark.parametrize(
    "metadata",
    [None, "null", "[]", "{}", '{"first_sequence": 1.5, "last_sequence": 2, "last_hash": "x"}', "[" * 5000],
)
def test_hostile_metadata_records_nothing(metadata: str | None) -> None:
    assert parse_records([sealed(metadata)]) == ()


SAID = '{"first_sequence": 1, "last_sequence": 4, "last_hash": "x", "manifest": [], "tree": {"size": 4}}'


def test_a_record_needs_its_own_seal() -> None:
    good = sealed(SAID)
    (record,) = parse_records([good])
    assert (record.last_sequence, record.manifest, record.tree) == (4, None, None)
    assert parse_records([good._replace(actor_id="x")]) == ()
    assert parse_records([good._replace(event_hash=None)]) == ()
    assert parse_records([good._replace(event_hash=None, part_salts=None)]) == ()
    assert parse_records([good._replace(hash_version=1)]) == ()
    assert parse_records([good._replace(event_type="audit.Archived")]) == ()


def sealed(metadata: str | None) -> Event:
    """An `audit.archived` event whose own hash fits it."""
    values = dict.fromkeys(COLUMNS) | {
        "event_type": "audit.archived",
        "sequence_number": 9,
        "timestamp": "2026-01-01 00:00:00+00",
        "metadata": metadata,
        "hash_version": 2,
        "part_salts": bytes(64),
    }
    event = Event(**values)  # type: ignore[arg-type] # as a file could hold it
    return event._replace(event_hash=sealed_hash(event))


def test_what_a_later_record_replaces_no_longer_counts() -> None:
    later = replace(RECORD, event_id="evt_s", replaces="evt_r")
    assert unreplaced([RECORD, later]) == (later,)


def test_stretches_in_order_apart_and_over() -> None:
    one, two, four, over = stretch(1, 10), stretch(11, 20), stretch(31, 40), stretch(5, 35)
    main, second = arrange([four, over, two, one])
    assert (main, second) == ((one, two, four), (over,))
    assert absent_between(main) == ((21, 30),)
    assert excerpt_of(main).spans == ((1, 10), (11, 20), (31, 40))
    assert excerpt_of(main).why_absent == "events 21 to 30 lie in none of the archives given"


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 9)), max_size=8), st.integers(1, 40))
def test_reaching_is_holding_every_sequence_between(spans: list[tuple[int, int]], start: int) -> None:
    pairs = [(first, first + more) for first, more in spans]
    held = {n for first, last in pairs for n in range(first, last + 1)}
    for goal in range(1, 52):
        assert reaches(pairs, start, goal) is all(n in held for n in range(start, goal))


@given(st.integers(1, 40), st.integers(1, 60), st.booleans(), st.data())
def test_a_tree_is_compared_as_far_as_it_can_be_built(
    first: int, length: int, known: bool, data: st.DataObject
) -> None:
    entries = [bytes([n]) * 32 for n in range(1, first + length)]
    tree = Frontier()
    for entry in entries:
        tree.append(entry)
    before = Frontier()
    for entry in entries[: first - 1]:
        before.append(entry)
    start = before if known or first == 1 else None
    watch = TreeWatch(TreeState(tree.size, tree.hashes), first, start)
    for n, entry in enumerate(entries[first - 1 :], first):
        watch.add(n, entry.hex())
    assert watch.fits is True
    changed = data.draw(st.integers(first, first + length - 1))
    other = TreeWatch(TreeState(tree.size, tree.hashes), first, start)
    for n, entry in enumerate(entries[first - 1 :], first):
        other.add(n, A if n == changed else entry.hex())
    within = [(low, high) for low, high in perfect_subtrees(tree.size) if low >= first]
    seen = start is not None or any(low <= changed <= high for low, high in within)
    assert other.fits is not seen
