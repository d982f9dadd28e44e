"""Archives proved from their files, alone or beside the log that they were taken from."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from audit_tui.core.archive import observed
from audit_tui.core.archive.joint import claim_of_both, join_reports
from audit_tui.core.archive.manifest import Manifest
from audit_tui.core.archive.plan import Stretch, arrange, excerpt_of
from audit_tui.core.errors import AuditError, InterruptedCheckError, UnknownTenantError
from audit_tui.core.findings import Finding, Kind, Report, TenantReport, Verdict, VerifyStatus
from audit_tui.core.model import Event, Head
from audit_tui.core.verdict import worst
from audit_tui.core.walk import Walk
from audit_tui.core.words import plural
from audit_tui.service.api import AuditService, Cancel, VerifyRequest
from audit_tui.service.archived import ArchiveNote, Opened
from audit_tui.service.live.archive_events import stream_archived
from audit_tui.service.live.archive_live import LogView
from audit_tui.service.live.archive_tenant import TenantCheck
from audit_tui.service.live.archive_words import claim_of_files, what_else_to_give
from audit_tui.service.live.work import WalkReading, Work
from audit_tui.store.archive_reader import FoundArchive, encoding_of, find_archives

LOOK_EVERY = 256
NOTES = 3
"""Sentences about damaged files that go with a copy of them."""


@dataclass(frozen=True, slots=True)
class Files:
    """`service.archived.ArchivedFiles` over folders. Construct with `bootstrap.open_archives`."""

    found: tuple[FoundArchive, ...]
    now_us: Callable[[], int]

    @classmethod
    def open(cls, places: tuple[Path, ...], now_us: Callable[[], int]) -> "Files":
        """Looks at the folders. UsageError where one holds no archive, AuditError where one is unreadable."""
        return cls(find_archives(places), now_us)

    def list_archives(self) -> tuple[ArchiveNote, ...]:
        return tuple(_note(archive) for archive in self.found)

    def list_tenants(self) -> tuple[str, ...]:
        return tuple(sorted(self._stretches()))

    def list_stretches(self, tenant_id: str) -> tuple[Stretch, ...]:
        """What the archives hold of a tenant in the order of its chain; what overlaps is taken once."""
        found = self._stretches().get(tenant_id)
        return arrange(found)[0] if found else ()

    def last_times(self) -> Mapping[str, str]:
        newest = {
            name: max(found, key=lambda each: each.span[1]) for name, found in self._stretches().items()
        }
        return {name: stretch.tenant.last_time for name, stretch in newest.items()}

    def list_encodings(self) -> tuple[str, ...]:
        return tuple(sorted({a.manifest.encoding or "UTF8" for a in self.found if a.manifest is not None}))

    def stream_events(self) -> Iterator[Event]:
        return stream_archived(self.found)

    def describe_opened(self, report: Report) -> Opened:
        excerpts = {name: excerpt_of(arrange(found)[0]) for name, found in self._stretches().items()}
        return Opened(
            excerpts,
            tuple(str(archive.path) for archive in self.found),
            tuple(self._remarks() + _worst_first(report)),
        )

    def verify(
        self,
        tenants: tuple[str, ...] | None = None,
        live: AuditService | None = None,
        on_status: Callable[[VerifyStatus], None] | None = None,
        cancel: Cancel | None = None,
    ) -> Report:
        stretches = self._chosen(tenants, live)
        work = Work(_heads(stretches), self.now_us(), on_status)
        work.orphans = self._orphans()
        hashes: dict[str, Mapping[int, str | None]] = {}
        cut_off: str | None = None
        log = LogView.of(live, [*self._manifests().values()]) if live is not None else None
        try:
            readings = [WalkReading(head) for head in work.heads]
            work.readings = [*readings]
            for reading in readings:
                tenant_id = reading.head.tenant_id
                hashes[tenant_id] = self._check(work, reading, stretches[tenant_id], log, cancel)
        except (InterruptedCheckError, KeyboardInterrupt):
            cut_off = "the check was interrupted"
        except AuditError as error:
            cut_off = error.title
        work.tell(now=True)
        report = self._worded(work.report(cut_off), live, cut_off)
        if live is None or cut_off is not None:
            return report
        request = VerifyRequest(tenants, archived=hashes)
        return _joined(report, live.verify(request, on_status, cancel))

    def _check(
        self,
        work: Work,
        reading: WalkReading,
        stretches: list[Stretch],
        log: LogView | None,
        cancel: Cancel | None,
    ) -> Mapping[int, str | None]:
        """Checks one tenant; the hashes that the log's own check may compare witnesses with."""

        def tick(walk: Walk) -> None:
            reading.walk = walk
            if walk.events % LOOK_EVERY == 0:
                if cancel is not None and cancel.is_set():
                    raise InterruptedCheckError("the check was interrupted")
                work.tell()

        tenant_id = reading.head.tenant_id
        check = TenantCheck(
            tenant_id=tenant_id,
            stretches=stretches,
            folders={n: archive.path for n, archive in enumerate(self.found)},
            listed={n: manifest.tenants for n, manifest in self._manifests().items()},
            live=log.look(tenant_id, stretches) if log is not None else None,
            wanted=log.witnessed.get(tenant_id, frozenset()) if log is not None else frozenset(),
            checked_at=work.checked_at,
            tick=tick,
        )
        report = check.run()
        work.finish(reading, report)
        return check.hashes if report.verdict is Verdict.INTACT else {}

    def _manifests(self) -> dict[int, Manifest]:
        return {n: each.manifest for n, each in enumerate(self.found) if each.manifest is not None}

    def _stretches(self) -> dict[str, list[Stretch]]:
        """By tenant; an archive that was given twice (a copy of its folder) counts once."""
        found: dict[str, list[Stretch]] = {}
        seen: set[str] = set()
        for number, archive in enumerate(self.found):
            if archive.manifest is None or archive.digest is None or archive.digest in seen:
                continue
            seen.add(archive.digest)
            encoding = encoding_of(archive.manifest)
            for tenant in archive.manifest.tenants:
                stretch = Stretch(number, archive.manifest.archive, archive.digest, tenant, encoding)
                found.setdefault(tenant.tenant_id, []).append(stretch)
        return found

    def _chosen(self, tenants: tuple[str, ...] | None, live: AuditService | None) -> dict[str, list[Stretch]]:
        stretches = self._stretches()
        if tenants is None:
            return stretches
        for tenant_id in tenants:
            if tenant_id not in stretches and live is None:
                names = ", ".join(sorted(stretches)[:10])
                raise UnknownTenantError(f"no archive given holds tenant {tenant_id}", f"they hold: {names}")
        return {tenant_id: stretches[tenant_id] for tenant_id in tenants if tenant_id in stretches}

    def _orphans(self) -> tuple[Finding, ...]:
        """What is wrong with whole archives, whichever their tenants are."""
        found = []
        for archive in self.found:
            if archive.problem is not None:
                found.append(observed.about_manifest(archive.name, archive.problem))
            found += [observed.extra_file(archive.name, name) for name in archive.extra]
        return tuple(found)

    def _worded(self, report: Report, live: AuditService | None, cut_off: str | None) -> Report:
        """The claim of the whole run, and what has to be known about the folders."""
        remarks = [f"Note: {remark}." for remark in self._remarks()]
        if len(report.tenants) == 1 and not report.orphans:
            claim = report.tenants[0].claim
        else:
            claim = claim_of_files(report, len(self.found), cut_off)
        if live is None and cut_off is None:
            remarks += what_else_to_give(report.verdict)
        tenants = tuple(replace(t, claim=" ".join([t.claim, *remarks])) for t in report.tenants)
        return replace(report, claim=" ".join([claim, *remarks]), tenants=tenants)

    def _remarks(self) -> list[str]:
        remarks, seen = [], set()
        for archive in self.found:
            if archive.others:
                more = f" and {len(archive.others) - 1} more" if len(archive.others) > 1 else ""
                remarks.append(f"the folder of archive {archive.name} also holds {archive.others[0]}{more}")
            if archive.digest is not None and archive.digest in seen:
                remarks.append(f"archive {archive.name} was given twice and counts once")
            if archive.digest is not None:
                seen.add(archive.digest)
        return remarks


