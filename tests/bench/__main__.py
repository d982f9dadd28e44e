"""`python -m tests.bench [WHAT] [--events N] [--rounds N]`: measured, never a timed test."""

import argparse
import importlib

WAYS = ("verify", "filter", "timeline", "monitor", "storage", "logging")
"""Each is a module of this folder, `WAY_bench`, with `run(events, rounds)`."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("what", nargs="?", choices=WAYS, default="verify")
    parser.add_argument("--events", type=int, default=1_000_000, help="events of the tenant (1000000)")
    parser.add_argument(
        "--rounds", type=int, default=5, help="interleaved rounds, of which the median counts"
    )
    parser.add_argument(
        "--no-write", action="store_true", help="leave docs/benchmarks.md as it is (verify writes it)"
    )
    chosen = parser.parse_args()
    bench = importlib.import_module(f"tests.bench.{chosen.what}_bench")
    page = {} if chosen.no_write or not hasattr(bench, "PAGE") else {"page": bench.PAGE}
    bench.run(chosen.events, chosen.rounds, **page)


if __name__ == "__main__":
    main()
