"""Archives as the second source: their own proof, and their files read in order or looked up in."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from audit_tui.core.archive.lines import ArchiveFormatError, line_to_event
from audit_tui.core.archive.manifest import ArchiveFile
from audit_tui.core.archive.plan import Stretch
from audit_tui.core.findings import Report
from audit_tui.core.model import Event
from audit_tui.core.second.bisection import Look
from audit_tui.core.second.in_line import Row
from audit_tui.core.second.model import Source
from audit_tui.service.api import Cancel, VerifyRequest, WitnessNote
from audit_tui.service.live.archived import Files
from audit_tui.service.live.second_sides import OnStatus, View
from audit_tui.store.archive_reader import read_lines


@dataclass(frozen=True, slots=True)
class ArchiveView:
    """The stretches that the archives hold of each tenant, in the order of the chain."""

    files: Files
    stretches: Mapping[str, Sequence[Stretch]]
    is_partial: bool = True

    def ends(self, tenants: tuple[str, ...]) -> Mapping[str, int]:
        held = {name: self.stretches[name] for name in tenants if name in self.stretches}
        return {name: stretches[-1].span[1] for name, stretches in held.items()}

    def spans(self, tenant_id: str, first: int, last: int) -> tuple[tuple[int, int], ...]:
        held = (stretch.span for stretch in self.stretches.get(tenant_id, ()))
        cut = ((max(first, low), min(last, high)) for low, high in held)
        return tuple((low, high) for low, high in cut if low <= high)

    def look(self, places: Mapping[str, int]) -> Mapping[str, Look]:
        """Reads the file that should hold each event: a file holds a bounded number of events."""
        found = {}
        for tenant_id, place in places.items():
            for row in self.stream(tenant_id, place, place):
                if isinstance(row, Event):
                    found[tenant_id] = Look(row.event_hash, row.previous_hash, row.event_id)
        return found

    def stream(self, tenant_id: str, first: int, last: int) -> Generator[Row, None, None]:
        for stretch in self.stretches.get(tenant_id, ()):
            for file in stretch.tenant.files:
                if file.first_sequence <= last and file.last_sequence >= first:
                    yield from self._read(stretch, file, first, last)

    def _read(self, stretch: Stretch, file: ArchiveFile, first: int, last: int) -> Iterator[Event]:
        """What the file holds of first..last. A line that cannot be read is passed over, and where the file
        itself ends early so does this: the archives' own check names both.
        """
        path: Path = self.files.found[stretch.number].path / file.name
        try:
            for line in read_lines(path):
                try:
                    event = line_to_event(line)
                except ArchiveFormatError:
                    continue
                if (
                    event.tenant_id == stretch.tenant.tenant_id
                    and first <= (event.sequence_number or 0) <= last
                ):
                    yield event
        except (ArchiveFormatError, OSError):
            return


class ArchiveSide:
    """The archives in one folder as one of two sources."""

    def __init__(self, files: Files, place: Path) -> None:
        self._files = files
        ids = {each.manifest.log_id for each in files.found if each.manifest is not None}
        self.source = Source(
            name=place.name,
            target=str(place),
            kind="archive",
            log_id=ids.pop() if len(ids) == 1 else None,
        )

    def list_tenants(self) -> tuple[str, ...]:
        return self._files.list_tenants()

    def list_witnesses(self) -> tuple[WitnessNote, ...]:
        return ()

    def check(self, request: VerifyRequest, on_status: OnStatus | None, cancel: Cancel | None) -> Report:
        return self._files.verify(request.tenants, None, on_status, cancel)

    @contextmanager
    def open(self) -> Iterator[View]:
        yield ArchiveView(
            self._files, {name: self._files.list_stretches(name) for name in self.list_tenants()}
        )

    def close(self) -> None:
        """Nothing is open."""
