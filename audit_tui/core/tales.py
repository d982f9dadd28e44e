"""The sentences of each story, for a tired person at 3 am: no jargon without its plain meaning."""

from collections.abc import Iterable

from audit_tui.core.findings import Finding, Severity, Story, StoryKind

Span = tuple[int, int]
"""The first and last sequence that the chain holds now."""

_WHO = "Who did it and when: compare a backup, the row's transaction number and the database's own log."


REST = "{rest}"
"""Stands in a story's `still_proven` for the stretches that no story of the tenant touches."""


def untouched(span: Span, broken: Iterable[Span], shown: int = 4) -> str:
    """Which events of first..last no break touches, as a sentence; at most `shown` stretches are named."""
    following, last = span
    stretches = []
    for low, high in sorted(broken):
        if low > following:
            stretches.append((following, min(low - 1, last)))
        following = max(following, high + 1)
    if following <= last:
        stretches.append((following, last))
    if not stretches:
        return "No event of this tenant is proven."
    named = [_named(*stretch) for stretch in stretches[:shown]]
    left = len(stretches) - shown
    words = f"{', '.join(named)} and {left} more stretches" if left > 0 else _and(named)
    if len(stretches) == 1 and stretches[0][0] == stretches[0][1]:
        return f"Event {words} still fits its seal and link."
    return f"Events {words} still fit their seals and links."


def _and(named: list[str]) -> str:
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"


def _stretch(first: int, last: int) -> str:
    return f"Event {first}" if first == last else f"Events {first} to {last}"


def _named(first: int, last: int) -> str:
    return f"{first}" if first == last else f"{first} to {last}"


def edited(tenant: str | None, first: int, last: int, told: tuple[Finding, ...]) -> Story:
    many = last > first
    what = _stretch(first, last)
    return Story(
        StoryKind.EDITED_IN_PLACE, tenant, first, last,
        f"edited in place at {_named(first, last)}",
        f"{what} {'were' if many else 'was'} changed after being sealed; "
        f"the stored {'hashes do' if many else 'hash does'} not fit any more.",
        "Someone with the owner's rights changed columns of the row and left its hash as it was.",
        REST,
        f"What the row said before is not recoverable from this log. {_WHO}",
        None, told,
    )  # fmt: skip


def rehashed(tenant: str | None, n: int, told: tuple[Finding, ...], *, before_head: bool = False) -> Story:
    """`before_head`: the event that names the old hash is the last one, so no later link vouches for it."""
    head_instead = (
        f"Event {n + 1} is the head, and nothing after it vouches for it: it may have been replaced instead, "
        "to name another predecessor."
    )
    return Story(
        StoryKind.EDITED_AND_REHASHED, tenant, n, n,
        f"edited and rehashed at {n}",
        f"Event {n} was changed and given a new hash. Event {n + 1} still names the old one.",
        f"Someone with the owner's rights replaced event {n} after event {n + 1} was logged "
        "and recomputed its hash.",
        REST,
        f"What event {n} said before is not recoverable from this log. {_WHO}",
        head_instead if before_head else None,
        told,
    )  # fmt: skip


def rewritten(tenant: str | None, last: int, told: tuple[Finding, ...]) -> Story:
    at = told[0].first_sequence or 0
    return Story(
        StoryKind.REWRITTEN_TO_HEAD, tenant, at, last,
        f"rewritten at or before {at}",
        f"Event {at} is not the one this tool witnessed: the chain was rewritten at or before it.",
        "Someone with the owner's rights changed an event and recomputed every hash up to the head. "
        "The chain agrees with itself; it does not agree with what was seen before.",
        "Only what an older witness, a backup or an archive confirms.",
        f"Where the rewriting begins. {_WHO}",
        "Another database may stand behind the same name.",
        told,
    )  # fmt: skip


def swapped(tenant: str | None, a: int, b: int, told: tuple[Finding, ...]) -> Story:
    return Story(
        StoryKind.SWAPPED, tenant, a, b,
        f"events {a} and {b} swapped",
        f"Events {a} and {b} have changed places: each carries the hash of the other's position.",
        "Someone with the owner's rights exchanged the sequence numbers of two events to change their order.",
        "{rest} Their contents are those that were sealed at {b} and {a} "
        "if undoing the exchange mends both hashes.",
        _WHO, None, told,
    )  # fmt: skip


def hash_damaged(
    tenant: str | None, n: int, told: tuple[Finding, ...], *, content_proven: bool = False
) -> Story:
    proven = (
        f" Event {n + 1} recorded the hash that event {n}'s columns still give: its content is proven."
        if content_proven
        else f" The hash that event {n + 1} recorded still proves or disproves event {n}'s content."
    )
    return Story(
        StoryKind.HASH_DAMAGED, tenant, n, n,
        f"hash damaged at {n}",
        f"The hash of event {n} was removed or replaced.",
        "Someone with the owner's rights changed the hash column alone.",
        REST + proven,
        _WHO, None, told,
    )  # fmt: skip


def deleted(tenant: str | None, finding: Finding) -> Story:
    first, last = finding.first_sequence or 0, finding.last_sequence or 0
    many = last > first
    amount = last - first + 1
    return Story(
        StoryKind.DELETED, tenant, first, last,
        f"{amount:,} event{'s' if many else ''} missing, {_named(first, last)}",
        f"{_stretch(first, last)} {'are' if many else 'is'} gone: "
        "sequences have no gaps unless rows are deleted.",
        f"Someone with the owner's rights deleted {'them' if many else 'it'} from the middle of the chain.",
        REST,
        f"What the missing events said. {_WHO}",
        None, (finding,),
    )  # fmt: skip


