"""Files that come from others or hold secrets: read with bounds, written so that nothing is overwritten."""

import errno
import os
import stat
from pathlib import Path

from audit_tui.core.errors import AuditError, UsageError

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_small(path: Path, what: str, limit: int, *, follow: bool = True) -> bytes:
    """The bytes of an ordinary file of at most `limit` bytes. AuditError where it is anything else.

    `what` names it in the message ("checkpoint"). A pipe or device in its place is refused, never waited for,
    and so is a link unless `follow`.
    """
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (0 if follow else os.O_NOFOLLOW)
    try:
        handle = os.open(path, flags)
    except OSError as problem:
        why = "it is a link" if problem.errno == errno.ELOOP and not follow else problem.strerror
        raise AuditError(f"the {what} {path} can't be read: {why}", "check its name") from None
    try:
        return _read(handle, path, what, limit)
    except OSError as problem:
        raise AuditError(f"the {what} {path} can't be read: {problem.strerror}", "check its name") from None
    finally:
        os.close(handle)


def _read(handle: int, path: Path, what: str, limit: int) -> bytes:
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        raise AuditError(f"the {what} {path} is no file", "name the file itself")
    pieces, size = [], 0
    while size <= limit and (piece := os.read(handle, min(limit + 1 - size, 1 << 20))):
        pieces.append(piece)
        size += len(piece)
    if size > limit:
        raise AuditError(f"{path} is larger than {limit:,} bytes: it is no {what}", "check its name")
    return b"".join(pieces)


def read_secret(path: Path, what: str, limit: int) -> bytes:
    """As `read_small`, of a file that nobody else may read. AuditError where others could have."""
    content = read_small(path, what, limit)
    if path.stat().st_mode & _OTHERS:
        raise AuditError(f"others can read the {what} {path}", f"chmod 600 {path}, or make another one")
    return content


def write_new(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Writes a file that was not there before: whole and on disk when this returns, else not there at all.

    UsageError where something of that name is there, AuditError where it cannot be written.
    """
    part = path.with_name(f".{path.name[:100]}.{os.urandom(6).hex()}.part")
    try:
        _write(part, content, mode)
        try:
            os.link(part, path, follow_symlinks=False)  # unlike a rename, it replaces nothing
        finally:
            part.unlink()
        _sync(path.parent)
    except OSError as problem:
        if problem.errno == errno.EEXIST:
            raise UsageError(
                f"{path} is there already", "choose another name; nothing is overwritten"
            ) from None
        raise AuditError(f"{path} can't be written: {problem.strerror}", "choose another folder") from None


def _write(path: Path, content: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
