"""A manifest says one thing in one way; whatever contradicts itself, or names a path, is no manifest."""

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core.archive.lines import ArchiveFormatError
from audit_tui.core.archive.manifest import (
    MAX_MANIFEST_BYTES,
    ArchivedTenant,
    ArchiveFile,
    Manifest,
    TreeState,
    file_name,
    manifest_digest,
)
from audit_tui.core.archive.manifest_text import dump_manifest, fits_checksum, parse_manifest

A, B = "a" * 64, "b" * 64
FILES = (
    ArchiveFile("0001-0001.ndjson.gz", 2, 1, 2, 90, A),
    ArchiveFile("0001-0002.ndjson.gz", 1, 3, 3, 80, B),
)
TENANT = ArchivedTenant(
    "org_ä",
    1,
    3,
    3,
    None,
    A,
    B,
    "2026-01-01 00:00:00+00",
    "2026-01-02 00:00:00+00",
    TreeState(3, (A, B)),
    FILES,
)
LATER = ArchivedTenant(
    "org_b", 9, 9, 1, B, A, A, "2026-01-01 00:00:00+00", "2026-01-01 00:00:00+00", TreeState(9, (A, B)),
    (ArchiveFile("0002-0001.ndjson.gz", 1, 9, 9, 70, A),),
)  # fmt: skip
MANIFEST = Manifest(
    "20261124T031500Z-9f03c1aa", "2026-11-24T03:15:00.000000Z", "1.0", "log-1", None, "app", 2, "plain",
    "2026-06-01T00:00:00.000000Z", "dpo", None, (TENANT, LATER),
)  # fmt: skip


def test_a_manifest_comes_back_as_it_went() -> None:
    content = dump_manifest(MANIFEST)
    assert parse_manifest(content) == MANIFEST
    assert content.endswith(b"}\n")
    assert b": " not in content
    assert list(json.loads(content)) == sorted(json.loads(content))


def test_the_checksum_is_that_of_the_bytes_without_it() -> None:
    content = dump_manifest(MANIFEST)
    checksum = json.loads(content)["checksum"]
    assert sha256(content.replace(f'"checksum":"{checksum}",'.encode(), b"")).hexdigest() == checksum


@pytest.mark.parametrize("name", ["requester", "reason", "database", "created_at", "log_id", "tool_version"])
def test_an_edit_that_contradicts_nothing_does_not_give_the_checksum(name: str) -> None:
    content = edited(lambda d: d.update({name: "2026-11-24T03:15:01.000000Z"}))
    manifest = parse_manifest(content)
    assert not fits_checksum(manifest, content)
    assert fits_checksum(MANIFEST, WRITTEN)


def test_the_digest_is_sha256sums() -> None:
    assert manifest_digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_names_of_files_grow_with_their_numbers() -> None:
    assert file_name(1, 1) == "0001-0001.ndjson.gz"
    assert file_name(12345, 10_000) == "12345-10000.ndjson.gz"


Edit = Callable[[dict[str, Any]], object]


