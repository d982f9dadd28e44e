"""One tenant of the archives given: its files read twice, first for what vouches, then line by line."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from audit_tui.core.archive import observed
from audit_tui.core.archive.joint import LiveTenant, judge_meeting, missing_from_log, where_absent
from audit_tui.core.archive.lines import ArchiveFormatError
from audit_tui.core.archive.manifest import ArchivedTenant, ArchiveFile
from audit_tui.core.archive.plan import Stretch, absent_between, arrange, excerpt_of, known_hashes, reaches
from audit_tui.core.archive.records import ArchiveRecord, parse_records
from audit_tui.core.archive.replaced import parse_replacements
from audit_tui.core.archive.stretch import StretchCheck
from audit_tui.core.archive.trees import TreeWatch
from audit_tui.core.archive.vouching import Vouched, vouch
from audit_tui.core.checked import Checked
from audit_tui.core.coverage import build_coverage, parse_boundaries
from audit_tui.core.findings import Axis, Finding, Kind, TenantReport
from audit_tui.core.merkle import Frontier
from audit_tui.core.model import Event
from audit_tui.core.verdict import report_on
from audit_tui.core.walk import Walk
from audit_tui.service.live.archive_scan import Scanned, owner_of, scan
from audit_tui.service.live.archive_words import note, witness_axis
from audit_tui.store.archive_reader import FileLines


@dataclass(frozen=True, slots=True)
class LiveSide:
    """The log beside the archives. `tenant` is None where the log has no event of this tenant; `excuse` says
    why that accuses nobody (None: it does).
    """

    tenant: LiveTenant | None
    excuse: str | None = None


@dataclass(slots=True)
class TenantCheck:
    """`stretches` are what the archives hold of one tenant, `folders` and `listed` each archive's place and
    the tenants of its manifest, by the archive's number. `tick` is called for every event.
    """

    tenant_id: str
    stretches: Sequence[Stretch]
    folders: Mapping[int, Path]
    listed: Mapping[int, tuple[ArchivedTenant, ...]]
    live: LiveSide | None
    wanted: frozenset[int]
    checked_at: str
    tick: Callable[[Walk], None]
    hashes: dict[int, str | None] = field(default_factory=dict)
    vouched: list[Vouched] = field(default_factory=list)
    _files: dict[tuple[int, str], Scanned] = field(default_factory=dict)
    _authority: list[Event] = field(default_factory=list)
    _records: tuple[ArchiveRecord, ...] = ()
    _walks: list[Walk] = field(default_factory=list)
    _cut_off: str | None = None

    def run(self) -> TenantReport:
        """Reads everything and says what it proves."""
        self._look()
        chains = arrange(self.stretches)
        for chain in chains:
            self._walk(chain)
        main = self._walks[0]
        for finding in self._beyond(chains[0]):
            main.add(finding)
        self._vouch(main)
        return self._judge()

    def _look(self) -> None:
        by_event: dict[tuple[int | None, str | None], Event] = {}
        for stretch in self.stretches:
            files, authority = scan(self.folders[stretch.number], stretch.tenant)
            self._files.update({(stretch.number, name): seen for name, seen in files.items()})
            by_event.update({(event.sequence_number, event.event_hash): event for event in authority})
        if self.live is not None and self.live.tenant is not None:
            live = self.live.tenant.authority
            by_event.update({(event.sequence_number, event.event_hash): event for event in live})
        self._authority = sorted(by_event.values(), key=lambda event: event.sequence_number or 0)
        self._records = parse_records(self._authority)

    def _walk(self, chain: Sequence[Stretch]) -> None:
        spans = [stretch.span for stretch in chain]
        walk = Walk(
            self.tenant_id,
            build_coverage(self._authority, within=spans, open_end=not self._complete(spans[-1][1])),
            parse_boundaries(self._authority),
            encoding=chain[0].encoding,
            excerpt=excerpt_of(chain),
        )
        self._walks.append(walk)
        tree: Frontier | None = None
        known = known_hashes(self.stretches)
        for stretch in chain:
            check = StretchCheck(
                stretch,
                walk,
                TreeWatch(stretch.tenant.tree, stretch.span[0], self._tree_before(stretch, tree)),
                known,
                self.wanted,
                self.hashes,
            )
            for file in stretch.tenant.files:
                self._read(check, file)
            check.finish()
            tree = check.tree.end

    def _tree_before(self, stretch: Stretch, behind: Frontier | None) -> Frontier | None:
        """The tree over everything before a stretch: none needed, of the archive before, or as recorded."""
        last = stretch.span[0] - 1
        if last == 0:
            return Frontier()
        if behind is not None and behind.size == last:
            return behind.copy()
        trees = (each.tree for each in self._records if each.last_sequence == last)
        return next((Frontier.from_hashes(t.size, t.hashes) for t in trees if t is not None), None)

    def _read(self, check: StretchCheck, file: ArchiveFile) -> None:
        number = check.stretch.number
        path, seen = self.folders[number] / file.name, self._files[number, file.name]
        check.begin(file)
        if seen.unreadable is not None:
            self._cannot_read(check, file, seen.unreadable)
            return
        if seen.digest is None:
            check.leave(seen.problem)
            return
        if (seen.digest.bytes, seen.digest.sha256) != (file.bytes, file.sha256):
            other = owner_of(seen.digest, self.listed[number])
            is_other = f"holds what the manifest lists as {other}: the files changed places"
            what = "is not the one that the manifest lists: its bytes give another SHA-256"
            given = {"expected": file.sha256, "found": seen.digest.sha256}
            if other is not None:
                check.leave(is_other, **given)
                return
            check.note(what, **given)
        self._read_lines(check, file, path)

    def _cannot_read(self, check: StretchCheck, file: ArchiveFile, why: str) -> None:
        """What this user may not read, or the disk does not give, accuses nobody: it was not checked."""
        check.leave(None)
        self._cut_off = f"file {file.name} of archive {check.stretch.archive} could not be read: {why}"

    def _read_lines(self, check: StretchCheck, file: ArchiveFile, path: Path) -> None:
        lines, content = 0, FileLines(path)
        try:
            for line in content:
                lines += 1
                if not check.take(line):
                    return
                self.tick(check.walk)
        except ArchiveFormatError as error:
            check.leave(f"{error} after line {lines:,}")
            return
        except OSError as error:
            self._cannot_read(check, file, error.strerror or str(error))
            return
        check.end_file()
        if content.digest != self._files[check.stretch.number, file.name].digest:
            check.note("was changed while it was read")

    def _complete(self, after: int) -> bool:
        """Whether every event behind a sequence is at hand, up to the log's head."""
        if self.live is None or self.live.tenant is None:
            return False
        spans = [stretch.span for stretch in self.stretches]
        return reaches(spans, after + 1, self.live.tenant.first_sequence)

    def _beyond(self, chain: Sequence[Stretch]) -> list[Finding]:
        found = [
            observed.absent(self.tenant_id, first, last, where_absent(first, last, self._records))
            for first, last in absent_between(chain)
        ]
        if self.live is None:
            return found
        if self.live.tenant is None:
            return [*found, missing_from_log(chain[-1], self.live.excuse)]
        return [*found, *judge_meeting(self.stretches, self.live.tenant, self._records)]

    def _vouch(self, walk: Walk) -> None:
        replacements = parse_replacements(self._authority)
        live = self.live.tenant if self.live is not None else None
        for stretch in self.stretches:
            last = stretch.span[1]
            said = vouch(
                stretch,
                self._records,
                replacements,
                complete=self._complete(last),
                still_there=live is not None and live.first_sequence <= last,
            )
            self.vouched.append(said)
            if said.finding is not None:
                walk.add(said.finding)

    def _judge(self) -> TenantReport:
        main = self._walks[0]
        findings = [finding for walk in self._walks for finding in walk.finish()]
        counts: Counter[Kind] = Counter()
        for walk in self._walks:
            counts.update(walk.counts)
        unproven = [walk.first_unproven for walk in self._walks if walk.first_unproven is not None]
        last = max(
            (w.before for w in self._walks if w.before), key=lambda e: e.sequence_number or 0, default=None
        )
        open_axes = {axis: why for walk in self._walks for axis, why in walk.open_axes.items()}
        return report_on(
            Checked(
                tenant_id=self.tenant_id,
                events=sum(walk.events for walk in self._walks),
                first_sequence=min(stretch.span[0] for stretch in self.stretches),
                last_sequence=max(stretch.span[1] for stretch in self.stretches),
                head_hash=last.event_hash if last is not None else None,
                findings=tuple(sorted(findings, key=lambda finding: finding.order)),
                counts=counts,
                boundary=main.boundary,
                erased_events=sum(walk.erased_events for walk in self._walks),
                first_unproven=min(unproven, default=None),
                cut_off=self._cut_off,
                witness=witness_axis(self.vouched),
                witness_note=note(self.stretches, self.vouched, open_axes.values()),
                checked_at=self.checked_at,
                version_1=any(finding.axis is Axis.COVERAGE for finding in findings),
                unchecked=open_axes,
                first_hash=main.first_hash,
                unread=sum(walk.unread for walk in self._walks),
            )
        )
