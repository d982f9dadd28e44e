"""What a front end can ask about witnesses: what is remembered, what it says of the log now, and how it
leaves the machine, comes back, and proves single events.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from audit_tui.core.checkpoint import Checkpoint
from audit_tui.core.findings import Finding, Verdict, VerifyStatus
from audit_tui.core.model import PARTS, Part
from audit_tui.core.witness import Witness
from audit_tui.service.api import AuditService, Cancel

OnStatus = Callable[[VerifyStatus], None]


class Says(StrEnum):
    """What one witness says of the log as it is now."""

    INTACT = "intact"
    MOVED = "moved"
    """The same log on another cluster or timeline: a fail-over or an upgrade."""
    REWOUND = "rewound"
    REWRITTEN = "rewritten"
    MISSING = "missing"
    RESTORED = "restored"
    """The same log id on another cluster or timeline, and an earlier or another history: a backup."""
    ANOTHER_DATABASE = "another_database"
    OUT_OF_REACH = "out_of_reach"
    """The witnessed event was archived: the archive decides, or a newer witness."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """One witness with the labels (`name+id`) of the keys that signed it when it left or came here."""

    witness: Witness
    signers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """The witness per tenant that counts. `digest` is over `heads`, their lines (core.heads). `now_us` is
    this machine's clock, microseconds since 1970 UTC; `warnings` are remarks about the file.
    """

    target: str
    newest: tuple[Remembered, ...]
    digest: str
    heads: tuple[str, ...]
    now_us: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """One witness beside the log. `place` is the file of a shared folder (None: this machine's memory);
    `begins_with` is the hash of event 1 in the log (None: not there).
    """

    witness: Witness
    says: Says
    sentence: str
    findings: tuple[Finding, ...] = ()
    head_sequence: int | None = None
    place: str | None = None
    begins_with: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`unwitnessed` are tenants of the log that no witness is about; `others` counts the files of a shared
    folder that are of other logs, `unverified` those that none of the given keys signed, `let_go` those that
    a baseline stands in for; `refused` says of files why they are no checkpoints.
    """

    answers: tuple[Answer, ...]
    unwitnessed: tuple[str, ...] = ()
    others: int = 0
    unverified: int = 0
    let_go: int = 0
    refused: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """A new baseline and what it stands in for."""

    old: Witness
    new: Witness
    says: Says


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """`tenants` None: all. `key_file` signs; `directory` is a shared folder that the files are added to."""

    tenants: tuple[str, ...] | None = None
    key_file: Path | None = None
    directory: Path | None = None


@dataclass(frozen=True, slots=True)
class Exported:
    """One tenant's checkpoint, or the `problem` for which there is none (`verdict` then says how bad it is).

    `content` is the whole note; `path` and `is_new` are about the file in a shared folder.
    """

    tenant_id: str
    verdict: Verdict
    checkpoint: Checkpoint | None = None
    content: str | None = None
    signer: str | None = None
    path: Path | None = None
    is_new: bool = False
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """Exactly one of `file` and `directory`. `public_keys` are keys as one word, or files that hold one;
    `unsigned` admits a checkpoint that none of them signed, if the log itself confirms it.
    """

    file: Path | None = None
    directory: Path | None = None
    tenant: str | None = None
    public_keys: tuple[str, ...] = ()
    unsigned: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """One file. `problem` says why it was refused, `contradicts` that it and the log, or a witness, tell two
    histories. `log_says` is what the log itself had to say; `is_new` is False for what was known already.
    """

    path: Path
    checkpoint: Checkpoint | None = None
    signers: tuple[str, ...] = ()
    log_says: str | None = None
    is_new: bool = False
    problem: str | None = None
    contradicts: bool = False


@dataclass(frozen=True, slots=True)
class ProofRequest:
    """`event` is a sequence or an event_id. `shown` are the parts in clear. `checkpoint` is a file with the
    checkpoint that the proof shall lead to (None: the head as it is now, signed with `key_file` if given).
    """

    event: str
    tenant: str | None = None
    shown: Collection[Part] = field(default_factory=lambda: PARTS)
    checkpoint: Path | None = None
    key_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """`document` is what core.proof_check verifies; `warnings` are what earlier witnesses say against it."""

    document: Mapping[str, Any]
    checkpoint: Checkpoint
    signers: tuple[str, ...]
    warnings: tuple[str, ...] = ()


class WitnessingService(Protocol):
    """The witnesses of one connected log. Every call may raise the family of core.errors."""

    @property
    def log(self) -> AuditService:
        """The log itself, for everything that is not about witnesses."""
        ...

    def list_newest(self) -> Listing:
        """The witness of each tenant that counts, and one digest over them."""
        ...

    def list_history(self, tenant_id: str) -> tuple[Remembered, ...]:
        """Every witness of a tenant, oldest first. UnknownTenantError where there is none."""
        ...

    def compare(
        self,
        tenants: tuple[str, ...] | None = None,
        *,
        everything: bool = False,
        directory: Path | None = None,
        public_keys: tuple[str, ...] = (),
    ) -> Comparison:
        """What the newest witness of each tenant says of the log now; with `everything` all that count, with
        `directory` the checkpoints of a shared folder too. Reads one event per witness.
        """
        ...

    def accept(self, tenants: tuple[str, ...] | None, reason: str) -> tuple[Accepted, ...]:
        """Appends a new baseline where witnesses and log differ, and keeps the old witnesses.

        The chain must verify by itself. Without `tenants` only what shows another identity is accepted: what
        looks like tampering has to be named. TamperedLogError where a chain does not verify.
        """
        ...

    def export(
        self, request: ExportRequest, on_status: OnStatus | None = None, cancel: Cancel | None = None
    ) -> tuple[Exported, ...]:
        """Verifies each chain, and makes a checkpoint of its head if it is intact."""
        ...

    def take_in(self, request: ImportRequest) -> tuple[Imported, ...]:
        """Appends checkpoints as witnesses, after their signatures and what they say were looked at."""
        ...

    def prove(self, request: ProofRequest) -> Proof:
        """The proof of one event. UnknownEventError, TamperedLogError where it is not as it was sealed."""
        ...

    def close(self) -> None: ...
