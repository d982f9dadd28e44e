"""Interleaved rounds and their medians: drift of the machine meets every way alike."""

import statistics
import time
from collections.abc import Callable, Mapping


def measure(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each way, one after the other in every round."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(1, rounds + 1):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - start)
            print(f"  round {number}  {name:<44} {seconds[name][-1]:8.2f} s", flush=True)
    return seconds


def print_ratios(seconds: Mapping[str, list[float]], events: int, against: str) -> None:
    """The table of medians: seconds, events per second, and the ratio to one of the ways."""
    base = statistics.median(seconds[against])
    print(f"\n{'':<46} {'median':>9} {'events/s':>11} {'ratio':>7}")
    for name, found in seconds.items():
        median = statistics.median(found)
        print(f"{name:<46} {median:7.2f} s {events / median:11,.0f} {median / base:7.2f}")
