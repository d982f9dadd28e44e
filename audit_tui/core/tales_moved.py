"""The sentences of each story about events that stand at another place than where they were sealed."""

from audit_tui.core.findings import Confidence, Finding, Kind, Story, StoryKind
from audit_tui.core.telling import REST, WHO, named, stretch, were

Told = tuple[Finding, ...]


def swapped(tenant: str | None, a: int, b: int, told: Told) -> Story:
    return Story(
        StoryKind.SWAPPED, tenant, a, b,
        f"events {a} and {b} swapped",
        f"Events {a} and {b} have changed places: each carries the hash of the other's position.",
        "Someone with the owner's rights exchanged the sequence numbers of two events to change their order.",
        f"{REST} Their contents are those that were sealed at {b} and {a} "
        "if undoing the exchange mends both hashes.",
        WHO,
        "Their hashes may have been exchanged alone, and their columns changed besides.",
        told, Confidence.LIKELY,
    )  # fmt: skip


def inserted(tenant: str | None, n: int, last: int, told: Told) -> Story:
    """`last` is the head: every event behind `n` had to be renumbered."""
    return Story(
        StoryKind.INSERTED, tenant, n, last,
        f"inserted at {n}, the rest renumbered",
        f"Event {n} was put into the chain: event {n + 1} still names the event before it. "
        f"{stretch(n + 1, last)} {were(n + 1, last)} moved up by number to make room.",
        "Someone with the owner's rights inserted a row and renumbered those behind it.",
        REST, f"Whether the later events say what they said. {WHO}",
        f"Event {n} may be genuine, with each later event edited in place.",
        told, Confidence.LIKELY,
    )  # fmt: skip


def appended(tenant: str | None, n: int, told: Told) -> Story:
    return Story(
        StoryKind.INSERTED, tenant, n, n,
        f"inserted at {n}",
        f"Event {n}, the last one, fits neither its hash nor the event before it: it was not sealed here.",
        "Someone with the owner's rights put the row at the end, copied or moved from another place.",
        REST, f"Where the row comes from: look for its hash under other tenants. {WHO}",
        "It was sealed here and edited afterwards, its link included.",
        told, Confidence.POSSIBLE,
    )  # fmt: skip


def renumbered(tenant: str | None, first: int, last: int, told: Told) -> Story:
    gap = next((f for f in told if f.kind is Kind.SEQUENCE_GAP), None)
    where = "their" if last > first else "its"
    lost = stretch(gap.first_sequence or 0, gap.last_sequence or 0).lower() if gap else ""
    gone = f"{lost} {were(gap.first_sequence or 0, gap.last_sequence or 0)} deleted, and " if gap else ""
    freed = f" The numbers {named(gap.first_sequence or 0, gap.last_sequence or 0)} are free." if gap else ""
    return Story(
        StoryKind.RENUMBERED, tenant, first, last,
        f"renumbered from {first} on",
        f"{stretch(first, last)} {'carry' if last > first else 'carries'} another number than when sealed: "
        f"{where} hashes fail, and up to the head {where} links still fit each other.{freed}",
        "Someone with the owner's rights moved the numbers up." if gap else
        "Someone with the owner's rights removed what stood before them and moved the numbers down.",
        REST, f"What the numbers were, and whether the events say what they said. {WHO}",
        f"{gone}{'each of them' if last > first else f'event {first}'} was edited in place.".capitalize(),
        told, Confidence.LIKELY,
    )  # fmt: skip


def duplicated(tenant: str | None, n: int, told: Told) -> Story:
    doubled = [f for f in told if f.kind is Kind.DUPLICATE_SEQUENCE]
    unfit = (Kind.CONTENT_MISMATCH, Kind.MALFORMED_HASH, Kind.VERSION_DOWNGRADE)
    broken = {f.event_id or "the one without an event_id" for f in told if f.kind in unfit}
    unnamed = any(f.kind is Kind.LINK_MISMATCH and f.first_sequence == n + 1 for f in told)
    which = f"Which of them is genuine, if no link decides it. {WHO}"
    if len(broken) == 1 and len(doubled) == 1:
        which = f"Why the other is there; {broken.pop()} does not fit its hash, the other one does. {WHO}"
    elif unnamed and len(doubled) == 1:
        which = f"Why the other is there; event {n + 1} does not name {doubled[0].event_id}. {WHO}"
    amount = {1: "Two", 2: "Three"}.get(len(doubled), "Several")
    return Story(
        StoryKind.DUPLICATED, tenant, n, n,
        f"sequence {n} occurs twice" if len(doubled) < 2 else f"sequence {n} occurs {len(doubled) + 1} times",
        f"{amount} events claim to be number {n}.",
        "Someone with the owner's rights inserted a row beside an existing one.",
        REST, which, None, told, Confidence.PROVEN,
    )  # fmt: skip
