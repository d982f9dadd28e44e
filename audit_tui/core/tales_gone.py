"""The sentences of each story about events, tenants and logs that are not there any more."""

from audit_tui.core.findings import Confidence, Finding, Kind, Story, StoryKind
from audit_tui.core.telling import REST, WHO, named, stretch

Told = tuple[Finding, ...]


def deleted(tenant: str | None, told: Told, *, behind_broken: bool) -> Story:
    """`behind_broken`: the event behind the gap does not fit its seal, so its number may be what changed."""
    gap = next(f for f in told if f.kind is Kind.SEQUENCE_GAP)
    first, last = gap.first_sequence or 0, gap.last_sequence or 0
    many = last > first
    amount = last - first + 1
    return Story(
        StoryKind.DELETED, tenant, first, last,
        f"{amount:,} event{'s' if many else ''} missing, {named(first, last)}",
        f"{stretch(first, last)} {'are' if many else 'is'} gone: "
        "sequences have no gaps unless rows are deleted or moved.",
        f"Someone with the owner's rights took {'them' if many else 'it'} out of the middle of the chain.",
        REST,
        f"What the missing events said, and whether they stand elsewhere now, under another tenant. {WHO}",
        f"Event {last + 1} may carry a changed number, and nothing was deleted." if behind_broken else None,
        told, Confidence.LIKELY if behind_broken else Confidence.PROVEN,
    )  # fmt: skip


def forged_start(tenant: str | None, told: Told) -> Story:
    first = next(f.first_sequence or 0 for f in told if f.kind is Kind.GENESIS_MISMATCH)
    sentence = (
        "Event 1 names a predecessor, though the first event of a chain has none."
        if first == 1
        else f"The chain begins at event {first}, though the first event of a chain is event 1."
    )
    return Story(
        StoryKind.FORGED_START, tenant, first, first, "forged start", sentence,
        "Someone with the owner's rights replaced the beginning of the chain.",
        REST, WHO, None, told, Confidence.PROVEN,
    )  # fmt: skip


def start_deleted(tenant: str | None, told: Told) -> Story:
    first = next(f.first_sequence or 0 for f in told if f.kind is Kind.GENESIS_MISMATCH)
    return Story(
        StoryKind.START_DELETED, tenant, 1, first - 1,
        f"start deleted, 1 to {first - 1}" if first > 2 else "first event deleted",
        f"The chain begins at event {first}: {stretch(1, first - 1).lower()} "
        f"{'are' if first > 2 else 'is'} gone without a recorded boundary.",
        "Someone with the owner's rights deleted the oldest events.",
        REST,
        f"What the missing events said. {WHO}",
        "An archive made without this tool may have removed them; it left no sealed record of that.",
        told, Confidence.LIKELY,
    )  # fmt: skip


def tail_cut(tenant: str | None, finding: Finding) -> Story:
    first, last = finding.first_sequence or 0, finding.last_sequence or 0
    amount = last - first + 1
    return Story(
        StoryKind.TAIL_CUT, tenant, first, last,
        f"cut: {amount:,} event{'s' if amount > 1 else ''} gone since the last witness",
        f"{stretch(first, last)} {'were' if amount > 1 else 'was'} witnessed and "
        f"{'are' if amount > 1 else 'is'} gone from the end of the chain.",
        "Someone with the owner's rights deleted the newest events.",
        REST,
        f"What the missing events said. {WHO}",
        "The database was restored from a backup that is older than the witness, or events were taken out "
        "further up and every later one renumbered and given a new hash.",
        (finding,), Confidence.LIKELY,
    )  # fmt: skip


def tenant_removed(tenant: str | None, finding: Finding) -> Story:
    last = finding.last_sequence or 0
    return Story(
        StoryKind.TENANT_REMOVED, tenant, 1, last,
        f"removed: {last:,} event{'s' if last > 1 else ''} gone since the last witness",
        f"All {last:,} witnessed events of this tenant are gone.",
        "Someone with the owner's rights deleted the whole tenant, or emptied the table.",
        "Nothing of this tenant is left to prove.",
        f"What the events said. {WHO}",
        "The database was restored from a backup made before the tenant existed.",
        (finding,), Confidence.LIKELY,
    )  # fmt: skip


def restored(tenant: str | None, told: Told) -> Story:
    """The log shows another identity than the one witnessed, and lacks what was witnessed last."""
    gone = next(f for f in told if f.kind is not Kind.LOG_REPLACED)
    first, last = gone.first_sequence or 0, gone.last_sequence or 0
    return Story(
        StoryKind.RESTORED, tenant, first, last,
        f"older than witnessed, and another database: {named(first, last)} not here",
        f"{stretch(first, last)} {'were' if last > first else 'was'} witnessed and "
        f"{'are' if last > first else 'is'} not here, and the database is not the one that was witnessed.",
        "The log was restored from a backup that is older than the witness: what came after it is not in it.",
        REST,
        "Whether the backup was restored in good faith: ask who restored it, and where the later events are.",
        "Another log stands behind the same name, or the events were deleted after a move to another server.",
        told, Confidence.LIKELY,
    )  # fmt: skip


def log_replaced(tenant: str | None, told: Told) -> Story:
    finding = next(f for f in told if f.kind is Kind.LOG_REPLACED)
    return Story(
        StoryKind.LOG_REPLACED, tenant, finding.first_sequence or 0, finding.last_sequence or 0,
        "another log than the one witnessed",
        finding.message,
        "The database behind this name is not the one that was witnessed, so the witness cannot judge it.",
        "What the seals and links of the chain itself prove.",
        "Whether this log is the continuation of the witnessed one.",
        "A restore, an upgrade or a fail-over gives the same picture.",
        told, Confidence.POSSIBLE,
    )  # fmt: skip
