"""The sentences of each story about events that are there, for a tired person at 3 am: no jargon without its
plain meaning. What is gone is told in `tales_gone`, what moved in `tales_moved`.
"""

from audit_tui.core.clues import Clue
from audit_tui.core.findings import Confidence, Finding, Kind, Severity, Story, StoryKind
from audit_tui.core.telling import REST, WHO, named, stretch, were

Told = tuple[Finding, ...]


def edited(tenant: str | None, first: int, last: int, told: Told, *, nothing_behind: bool) -> Story:
    """`nothing_behind`: no event follows directly, so that nothing recorded the hash which stands there."""
    what = stretch(first, last)
    its = "their" if last > first else "its"
    relinked = [f for f in told if f.kind is Kind.LINK_MISMATCH]
    rehashed = any(f.first_sequence == last + 1 for f in relinked)
    sentence = f"{what} {were(first, last)} changed after being sealed; "
    if rehashed:
        sentence += f"neither {its} columns nor {its} hash are what event {last + 1} recorded."
        alternative = f"Event {last + 1} may have been replaced as well, to name another predecessor."
    elif relinked:
        at = relinked[0].first_sequence or 0
        sentence += f"{its} hash does not fit any more, and event {at} does not name event {at - 1}."
        alternative = (
            f"Event {at - 1} may have been replaced as well, and event {at} still names what stood there."
        )
    else:
        sentence += f"the stored {'hashes do' if last > first else 'hash does'} not fit any more."
        alternative = (
            f"The hash of event {last} alone may have been replaced: no event behind it recorded the old one."
        )
    sure = not relinked and not nothing_behind
    return Story(
        StoryKind.EDITED_IN_PLACE, tenant, first, last,
        f"edited in place at {named(first, last)}", sentence,
        "Someone with the owner's rights changed columns of the row and left its hash as it was."
        if not rehashed else "Someone with the owner's rights changed columns of the row and its hash.",
        REST,
        f"Which column was changed, and what the row said before: this log does not hold it. {WHO}",
        None if sure else alternative, told, Confidence.PROVEN if sure else Confidence.LIKELY,
    )  # fmt: skip


def rehashed(tenant: str | None, first: int, last: int, told: Told, *, head: bool, start: bool) -> Story:
    """`head`: the event that names the old hash is the last one, so no later link vouches for it.
    `start`: nothing stands before the event that was changed.
    """
    following = last + 1
    if last > first:
        sentence = (
            f"{stretch(first, last)} were changed and given new hashes. Each event behind one of them "
            "still names an old one."
        )
        alternative = f"Event {last} alone may have been replaced, to name another predecessor."
    else:
        sentence = (
            f"Event {last} was changed and given a new hash. Event {following} still names the old one."
        )
        alternative = (
            f"The change may begin earlier: a run of events that ends at event {last} may have been given "
            "new hashes, each fitting the one before."
        )
    if head:
        alternative = (
            f"Event {following} is the head, and nothing after it vouches for it: it may have been replaced "
            "instead, to name another predecessor."
        )
    sure = start and not head and first == last
    return Story(
        StoryKind.EDITED_AND_REHASHED, tenant, first, last,
        f"edited and rehashed at {named(first, last)}", sentence,
        f"Someone with the owner's rights replaced {stretch(first, last).lower()} after event {following} "
        f"was logged and recomputed {'the hashes' if last > first else 'its hash'}.",
        REST,
        f"What {stretch(first, last).lower()} said before is not recoverable from this log. {WHO}",
        None if sure else alternative, told,
        Confidence.PROVEN if sure else Confidence.POSSIBLE if head else Confidence.LIKELY,
    )  # fmt: skip


def replaced(tenant: str | None, n: int, told: Told) -> Story:
    """An event that fits its own hash, though it names no hash: the trigger seals none like that."""
    unnamed = f", and event {n + 1} names another" if len(told) > 1 else ""
    return Story(
        StoryKind.EDITED_AND_REHASHED, tenant, n, n,
        f"edited and rehashed at {n}",
        f"Event {n} was changed and given a new hash: it names no predecessor{unnamed}.",
        f"Someone with the owner's rights replaced event {n}, its link included, and recomputed its hash.",
        REST, f"What event {n} said before is not recoverable from this log. {WHO}",
        None, told, Confidence.PROVEN,
    )  # fmt: skip


def rewritten(tenant: str | None, last: int, told: Told) -> Story:
    at = told[0].first_sequence or 0
    return Story(
        StoryKind.REWRITTEN_TO_HEAD, tenant, at, max(at, last),
        f"rewritten at or before {at}",
        f"Event {at} is not the one this tool witnessed: the chain was rewritten at or before it.",
        "Someone with the owner's rights changed an event and recomputed every hash up to the head. "
        "The chain agrees with itself; it does not agree with what was seen before.",
        "Only what an older witness, a backup or an archive confirms.",
        f"Where the rewriting begins. {WHO}",
        "Another database may stand behind the same name.",
        told, Confidence.LIKELY,
    )  # fmt: skip