def start_missing(tenant: str | None, finding: Finding) -> Story:
    first = finding.first_sequence or 0
    if first <= 1:
        return Story(
            StoryKind.FORGED_START, tenant, first, first,
            "forged start",
            "Event 1 names a predecessor, though the first event of a chain has none.",
            "Someone with the owner's rights replaced the beginning of the chain.",
            REST, _WHO, None, (finding,),
        )  # fmt: skip
    return Story(
        StoryKind.START_DELETED, tenant, 1, first - 1,
        f"start deleted, 1 to {first - 1}" if first > 2 else "first event deleted",
        f"The chain begins at event {first}: {_stretch(1, first - 1).lower()} "
        f"{'are' if first > 2 else 'is'} gone without a recorded boundary.",
        "Someone with the owner's rights deleted the oldest events.",
        REST,
        f"What the missing events said. {_WHO}",
        "An archive made without this tool may have removed them; it left no sealed record of that.",
        (finding,),
    )  # fmt: skip


def duplicated(tenant: str | None, n: int, told: tuple[Finding, ...]) -> Story:
    return Story(
        StoryKind.DUPLICATED, tenant, n, n,
        f"sequence {n} occurs twice",
        f"Two events claim to be number {n}.",
        "Someone with the owner's rights inserted a row beside an existing one.",
        REST, f"Which of them is genuine, if no link decides it. {_WHO}", None, told,
    )  # fmt: skip


def downgraded(tenant: str | None, finding: Finding) -> Story:
    n = finding.first_sequence or 0
    return Story(
        StoryKind.DOWNGRADED, tenant, n, n,
        f"seal version changed at {n}",
        f"Event {n} claims a seal version that cannot stand there.",
        "Someone with the owner's rights changed the version to switch checks off.",
        REST, _WHO, None, (finding,),
    )  # fmt: skip


def erased_without_authority(tenant: str | None, finding: Finding) -> Story:
    n = finding.first_sequence or 0
    return Story(
        StoryKind.ERASED_WITHOUT_AUTHORITY, tenant, n, n,
        f"erased without authority at {n}",
        f"Parts of event {n} are marked as erased, but no sealed record allows it as it stands.",
        "Someone with the owner's rights removed content and marked it as an authorised erasure.",
        "{rest} The parts of event {n} that are still there fit its hash.",
        _WHO, None, (finding,),
    )  # fmt: skip


def tail_cut(tenant: str | None, finding: Finding) -> Story:
    first, last = finding.first_sequence or 0, finding.last_sequence or 0
    amount = last - first + 1
    return Story(
        StoryKind.TAIL_CUT, tenant, first, last,
        f"cut: {amount:,} event{'s' if amount > 1 else ''} gone since the last witness",
        f"{_stretch(first, last)} were witnessed and are gone from the end of the chain.",
        "Someone with the owner's rights deleted the newest events.",
        REST,
        f"What the missing events said. {_WHO}",
        "The database was restored from a backup that is older than the witness.",
        (finding,),
    )  # fmt: skip


def tenant_removed(tenant: str | None, finding: Finding) -> Story:
    last = finding.last_sequence or 0
    return Story(
        StoryKind.TENANT_REMOVED, tenant, 1, last,
        f"removed: {last:,} events gone since the last witness",
        f"All {last:,} witnessed events of this tenant are gone.",
        "Someone with the owner's rights deleted the whole tenant, or emptied the table.",
        "Nothing of this tenant is left to prove.",
        f"What the events said. {_WHO}",
        "The database was restored from a backup made before the tenant existed.",
        (finding,),
    )  # fmt: skip


def log_replaced(tenant: str | None, finding: Finding) -> Story:
    return Story(
        StoryKind.LOG_REPLACED, tenant, finding.first_sequence or 0, finding.last_sequence or 0,
        "another log than the one witnessed",
        finding.message,
        "The database behind this name is not the one that was witnessed, so the witness cannot judge it.",
        "What the seals and links of the chain itself prove.",
        "Whether this log is the continuation of the witnessed one.",
        "A restore, an upgrade or a fail-over gives the same picture.",
        (finding,),
    )  # fmt: skip


def unreadable(tenant: str | None, finding: Finding) -> Story:
    n = finding.first_sequence or 0
    undecided = finding.severity is Severity.INCONCLUSIVE
    return Story(
        StoryKind.UNREADABLE, tenant, n, finding.last_sequence or n,
        f"event {n} could not be read",
        finding.message,
        "The event could not be checked." if undecided else "The event is damaged.",
        REST, "Whether the event is as it was sealed.",
        "A value larger than the server can send, or damaged storage.", (finding,),
    )  # fmt: skip


def disagreement(tenant: str | None, finding: Finding) -> Story:
    first, last = finding.first_sequence or 0, finding.last_sequence or 0
    return Story(
        StoryKind.DISAGREEMENT, tenant, first, last,
        f"two histories at {_named(first, last)}",
        finding.message,
        "Two views of the same log differ, so one of them was changed.",
        REST,
        f"Which of the two is genuine. {_WHO}",
        None, (finding,),
    )  # fmt: skip
