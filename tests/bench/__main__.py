"""`python -m tests.bench [WHAT] [--events N] [--rounds N]`: measured, never a timed test."""

import argparse
import importlib

WAYS = ("verify", "filter", "timeline", "monitor", "storage", "logging")
"""Each is a module of this folder, `WAY_bench`, with `run(events, rounds)`."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("what", nargs="?", choices=WAYS, default="verify")
    parser.add_argument(
        "--events", type=int, default=200_000, help="events of the tenant (200000; try 1000000)"
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="interleaved rounds, of which the median counts"
    )
    chosen = parser.parse_args()
    importlib.import_module(f"tests.bench.{chosen.what}_bench").run(chosen.events, chosen.rounds)


if __name__ == "__main__":
    main()