def _worst_first(report: Report) -> list[str]:
    """The tampering that the files show, a few sentences of it: a copy of their events cannot show it."""
    everything = (*report.orphans, *(finding for tenant in report.tenants for finding in tenant.findings))
    told = [each.message.rstrip(".") for each in everything if each.kind is Kind.ARCHIVE_MISMATCH]
    more = [f"and {plural(len(told) - NOTES, 'more finding')} about the files"] if len(told) > NOTES else []
    return told[:NOTES] + more


def _heads(stretches: Mapping[str, list[Stretch]]) -> tuple[Head, ...]:
    heads = []
    for tenant_id, found in sorted(stretches.items()):
        last = max(found, key=lambda stretch: stretch.span[1])
        first = min(stretch.span[0] for stretch in found)
        heads.append(Head(tenant_id, first, last.span[1], last.tenant.last_hash))
    return tuple(heads)


def _note(archive: FoundArchive) -> ArchiveNote:
    manifest: Manifest | None = archive.manifest
    return ArchiveNote(
        name=archive.name,
        place=str(archive.path),
        created_at=manifest.created_at if manifest else None,
        database=manifest.database if manifest else None,
        events=sum(tenant.events for tenant in manifest.tenants) if manifest else None,
        tenants=len(manifest.tenants) if manifest else None,
    )


def _joined(archived: Report, live: Report) -> Report:
    """One report about archives and log; tenants that no archive holds stand as the log's check left them."""
    beginnings = {tenant.tenant_id: tenant for tenant in archived.tenants}
    tenants: list[TenantReport] = []
    for tenant in live.tenants:
        beginning = beginnings.pop(tenant.tenant_id, None)
        tenants.append(tenant if beginning is None else join_reports(beginning, tenant))
    tenants += beginnings.values()
    verdicts = [archived.verdict, live.verdict, *(tenant.verdict for tenant in tenants)]
    verdict = worst(verdicts)
    claim = claim_of_both(verdict, live.claim, archived.claim)
    if len(tenants) == 1 and not (archived.orphans or live.orphans):
        claim = tenants[0].claim
    ordered = tuple(sorted(tenants, key=lambda tenant: tenant.tenant_id))
    return Report(verdict, claim, live.checked_at, ordered, (*archived.orphans, *live.orphans))
