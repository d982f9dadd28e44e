"""A row of small bars: how much happened when, in as many cells as there is room for."""

from collections.abc import Sequence

BARS = "▁▂▃▄▅▆▇█"


def resample(counts: Sequence[int], width: int) -> list[int]:
    """The counts in at most `width` slots of (nearly) equal stretches, sums kept."""
    size = len(counts)
    if size <= width:
        return list(counts)
    return [sum(counts[slot * size // width : (slot + 1) * size // width]) for slot in range(width)]


def spark(counts: Sequence[int], width: int) -> str:
    """Bars relative to the busiest slot; nothing at all is the lowest bar."""
    slots = resample(counts, width) if width > 0 else []
    most = max(slots, default=0)
    if most == 0:
        return BARS[0] * len(slots)
    return "".join(BARS[0] if not n else BARS[1 + (n * (len(BARS) - 1) - 1) // most] for n in slots)
