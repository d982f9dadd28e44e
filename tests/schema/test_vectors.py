"""The golden vectors, computed by the server: both seals, and the erased event."""

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from audit_tui.embedded.tamper_guard import unrecorded
from tests.schema.conftest import Connection

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "seal-v2.json").read_text(encoding="utf-8")
)["vectors"]
NAMES = [vector["name"] for vector in VECTORS]
JSONB = {"changes", "resource_before", "resource_after", "metadata", "erased_parts"}
HOSTILE = (
    "SET timezone = 'Asia/Kolkata'",
    "SET datestyle = 'German, DMY'",
    "SET intervalstyle = 'sql_standard'",
    "SET extra_float_digits = -15",
    "SET bytea_output = 'escape'",
    "SET standard_conforming_strings = off",
    "SET array_nulls = off",
    "SET lc_monetary = 'C'",
    "CREATE SCHEMA evil",
    "CREATE FUNCTION evil.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT NULL::bytea'",
    "CREATE FUNCTION evil.lower(text) RETURNS text LANGUAGE sql AS 'SELECT NULL::text'",
    "SET search_path = evil, pg_catalog",
)


def _store(db: Connection, vector: dict[str, Any], version: int, **changed: Any) -> None:
    """Put the vector's event into the table as it is: triggers off, as a restore does it."""
    columns = {**vector["input"], "hash_version": version, "event_hash": "0" * 64, **changed}
    if version == 2:
        columns.setdefault("part_salts", bytes.fromhex(vector["part_salts_hex"]))
    names = ", ".join(columns)
    values = ", ".join(f"%({name})s" + ("::text::jsonb" if name in JSONB else "") for name in columns)
    db.execute("SET session_replication_role = replica")
    db.execute(f"INSERT INTO audit.logs ({names}) VALUES ({values})", columns)
    db.execute("SET session_replication_role = origin")


def _value(db: Connection, expression: str) -> Any:
    row = db.execute(f"SELECT {expression} FROM audit.logs l").fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize("vector", VECTORS, ids=NAMES)
def test_part_texts_and_digests_are_the_vectors(db: Connection, vector: dict[str, Any]) -> None:
    _store(db, vector, 2)
    for part, text in vector["part_texts"].items():
        assert _value(db, f"audit.part_text(l, '{part}')") == text
        digest = f"audit.part_digest(l.part_salts, audit.part_slice('{part}'), audit.part_text(l, '{part}'))"
        assert _value(db, digest) == vector["part_digests"][part]


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("vector", VECTORS, ids=NAMES)
def test_both_seals_are_the_vectors(db: Connection, vector: dict[str, Any], version: int) -> None:
    _store(db, vector, version)
    assert _value(db, "audit.occurred_us(l.timestamp)") == vector["occurred_us"]
    assert _value(db, f"audit.sealed_hash_v{version}(l)") == vector[f"event_hash_v{version}"]
    assert _value(db, "audit.sealed_hash_v1(l)") != _value(db, "audit.sealed_hash_v2(l)")


def test_the_erased_event_keeps_its_hash(db: Connection) -> None:
    vector = VECTORS[-1]
    after = dict(vector["after_erasure"])
    wanted = after.pop("event_hash_v2")
    after["part_salts"] = bytes.fromhex(after.pop("part_salts_hex"))
    after["erased_parts"] = json.dumps(after["erased_parts"])
    _store(db, vector, 2, **after)
    assert _value(db, "audit.sealed_hash_v2(l)") == wanted


@pytest.mark.parametrize("version", [1, 2])
def test_settings_of_the_session_do_not_change_a_seal(db: Connection, version: int) -> None:
    vector = VECTORS[3]
    _store(db, vector, version)
    for statement in HOSTILE:
        db.execute(statement)
    assert _value(db, f"audit.sealed_hash_v{version}(l)") == vector[f"event_hash_v{version}"]


def test_version_1_is_found_in_the_writers_zone(guide_db: str, db: Connection) -> None:
    with psycopg.connect(guide_db, autocommit=True) as guide:
        guide.execute("SET timezone = 'Asia/Kathmandu'")
        guide.execute(
            "SELECT audit.log_event('a.b', 't1', 'user', 'u', NULL, NULL, 'user', 'r', NULL, NULL,"
            " '{\"a\": 1.10}')"
        )
        guide.execute("SET timezone = 'UTC'")
        row = guide.execute("SELECT to_jsonb(l) FROM audit.logs l").fetchone()
    assert row is not None
    columns = {name: value for name, value in row[0].items() if value is not None}
    columns["changes"] = '{"a": 1.10}'
    _store(db, {"input": {}}, 1, **columns)
    assert _value(db, "audit.event_verifies(l)") is True
    assert _value(db, "audit.sealed_hash_v1(l, 20700) = l.event_hash") is True


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("part_salts", b"\x01" * 63),
        ("part_salts", None),
        ("erased_parts", "[]"),
        ("erased_parts", "{}"),
        ("erased_parts", "null"),
        ("erased_parts", '{"identity": null}'),
        ("erased_parts", '{"identity": "unsealed"}'),
        ("erased_parts", '{"nothing": "' + "0" * 64 + '"}'),
    ],
)
def test_what_is_not_well_formed_is_not_hashed(db: Connection, column: str, value: Any) -> None:
    _store(db, VECTORS[0], 2, **{column: value})
    assert _value(db, "audit.sealed_hash_v2(l)") is None
    assert _value(db, "audit.event_verifies(l)") is False


@pytest.mark.parametrize(
    "moment", ["infinity", "-infinity", "0044-03-15 00:00:00+00 BC", "12000-01-01 00:00:00+00"]
)
def test_a_time_out_of_range_is_not_hashed(db: Connection, moment: str) -> None:
    with unrecorded(db):
        db.execute("ALTER TABLE audit.logs DROP CONSTRAINT timestamp_range")
    _store(db, VECTORS[0], 2, timestamp=moment)
    assert _value(db, "audit.event_verifies(l)") is False
