"""Files that were changed: each way is named with its file, and with line and sequence where there is one."""

import gzip
from pathlib import Path

import pytest

from audit_tui.core.archive.manifest import MANIFEST_NAME
from audit_tui.core.errors import AuditError
from audit_tui.core.findings import Verdict
from tests.archive_files import build
from tests.archive_files.conftest import Archived
from tests.archive_files.proving import TAMPERED, places, prove, told

SECOND = "0001-0002.ndjson.gz"
"""Events 5 to 8 of acme."""
THIRD = "0001-0003.ndjson.gz"
"""Events 9 and 10 of acme."""
OTHERS = "0002-0001.ndjson.gz"
"""Events 1 to 3 of other."""


def rewrite(folder: Path, name: str, lines: list[bytes], *, listed: bool) -> None:
    """Puts other lines into a file; `listed`: the manifest agrees with its bytes."""
    (folder / name).write_bytes(gzip.compress(b"".join(lines), mtime=0))
    if listed:
        build.list_as_it_is(folder, name)


def edited(lines: list[bytes], at: int, old: bytes, new: bytes) -> list[bytes]:
    changed = lines[at].replace(old, new)
    assert changed != lines[at]
    return [*lines[:at], changed, *lines[at + 1 :]]


@pytest.mark.parametrize("at", [3, 40, -1])
def test_one_byte_of_a_file(archived: Archived, at: int) -> None:
    path = archived.january / SECOND
    content = bytearray(path.read_bytes())
    content[at] ^= 0x01
    path.write_bytes(content)
    report = prove(archived.place)
    assert report.verdict is TAMPERED
    assert ("archive_mismatch", 5, 8) in places(report)
    assert SECOND in told(report)
    assert "another SHA-256" in told(report)


def test_one_byte_of_a_line_while_the_manifest_agrees(archived: Archived) -> None:
    lines = build.lines_of(archived.january / SECOND)
    rewrite(archived.january, SECOND, edited(lines, 2, b'"usr_1"', b'"usr_2"'), listed=True)
    report = prove(archived.place)
    assert report.verdict is TAMPERED
    assert places(report) == [("content_mismatch", 7, 7)]
    assert f"line 3 of file {SECOND}" in told(report)


def test_one_line_removed(archived: Archived) -> None:
    lines = build.lines_of(archived.january / SECOND)
    rewrite(archived.january, SECOND, lines[:1] + lines[2:], listed=False)
    report = prove(archived.place)
    assert places(report) == [
        ("archive_mismatch", 5, 8),
        ("archive_mismatch", 5, 8),
        ("archive_mismatch", 6, 6),
        ("sequence_gap", 6, 6),
    ]
    assert f"Line 2 of file {SECOND}" in told(report)
    assert "holds event 7 where event 6 belongs" in told(report)
    assert "holds 3 events, and the manifest lists 4" in told(report)


@pytest.mark.parametrize("name", [SECOND, THIRD])
def test_the_last_line_of_a_file_removed(archived: Archived, name: str) -> None:
    lines = build.lines_of(archived.january / name)
    rewrite(archived.january, name, lines[:-1], listed=True)
    report = prove(archived.place)
    assert report.verdict is TAMPERED
    assert f"{name} of archive {build.JANUARY} holds {len(lines) - 1} event" in told(report)
    proven = next(tenant for tenant in report.tenants if tenant.tenant_id == "acme").proven_through
    assert proven == (7 if name == SECOND else 9)


def test_a_line_twice(archived: Archived) -> None:
    lines = build.lines_of(archived.january / SECOND)
    rewrite(archived.january, SECOND, [*lines[:2], lines[1], *lines[2:]], listed=True)
    report = prove(archived.place)
    assert ("duplicate_sequence", 6, 6) in places(report)
    assert "goes on after the 4 events" in told(report)


def test_two_files_of_a_tenant_swapped(archived: Archived) -> None:
    first, second = archived.january / "0001-0001.ndjson.gz", archived.january / SECOND
    kept = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(kept)
    report = prove(archived.place)
    assert places(report) == [("archive_mismatch", 1, 4), ("archive_mismatch", 5, 8)]
    assert f"{first.name} of archive {build.JANUARY} holds what the manifest lists as {SECOND}" in told(
        report
    )


def test_two_files_of_different_tenants_swapped_while_the_manifest_agrees(archived: Archived) -> None:
    first, second = archived.january / THIRD, archived.january / OTHERS
    kept = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(kept)
    for name in (THIRD, OTHERS):
        build.list_as_it_is(archived.january, name)
    report = prove(archived.place)
    assert report.verdict is TAMPERED
    assert f"Line 1 of file {THIRD} of archive {build.JANUARY} holds an event of tenant other" in told(report)
    assert f"Line 1 of file {OTHERS} of archive {build.JANUARY} holds an event of tenant acme" in told(report)


def test_two_lines_swapped_while_the_manifest_agrees(archived: Archived) -> None:
    lines = build.lines_of(archived.january / SECOND)
    rewrite(archived.january, SECOND, [lines[0], lines[2], lines[1], lines[3]], listed=True)
    report = prove(archived.place)
    assert report.verdict is TAMPERED
    assert "holds event 7 where event 6 belongs" in told(report)


def test_a_file_missing(archived: Archived) -> None:
    (archived.january / SECOND).unlink()
    report = prove(archived.place)
    assert places(report) == [("archive_mismatch", 5, 8)]
    assert f"File {SECOND} of archive {build.JANUARY} is missing." in told(report)


def test_an_extra_file_that_passes_for_one(archived: Archived) -> None:
    (archived.january / "0001-0004.ndjson.gz").write_bytes(b"")
    report = prove(archived.place)
    assert report.verdict is TAMPERED
    assert "holds the file 0001-0004.ndjson.gz, which its manifest does not list" in told(report)


def test_a_readme_beside_the_files_is_mentioned_and_accuses_nobody(archived: Archived) -> None:
    (archived.january / "README.txt").write_text("kept for ten years")
    report = prove(archived.place)
    assert report.verdict is Verdict.INTACT
    assert "also holds README.txt" in report.claim


def test_an_archive_without_its_manifest(archived: Archived) -> None:
    (archived.january / MANIFEST_NAME).unlink()
    report = prove(archived.place)
    assert report.verdict is TAMPERED
    assert f"The manifest of archive {build.JANUARY} is missing." in told(report)
    assert "two" not in report.claim


def test_a_folder_without_archives_is_a_mistake_of_who_typed_it(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="there is no archive in") as refused:
        prove(tmp_path)
    assert refused.value.exit_code == 2
    with pytest.raises(AuditError, match="cannot be read: No such file") as refused:
        prove(tmp_path / "nowhere")
    assert refused.value.exit_code == 2
