"""A head remembered outside the database, and what it says about the log that is there now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum

from audit_tui.core.findings import SEVERITY, AxisResult, Finding, Kind, Severity
from audit_tui.core.model import State


@dataclass(frozen=True, slots=True)
class LogIdentity:
    """What tells one log from another; a field is None where the role may not ask or nothing holds it."""

    system_identifier: str | None = None
    timeline: int | None = None
    database_oid: int | None = None
    log_id: str | None = None


class Source(StrEnum):
    """How a witness came to be remembered."""

    CHECK = "check"
    """A complete check found the chain intact up to this head."""
    IMPORT = "import"
    """A checkpoint that somebody else had signed or kept."""
    BASELINE = "baseline"
    """Accepted by a person, with a reason, although older witnesses say otherwise: those count no more."""
    CLOSED = "closed"
    """As a baseline, for a tenant that is gone: the head is the last one known, and none is due."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A tenant's head after a complete check. `taken_at` is RFC 3339 in UTC, by this machine's clock: it is
    shown and never compared.

    `target` is the log as the user named it, `first_hash` the hash of the chain's first event (None: not
    known). `anchors` are proofs of time or co-signatures as JSON texts; empty at first. `full_at` is when the
    chain was last checked from its beginning (None: when this witness was taken); it says nothing of an
    imported one. `reason` is a person's, of a baseline.
    """

    target: str
    tenant_id: str
    sequence: int
    event_hash: str
    first_hash: str | None
    identity: LogIdentity
    taken_at: str
    anchors: tuple[str, ...] = ()
    full_at: str | None = None
    source: Source = field(default=Source.CHECK, kw_only=True)
    reason: str | None = field(default=None, kw_only=True)

    @property
    def proven_in_full_at(self) -> str:
        """When every event up to this head was last hashed again."""
        return self.full_at or self.taken_at


def is_soon_after(earlier: str, later: str) -> bool:
    """Whether less than an hour lies between two moments (RFC 3339): a full proof that is no news yet."""
    try:
        passed = datetime.fromisoformat(later) - datetime.fromisoformat(earlier)
    except ValueError:  # a file may hold 13 months
        return False
    return abs(passed) < timedelta(hours=1)


def list_current(history: Iterable[Witness]) -> dict[str, tuple[Witness, ...]]:
    """The witnesses that count, per tenant, oldest first: those since its last baseline. A closed tenant has
    none.
    """
    found: dict[str, tuple[Witness, ...]] = {}
    for witness in history:
        before = () if witness.source is Source.BASELINE else found.get(witness.tenant_id, ())
        found[witness.tenant_id] = (*before, witness)
        if witness.source is Source.CLOSED:
            del found[witness.tenant_id]
    return found


def list_newest(history: Iterable[Witness]) -> dict[str, Witness]:
    """The witness per tenant that the next check is compared with: the last one appended, except that an
    imported one that is no further along does not stand in for what a check on this machine found.
    """
    found: dict[str, Witness] = {}
    for tenant, witnesses in list_current(history).items():
        for witness in witnesses:
            known = found.get(tenant)
            if witness.source is Source.IMPORT and known is not None and witness.sequence <= known.sequence:
                continue
            found[tenant] = witness
    return found


@dataclass(frozen=True, slots=True)
class Observed:
    """What the log shows now. `head_sequence` None: the tenant has no events.

    `hash_at_witnessed` is the event_hash stored at the witnessed sequence (None: no such event, or NULL),
    `first_previous_hash` the previous_hash of the first row, `boundary_last` the last archived sequence
    that an accepted boundary names (None: no boundary). `archived` are hashes that a proven archive holds of
    events below the boundary.
    """

    head_sequence: int | None
    first_sequence: int | None
    hash_at_witnessed: str | None
    first_previous_hash: str | None
    boundary_last: int | None
    archived: Mapping[int, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The witness axis with its findings. `due_new_witness`: the log is the witnessed one under another
    identity, so its new identity is to be remembered."""

    axis: AxisResult
    findings: tuple[Finding, ...]
    due_new_witness: bool = False


_IDENTITY_WORDS = {
    "system_identifier": "system identifier",
    "timeline": "timeline",
    "database_oid": "database",
    "log_id": "log id",
}
_OTHER_CAUSES = "a restore, an upgrade or a fail-over gives the same picture"


