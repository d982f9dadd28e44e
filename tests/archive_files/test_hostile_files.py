"""Files made to break their reader: cut short, without end, garbled, exchanged, no files at all."""

import gzip
import os
from pathlib import Path

import pytest

from audit_tui.core.archive.lines import event_to_line, line_to_event
from audit_tui.core.seal import sealed_hash
from audit_tui.service.live import archive_scan
from audit_tui.store.archive_reader import FileDigest
from tests.archive_files import build
from tests.archive_files.conftest import Archived
from tests.archive_files.proving import TAMPERED, places, prove, told
from tests.archive_files.test_tampered_files import OTHERS, SECOND, THIRD, rewrite


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
