"""Every event that can be had from archives, damaged ones included, in the order of their files."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from audit_tui.core.archive.lines import ArchiveFormatError, line_to_event
from audit_tui.core.model import Event
from audit_tui.store.archive_reader import FoundArchive, read_lines

_LIKE_OURS = re.compile(r"\d{4,}-\d{4,}\.ndjson\.gz\Z", re.ASCII)


def stream_archived(archives: Sequence[FoundArchive]) -> Iterator[Event]:
    """What the files hold. What cannot be read is passed over: a check names it."""
    for archive in archives:
        for path in _files(archive):
            yield from _events(path)


def _files(archive: FoundArchive) -> list[Path]:
    """The files that the manifest lists; where it is none, those that are named like an archive's."""
    if archive.manifest is not None:
        names = [file.name for tenant in archive.manifest.tenants for file in tenant.files]
    else:
        try:
            names = sorted(each.name for each in archive.path.iterdir() if _LIKE_OURS.match(each.name))
        except OSError:
            names = []
    return [archive.path / name for name in names]


def _events(path: Path) -> Iterator[Event]:
    try:
        for line in read_lines(path):
            try:
                event = line_to_event(line)
            except ArchiveFormatError:
                continue
            if event.tenant_id is not None:
                yield event
    except (ArchiveFormatError, OSError):
        return
