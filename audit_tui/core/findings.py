"""Findings, axes, verdicts: the words of a verification, and what each kind weighs.

Both verifiers (this one and `audit.verify_chain`) use these names, and a kind weighs the same in both.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from audit_tui.core.clues import Clue
from audit_tui.core.model import State


class Severity(StrEnum):
    TAMPERED = "tampered"
    INCONCLUSIVE = "inconclusive"
    SUSPICIOUS = "suspicious"
    NOTICE = "notice"


class Axis(StrEnum):
    CONTENT = "content"
    LINK = "link"
    SEQUENCE = "sequence"
    GENESIS = "genesis"
    VERSION = "version"
    ERASURE = "erasure"
    ORDER = "order"
    CONTINUITY = "continuity"
    WITNESS = "witness"
    COVERAGE = "coverage"
    ATTESTATION = "attestation"


class Kind(StrEnum):
    CONTENT_MISMATCH = "content_mismatch"
    MALFORMED_HASH = "malformed_hash"
    LINK_MISMATCH = "link_mismatch"
    SEQUENCE_GAP = "sequence_gap"
    DUPLICATE_SEQUENCE = "duplicate_sequence"
    GENESIS_MISMATCH = "genesis_mismatch"
    VERSION_DOWNGRADE = "version_downgrade"
    UNAUTHORISED_ERASURE = "unauthorised_erasure"
    HEAD_REWOUND = "head_rewound"
    HEAD_REWRITTEN = "head_rewritten"
    TENANT_MISSING = "tenant_missing"
    SOURCE_DIFFERENCE = "source_difference"
    ARCHIVE_MISMATCH = "archive_mismatch"
    INDEX_DISAGREEMENT = "index_disagreement"
    LOG_REPLACED = "log_replaced"
    UNREADABLE_EVENT = "unreadable_event"
    ERASURE_INCOMPLETE = "erasure_incomplete"
    SNAPSHOT_DISCONTINUITY = "snapshot_discontinuity"
    CHANGE_DISAGREEMENT = "change_disagreement"
    PROTECTION_MISSING = "protection_missing"
    TIME_DISORDER = "time_disorder"
    FOREIGN_ZONE = "foreign_zone"
    UNCOVERED_COLUMNS = "uncovered_columns"


SEVERITY: dict[Kind, Severity] = {
    Kind.CONTENT_MISMATCH: Severity.TAMPERED,
    Kind.MALFORMED_HASH: Severity.TAMPERED,
    Kind.LINK_MISMATCH: Severity.TAMPERED,
    Kind.SEQUENCE_GAP: Severity.TAMPERED,
    Kind.DUPLICATE_SEQUENCE: Severity.TAMPERED,
    Kind.GENESIS_MISMATCH: Severity.TAMPERED,
    Kind.VERSION_DOWNGRADE: Severity.TAMPERED,
    Kind.UNAUTHORISED_ERASURE: Severity.TAMPERED,
    Kind.HEAD_REWOUND: Severity.TAMPERED,
    Kind.HEAD_REWRITTEN: Severity.TAMPERED,
    Kind.TENANT_MISSING: Severity.TAMPERED,
    Kind.SOURCE_DIFFERENCE: Severity.TAMPERED,
    Kind.ARCHIVE_MISMATCH: Severity.TAMPERED,
    Kind.INDEX_DISAGREEMENT: Severity.TAMPERED,
    Kind.LOG_REPLACED: Severity.INCONCLUSIVE,
    Kind.UNREADABLE_EVENT: Severity.INCONCLUSIVE,
    Kind.ERASURE_INCOMPLETE: Severity.SUSPICIOUS,
    Kind.SNAPSHOT_DISCONTINUITY: Severity.SUSPICIOUS,
    Kind.CHANGE_DISAGREEMENT: Severity.SUSPICIOUS,
    Kind.PROTECTION_MISSING: Severity.SUSPICIOUS,
    Kind.TIME_DISORDER: Severity.NOTICE,
    Kind.FOREIGN_ZONE: Severity.NOTICE,
    Kind.UNCOVERED_COLUMNS: Severity.NOTICE,
}

AXIS: dict[Kind, Axis] = {
    Kind.CONTENT_MISMATCH: Axis.CONTENT,
    Kind.MALFORMED_HASH: Axis.CONTENT,
    Kind.UNREADABLE_EVENT: Axis.CONTENT,
    Kind.LINK_MISMATCH: Axis.LINK,
    Kind.SEQUENCE_GAP: Axis.SEQUENCE,
    Kind.DUPLICATE_SEQUENCE: Axis.SEQUENCE,
    Kind.INDEX_DISAGREEMENT: Axis.SEQUENCE,
    Kind.GENESIS_MISMATCH: Axis.GENESIS,
    Kind.VERSION_DOWNGRADE: Axis.VERSION,
    Kind.UNAUTHORISED_ERASURE: Axis.ERASURE,
    Kind.ERASURE_INCOMPLETE: Axis.ERASURE,
    Kind.TIME_DISORDER: Axis.ORDER,
    Kind.SNAPSHOT_DISCONTINUITY: Axis.CONTINUITY,
    Kind.CHANGE_DISAGREEMENT: Axis.CONTINUITY,
    Kind.HEAD_REWOUND: Axis.WITNESS,
    Kind.HEAD_REWRITTEN: Axis.WITNESS,
    Kind.TENANT_MISSING: Axis.WITNESS,
    Kind.LOG_REPLACED: Axis.WITNESS,
    Kind.SOURCE_DIFFERENCE: Axis.WITNESS,
    Kind.ARCHIVE_MISMATCH: Axis.WITNESS,
    Kind.FOREIGN_ZONE: Axis.COVERAGE,
    Kind.UNCOVERED_COLUMNS: Axis.COVERAGE,
    Kind.PROTECTION_MISSING: Axis.ATTESTATION,
}

FINDINGS_CAP = 1000
"""Findings listed per tenant and kind; counts are never capped."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check observed about one tenant's chain (tenant None: rows that name no tenant).

    `clue` is evidence for the story alone: two findings that differ in nothing else are the same.
    """

    kind: Kind
    severity: Severity
    tenant_id: str | None
    first_sequence: int | None
    last_sequence: int | None
    event_id: str | None
    message: str
    expected: str | None = None
    found: str | None = None
    columns: tuple[str, ...] = ()
    clue: Clue | None = field(default=None, compare=False)

    @property
    def axis(self) -> Axis:
        return AXIS[self.kind]

    @property
    def order(self) -> tuple[int, int, str, str]:
        """The order of every list of findings: first, last, kind, event_id."""
        return (
            -1 if self.first_sequence is None else self.first_sequence,
            -1 if self.last_sequence is None else self.last_sequence,
            self.kind,
            self.event_id or "",
        )


class Verdict(StrEnum):
    INTACT = "intact"
    TAMPERED = "tampered"
    INCONCLUSIVE = "inconclusive"


class StoryKind(StrEnum):
    EDITED_IN_PLACE = "edited_in_place"
    EDITED_AND_REHASHED = "edited_and_rehashed"
    REWRITTEN_TO_HEAD = "rewritten_to_head"
    DELETED = "deleted"
    START_DELETED = "start_deleted"
    TAIL_CUT = "tail_cut"
    TENANT_REMOVED = "tenant_removed"
    SWAPPED = "swapped"
    INSERTED = "inserted"
    RENUMBERED = "renumbered"
    DUPLICATED = "duplicated"
    HASH_DAMAGED = "hash_damaged"
    ERASED_WITHOUT_AUTHORITY = "erased_without_authority"
    DOWNGRADED = "downgraded"
    FORGED_START = "forged_start"
    RESTORED = "restored"
    LOG_REPLACED = "log_replaced"
    UNREADABLE = "unreadable"
    DISAGREEMENT = "disagreement"


class Confidence(StrEnum):
    """How far the findings decide what happened, taking the events after it as they are.

    Whoever rewrites every later event as well can leave any picture: only a witness speaks about that.
    """

    PROVEN = "proven"
    """Nothing else leaves these findings."""
    LIKELY = "likely"
    """The simplest act that leaves them; the story's `alternative` leaves them too."""
    POSSIBLE = "possible"
    """As good an explanation as the `alternative`."""