def edited(edit: Edit) -> bytes:
    document = json.loads(dump_manifest(MANIFEST))
    edit(document)
    return (json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


EDITS: dict[str, Edit] = {
    "format": lambda d: d.update(format="audit-tui/archive/2"),
    "no format": lambda d: d.pop("format"),
    "no checksum": lambda d: d.pop("checksum"),
    "checksum is a number": lambda d: d.update(checksum=1),
    "checksum is a list": lambda d: d.update(checksum=[]),
    "extra entry": lambda d: d.update(more=1),
    "missing entry": lambda d: d.pop("before"),
    "archive is a path": lambda d: d.update(archive="../../etc"),
    "archive is a number": lambda d: d.update(archive=3),
    "no tenants": lambda d: d.update(tenants=[]),
    "tenants is text": lambda d: d.update(tenants="org_a"),
    "tenant is text": lambda d: d.update(tenants=["org_a"]),
    "tenant twice": lambda d: d["tenants"][1].update(tenant_id="org_ä"),
    "database is null": lambda d: d.update(database=None),
    "encoding is a number": lambda d: d.update(encoding=8),
    "reason is a list": lambda d: d.update(reason=[]),
    "version is a bool": lambda d: d.update(schema_version=True),
    "path in a file's name": lambda d: d["tenants"][0]["files"][0].update(name="../0001-0001.ndjson.gz"),
    "absolute name": lambda d: d["tenants"][0]["files"][0].update(name="/etc/passwd"),
    "another file's name": lambda d: d["tenants"][0]["files"][0].update(name="0002-0001.ndjson.gz"),
    "name in other digits": lambda d: d["tenants"][0]["files"][0].update(name="٠٠٠١-0001.ndjson.gz"),
    "a time that is none": lambda d: d["tenants"][0].update(first_time="infinity"),
    "a moment that is none": lambda d: d.update(before="yesterday"),
    "count of events": lambda d: d["tenants"][0].update(events=4),
    "count of a file": lambda d: d["tenants"][0]["files"][0].update(events=1),
    "zero events": lambda d: d["tenants"][1]["files"][0].update(events=0),
    "events is a float": lambda d: d["tenants"][0].update(events=3.0),
    "sequences overlap": lambda d: d["tenants"][0]["files"][1].update(first_sequence=2, events=2),
    "a hole between files": lambda d: d["tenants"][0].update(last_sequence=4, events=4),
    "files do not reach the end": lambda d: d["tenants"][0]["files"].pop(),
    "first without a predecessor": lambda d: d["tenants"][1].update(first_previous_hash=None),
    "a predecessor of the first": lambda d: d["tenants"][0].update(first_previous_hash=A),
    "hash in capitals": lambda d: d["tenants"][0].update(last_hash="A" * 64),
    "one event, two hashes": lambda d: d["tenants"][1].update(first_hash=B),
    "tree of another size": lambda d: d["tenants"][0]["tree"].update(size=2, hashes=[A]),
    "tree with too few hashes": lambda d: d["tenants"][0]["tree"].update(hashes=[A]),
    "tree is null": lambda d: d["tenants"][0].update(tree=None),
    "digest of a file": lambda d: d["tenants"][0]["files"][0].update(sha256="0"),
    "file too large": lambda d: d["tenants"][1].update(
        last_sequence=60_008, events=60_000,
        files=[{**d["tenants"][1]["files"][0], "last_sequence": 60_008, "events": 60_000}],
    ),
    "huge number": lambda d: d["tenants"][0].update(events=10**30),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_manifest_that_contradicts_itself_is_none(edit: Edit) -> None:
    assert parse_manifest(edited(lambda _: None)) == MANIFEST
    with pytest.raises(ArchiveFormatError):
        parse_manifest(edited(edit))


WRITTEN = dump_manifest(MANIFEST)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null\n",
        WRITTEN[:-1],
        WRITTEN + b"\n",
        WRITTEN.replace(b",", b", ", 1),
        WRITTEN.replace("ä".encode(), b"\\u00e4"),
        WRITTEN.replace("ä".encode(), b"\\ud800"),
        WRITTEN.replace(b'"archive"', b'"archive":1,"archive"', 1),
        b"\xef\xbb\xbf" + WRITTEN,
        WRITTEN.decode().encode("utf-16"),
        b"[" * 200_000,
        b" " * (MAX_MANIFEST_BYTES + 1),
    ],
)
def test_other_bytes_are_no_manifest(content: bytes) -> None:
    with pytest.raises(ArchiveFormatError):
        parse_manifest(content)


@given(st.integers(0, len(WRITTEN) - 1), st.integers(1, 255))
def test_no_changed_byte_passes_for_the_same_manifest(at: int, change: int) -> None:
    damaged = bytearray(WRITTEN)
    damaged[at] ^= change
    try:
        parsed = parse_manifest(bytes(damaged))
    except ArchiveFormatError:
        return
    assert not fits_checksum(parsed, bytes(damaged))
    assert manifest_digest(bytes(damaged)) != manifest_digest(WRITTEN)


@given(st.text(), st.none() | st.text())
def test_any_text_may_stand_where_text_stands(reason: str, requester: str | None) -> None:
    made = replace(MANIFEST, reason=reason, requester=requester)
    assert parse_manifest(dump_manifest(made)) == made
