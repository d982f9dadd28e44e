"""Witnesses on disk: one append-only file per target in the user's state directory, like `known_hosts`.

Whoever can write these files can make the tool forget, so a file that others can write, a link in its
place or a line that can't be read is refused with the reason; nothing is skipped silently. Only a last
line cut short is tolerated (a crash while it was written), and `warnings` says so.
"""

import errno
import fcntl
import os
import re
import stat
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from audit_tui.core.errors import AuditError
from audit_tui.core.witness import Source, Witness, is_soon_after, list_newest
from audit_tui.store.witness_lines import MalformedLineError, read_line, write_line

_UNREADABLE = re.compile(r"[^a-z0-9.]+")
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
# NONBLOCK: a pipe put in the file's place must not hang the tool.
_COMMON = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class WitnessFile:
    """The witnesses below one state directory. Every method raises AuditError where a file is refused."""

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / "witnesses"
        self.warnings: tuple[str, ...] = ()

    def path_of(self, target: str) -> Path:
        """Where the witnesses of a target are kept; the readable part is a help, the digest decides."""
        readable = _UNREADABLE.sub("-", target.lower()).strip("-.")[:60]
        return self._folder / f"{readable}-{sha256(target.encode()).hexdigest()[:16]}.jsonl"

    def list_newest(self, target: str) -> Mapping[str, Witness]:
        """The witness of each tenant of the target that counts (`core.witness.list_newest`)."""
        return list_newest(self.list_all(target))

    def list_all(self, target: str) -> tuple[Witness, ...]:
        """Every witness of the target, oldest first. `warnings` tells of a last line cut short."""
        path = self.path_of(target)
        self.warnings = ()
        try:
            self._check_folder()
            with _Locked(path, os.O_RDONLY, fcntl.LOCK_SH) as handle:
                return self._read(path, handle, target)
        except FileNotFoundError:
            return ()
        except OSError as problem:
            raise _refusal(path, problem) from None

    def append(self, witnesses: Sequence[Witness]) -> None:
        """Adds witnesses to the files of their targets; they are on disk when this returns.

        One that says nothing new (its tenant's newest witness is of the same head, log and first event, and
        holds its anchors) is not written, unless the last full proof is an hour older; a person's baseline
        always is.
        """
        for target in dict.fromkeys(witness.target for witness in witnesses):
            self._append(target, [witness for witness in witnesses if witness.target == target])

    def _append(self, target: str, witnesses: list[Witness]) -> None:
        path = self.path_of(target)
        try:
            self._folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._check_folder()
            with _Locked(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, fcntl.LOCK_EX) as handle:
                known = self._read(path, handle, target)
                last = {w.tenant_id: w for w in known} | list_newest(known)
                lines = b"".join(write_line(w) for w in witnesses if _is_news(w, last.get(w.tenant_id)))
                _cut_broken_tail(handle)
                _write_all(handle, lines)
            _sync_folder(self._folder)
        except OSError as problem:
            raise _refusal(path, problem) from None

    def _read(self, path: Path, handle: int, target: str) -> tuple[Witness, ...]:
        *lines, rest = _content(handle).split(b"\n")
        if rest:
            self.warnings = (f"the last line of {path} was cut short while it was written; it is left out",)
        return tuple(_parse(path, number, line, target) for number, line in enumerate(lines, start=1))

    def _check_folder(self) -> None:
        with suppress(FileNotFoundError):
            _check(self._folder, self._folder.lstat(), stat.S_ISDIR)


class _Locked:
    """The file under a lock, as a descriptor, once it is known to be a file that only we can write."""

    def __init__(self, path: Path, flags: int, lock: int) -> None:
        self._path, self._flags, self._lock = path, flags, lock

    def __enter__(self) -> int:
        handle = self._handle = os.open(self._path, self._flags | _COMMON, 0o600)
        try:
            _check(self._path, os.fstat(handle), stat.S_ISREG)
            fcntl.flock(handle, self._lock)
        except BaseException:
            os.close(handle)
            raise
        return handle

    def __exit__(self, *_exc: object) -> None:
        os.close(self._handle)


def _is_news(witness: Witness, newest: Witness | None) -> bool:
    if newest is None or newest.source is Source.CLOSED or witness.reason is not None:
        return True
    same = replace(
        newest,
        taken_at=witness.taken_at,
        anchors=witness.anchors,
        source=witness.source,
        reason=witness.reason,
        full_at=witness.full_at,
    )
    proven_anew = not is_soon_after(newest.proven_in_full_at, witness.proven_in_full_at)
    return proven_anew or same != witness or not set(witness.anchors) <= set(newest.anchors)


def _parse(path: Path, number: int, line: bytes, target: str) -> Witness:
    try:
        witness = read_line(line)
        if witness.target != target:
            raise MalformedLineError("it is of another target")
    except MalformedLineError as problem:
        raise AuditError(
            f"the witnesses in {path} can't be trusted: line {number}: {problem}",
            "find out who changed the file; moved away, the tool starts anew without its witnesses",
        ) from None
    return witness


def _check(path: Path, found: os.stat_result, is_kind: Callable[[int], bool]) -> None:
    if not is_kind(found.st_mode):
        raise _not_ours(path)
    if found.st_mode & _OTHERS_MAY_WRITE:
        raise AuditError(f"others can write {path}, so it proves nothing", f"chmod go-w {path}")
    if found.st_uid not in {os.geteuid(), 0}:
        raise AuditError(f"{path} belongs to another user, so it proves nothing", "move it away")


def _not_ours(path: Path) -> AuditError:
    return AuditError(f"{path} is a link or another kind of file than it should be", "move it away")


def _refusal(path: Path, problem: OSError) -> AuditError:
    if problem.errno in {errno.ELOOP, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENXIO}:
        return _not_ours(path)
    return AuditError(
        f"the witnesses in {path} can't be used: {problem.strerror}",
        "set AUDIT_TUI_STATE_DIR to a folder that you can write",
    )


def _content(handle: int) -> bytes:
    os.lseek(handle, 0, os.SEEK_SET)
    pieces = []
    while piece := os.read(handle, 1 << 20):
        pieces.append(piece)
    return b"".join(pieces)


def _cut_broken_tail(handle: int) -> None:
    """What a crash left of a line would make the next line unreadable."""
    content = _content(handle)
    os.ftruncate(handle, content.rfind(b"\n") + 1)


def _write_all(handle: int, lines: bytes) -> None:
    while lines:
        lines = lines[os.write(handle, lines) :]
    os.fsync(handle)


def _sync_folder(folder: Path) -> None:
    """A new file's name must survive a crash too."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