@dataclass(frozen=True, slots=True)
class Story:
    """Findings of one cause, told to a person.

    `summary` is short enough for a table cell ("edited and rehashed at 455"); `sentence` is the first line
    of the link view; `still_proven` and `not_known` its answers; `alternative` the other explanation of the
    same findings, None where `confidence` is PROVEN.
    """

    kind: StoryKind
    tenant_id: str | None
    first_sequence: int
    last_sequence: int
    summary: str
    sentence: str
    meaning: str
    still_proven: str
    not_known: str
    alternative: str | None
    findings: tuple[Finding, ...]
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class AxisResult:
    state: State
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class AcceptedBoundary:
    """A recorded start of the chain: the `audit.archived` event that explains a missing prefix."""

    last_sequence: int
    event_id: str


@dataclass(frozen=True, slots=True)
class TenantReport:
    """Everything one run proved, or could not, about one tenant.

    `events` counts the rows that were read, and those that an earlier check proved where this one began at
    `checked_from` (None: at the first event); `full_at` is when that was, RFC 3339 UTC. `head_hash` is the
    hash of the last event checked (None where there are no events). `finding_counts` counts all, `findings`
    lists at most FINDINGS_CAP per kind. `erased_events` counts events with an authorised erasure.
    `proven_through` is the last sequence such that it and everything before it carries no tampering finding
    (None: nothing is). `not_claimed` says what the verdict does not stand for.
    """

    tenant_id: str
    verdict: Verdict
    claim: str
    events: int
    first_sequence: int | None
    last_sequence: int | None
    head_hash: str | None
    axes: dict[Axis, AxisResult]
    finding_counts: dict[Kind, int]
    findings: tuple[Finding, ...]
    stories: tuple[Story, ...]
    boundary: AcceptedBoundary | None
    erased_events: int
    proven_through: int | None
    checked_at: str
    first_hash: str | None = None
    checked_from: int | None = None
    full_at: str | None = None
    not_claimed: tuple[str, ...] = ()

    @property
    def suspicious(self) -> int:
        return sum(n for kind, n in self.finding_counts.items() if SEVERITY[kind] is Severity.SUSPICIOUS)


