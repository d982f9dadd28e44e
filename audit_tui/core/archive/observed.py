"""One function per thing that an archive's files can show: the finding, and the sentence that names it."""

from audit_tui.core.archive.manifest import ArchivedTenant, ArchiveFile
from audit_tui.core.findings import Finding, Kind, Severity


def about_file(
    archive: str,
    tenant_id: str,
    file: ArchiveFile,
    what: str,
    *,
    expected: str | None = None,
    found: str | None = None,
) -> Finding:
    """Something about a whole file of a tenant; `what` goes on after the file's name."""
    message = f"File {file.name} of archive {archive} {what}."
    span = (file.first_sequence, file.last_sequence)
    return _finding(tenant_id, span, message, expected=expected, found=found)


def about_line(
    archive: str, tenant_id: str, file: ArchiveFile, line: int, what: str, sequence: int
) -> Finding:
    """Something about one line, where the event `sequence` should stand; `what` goes on after the place."""
    message = f"Line {line:,} of file {file.name} of archive {archive} {what}."
    return _finding(tenant_id, (sequence, sequence), message)


def about_stretch(
    stretch: ArchivedTenant,
    message: str,
    *,
    expected: str | None = None,
    found: str | None = None,
    severity: Severity = Severity.TAMPERED,
) -> Finding:
    """Something about everything that an archive holds of a tenant; `message` is the whole sentence."""
    span = (stretch.first_sequence, stretch.last_sequence)
    return _finding(stretch.tenant_id, span, message, expected=expected, found=found, severity=severity)


def about_manifest(archive: str, what: str) -> Finding:
    """The manifest itself is not one; `what` goes on after its name."""
    return _finding(None, (None, None), f"The manifest of archive {archive} {what}.")


def extra_file(archive: str, name: str) -> Finding:
    """A file that passes for one of the archive's though no manifest lists it."""
    return _finding(
        None, (None, None), f"Archive {archive} holds the file {name}, which its manifest does not list."
    )


def absent(tenant_id: str, first: int, last: int, why: str) -> Finding:
    """Sequences that lie neither in the archives given nor in the log: nothing says they were changed."""
    stretch = f"Events {first} to {last}" if last > first else f"Event {first}"
    return _finding(tenant_id, (first, last), f"{stretch} {why}.", severity=Severity.INCONCLUSIVE)


def two_histories(
    tenant_id: str, sequence: int, one: str, other: str, *, expected: str | None, found: str | None
) -> Finding:
    """Two sources give event `sequence` different hashes."""
    message = f"Event {sequence} has one hash in {one} and another in {other}: they tell two histories."
    return _finding(tenant_id, (sequence, sequence), message, expected=expected, found=found)


def _finding(
    tenant_id: str | None,
    span: tuple[int | None, int | None],
    message: str,
    *,
    expected: str | None = None,
    found: str | None = None,
    severity: Severity = Severity.TAMPERED,
) -> Finding:
    return Finding(
        kind=Kind.ARCHIVE_MISMATCH,
        severity=severity,
        tenant_id=tenant_id,
        first_sequence=span[0],
        last_sequence=span[1],
        event_id=None,
        message=message,
        expected=expected,
        found=found,
    )
