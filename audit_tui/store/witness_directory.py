"""A folder of checkpoints that several people share, in git for instance: files are added, never changed.

    org_acme-1f0a93c7/000000001000-9b02c4d177c1.checkpoint

A folder per tenant (a readable part and a digest of log and tenant), a file per number of events and
content: the name's end is the start of the content's SHA-256. Two people who add the same add the same file,
two who add different ones add different files, so a merge never meets a conflict.
"""

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from audit_tui.core.checkpoint import Checkpoint, CheckpointError, parse_checkpoint
from audit_tui.core.errors import AuditError, UsageError
from audit_tui.core.note import MAX_BYTES, Note, NoteError, parse_note
from audit_tui.store.small_files import read_small, write_new

ENDING = ".checkpoint"
MAX_FILES = 100_000
"""Of a whole folder: beyond it, it is no folder of checkpoints."""

_READABLE = re.compile(r"[^a-z0-9._]+")


@dataclass(frozen=True, slots=True)
class Found:
    """One file of the folder."""

    path: Path
    note: Note
    checkpoint: Checkpoint


class WitnessDirectory:
    """The shared folder. AuditError where it cannot be read, or where everybody could have written to it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.refused: tuple[tuple[Path, str], ...] = ()

    def add(self, checkpoint: Checkpoint, note: Note) -> tuple[Path, bool]:
        """Writes the note as a file of its own; (its path, whether it is new)."""
        content = note.content.encode()
        path = self._folder_of(checkpoint) / f"{checkpoint.size:012d}-{_short(content)}{ENDING}"
        if path.exists():
            return path, False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise _unusable(self._folder, problem) from None
        _refuse_everybody(self._folder)
        try:
            write_new(path, content)
        except UsageError:  # somebody else was faster, with the same content
            return path, False
        return path, True

    def list_all(self) -> tuple[Found, ...]:
        """Every checkpoint, by tenant and size. `refused` then names the files that are none, and why: one
        bad file must not hide the others.
        """
        _refuse_everybody(self._folder)
        found, refused = [], []
        for path in self._files():
            try:
                found.append(read_checkpoint(path, follow=False))
            except AuditError as error:
                refused.append((path, str(error)))
        self.refused = tuple(sorted(refused))
        return tuple(
            sorted(found, key=lambda each: (each.checkpoint.origin, each.checkpoint.size, each.path))
        )

    def _files(self) -> Iterator[Path]:
        try:
            for number, path in enumerate(self._folder.glob(f"*/*{ENDING}")):
                if number >= MAX_FILES:
                    raise AuditError(
                        f"{self._folder} holds more than {MAX_FILES:,} checkpoints", "is it the right folder?"
                    )
                yield path
        except OSError as problem:
            raise _unusable(self._folder, problem) from None

    def _folder_of(self, checkpoint: Checkpoint) -> Path:
        readable = _READABLE.sub("-", checkpoint.tenant_id.lower()).strip("-.")[:60]
        return self._folder / f"{readable or 'tenant'}-{sha256(checkpoint.origin.encode()).hexdigest()[:8]}"


def read_checkpoint(path: Path, *, follow: bool = True) -> Found:
    """The checkpoint of one file. AuditError says what is wrong with it."""
    content = read_small(path, "checkpoint", MAX_BYTES, follow=follow)
    try:
        note = parse_note(content)
        return Found(path, note, parse_checkpoint(note.text))
    except (NoteError, CheckpointError) as problem:
        hint = "ask for it again: it has to arrive byte by byte"
        raise AuditError(f"{path} is no checkpoint: {problem}", hint) from None


def _refuse_everybody(folder: Path) -> None:
    try:
        mode = folder.stat().st_mode
    except OSError as problem:
        raise _unusable(folder, problem) from None
    if not stat.S_ISDIR(mode):
        raise AuditError(f"{folder} is no folder", "name the folder of checkpoints")
    if mode & stat.S_IWOTH:
        raise AuditError(f"everybody can write to {folder}, so it proves nothing", f"chmod o-w {folder}")


def _short(content: bytes) -> str:
    return sha256(content).hexdigest()[:12]


def _unusable(folder: Path, problem: OSError) -> AuditError:
    return AuditError(f"the folder {folder} can't be used: {problem.strerror}", "check its name and rights")
