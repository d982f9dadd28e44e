"""Both seals against the golden vectors, and what must never be sealed."""

import json
from pathlib import Path
from typing import Any

import pytest

from audit_tui.core.clock import to_datetime
from audit_tui.core.model import PARTS, Event, Part
from audit_tui.core.seal import (
    erased_parts,
    find_offset,
    hash_v1,
    is_well_formed,
    part_digest,
    part_text,
    preimage_v1,
    preimage_v2,
    sealed_hash,
)
from tests.builders import make_chain, make_event

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "seal-v2.json").read_text(encoding="utf-8")
)["vectors"]
_JSON_AND_INET = ("actor_ip_address", "changes", "resource_before", "resource_after", "metadata")


def event_of(vector: dict[str, Any]) -> Event:
    columns = dict(vector["input"]) | {name: vector["server_texts"][name] for name in _JSON_AND_INET}
    moment = to_datetime(vector["occurred_us"])
    columns["timestamp"] = moment.strftime("%Y-%m-%d %H:%M:%S.%f") + "+00"
    return Event(
        id=1, event_hash=None, hash_version=2, erased_parts=None,
        part_salts=bytes.fromhex(vector["part_salts_hex"]), **columns,
    )  # fmt: skip


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_version_2_gives_the_vector(vector: dict[str, Any]) -> None:
    event = event_of(vector)
    for part in PARTS:
        assert part_text(event, part) == vector["part_texts"][part]
        assert part_digest(event, part) == vector["part_digests"][part]
    assert preimage_v2(event) == vector["preimage_v2"]
    assert sealed_hash(event) == vector["event_hash_v2"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_version_1_gives_the_vector(vector: dict[str, Any]) -> None:
    event = event_of(vector)._replace(hash_version=1, part_salts=None)
    assert preimage_v1(event) == vector["preimage_v1"]
    assert sealed_hash(event) == vector["event_hash_v1"]


def test_an_erased_event_keeps_its_hash() -> None:
    vector = next(v for v in VECTORS if "after_erasure" in v)
    after = vector["after_erasure"]
    event = event_of(vector)
    columns = {name: after[name] for name in Event._fields if name in after and name != "erased_parts"}
    recorded = after["erased_parts"]
    erased = event._replace(
        **{name: None for part in recorded for name in _columns_of(part)} | columns
    )._replace(
        erased_parts=recorded if isinstance(recorded, str) else json.dumps(recorded),
        part_salts=bytes.fromhex(after["part_salts_hex"]),
    )
    assert sealed_hash(erased) == vector["event_hash_v2"]


def _columns_of(part: str) -> tuple[str, ...]:
    from audit_tui.core.model import PART_COLUMNS

    return PART_COLUMNS[Part(part)]


@pytest.mark.parametrize("column", ["resource_before", "resource_after", "changes", "metadata"])
def test_json_null_and_sql_null_are_sealed_apart(column: str) -> None:
    empty = make_event("org", 1, changes=None, metadata=None, resource_before=None, resource_after=None)
    assert sealed_hash(empty) != sealed_hash(empty._replace(**{column: "null"}))


@pytest.mark.parametrize(
    "columns",
    [
        {"part_salts": None},
        {"part_salts": b"\0" * 63},
        {"timestamp": "infinity"},
        {"timestamp": "294276-01-01 00:00:00+00"},
        {"timestamp": "0044-03-15 12:00:00+00 BC"},
        {"timestamp": None},
        {"erased_parts": "[]"},
        {"erased_parts": "null"},
        {"erased_parts": "{}"},
        {"erased_parts": '{"identity": null}'},
        {"erased_parts": '{"identity": "unsealed"}'},
        {"erased_parts": '{"other": "' + "0" * 64 + '"}'},
        {"erased_parts": "[" * 100_000},
        {"hash_version": 3},
        {"hash_version": None},
    ],
)
def test_what_is_not_well_formed_is_never_hashed(columns: dict[str, Any]) -> None:
    event = make_event("org", 1)
    assert is_well_formed(event)
    assert not is_well_formed(event._replace(**columns))


def test_version_1_marks_erased_parts_as_unsealed() -> None:
    event = make_event("org", 1, hash_version=1, part_salts=None, erased_parts='{"snapshots": "unsealed"}')
    assert erased_parts(event) == {Part.SNAPSHOTS: "unsealed"}
    assert erased_parts(event._replace(erased_parts='{"snapshots": "' + "0" * 64 + '"}')) is None


@pytest.mark.parametrize("offset", [19_800, 20_700, -12_600, 50_400, -43_200])
def test_the_writers_zone_is_found(offset: int) -> None:
    event = make_event("org", 1, hash_version=1, part_salts=None)
    assert find_offset(event._replace(event_hash=hash_v1(event, offset))) == offset


def test_an_edited_version_1_event_fits_no_zone() -> None:
    (event,) = make_chain("org", 1, hash_version=1, part_salts=None)
    assert find_offset(event) is None, "UTC is not searched: it is what was tried before"
    assert find_offset(event._replace(actor_id="usr_other")) is None


def test_the_vectors_cover_every_part() -> None:
    assert {part for v in VECTORS for part, text in v["part_texts"].items() if text is not None} == set(PARTS)