def hash_damaged(tenant: str | None, first: int, last: int, told: Told, *, head: int) -> Story:
    """`head` is the last event of the chain: no later one recorded its hash."""
    many = last > first
    replaced = any(f.kind is Kind.CONTENT_MISMATCH for f in told)
    return Story(
        StoryKind.HASH_DAMAGED, tenant, first, last,
        f"hash damaged at {named(first, last)}",
        f"The hash{'es' if many else ''} of {stretch(first, last).lower()} {were(first, last)} "
        f"{'replaced by another' if replaced else 'removed or replaced'}.",
        "Someone with the owner's rights changed the hash column"
        + (" alone." if replaced or all(f.clue is Clue.SUCCESSOR_NAMES_CONTENT for f in told) else "."),
        REST + _by_successors(told, head),
        WHO, None, told, Confidence.PROVEN,
    )  # fmt: skip


def _at_rows(told: Told) -> list[Finding]:
    return [f for f in told if f.kind in (Kind.MALFORMED_HASH, Kind.CONTENT_MISMATCH)]


def _by_successors(told: Told, head: int) -> str:
    """What the hashes that the next events recorded prove or disprove, in at most three sentences."""
    by_clue: dict[Clue | None, list[int]] = {}
    for finding in _at_rows(told):
        at = finding.first_sequence or 0
        alone = finding.kind is Kind.CONTENT_MISMATCH  # told here only where the next event names the content
        recorded = Clue.SUCCESSOR_NAMES_CONTENT if alone else finding.clue if at < head else None
        by_clue.setdefault(recorded, []).append(at)
    words = ""
    for clue, said in _SUCCESSOR_SAID.items():
        found = by_clue.get(clue, [])
        if len(found) == 1:
            words += f" Event {found[0] + 1} " + said.format(its=f"event {found[0]}'s")
        elif found:
            words += f" The events behind {_listed(found)} " + said.format(its="their")
    silent = by_clue.get(None, [])
    if silent == [head]:
        words += f" No later event recorded the hash of event {head}: its content is not proven."
    elif silent:
        words += f" Nothing recorded proves the content of {_listed(silent)}."
    return words


_SUCCESSOR_SAID = {
    Clue.SUCCESSOR_NAMES_CONTENT: "recorded the hash that {its} columns still give: {its} content is proven.",
    Clue.SUCCESSOR_NAMES_OTHER: "recorded another hash than {its} columns give: {its} content changed too.",
}


def _listed(sequences: list[int], shown: int = 4) -> str:
    words = ", ".join(map(str, sequences[:shown]))
    return words if len(sequences) <= shown else f"{words} and {len(sequences) - shown} more"


def downgraded(tenant: str | None, first: int, last: int, told: Told) -> Story:
    many = last > first
    relinked = [f.first_sequence or 0 for f in told if f.kind is Kind.LINK_MISMATCH]
    through = max(relinked, default=0) - 1
    more = (
        f" {stretch(last + 1, through)} {were(last + 1, through)} given new hashes too."
        if through > last
        else ""
    )
    return Story(
        StoryKind.DOWNGRADED, tenant, first, last,
        f"seal version changed at {named(first, last)}",
        f"{stretch(first, last)} {'claim' if many else 'claims'} a seal version that cannot stand there."
        + more,
        "Someone with the owner's rights changed the version to switch checks off.",
        REST, f"What {'they' if many else 'it'} said before. {WHO}", None, told, Confidence.PROVEN,
    )  # fmt: skip


def erased_without_authority(tenant: str | None, first: int, last: int, told: Told) -> Story:
    many = last > first
    return Story(
        StoryKind.ERASED_WITHOUT_AUTHORITY, tenant, first, last,
        f"erased without authority at {named(first, last)}",
        f"Parts of {stretch(first, last).lower()} are marked as erased, but no sealed record allows it as "
        f"{'they stand' if many else 'it stands'}.",
        "Someone with the owner's rights removed content and marked it as an authorised erasure.",
        f"{REST} The parts of {stretch(first, last).lower()} that are still there fit "
        f"{'their hashes' if many else 'its hash'}.",
        WHO,
        "The record that allowed it may have been changed or removed: see what else is told of this tenant.",
        told, Confidence.LIKELY,
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
        "A value larger than the server can send, or damaged storage.", (finding,), Confidence.POSSIBLE,
    )  # fmt: skip


def disagreement(tenant: str | None, finding: Finding) -> Story:
    first, last = finding.first_sequence or 0, finding.last_sequence or 0
    return Story(
        StoryKind.DISAGREEMENT, tenant, first, last,
        f"two histories at {named(first, last)}",
        finding.message,
        "Two views of the same log differ, so one of them was changed.",
        REST,
        f"Which of the two is genuine. {WHO}",
        "One of the two may be damaged or out of date.", (finding,), Confidence.LIKELY,
    )  # fmt: skip
