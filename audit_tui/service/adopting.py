"""Adopting a log that was built from the guide: what is asked, what comes back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from audit_tui.core.findings import Report, VerifyStatus
from audit_tui.service.api import Cancel


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One thing that adopting keeps, takes away, replaces, or that has to be minded. Untrusted text."""

    what: str
    sentence: str


@dataclass(frozen=True, slots=True)
class OldFinding:
    """A finding as the seam records it."""

    kind: str
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class OldChain:
    """What the client verified of one tenant: the head it checked through, and what it found on the way.

    `counts` has every kind that was found, `findings` at most FINDINGS_RECORDED of them.
    """

    last_sequence: int
    last_hash: str | None
    events: int
    findings: tuple[OldFinding, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


FINDINGS_RECORDED = 100
"""Findings that a tenant's seam lists; it counts all of them."""


@dataclass(frozen=True, slots=True)
class Examined:
    """The log before it is adopted: what the verification proved, and what adopting would do.

    `indexes` are the statements that build what is missing, before anything else. `refused` is a sentence
    where the chains do not verify and nobody said to adopt them so; then there is no `script`, which is what
    psql executes to adopt. `report` is None where the log was adopted before: then it is put in order.
    """

    report: Report | None
    lines: tuple[ReportLine, ...]
    indexes: tuple[str, ...]
    refused: str | None
    script: str | None


@dataclass(frozen=True, slots=True)
class Adoption:
    """What was done; `changed` is False where nothing was missing. `events` and `tenants` are those of the
    old part as it was verified; `seconds_locked` is how long writers waited at most, once the table was had,
    and `attempts` how often that was tried."""

    changed: bool
    version: int
    digest: str
    messages: tuple[str, ...]
    tenants: int
    events: int
    attempts: int
    seconds_locked: float


class Adopter(Protocol):
    """Adopts one log. Every call may raise the family of `core.errors`; the log is then as it was, but for
    indexes that were added."""

    def examine(
        self, on_status: Callable[[VerifyStatus], None] | None = None, cancel: Cancel | None = None
    ) -> Examined:
        """Look at everything and verify every chain; change nothing."""
        ...

    def adopt(self, examined: Examined, tell: Callable[[str], None]) -> Adoption:
        """Adopt what was examined and not refused. `tell` hears each step as it begins."""
        ...