def judge(witness: Witness, observed: Observed, identity_now: LogIdentity) -> Judgement:
    """What the witness proves about the log that is there now.

    At most one finding about the head, and one `log_replaced` beside it where the target shows another
    identity: a notice where log id and witnessed hash still fit, else inconclusive, and then what was
    found about the head is inconclusive too.
    """
    plain = _judge_head(witness, observed)
    differing = list_differences(witness.identity, identity_now)
    if not differing:
        return plain
    names = ", ".join(_IDENTITY_WORDS[name] for name in differing)
    same_log = identity_now.log_id is not None and identity_now.log_id == witness.identity.log_id
    fits = same_log and plain.axis.state is State.OK
    replaced = _finding(
        Kind.LOG_REPLACED,
        witness,
        (1, witness.sequence),
        f"The target shows another {names} than when its event {witness.sequence} was witnessed"
        + (", but its log id and that event still fit." if fits else f"; {_OTHER_CAUSES}."),
        expected=_identity_text(witness.identity, differing),
        found=_identity_text(identity_now, differing),
    )
    if fits:
        return Judgement(plain.axis, (replace(replaced, severity=Severity.NOTICE),), due_new_witness=True)
    softened = tuple(_soften(finding) for finding in plain.findings)
    reason = f"the target shows another {names} than the witnessed log"
    return Judgement(AxisResult(State.INCONCLUSIVE, reason), (*softened, replaced))


def list_differences(then: LogIdentity, now: LogIdentity) -> tuple[str, ...]:
    """The names of the fields that are known on both sides and differ."""
    pairs = ((field.name, getattr(then, field.name), getattr(now, field.name)) for field in fields(then))
    return tuple(name for name, a, b in pairs if a is not None and b is not None and a != b)


def _judge_head(witness: Witness, observed: Observed) -> Judgement:
    head, first = observed.head_sequence, observed.first_sequence
    if head is None:
        return _failed(
            Kind.TENANT_MISSING,
            witness,
            (1, witness.sequence),
            f"Tenant {witness.tenant_id} has no events, but {witness.sequence} were witnessed on "
            f"{witness.taken_at}; a database restored from a backup older than the tenant looks the same.",
        )
    if head < witness.sequence:
        return _failed(
            Kind.HEAD_REWOUND,
            witness,
            (head + 1, witness.sequence),
            f"The chain ends at event {head}, but event {witness.sequence} was witnessed on "
            f"{witness.taken_at}; a database restored from a backup older than that looks the same.",
            found=f"head {head}",
        )
    boundary = observed.boundary_last
    if first is not None and witness.sequence < first and boundary is not None:
        if witness.sequence in observed.archived:
            return _judge_hash(witness, observed.archived[witness.sequence])
        if witness.sequence < boundary:
            return _out_of_reach(witness, boundary)
        return _judge_hash(witness, observed.first_previous_hash)
    return _judge_hash(witness, observed.hash_at_witnessed)


def _judge_hash(witness: Witness, stands: str | None) -> Judgement:
    if stands == witness.event_hash:
        return Judgement(AxisResult(State.OK), ())
    what = "has another hash now" if stands is not None else "is not there any more"
    return _failed(
        Kind.HEAD_REWRITTEN,
        witness,
        (witness.sequence, witness.sequence),
        f"Event {witness.sequence}, witnessed on {witness.taken_at}, {what}: "
        "the chain was rewritten at or before it.",
        found=stands,
    )


def _out_of_reach(witness: Witness, boundary: int) -> Judgement:
    reason = (
        f"event {witness.sequence}, witnessed on {witness.taken_at}, was archived with those up to "
        f"{boundary}; a newer witness or the archive can decide"
    )
    return Judgement(AxisResult(State.INCONCLUSIVE, reason), ())


def _failed(
    kind: Kind, witness: Witness, span: tuple[int, int], message: str, found: str | None = None
) -> Judgement:
    finding = _finding(kind, witness, span, message, expected=witness.event_hash, found=found)
    return Judgement(AxisResult(State.FAILED, f"1 {kind}"), (finding,))


def _finding(
    kind: Kind, witness: Witness, span: tuple[int, int], message: str, *, expected: str, found: str | None
) -> Finding:
    return Finding(
        kind=kind,
        severity=SEVERITY[kind],
        tenant_id=witness.tenant_id,
        first_sequence=span[0],
        last_sequence=span[1],
        event_id=None,
        message=message,
        expected=expected,
        found=found,
    )


def _soften(finding: Finding) -> Finding:
    return replace(
        finding,
        severity=Severity.INCONCLUSIVE,
        message=f"{finding.message} The target is not the witnessed one: {_OTHER_CAUSES}.",
    )


def _identity_text(identity: LogIdentity, names: tuple[str, ...]) -> str:
    return ", ".join(f"{_IDENTITY_WORDS[name]} {getattr(identity, name)}" for name in names)
