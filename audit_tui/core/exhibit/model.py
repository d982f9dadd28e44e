"""One exhibit is one cause, or one finding that stands alone, with what was checked and how to repeat it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from audit_tui.core.findings import Finding, Kind, Severity, Story, TenantReport

MEANING: Mapping[Kind, str] = {
    Kind.ERASURE_INCOMPLETE: "An erasure was recorded that the log does not show as carried out. A restored "
    "backup that is older than the erasure gives the same picture.",
    Kind.SNAPSHOT_DISCONTINUITY: "The state that this event says it found is not the one that the resource's "
    "earlier events leave. A change that was not logged gives the same picture.",
    Kind.CHANGE_DISAGREEMENT: "What the event lists as changed does not explain the difference between its "
    "two snapshots. A mistake in the program that logs gives the same picture.",
    Kind.PROTECTION_MISSING: "Something that keeps the log from being changed is not as it was installed. It "
    "shows what was possible, not what was done.",
    Kind.TIME_DISORDER: "The event carries an earlier time than the one before it. Clocks that were set, and "
    "transactions that overlap, give the same picture.",
    Kind.FOREIGN_ZONE: "The events were sealed by a session in another time zone. Their seals fit.",
    Kind.UNCOVERED_COLUMNS: "These columns lie outside the seal of version 1: nothing can be said of them.",
}
"""What a finding that no story tells means; kinds that tamper always have a story."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Which log was read, and with what. `target` names server and database without any secret.

    `written_at` is RFC 3339 in UTC; `log_id` names the log wherever it is restored (None: nothing tells it).
    """

    target: str
    server: str
    log_id: str | None
    written_at: str
    version: str


@dataclass(frozen=True, slots=True)
class Exhibit:
    """`report` is None while the tenant's check has not ended; `command` repeats that check."""

    tenant_id: str | None
    story: Story | None
    findings: tuple[Finding, ...]
    report: TenantReport | None
    command: str

    @property
    def severity(self) -> Severity:
        """The gravest of its findings."""
        weights = {finding.severity for finding in self.findings}
        return next((severity for severity in Severity if severity in weights), Severity.NOTICE)

    @property
    def title(self) -> str:
        """A few words: the story's summary, or kind and place of the finding."""
        if self.story is not None:
            return self.story.summary
        return named(self.findings[0])

    @property
    def sentence(self) -> str:
        return self.story.sentence if self.story is not None else self.findings[0].message

    @property
    def meaning(self) -> str | None:
        return self.story.meaning if self.story is not None else MEANING.get(self.findings[0].kind)

    @property
    def file_stem(self) -> str:
        """A name for its file that no value of the log has a say in: kind, place, a digest of the tenant."""
        first = self.findings[0]
        kind = str(self.story.kind if self.story is not None else first.kind)
        at = self.story.first_sequence if self.story is not None else first.first_sequence
        whose = sha256((self.tenant_id or "").encode("utf-8", "surrogatepass")).hexdigest()[:8]
        return f"audit-tui-{kind.replace('_', '-')}-{'none' if at is None else at}-{whose}"


def exhibit_of(
    tenant_id: str | None, cause: Story | Finding, report: TenantReport | None, command: str
) -> Exhibit:
    """The exhibit of a story, or of a finding that none tells."""
    if isinstance(cause, Story):
        return Exhibit(tenant_id, cause, cause.findings, report, command)
    return Exhibit(tenant_id, None, (cause,), report, command)


def exhibits_of(report: TenantReport, command: str) -> tuple[Exhibit, ...]:
    """Everything that was found in a tenant: its stories, then what stands alone, the gravest first."""
    told = {id(finding) for story in report.stories for finding in story.findings}
    alone = [finding for finding in report.findings if id(finding) not in told]
    order = tuple(Severity)
    alone.sort(key=lambda finding: (order.index(finding.severity), finding.order))
    causes: Iterable[Story | Finding] = (*(s for s in report.stories if s.findings), *alone)
    return tuple(exhibit_of(report.tenant_id, cause, report, command) for cause in causes)


def place(finding: Finding) -> str:
    """`455`, `301–303`, or `–` where a finding has no sequence."""
    first, last = finding.first_sequence, finding.last_sequence
    if first is None:
        return "–"
    return str(first) if last is None or last == first else f"{first}–{last}"


def named(finding: Finding) -> str:
    """`link mismatch at 456`."""
    words = str(finding.kind).replace("_", " ")
    return words if finding.first_sequence is None else f"{words} at {place(finding)}"
