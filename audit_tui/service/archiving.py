"""What a front end can ask of archiving: a plan that only reads, and the one command that writes.

A plan names what would leave each chain and what stands in the way. Archiving goes through `Step`s in order;
what a killed run left is known from the files and the chain alone, and the next run goes on from there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from audit_tui.core.findings import Report, VerifyStatus
from audit_tui.service.api import Cancel

INTERRUPTED = ("interrupted; whatever was begun stays whole", "run the same command again to finish it")
"""Title and hint of a run that was asked to stop."""


class Step(StrEnum):
    """Where a run stands. Each is told when it begins; FINISHED when an archive is complete."""

    VERIFYING = "verifying the chains"
    WRITING = "writing the files"
    WRITTEN = "the files are complete"
    CHECKING = "reading the files back"
    CHECKED = "the files hold what the log holds"
    RECORDING = "recording the archive in the chain"
    RECORDED = "the archive is recorded"
    REMOVING = "removing what the archive holds"
    REMOVED = "what the archive holds is removed"
    FINISHED = "the archive is finished"


@dataclass(frozen=True, slots=True)
class Progress:
    """One moment of a run. `done` and `total` count events of the tenant within the step."""

    step: Step
    archive: str | None = None
    tenant_id: str | None = None
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class PlannedTenant:
    """What of one tenant is older than the time asked for, and whether it may go.

    `events` of sequences `first_sequence`..`last_sequence` would go (0: nothing to do); `stay` remain.
    Times are the server's UTC text, `bytes` an estimate of the rows' size. `obstacle` says in a sentence why
    nothing of the tenant can go now (held; not the beginning of its chain), else None. `replaces` is the
    event_id of the record of a lost archive that this one stands in for.
    """

    tenant_id: str
    first_sequence: int
    last_sequence: int
    events: int
    stay: int
    first_time: str | None
    last_time: str | None
    bytes: int
    obstacle: str | None = None
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class UnfinishedTenant:
    """One tenant of an archive that was written, of which the events are still in the log.

    `event_id` is the sealed record (None: not recorded yet).
    """

    tenant_id: str
    first_sequence: int
    last_sequence: int
    events: int
    event_id: str | None


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An archive in the folder that a run did not finish."""

    archive: str
    tenants: tuple[UnfinishedTenant, ...]


@dataclass(frozen=True, slots=True)
class ArchivePlan:
    """What archiving would do. `before` is RFC 3339 UTC; `steps` are one archive each (partitioned layout: a
    partition each). `missing` are recorded archives whose files are not in the folder, as sentences.
    """

    before: str
    folder: str
    layout: str
    steps: tuple["PlannedStep", ...]
    unfinished: tuple[Unfinished, ...]
    missing: tuple[str, ...]

    @property
    def obstacles(self) -> tuple[PlannedTenant, ...]:
        """The tenants that stand in the way."""
        return tuple(each for step in self.steps for each in step.tenants if each.obstacle is not None)

    @property
    def events(self) -> int:
        """How many events would go."""
        return sum(each.events for step in self.steps for each in step.going)


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One archive to be written: everything of `tenants` that can go. `partition` is dropped after it."""

    tenants: tuple[PlannedTenant, ...]
    partition: str | None = None

    @property
    def going(self) -> tuple[PlannedTenant, ...]:
        """The tenants of which something would go; none where one of them keeps a partition in its place."""
        if self.partition is not None and any(each.obstacle is not None for each in self.tenants):
            return ()
        return tuple(each for each in self.tenants if each.events and each.obstacle is None)


@dataclass(frozen=True, slots=True)
class ArchiveRequest:
    """`before_us` is microseconds since 1970 UTC (None: only finish what is unfinished). `tenants` None
    means all. `skip` leaves out tenants with an obstacle, where else one stops the whole. `replace` names an
    unfinished archive whose files are lost: its events are archived anew, and the chain says so.
    """

    folder: Path
    before_us: int | None = None
    tenants: tuple[str, ...] | None = None
    requester: str | None = None
    reason: str | None = None
    skip: bool = False
    replace: str | None = None


@dataclass(frozen=True, slots=True)
class ArchivedTenant:
    """What left one chain."""

    tenant_id: str
    first_sequence: int
    last_sequence: int
    events: int
    event_id: str


@dataclass(frozen=True, slots=True)
class Archived:
    """One finished archive. `bytes` are those of its files; `resumed` says that an earlier run began it."""

    archive: str
    folder: str
    manifest: str
    bytes: int
    tenants: tuple[ArchivedTenant, ...]
    resumed: bool = False

    @property
    def events(self) -> int:
        return sum(each.events for each in self.tenants)


@dataclass(frozen=True, slots=True)
class ArchiveResult:
    """What a run did. `report` is the check that stopped it before anything was written (None: none did);
    `plan` is what was planned where the run got that far. `refused` are sentences about tenants whose events
    the log kept at the last moment (a hold, an erasure, a busy writer); `notes` are remarks for a person.
    """

    finished: tuple[Archived, ...]
    plan: ArchivePlan | None
    report: Report | None = None
    refused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


OnProgress = Callable[[Progress], None]
OnStatus = Callable[[VerifyStatus], None]


class ArchivingService(Protocol):
    """One connected log whose old events can be moved out. Not for use from several threads."""

    def plan(self, request: ArchiveRequest) -> ArchivePlan:
        """What archiving would do now; reads only, and touches the folder only to look."""
        ...

    def archive(
        self,
        request: ArchiveRequest,
        on_progress: OnProgress | None = None,
        on_status: OnStatus | None = None,
        cancel: Cancel | None = None,
    ) -> ArchiveResult:
        """Finishes what is unfinished in the folder, then verifies, writes, reads back, records and removes.

        Nothing is removed before its files were read back and the record is committed. Raises the family
        of core.errors; ArchiveMismatchError where files do not hold what the chain or the log says.
        """
        ...

    def close(self) -> None: ...
