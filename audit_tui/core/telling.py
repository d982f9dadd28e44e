"""Words that every story shares: stretches of events, and what no break touches."""

from collections.abc import Iterable

Span = tuple[int, int]
"""The first and last sequence that the chain holds now."""

WHO = "Who did it and when: compare a backup, the row's transaction number and the database's own log."

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
    told = [named(*each) for each in stretches[:shown]]
    left = len(stretches) - shown
    words = f"{', '.join(told)} and {left} more stretches" if left > 0 else _and(told)
    if len(stretches) == 1 and stretches[0][0] == stretches[0][1]:
        return f"Event {words} still fits its seal and link."
    return f"Events {words} still fit their seals and links."


def _and(told: list[str]) -> str:
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"


def stretch(first: int, last: int) -> str:
    """`Event 4`, `Events 4 to 6`."""
    return f"Event {first}" if first == last else f"Events {first} to {last}"


def named(first: int, last: int) -> str:
    """`4`, `4 to 6`."""
    return f"{first}" if first == last else f"{first} to {last}"


def were(first: int, last: int) -> str:
    """The verb behind `stretch`."""
    return "was" if first == last else "were"