@dataclass(frozen=True, slots=True)
class Report:
    """The result of one `verify` run over one or several tenants. `checked_at` is RFC 3339 in UTC.

    `orphans` are findings of no tenant (rows whose tenant or sequence is NULL); one makes the run tampered.
    `attestation` are holes in the log's protection: suspicious, of no tenant, and no part of the verdict.
    """

    verdict: Verdict
    claim: str
    checked_at: str
    tenants: tuple[TenantReport, ...]
    orphans: tuple[Finding, ...] = ()
    attestation: tuple[Finding, ...] = ()

    @property
    def suspicious(self) -> int:
        """How many suspicious findings there are, in tenants and about the log's protection."""
        return len(self.attestation) + sum(tenant.suspicious for tenant in self.tenants)


class SegmentState(StrEnum):
    """What a stretch of the chain looks like on the strip; the worst of a cell wins, in this order."""

    TAMPERED = "tampered"
    INCONCLUSIVE = "inconclusive"
    SUSPICIOUS = "suspicious"
    ERASED = "erased"
    NOTICE = "notice"
    CHECKING = "checking"
    WAITING = "waiting"
    PROVEN = "proven"


@dataclass(frozen=True, slots=True)
class Segment:
    """Sequences first..last of one tenant in one state; neighbours of one state are merged."""

    first: int
    last: int
    state: SegmentState


@dataclass(frozen=True, slots=True)
class VerifyStatus:
    """A copy of how far a running verification is; screens and commands only draw it.

    Rates are events per second since the start; `seconds_left` is None until it can be estimated.
    `segments` are those of `tenant_id`, the first tenant that is being read; `note` is what whoever waits
    should know now (a connection that was lost).
    """

    tenant_id: str | None
    tenants_done: int
    tenants_total: int
    events_done: int
    events_total: int
    rate: float
    seconds_left: float | None
    segments: tuple[Segment, ...] = ()
    findings: tuple[Finding, ...] = ()
    finished: tuple[TenantReport, ...] = ()
    note: str | None = None
