"""Interleaved rounds and their medians: drift of the machine meets every way alike."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


def measure(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each way, one after the other in every round."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(1, rounds + 1):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - start)
            print(f"  round {number}  {name:<48} {seconds[name][-1]:8.2f} s", flush=True)
    return seconds


@dataclass(frozen=True)
class Table:
    """Medians of each way, events per second, and the ratio to one of them, round by round."""

    seconds: Mapping[str, list[float]]
    events: int
    against: str

    def ratio(self, name: str, against: str | None = None) -> float:
        """The median of the ratios within each round."""
        pairs = zip(self.seconds[name], self.seconds[against or self.against], strict=True)
        return statistics.median(one / other for one, other in pairs)

    def text(self, name: str) -> str:
        return f"{name[:1].upper()}{name[1:]}, {statistics.median(self.seconds[name]):.2f} s"

    def lines(self) -> list[str]:
        """As Markdown."""
        rows = [["way", "median", "slowest", "events/s", "ratio"]]
        for name, found in self.seconds.items():
            median = statistics.median(found)
            rate = "" if "incremental" in name else f"{self.events / median:,.0f}"
            rows.append([name, f"{median:.2f} s", f"{max(found):.2f} s", rate, f"{self.ratio(name):.2f}"])
        head, *rest = (f"| {' | '.join(row)} |" for row in rows)
        return [head, "|---|--:|--:|--:|--:|", *rest]


def print_ratios(seconds: Mapping[str, list[float]], events: int, against: str) -> None:
    """The table of medians: seconds, events per second, and the ratio to one of the ways."""
    base = statistics.median(seconds[against])
    print(f"\n{'':<46} {'median':>9} {'events/s':>11} {'ratio':>7}")
    for name, found in seconds.items():
        median = statistics.median(found)
        print(f"{name:<46} {median:7.2f} s {events / median:11,.0f} {median / base:7.2f}")
