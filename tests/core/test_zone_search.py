"""What the search for a writer's zone costs, counted in hashes rather than seconds."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

import pytest

from audit_tui.core import seal
from audit_tui.core.findings import Kind
from audit_tui.core.model import Event
from audit_tui.core.oldzones import OLD_OFFSETS
from audit_tui.core.seal import SEARCHED_OFFSETS, hash_v1
from tests.builders import make_event
from tests.core.test_walk import walk

EVENTS = 200
INDIA, NEPAL, BERLIN = 19_800, 20_700, 3_600
Count = Callable[[list[Event]], int]


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> Count:
    """How many hashes a walk over events computes."""
    computed = 0

    def counting(*given: Any) -> Any:
        nonlocal computed
        computed += 1
        return sha256(*given)

    def count(events: list[Event]) -> int:
        nonlocal computed
        computed = 0
        monkeypatch.setattr(seal, "sha256", counting)
        count.found = walk(events)  # type: ignore[attr-defined]
        monkeypatch.undo()
        return computed

    return count


def chain(offsets: Sequence[int], timestamp: str | None = None) -> list[Event]:
    """Version 1 events whose writers took turns at these offsets."""
    events: list[Event] = []
    for number in range(EVENTS):
        columns: dict[str, Any] = {"hash_version": 1, "part_salts": None}
        if timestamp is not None:
            columns["timestamp"] = timestamp
        event = make_event("org", number + 1, **columns)
        event = event._replace(previous_hash=events[-1].event_hash if events else None)
        events.append(event._replace(event_hash=hash_v1(event, offsets[number % len(offsets)])))
    return events


def tampered(events: list[Event]) -> list[Event]:
    return [event._replace(actor_id="x") for event in events]


def kinds(hashes: Count) -> set[Kind]:
    return {finding.kind for finding in hashes.found}  # type: ignore[attr-defined]


def test_an_untouched_chain_in_utc_costs_a_hash_per_event(hashes: Count) -> None:
    assert hashes(chain([0])) == EVENTS
    assert kinds(hashes) == {Kind.UNCOVERED_COLUMNS}


def test_writers_in_one_zone_cost_a_second_hash(hashes: Count) -> None:
    assert hashes(chain([NEPAL])) <= 2 * EVENTS + len(SEARCHED_OFFSETS)
    assert kinds(hashes) == {Kind.UNCOVERED_COLUMNS, Kind.FOREIGN_ZONE}


def test_writers_who_take_turns_cost_a_hash_per_zone(hashes: Count) -> None:
    assert hashes(chain([0, INDIA, BERLIN, NEPAL])) <= 4 * EVENTS + 3 * len(SEARCHED_OFFSETS)
    assert kinds(hashes) == {Kind.UNCOVERED_COLUMNS, Kind.FOREIGN_ZONE}


def test_an_old_zone_is_searched_for_once(hashes: Count) -> None:
    every = len(SEARCHED_OFFSETS) + len(OLD_OFFSETS)
    assert hashes(chain([21_208], "1880-01-01 00:00:00+00")) <= 2 * EVENTS + every
    assert kinds(hashes) == {Kind.UNCOVERED_COLUMNS, Kind.FOREIGN_ZONE}


def test_a_tampered_event_costs_every_quarter_of_an_hour_once(hashes: Count) -> None:
    assert hashes(tampered(chain([0, INDIA]))) == EVENTS * (1 + len(SEARCHED_OFFSETS))
    assert kinds(hashes) == {Kind.UNCOVERED_COLUMNS, Kind.CONTENT_MISMATCH}


def test_a_tampered_event_of_the_old_time_costs_the_old_zones_too(hashes: Count) -> None:
    every = len(SEARCHED_OFFSETS) + len(OLD_OFFSETS)
    assert hashes(tampered(chain([0], "1880-01-01 00:00:00+00"))) == EVENTS * (1 + every)
