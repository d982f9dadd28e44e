"""One archive's stretch of a tenant, line by line: against its manifest, and by the rules of the list."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from audit_tui.core.archive import observed
from audit_tui.core.archive.lines import ArchiveFormatError, line_to_event
from audit_tui.core.archive.manifest import ArchiveFile
from audit_tui.core.archive.plan import Stretch, differing
from audit_tui.core.archive.trees import TreeWatch
from audit_tui.core.findings import Finding
from audit_tui.core.model import Event
from audit_tui.core.walk import Walk
from audit_tui.core.words import plural

BAD_LINES = 3
"""Lines of one file that cannot be read and are named one by one; of the others the count is told."""


@dataclass(slots=True)
class StretchCheck:
    """Call `begin`, `take` for each line while it says so, and `end_file` for each file; then `finish`.

    Findings go into the tenant's `walk`. `known` are hashes that other sources name (sequence -> source ->
    hash), `wanted` sequences whose hashes are to be kept in `hashes`.
    """

    stretch: Stretch
    walk: Walk
    tree: TreeWatch
    known: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    wanted: frozenset[int] = frozenset()
    hashes: dict[int, str | None] = field(default_factory=dict)
    _file: ArchiveFile | None = None
    _lines: int = 0
    _shifted: bool = False
    _bad: int = 0
    _first: Event | None = None
    _last: Event | None = None

    @property
    def _tenant_id(self) -> str:
        return self.stretch.tenant.tenant_id

    def begin(self, file: ArchiveFile) -> None:
        """The next file of the manifest's list is going to be read."""
        self._file, self._lines, self._shifted, self._bad = file, 0, False, 0

    def note(self, what: str, *, expected: str | None = None, found: str | None = None) -> None:
        """Something about the file that was begun; `what` goes on after its name."""
        self.walk.add(
            observed.about_file(
                self.stretch.archive, self._tenant_id, self._begun, what, expected=expected, found=found
            )
        )

    def leave(self, what: str | None, *, expected: str | None = None, found: str | None = None) -> None:
        """The rest of the file cannot be read (`what` says why); the check goes on behind it."""
        self._count_bad()
        if what is not None:
            self.note(what, expected=expected, found=found)
        self.tree.broken = True
        last = self._begun.last_sequence
        before = self.walk.before.sequence_number if self.walk.before is not None else None
        lost = last - max(before or 0, self._begun.first_sequence - 1)
        self.walk.pass_over(last, events=max(lost, 0))

    def take(self, line: bytes) -> bool:
        """Judges the next line. False where the rest of the file makes no sense."""
        self._lines += 1
        file = self._begun
        due = file.first_sequence + self._lines - 1
        if self._lines > file.events:
            self.note(f"goes on after the {file.events:,} events that the manifest lists")
            return False
        try:
            event = line_to_event(line)
        except ArchiveFormatError as error:
            self._bad += 1
            if self._bad <= BAD_LINES:
                self._note_line(str(error), due)
            self.tree.broken = True
            self.walk.pass_over(due)
            return True
        return self._take_event(event, due)

    def _take_event(self, event: Event, due: int) -> bool:
        sequence = event.sequence_number or 0
        if event.tenant_id != self._tenant_id:
            self._note_line(f"holds an event of tenant {event.tenant_id}", due)
            self.leave(None)
            return False
        if sequence != due and not self._shifted:
            self._shifted = True
            self.tree.broken = True
            self._note_line(f"holds event {sequence} where event {due} belongs", due)
        before = self.walk.before.sequence_number if self.walk.before is not None else None
        if not self._begun.first_sequence <= sequence <= self._begun.last_sequence or sequence < (
            before or 0
        ):
            self.leave(None)
            return False
        try:
            judged = self.walk.step(event)
        except UnicodeEncodeError:  # version 1 hashes in the database's encoding, and this is not of it
            self._note_line("holds text that the database's encoding does not have", due)
            self.leave(None)
            return False
        if judged.findings:
            self._say_where(judged.findings)
        self.tree.add(sequence, event.event_hash)
        self._compare(event, sequence)
        self._first = self._first or event
        self._last = event
        return True

    def _compare(self, event: Event, sequence: int) -> None:
        if sequence in self.wanted:
            self.hashes[sequence] = event.event_hash
        source = f"archive {self.stretch.archive}"
        other = differing(self.known.get(sequence, {}), source, event.event_hash)
        if other is not None:
            self.walk.add(
                observed.two_histories(
                    self._tenant_id, sequence, source, other[0], expected=other[1], found=event.event_hash
                )
            )

    def end_file(self) -> None:
        """The file was read to its end."""
        self._count_bad()
        file = self._begun
        if self._lines < file.events:
            self.note(f"holds {self._lines:,} events, and the manifest lists {file.events:,}")
            before = self.walk.before
            if before is None or (before.sequence_number or 0) < file.last_sequence:
                self.leave(None)

    def _count_bad(self) -> None:
        """One byte changed in a compressed file can garble thousands of lines: most are told at once."""
        if self._bad > BAD_LINES:
            self.note(f"holds {plural(self._bad - BAD_LINES, 'more line')} that cannot be read")
        self._bad = 0

    def finish(self) -> None:
        """All files were read: what the manifest says of the whole stretch is compared."""
        tenant = self.stretch.tenant
        first, last = self._first, self._last
        claims: list[tuple[str, str | None, str | None]] = []
        if first is not None and first.sequence_number == tenant.first_sequence:
            claims += [
                ("hash before the first event", tenant.first_previous_hash, first.previous_hash),
                ("first hash", tenant.first_hash, first.event_hash),
                ("first time", tenant.first_time, first.timestamp),
            ]
        if last is not None and last.sequence_number == tenant.last_sequence:
            claims += [
                ("last hash", tenant.last_hash, last.event_hash),
                ("last time", tenant.last_time, last.timestamp),
            ]
        for what, claimed, stands in claims:
            if claimed != stands:
                self._contradict(what, claimed, stands)
        if self.tree.fits is False:
            self._contradict("tree of hashes", None, None)

    def _contradict(self, what: str, claimed: str | None, stands: str | None) -> None:
        message = f"The manifest of archive {self.stretch.archive} names another {what} than its files hold."
        self.walk.add(observed.about_stretch(self.stretch.tenant, message, expected=claimed, found=stands))

    @property
    def _begun(self) -> ArchiveFile:
        if self._file is None:
            msg = "a file is begun before it is read"
            raise RuntimeError(msg)
        return self._file

    def _note_line(self, what: str, due: int) -> None:
        self.walk.add(
            observed.about_line(self.stretch.archive, self._tenant_id, self._begun, self._lines, what, due)
        )

    def _say_where(self, findings: tuple[Finding, ...]) -> None:
        """The ordinary findings of an event, with the place of its line."""
        place = f"(line {self._lines:,} of file {self._begun.name} of archive {self.stretch.archive})"
        kept = self.walk.findings
        for at in range(max(0, len(kept) - len(findings)), len(kept)):
            if kept[at] in findings:
                kept[at] = replace(kept[at], message=f"{kept[at].message} {place}")
