"""Writes exhibits to files that did not exist before. The log itself is never written to."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from audit_tui.core.errors import AuditError, UsageError
from audit_tui.core.exhibit.document import as_json
from audit_tui.core.exhibit.markdown import as_markdown
from audit_tui.core.exhibit.model import Exhibit, Origin

MARKDOWN, JSON = ".md", ".json"
_BUILDERS = {MARKDOWN: as_markdown, JSON: as_json}


def build(suffix: str, origin: Origin, exhibits: Sequence[Exhibit]) -> str:
    """The text for a file that ends so. UsageError for an ending that names no format."""
    builder = _BUILDERS.get(suffix.lower())
    if builder is None:
        title = f"a report is written as {MARKDOWN} or {JSON}, not as {suffix or 'a file without an ending'}"
        raise UsageError(title, "name the file report.md or report.json")
    return builder(origin, exhibits)


def write_both(folder: Path, origin: Origin, exhibit: Exhibit) -> tuple[Path, Path]:
    """The exhibit as Markdown and as JSON in a folder; both or none. AuditError says why not."""
    moment = "".join(character for character in origin.written_at[:19] if character.isalnum())
    stem = f"{exhibit.file_stem}-{moment}Z"
    markdown, document = folder / f"{stem}{MARKDOWN}", folder / f"{stem}{JSON}"
    write_new(markdown, build(MARKDOWN, origin, [exhibit]))
    try:
        write_new(document, build(JSON, origin, [exhibit]))
    except AuditError:
        with suppress(OSError):
            markdown.unlink()
        raise
    return markdown, document


def write_new(path: Path, text: str) -> None:
    """Writes a file that is the reader's alone; nothing is overwritten. AuditError where it can't be done."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise AuditError(f"there is a file of that name already: {path}", "nothing was changed") from None
    except (FileNotFoundError, NotADirectoryError):
        raise AuditError(f"there is no folder {path.parent}", "name one that exists") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise AuditError(f"{path} can't be written: {reason}", "choose another folder") from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise AuditError(f"{path} can't be written: {error.strerror}", "choose another folder") from None
