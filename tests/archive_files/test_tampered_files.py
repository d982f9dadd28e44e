"""Files that were changed: each way is named with its file, and with line and sequence where there is one."""

import gzip
import os
from pathlib import Path

import pytest

from audit_tui.core.archive.lines import event_to_line, line_to_event
from audit_tui.core.archive.manifest import MANIFEST_NAME
from audit_tui.core.errors import AuditError
from audit_tui.core.findings import Verdict
from audit_tui.core.seal import sealed_hash
from audit_tui.service.live import archive_scan
from audit_tui.store.archive_reader import FileDigest
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


@pytest.mark.parametrize("left", [0, 5, 30, -4])
def test_a_file_cut_short(archived: Archived, left: int) -> None:
    path = archived.january / SECOND
    path.write_bytes(path.read_bytes()[:left])
    report = prove(archived.place)
    assert report.verdict is TAMPERED
    assert ("archive_mismatch", 5, 8) in places(report)
    assert SECOND in told(report)


def test_a_file_that_unpacks_without_end(archived: Archived, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit_tui.store.archive_reader.MAX_LINE_BYTES", 1_000_000)
    (archived.january / SECOND).write_bytes(gzip.compress(b"x" * 50_000_000, mtime=0))
    build.list_as_it_is(archived.january, SECOND)
    report = prove(archived.place)
    assert report.verdict is TAMPERED
    assert "holds a line of more than 1,000,000 bytes after line 0" in told(report)


def test_many_garbled_lines_are_told_at_once(archived: Archived) -> None:
    lines = [b"\x00garbled\n"] * 4
    rewrite(archived.january, SECOND, lines, listed=True)
    rewrite(archived.january, THIRD, [b"x\n"] * 2, listed=True)
    report = prove(archived.january)
    assert [span for kind, *span in places(report)] == [[5, 5], [5, 8], [6, 6], [7, 7], [9, 9], [10, 10]]
    assert f"File {SECOND} of archive {build.JANUARY} holds 1 more line that cannot be read." in told(report)


def test_a_file_exchanged_while_it_is_read(archived: Archived, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes that are judged are the bytes whose digest is compared, whatever lies there when."""
    whole = (archived.january / SECOND).read_bytes()
    lines = build.lines_of(archived.january / SECOND)
    other = gzip.compress(b"".join(lines), compresslevel=1, mtime=0)
    assert other != whole
    real = archive_scan.digest_file

    def digest_then_exchange(path: Path) -> FileDigest:
        seen = real(path)
        if path.name == SECOND:
            path.write_bytes(other)
        return seen

    monkeypatch.setattr(archive_scan, "digest_file", digest_then_exchange)
    report = prove(archived.january)
    assert report.verdict is TAMPERED
    assert f"File {SECOND} of archive {build.JANUARY} was changed while it was read." in told(report)


def test_a_million_empty_lines(archived: Archived) -> None:
    (archived.january / SECOND).write_bytes(gzip.compress(b"\n" * 1_000_000, mtime=0))
    build.list_as_it_is(archived.january, SECOND)
    report = prove(archived.place)
    assert report.verdict is TAMPERED
    assert "Line 1 of file 0001-0002.ndjson.gz" in told(report)
    assert "goes on after the 4 events" in told(report)


def test_what_is_no_file(archived: Archived, tmp_path: Path) -> None:
    """A pipe would hang whoever reads it, a link leads elsewhere."""
    (archived.january / SECOND).unlink()
    os.mkfifo(archived.january / SECOND)
    (archived.january / OTHERS).rename(tmp_path / "elsewhere")
    (archived.january / OTHERS).symlink_to(tmp_path / "elsewhere")
    (archived.january / THIRD).unlink()
    (archived.january / THIRD).mkdir()
    report = prove(archived.place)
    assert report.verdict is TAMPERED
    for name in (SECOND, OTHERS, THIRD):
        assert f"File {name} of archive {build.JANUARY} is no regular file." in told(report)


@pytest.mark.parametrize(
    "line",
    [
        b"{}\n",
        b"[" * 100_000 + b"\n",
        b'{"id":' + b"9" * 10_000 + b"}\n",
        b"\xff\xfe\n",
        b"\n",
    ],
)
def test_a_line_that_is_none(archived: Archived, line: bytes) -> None:
    lines = build.lines_of(archived.january / SECOND)
    rewrite(archived.january, SECOND, [*lines[:1], line, *lines[2:]], listed=True)
    report = prove(archived.place)
    assert places(report) == [("archive_mismatch", 6, 6)]
    assert f"Line 2 of file {SECOND} of archive {build.JANUARY} is not" in told(report)


@pytest.mark.parametrize("kind", ["audit.archived", "audit.erased"])
@pytest.mark.parametrize("metadata", ["[" * 100_000, "{" * 100_000, "9" * 100_000, '{"erased":', ""])
def test_an_event_that_vouches_with_what_no_jsonb_could_hold(
    archived: Archived, kind: str, metadata: str
) -> None:
    """Sealed by whoever wrote the file: its own hash fits, and the next event names another."""
    lines = build.lines_of(archived.january / SECOND)
    event = line_to_event(lines[2])._replace(event_type=kind, metadata=metadata)
    lines[2] = event_to_line(event._replace(event_hash=sealed_hash(event)))
    rewrite(archived.january, SECOND, lines, listed=True)
    report = prove(archived.place)
    assert places(report) == [("archive_mismatch", 1, 10), ("link_mismatch", 8, 8)]
    assert "another tree of hashes" in told(report)


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
