"""`python -m tests.bench [verify|timeline] [--events N] [--rounds N]`: measured, never a timed test."""

import argparse


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("verify", "timeline"), default="verify")
    parser.add_argument(
        "--events", type=int, default=200_000, help="events of the tenant (200000; try 1000000)"
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="interleaved rounds, of which the median counts"
    )
    chosen = parser.parse_args()
    if chosen.what == "timeline":
        from tests.bench import timeline_bench

        timeline_bench.run(chosen.events, chosen.rounds)
        return
    from tests.bench import verify_bench

    verify_bench.run(chosen.events, chosen.rounds)


if __name__ == "__main__":
    main()
